//! The reaper: a process in a session of its own that ends what a run has left behind.
//!
//! It reads, on a pipe whose other end only the runner holds, what the run starts. At end of file the runner
//! is gone, by whatever death: the reaper then kills the recorded groups, every process whose environment
//! carries the run's id, removes the containers that are labelled with it, and unmounts its disks. The write end is
//! close-on-exec (std opens it so), or a worker would keep it open.

use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListNetworksOptionsBuilder, RemoveContainerOptionsBuilder,
};
use rustix::process::{Pid as RawPid, Signal, kill_process, kill_process_group, setsid};

use super::FleetError;
use super::disk;
use super::procfs;
use crate::exporter::Pid;
use crate::poll::every;

/// The label by which a run's containers are found.
pub const CONTAINER_LABEL: &str = "counterfoil.run";

/// The id of a run: its start and the runner's pid, so two runs on a machine never share one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunId(String);

impl RunId {
    /// The environment variable that carries the id to every process of the run.
    pub const VARIABLE: &'static str = "COUNTERFOIL_RUN";

    /// A fresh id.
    pub fn fresh() -> Self {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let now = jiff::Zoned::now().strftime("%Y%m%d-%H%M%S").to_string();
        Self(format!("{now}-{}-{count}", std::process::id()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn environment_entry(&self) -> String {
        format!("{}={}", Self::VARIABLE, self.0)
    }
}

/// As the reaper is given it.
impl FromStr for RunId {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The runner's side of the pipe.
#[derive(Debug)]
pub struct Reaper {
    pipe: Mutex<Option<ChildStdin>>,
    child: Mutex<Child>,
}

impl Reaper {
    /// Starts `program reaper` and waits until it is in a session of its own.
    ///
    /// # Errors
    /// The program does not start or does not answer as a reaper.
    pub fn start(program: &Path, run: &RunId) -> Result<Self, FleetError> {
        let failed = |reason: String| FleetError::Reaper { reason };
        let mut child = Command::new(program)
            .args(["reaper", "--run", run.as_str()])
            .env_remove(RunId::VARIABLE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| failed(format!("{}: {error}", program.display())))?;
        let pipe = child.stdin.take().ok_or_else(|| failed("no pipe".to_owned()))?;
        let mut ready = [0_u8; 6];
        let answer = child
            .stdout
            .take()
            .ok_or_else(|| failed("no pipe".to_owned()))?
            .read_exact(&mut ready);
        answer.map_err(|error| {
            failed(format!(
                "{} did not answer as a reaper: {error}",
                program.display()
            ))
        })?;
        Ok(Self {
            pipe: Mutex::new(Some(pipe)),
            child: Mutex::new(child),
        })
    }

    /// The group is killed if the runner ends before [`Self::forget_group`].
    pub fn watch_group(&self, leader: Pid) {
        self.tell(&format!("group {leader}"));
    }

    /// The group has ended; its id may be used again by strangers.
    pub fn forget_group(&self, leader: Pid) {
        self.tell(&format!("gone {leader}"));
    }

    /// Containers may carry the run's label from now on.
    pub fn watch_containers(&self) {
        self.tell("containers");
    }

    /// A file system may be mounted there from now on.
    pub fn watch_disk(&self, path: &Path) {
        self.tell(&format!("disk {}", path.display()));
    }

    /// None is mounted there any more.
    pub fn forget_disk(&self, path: &Path) {
        self.tell(&format!("no-disk {}", path.display()));
    }

    fn tell(&self, line: &str) {
        let mut pipe = self.pipe.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pipe) = pipe.as_mut() {
            // A reaper that died cannot be told anything; what it would have done is then done by nobody,
            // which is no worse than a machine without one.
            let _ = writeln!(pipe, "{line}").and_then(|()| pipe.flush());
        }
    }

    /// Ends the reaper: it cleans up what is still recorded and exits.
    pub fn finish(&self) {
        drop(self.pipe.lock().unwrap_or_else(PoisonError::into_inner).take());
        let _ = self.child.lock().unwrap_or_else(PoisonError::into_inner).wait();
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        self.finish();
    }
}

#[derive(Default)]
struct Estate {
    groups: BTreeSet<Pid>,
    containers: bool,
    disks: BTreeSet<PathBuf>,
}

/// What `counterfoil reaper` does: reads the pipe on stdin to its end, then ends what is left of the run.
///
/// # Errors
/// Stdout is closed.
pub fn reap(run: &RunId, input: impl Read, mut output: impl Write) -> io::Result<()> {
    // Fails only for a group leader, which nobody starts as a reaper; then it shares the runner's session.
    let _ = setsid();
    output.write_all(b"ready\n")?;
    output.flush()?;
    let mut estate = Estate::default();
    for line in BufReader::new(input).lines() {
        let Ok(line) = line else { break };
        match line.split_once(' ') {
            Some(("group", pid)) => estate.groups.extend(pid.parse::<Pid>()),
            Some(("gone", pid)) => {
                pid.parse::<Pid>().map(|pid| estate.groups.remove(&pid)).ok();
            }
            Some(("disk", path)) => drop(estate.disks.insert(path.into())),
            Some(("no-disk", path)) => drop(estate.disks.remove(Path::new(path))),
            _ if line == "containers" => estate.containers = true,
            _ => {}
        }
    }
    end(run, &estate);
    Ok(())
}

fn end(run: &RunId, estate: &Estate) {
    for group in estate.groups.iter().filter_map(|group| RawPid::from_raw(*group)) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    if estate.containers {
        remove_containers(run);
    }
    kill_strays(run);
    // Only now that nobody writes to it any more.
    for path in &estate.disks {
        let _ = disk::release(path);
    }
}

fn kill_strays(run: &RunId) {
    // A process that is being started while the others are killed is found in the next round.
    let deadline = Instant::now() + Duration::from_secs(5);
    let entry = run.environment_entry();
    while Instant::now() < deadline {
        let left: Vec<Pid> = procfs::all()
            .into_iter()
            .filter(|pid| procfs::started_with(*pid, &entry))
            .collect();
        if left.is_empty() {
            return;
        }
        for pid in left.into_iter().filter_map(RawPid::from_raw) {
            let _ = kill_process(pid, Signal::KILL);
        }
        std::thread::yield_now();
    }
}

/// A container whose creation was under way when the runner died appears a moment later, so a list that is
/// empty is asked for again, unless there were some before.
fn remove_containers(run: &RunId) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return;
    };
    let _ = runtime.block_on(async {
        let docker = bollard::Docker::connect_with_defaults()?;
        let mut tick = every(Duration::from_millis(500));
        let mut removed = 0;
        for _ in 0..6 {
            tick.tick().await;
            match (remove_labelled(&docker, run).await?, removed) {
                (0, 1..) => break,
                (more, _) => removed += more,
            }
        }
        remove_networks(&docker, run).await
    });
}

/// Whatever the engine keeps of the run.
fn of_the_run(run: &RunId) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![format!("{CONTAINER_LABEL}={run}")])])
}

async fn remove_labelled(docker: &bollard::Docker, run: &RunId) -> Result<usize, bollard::errors::Error> {
    let all = ListContainersOptionsBuilder::default()
        .all(true)
        .filters(&of_the_run(run))
        .build();
    let containers = docker.list_containers(Some(all)).await?;
    for id in containers.iter().filter_map(|container| container.id.as_deref()) {
        let force = RemoveContainerOptionsBuilder::default()
            .force(true)
            .v(true)
            .build();
        // One that the runner was removing when it died is no reason to leave the others.
        let _ = docker.remove_container(id, Some(force)).await;
    }
    Ok(containers.len())
}

/// Only when nobody is left in them.
async fn remove_networks(docker: &bollard::Docker, run: &RunId) -> Result<(), bollard::errors::Error> {
    let filters = ListNetworksOptionsBuilder::default()
        .filters(&of_the_run(run))
        .build();
    for network in docker.list_networks(Some(filters)).await? {
        docker.remove_network(&network.id.unwrap_or_default()).await?;
    }
    Ok(())
}
