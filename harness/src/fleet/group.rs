//! One process group: a child, everything it starts, and its output.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid as RawPid, Signal, kill_process_group};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::procfs::process_group_members;
use super::{FleetError, Reaper, RunId};
use crate::exporter::Pid;
use crate::poll::every;

/// The variables that a child keeps of the runner's environment; everything else is given to it by name.
const INHERITED: [&str; 4] = ["PATH", "HOME", "LANG", "LC_ALL"];

/// Starts process groups for one run.
#[derive(Clone, Debug)]
pub struct Spawner {
    run: RunId,
    reaper: Arc<Reaper>,
    program: PathBuf,
}

impl Spawner {
    /// For the run that `reaper` watches; `program` is the executable that also serves as worker and reaper.
    pub fn new(run: RunId, reaper: Arc<Reaper>, program: PathBuf) -> Self {
        Self { run, reaper, program }
    }

    /// The executable that also serves as worker and reaper.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// What watches over the run.
    pub fn reaper(&self) -> &Arc<Reaper> {
        &self.reaper
    }

    /// The run.
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// Starts `command` (program, then arguments) in a group of its own: stdin closed, output to `log`,
    /// TMPDIR set, the environment emptied but for what a program needs, `env` and the run's id.
    ///
    /// # Errors
    /// The log or the folder cannot be made; the program cannot be executed.
    pub fn start(
        &self,
        command: &[String],
        env: &[(String, String)],
        cwd: &Path,
        scratch: &Path,
        log: &Path,
    ) -> Result<Group, FleetError> {
        let io = |path: &Path| {
            let path = path.to_path_buf();
            move |source| FleetError::Io { path, source }
        };
        let (program, arguments) = command.split_first().ok_or_else(|| FleetError::Spawn {
            program: "nothing".to_owned(),
            source: std::io::Error::new(std::io::ErrorKind::InvalidInput, "the command is empty"),
        })?;
        if !cwd.is_dir() {
            let (program, cwd) = (program.clone(), cwd.to_path_buf());
            return Err(FleetError::Cwd { program, cwd });
        }
        std::fs::create_dir_all(scratch).map_err(io(scratch))?;
        let out = File::options()
            .create(true)
            .append(true)
            .open(log)
            .map_err(io(log))?;
        let err = out.try_clone().map_err(io(log))?;
        let mut child = Command::new(program);
        child
            .args(arguments)
            .current_dir(cwd)
            .process_group(0)
            .env_clear();
        child.envs(
            INHERITED
                .iter()
                .filter_map(|name| Some((name, std::env::var_os(name)?))),
        );
        child
            .env("TMPDIR", scratch)
            .env(RunId::VARIABLE, self.run.as_str());
        child.envs(env.iter().map(|(name, value)| (name, value)));
        child.stdin(Stdio::null()).stdout(out).stderr(err);
        let child = child.spawn().map_err(|source| FleetError::Spawn {
            program: program.clone(),
            source,
        })?;
        let leader = child
            .id()
            .and_then(|id| Pid::try_from(id).ok())
            .unwrap_or_default();
        self.reaper.watch_group(leader);
        Ok(Group {
            child,
            leader,
            log: log.to_path_buf(),
            reaper: Arc::clone(&self.reaper),
        })
    }
}

/// A running process group.
#[derive(Debug)]
pub struct Group {
    child: Child,
    leader: Pid,
    log: PathBuf,
    reaper: Arc<Reaper>,
}

impl Group {
    /// The leader's pid, which is the group's id.
    pub fn leader(&self) -> Pid {
        self.leader
    }

    /// The last line that it printed.
    pub fn last_line(&self) -> String {
        last_line(&self.log)
    }

    /// How the leader ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Asks the whole group to end, waits `grace`, then kills what is left of it: those are returned.
    pub async fn stop(mut self, signal: Signal, grace: Duration) -> BTreeSet<Pid> {
        self.signal(signal);
        let gone = async {
            let _ = self.child.wait().await;
            let mut tick = every(Duration::from_millis(10));
            while !process_group_members(self.leader).is_empty() {
                tick.tick().await;
            }
        };
        let _ = timeout(grace, gone).await;
        let left = process_group_members(self.leader).into_iter().collect();
        self.signal(Signal::KILL);
        let _ = self.child.wait().await;
        self.reaper.forget_group(self.leader);
        left
    }

    /// Sends `signal` to every process of the group; one that is gone already is no error.
    pub fn signal(&self, signal: Signal) {
        if let Some(leader) = RawPid::from_raw(self.leader) {
            let _ = kill_process_group(leader, signal);
        }
    }
}

/// A group that is not stopped (an error on the way) is killed.
impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// The last line of a log, or as much of it as its last 64 KiB hold.
pub(super) fn last_line(log: &Path) -> String {
    let text = end_of(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("nothing")
        .to_owned()
}

fn end_of(log: &Path) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(log)?;
    let skipped = file.metadata()?.len().saturating_sub(64 * 1024);
    file.seek(SeekFrom::Start(skipped))?;
    let mut end = Vec::new();
    file.take(64 * 1024).read_to_end(&mut end)?;
    Ok(end)
}

/// The first executable of that name on PATH.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths)
        .map(|dir| dir.join(program))
        .find(|path| path.is_file())
}
