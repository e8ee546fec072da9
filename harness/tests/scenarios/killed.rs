//! A runner that is killed or interrupted leaves no process behind: the reaper's part, and SIGINT's.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::site::{PROGRAM, processes_of, without_container};

/// How long a run may take to have a fleet.
const START_DEADLINE: Duration = Duration::from_secs(30);
/// How long after the runner's death anything of it may live.
const END_DEADLINE: Duration = Duration::from_secs(10);

pub(crate) fn trials() -> Vec<Trial> {
    let disk = Trial::test("reaper/killed-runner-with-a-disk", a_disk_goes_with_its_runner);
    vec![
        match may_mount() {
            true => disk,
            false => disk
                .with_ignored_flag(true)
                .with_kind("ignored: this user may not mount"),
        },
        Trial::test("reaper/killed-runner", || {
            let runner = Runner::start(&["--broker", without_container()])?;
            let run = runner.run.clone();
            runner.kill()?;
            nothing_is_left(&run)
        }),
        Trial::test("reaper/interrupted", || {
            let runner = Runner::start(&["--broker", without_container()])?;
            let run = runner.run.clone();
            let status = runner.interrupt()?;
            if status.code() != Some(3) {
                return Err(Failed::from(format!(
                    "an interrupted run has judged nothing, but: {status}"
                )));
            }
            nothing_is_left(&run)
        }),
    ]
}

fn a_disk_goes_with_its_runner() -> Result<(), Failed> {
    let runner = Runner::start(&[
        "--broker",
        without_container(),
        "directory/full-disk",
        "--repeat",
        "20",
    ])?;
    let run = runner.run.clone();
    let is_mounted = || fs::read_to_string("/proc/self/mountinfo").map(|mounts| mounts.contains(&run));
    if !is_mounted()? {
        return Err("no disk is mounted where the run is kept".into());
    }
    runner.kill()?;
    nothing_is_left(&run)?;
    let deadline = Instant::now() + END_DEADLINE;
    while is_mounted()? {
        if Instant::now() > deadline {
            return Err(Failed::from(format!(
                "a disk is mounted {END_DEADLINE:?} after the runner's end"
            )));
        }
        // Sleeps, bounded by END_DEADLINE: the reaper is nobody's child any more.
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Whether this user may mount a file system.
fn may_mount() -> bool {
    let Ok(folder) = tempfile::tempdir() else {
        return false;
    };
    let mounted = mount("test", folder.path(), "tmpfs", MountFlags::empty(), c"size=4k").is_ok();
    mounted && unmount(folder.path(), UnmountFlags::DETACH).is_ok()
}

/// `counterfoil run` in the middle of a run: broker and fleet are there.
pub(crate) struct Runner {
    child: Child,
    /// The run's id.
    pub(crate) run: String,
    _folder: tempfile::TempDir,
}

impl Runner {
    pub(crate) fn start(options: &[&str]) -> Result<Self, Failed> {
        let folder = tempfile::tempdir()?;
        let mut child = Command::new(PROGRAM)
            .args(["run", "--message-format", "json"])
            .args(options)
            .arg("--out")
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("no stdout")?;
        let mut runner = Self {
            child,
            run: String::new(),
            _folder: folder,
        };
        let first = BufReader::new(stdout)
            .lines()
            .next()
            .ok_or("the run ended before it began")??;
        let event: Value = serde_json::from_str(&first)?;
        runner.run = event["run"]
            .as_str()
            .ok_or("the first event names no run")?
            .to_owned();
        let deadline = Instant::now() + START_DEADLINE;
        // A supervisor, an endpoint and two workers, at the least.
        while processes_of(&runner.run).len() < 4 {
            if Instant::now() > deadline {
                return Err(Failed::from(format!("no fleet within {START_DEADLINE:?}")));
            }
            // Sleeps, bounded by START_DEADLINE: processes that begin tell nobody.
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(runner)
    }

    /// SIGKILL, which nobody can answer.
    pub(crate) fn kill(mut self) -> Result<(), Failed> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    pub(crate) fn interrupt(mut self) -> Result<ExitStatus, Failed> {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::INT)?;
        let deadline = Instant::now() + START_DEADLINE;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() > deadline {
                return Err(Failed::from(format!(
                    "it goes on for {START_DEADLINE:?} after SIGINT"
                )));
            }
            // Sleeps, bounded by START_DEADLINE, between two looks at the child.
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// A trial that fails on the way leaves nothing behind either.
impl Drop for Runner {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until no process carries the run's id any more.
pub(crate) fn nothing_is_left(run: &str) -> Result<(), Failed> {
    let deadline = Instant::now() + END_DEADLINE;
    loop {
        let left = processes_of(run);
        if left.is_empty() {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(Failed::from(format!(
                "{END_DEADLINE:?} after the runner's end, these live: {left:?}"
            )));
        }
        // Sleeps, bounded by END_DEADLINE: these processes are nobody's children any more.
        std::thread::sleep(Duration::from_millis(20));
    }
}
