//! What a fleet may take of this machine. Its programs are other people's: one that forks, grows or prints without end is ended,
//! and the scenario cannot be judged.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustix::process::{Pid as RawPid, Signal, kill_process};
use tokio::task::JoinHandle;

use super::members::Members;
use super::procfs;
use crate::poll::every;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(500);
const GIB: u64 = 1 << 30;

/// The most that a fleet may have at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    processes: usize,
    /// Bytes of memory of their own: what is mapped from files does not count.
    memory: u64,
    /// Bytes that it has printed.
    output: u64,
}

impl Limits {
    /// For so many workers: ten processes each and a hundred besides, half of this machine's memory, and a gibibyte of output.
    pub(super) fn of(workers: u32) -> Self {
        Self {
            processes: 100 + 10 * usize::try_from(workers).unwrap_or(usize::MAX / 100),
            memory: procfs::memory().map_or(4 * GIB, |all| all / 2),
            output: GIB,
        }
    }

    /// What is beyond them.
    fn exceeded(&self, members: &Members, log: &Path) -> Option<String> {
        let living = members.living();
        if living.len() > self.processes {
            return Some(format!("{} processes, of {}", living.len(), self.processes));
        }
        let memory = living.values().filter_map(|pid| procfs::own_memory(*pid)).sum();
        if memory > self.memory {
            return Some(format!("{} of memory, of {}", gib(memory), gib(self.memory)));
        }
        let output = log.metadata().map_or(0, |log| log.len());
        (output > self.output).then(|| format!("{} of output, of {}", gib(output), gib(self.output)))
    }
}

#[allow(clippy::cast_precision_loss, reason = "two digits are shown")]
fn gib(bytes: u64) -> String {
    format!("{:.2} GiB", bytes as f64 / GIB as f64)
}

/// Looks after a fleet until it is dropped.
#[derive(Debug)]
pub(super) struct Watch {
    excess: Arc<OnceLock<String>>,
    looks: JoinHandle<()>,
}

impl Watch {
    /// Ends the fleet of `members`, whose output is `log`, once it is beyond `limits`.
    pub(super) fn over(members: Members, log: PathBuf, limits: Limits) -> Self {
        let excess = Arc::new(OnceLock::new());
        let found = Arc::clone(&excess);
        let looks = tokio::spawn(async move {
            let mut tick = every(LOOK);
            loop {
                tick.tick().await;
                if let Some(what) = limits.exceeded(&members, &log) {
                    found.get_or_init(|| what);
                    break;
                }
            }
            // Whoever forks may have started others by then.
            let mut tick = every(Duration::from_millis(5));
            loop {
                let living = members.living();
                for pid in living.values().copied().filter_map(RawPid::from_raw) {
                    let _ = kill_process(pid, Signal::KILL);
                }
                if living.is_empty() {
                    return;
                }
                tick.tick().await;
            }
        });
        Self { excess, looks }
    }

    /// What it was ended for, and how much of it it may have.
    pub(super) fn excess(&self) -> Option<&str> {
        self.excess.get().map(String::as_str)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.looks.abort();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use std::fs::File;
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command, Stdio};
    use std::time::Instant;

    use super::*;
    use crate::exporter::Pid;

    const LIMITS: Limits = Limits {
        processes: 8,
        memory: 100 << 20,
        output: 1 << 20,
    };

    /// A shell that does that, in a group of its own.
    fn fleet(script: &str, log: &Path) -> (Child, Members) {
        let shell = Command::new("sh")
            .args(["-c", script])
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(File::create(log).unwrap())
            .spawn()
            .unwrap();
        let members = Members::Here {
            group: Pid::try_from(shell.id()).unwrap(),
            mark: format!("NOBODY_HAS={}", log.display()),
        };
        (shell, members)
    }

    /// What it is ended for.
    async fn ended_for(script: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let (mut shell, members) = fleet(script, &log);
        let watch = Watch::over(members.clone(), log, LIMITS);
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut tick = every(Duration::from_millis(5));
        while watch.excess().is_none() || shell.try_wait().unwrap().is_none() || !members.living().is_empty()
        {
            assert!(Instant::now() < deadline, "{watch:?} {:?}", members.living());
            tick.tick().await;
        }
        watch.excess().unwrap().to_owned()
    }

    #[tokio::test]
    async fn who_forks_without_end_is_ended_with_all_that_it_started() {
        let excess = ended_for("while :; do sleep 600 & sleep 0.02; done").await;
        assert!(excess.ends_with(" processes, of 8"), "{excess}");
    }

    #[tokio::test]
    async fn who_grows_without_end_is_ended() {
        // Of a line without an end, tail keeps everything.
        let excess = ended_for("head -c 200000000 /dev/zero | tail -n 1 | sleep 600").await;
        assert!(excess.ends_with(" GiB of memory, of 0.10 GiB"), "{excess}");
    }

    #[tokio::test]
    async fn who_prints_without_end_is_ended() {
        let excess = ended_for("yes").await;
        assert!(excess.ends_with(" GiB of output, of 0.00 GiB"), "{excess}");
    }

    #[tokio::test]
    async fn who_keeps_to_them_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let (mut shell, members) = fleet("echo one; sleep 600 & wait", &log);
        let watch = Watch::over(members, log, LIMITS);
        // Sleeps, bounded by the constant: three looks.
        tokio::time::sleep(3 * LOOK).await;
        assert_eq!(watch.excess(), None);
        assert!(shell.try_wait().unwrap().is_none());
        drop(watch);
        let group = RawPid::from_child(&shell);
        rustix::process::kill_process_group(group, Signal::KILL).unwrap();
        shell.wait().unwrap();
    }
}
