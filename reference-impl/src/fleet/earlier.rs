//! What an earlier run of the fleet left: a service that starts begins at 0, as Prometheus' own client demands. But one that
//! follows another, which still works, goes on where that one is.

use std::fs::File;
use std::path::Path;
use std::{fs, io, process};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::FleetError;
use crate::directory::Listing;

/// A directory, held by the supervisor of each fleet that works on it until it ends, whatever its end.
#[derive(Debug)]
pub(super) struct Hold {
    directory: File,
    /// The supervisor's pid.
    holder: u32,
}

impl Hold {
    /// Opens the directory; nobody is kept from anything yet.
    pub(super) fn on(directory: &Path) -> io::Result<Self> {
        Ok(Self {
            directory: File::open(directory)?,
            holder: process::id(),
        })
    }

    /// Runs `alone` if no other fleet works on the directory, and holds it from then on. A file system without locks tells
    /// nobody of anybody.
    pub(super) fn take<T>(&self, alone: impl FnOnce() -> T) -> Option<T> {
        let done = match flock(&self.directory, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => None,
            _ => Some(alone()),
        };
        // Waits for no longer than another one cleans up.
        let _ = flock(&self.directory, FlockOperation::LockShared);
        done
    }
}

/// Gives it up, and does not only close it: a child that was just forked holds a copy until it lets go of that. In the child
/// it is closed and no more: the supervisor holds it still.
impl Drop for Hold {
    fn drop(&mut self) {
        if self.holder == process::id() {
            let _ = flock(&self.directory, FlockOperation::Unlock);
        }
    }
}

/// Removes the metric files that lie in a directory, and nothing else; how many they were.
pub(super) fn remove(directory: &Path) -> Result<usize, FleetError> {
    let failed = |path: &Path, source| {
        let path = path.to_path_buf();
        FleetError::Earlier { path, source }
    };
    let listing = Listing::of(directory).map_err(|source| failed(directory, source))?;
    let mut removed = 0;
    for file in listing.files {
        if remove_file(&file.path).map_err(|source| failed(&file.path, source))? {
            removed += 1;
        }
    }
    Ok(removed)
}

/// Whether it was a regular file, and no link to one: that is another's.
fn remove_file(path: &Path) -> io::Result<bool> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Ok(false);
    }
    fs::remove_file(path)?;
    Ok(true)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_an_earlier_run_left_is_removed_and_nothing_else_t2() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        for name in ["counter_7.db", "gauge_livesum_8.db", "histogram_7.db"] {
            fs::write(at(name), "").unwrap();
        }
        let others = [
            "a.txt",
            "cache.db",
            "counter_1.db.swp",
            "counter_9.db",
            "summary_9.db",
        ];
        for name in &others[..3] {
            fs::write(at(name), "").unwrap();
        }
        fs::create_dir(at("counter_9.db")).unwrap();
        symlink(at("a.txt"), at("summary_9.db")).unwrap();
        assert_eq!(remove(directory.path()).unwrap(), 3);
        let names = fs::read_dir(directory.path()).unwrap();
        let mut left: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, others);
        assert_eq!(remove(directory.path()).unwrap(), 0);
    }

    #[test]
    fn only_the_first_of_those_who_hold_a_directory_is_alone_c34() {
        let directory = tempfile::tempdir().unwrap();
        let [first, second, third] = [(); 3].map(|()| Hold::on(directory.path()).unwrap());
        assert_eq!(first.take(|| 1), Some(1));
        assert_eq!(second.take(|| 2), None);
        drop(first);
        assert_eq!(third.take(|| 3), None);
        // As a child has it that was just forked.
        let copy = second.directory.try_clone().unwrap();
        drop((second, third));
        assert_eq!(Hold::on(directory.path()).unwrap().take(|| 4), Some(4));
        drop(copy);
    }

    #[test]
    fn a_directory_that_cannot_be_read_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("gone");
        let error = remove(&path).unwrap_err().to_string();
        assert!(
            error.ends_with(&format!("{}, of an earlier run", path.display())),
            "{error}"
        );
    }
}
