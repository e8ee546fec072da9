//! Copies of this process.

use std::{fs, io};

use rustix::process::Pid;

/// Which of the two one is.
#[derive(Debug)]
pub(super) enum Forked {
    /// The copy.
    Child,
    /// Whose copy it is.
    Parent(Pid),
}

/// Shows that this process had one thread, as those who fork promise to keep it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alone(());

impl Alone {
    /// # Errors
    /// If there is another thread.
    pub(super) fn check() -> io::Result<Self> {
        match fs::read_dir("/proc/self/task")?.count() {
            1 => Ok(Self(())),
            threads => Err(io::Error::other(format!(
                "a process with {threads} threads cannot be forked"
            ))),
        }
    }

    /// Copies this process: memory, signal handlers and open files.
    ///
    /// # Errors
    /// If the system has no room for it.
    pub(super) fn fork(self) -> io::Result<Forked> {
        #[expect(
            unsafe_code,
            reason = "the copy could find locks that nobody will ever open again"
        )]
        // SAFETY: there is no other thread that could hold a lock, or write something half.
        let pid = unsafe { libc::fork() };
        match pid {
            0 => Ok(Forked::Child),
            pid => match Pid::from_raw(pid) {
                Some(pid) if pid.as_raw_nonzero().get() > 0 => Ok(Forked::Parent(pid)),
                _ => Err(io::Error::last_os_error()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_with_several_threads_is_not_copied() {
        // A test is a thread beside the one that waits for it.
        let error = Alone::check().unwrap_err().to_string();
        assert!(error.ends_with("threads cannot be forked"), "{error}");
    }
}
