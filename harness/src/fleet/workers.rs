//! The fleet of one scenario: the exporter's workers, started by the adapter's command.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid as RawPid, Signal, kill_process};
use tokio::time::Instant;

use super::address::{at, free_port};
use super::group::{Group, Spawner, last_line};
use super::limits::{Limits, Watch};
use super::members::{Members, PidNamespace};
use super::next_pid::{self, APART};
use super::plan::FleetPlan;
use super::pod::Pod;
use super::procfs;
use super::{FleetError, Place};
use crate::exporter::{Pid, StopSignal};
use crate::poll::every;

/// How many ports are tried when others take them first.
const PORT_ATTEMPTS: u32 = 3;
/// In a container, whose network nobody else is in.
const CONTAINED_PORT: u16 = 9000;

/// What the exporter's command became.
#[derive(Debug)]
enum Main {
    Group(Group),
    Pod(Pod),
}

impl Main {
    /// How the command's process ended, if it has.
    fn ended(&mut self) -> Option<String> {
        match self {
            Self::Group(group) => group.ended().map(|status| status.to_string()),
            Self::Pod(pod) => pod.ended(),
        }
    }
}

/// A running fleet. Its processes are called by the pids that they have for themselves, as in their acknowledgements and
/// file names; in a container those are others than this machine's.
#[derive(Debug)]
pub struct Fleet {
    main: Main,
    members: Members,
    watch: Watch,
    port: u16,
    url: String,
    task_url: Option<String>,
    log: PathBuf,
    stop: Signal,
    stop_grace: Duration,
}

impl Fleet {
    /// Starts the workers on a port that the system picks, and waits until one of them listens on it. When a
    /// stranger took the port first, the fleet is started again on another one.
    ///
    /// # Errors
    /// The command does not start, ends, or does not listen in time; every port was lost.
    pub async fn start(spawner: &Spawner, plan: &FleetPlan<'_>) -> Result<Self, FleetError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let mut fleet = Self::launch(spawner, plan).await?;
            match fleet.listening(plan).await {
                Ok(()) => return Ok(fleet),
                Err(FleetError::Stranger { port, owner }) if attempts == PORT_ATTEMPTS => {
                    return Err(FleetError::Port {
                        port,
                        owner,
                        attempts,
                    });
                }
                Err(FleetError::Stranger { .. }) => {}
                Err(error) => return Err(error),
            }
            fleet.end().await;
        }
    }

    async fn launch(spawner: &Spawner, plan: &FleetPlan<'_>) -> Result<Self, FleetError> {
        let metrics = plan.metrics_dir.clone();
        std::fs::create_dir_all(&metrics).map_err(|source| FleetError::Io {
            path: metrics.clone(),
            source,
        })?;
        let port = match plan.place {
            Place::Here => free_port().map_err(|source| FleetError::NoPort { source })?,
            Place::Containers(_) => CONTAINED_PORT,
        };
        let launch = plan.launch(spawner.program(), port);
        let (main, members, url, task_url) = match plan.place {
            Place::Here => {
                let (scratch, log) = (plan.scratch(), plan.log());
                let apart = APART.iter().filter(|_| plan.own_pids).map(ToString::to_string);
                let command: Vec<String> = apart.chain(launch.command).collect();
                let mut group = spawner.start(&command, &launch.env, &launch.cwd, &scratch, &log)?;
                let members = match plan.own_pids {
                    true => Members::Contained(namespace(&mut group, &log).await?),
                    false => Members::Here {
                        group: group.leader(),
                        mark: format!("COUNTERFOIL_ACKS={}", plan.acks().display()),
                    },
                };
                (Main::Group(group), members, launch.url, launch.task_url)
            }
            Place::Containers(engine) => {
                let pod = Pod::start(engine, spawner, plan, &launch).await?;
                let members = Members::Contained(pod.namespace().clone());
                let there = |url: &String| at(url, pod.address());
                let (url, task_url) = (there(&launch.url), launch.task_url.as_ref().map(there));
                (Main::Pod(pod), members, url, task_url)
            }
        };
        let workers = &plan.adapter.manifest.workers;
        let watch = Watch::over(members.clone(), plan.log(), Limits::of(plan.workers));
        Ok(Self {
            main,
            members,
            watch,
            port,
            url,
            task_url,
            log: plan.log(),
            stop: match workers.stop {
                StopSignal::Term => Signal::TERM,
                StopSignal::Int => Signal::INT,
            },
            stop_grace: Duration::from_millis(workers.stop_deadline_ms),
        })
    }

    async fn listening(&mut self, plan: &FleetPlan<'_>) -> Result<(), FleetError> {
        let deadline_ms = plan.adapter.manifest.workers.ready_deadline_ms;
        let deadline = Instant::now() + Duration::from_millis(deadline_ms);
        let mut tick = every(Duration::from_millis(3));
        loop {
            tick.tick().await;
            let ended = self.main.ended();
            // One that ended because a stranger had its port has lost a race, which its own words need not say.
            let listens = self.listens()?;
            if let Some(excess) = self.excess() {
                return Err(FleetError::Excess {
                    excess: excess.to_owned(),
                    log: self.log.clone(),
                });
            }
            if let Some(status) = ended {
                return Err(FleetError::Ended {
                    waited_for: format!("it listened on port {}", self.port),
                    status,
                    last_line: last_line(&self.log),
                    log: self.log.clone(),
                });
            }
            if listens {
                return self.is_reachable();
            }
            if Instant::now() > deadline {
                return Err(FleetError::Deadline {
                    port: self.port,
                    deadline_ms,
                    state: self.state(),
                    log: self.log.clone(),
                });
            }
        }
    }

    /// A container's loopback address is its own.
    fn is_reachable(&self) -> Result<(), FleetError> {
        let is_apart = matches!(self.main, Main::Pod(_));
        match is_apart && self.members.sockets().is_loopback_only(self.port) {
            true => Err(FleetError::Loopback { port: self.port }),
            false => Ok(()),
        }
    }

    /// How many processes there are, and where else they listen: the commonest mistake of an adapter.
    fn state(&self) -> String {
        let members = self.pids_here();
        let elsewhere = self.members.sockets().ports_of(&members);
        let elsewhere: Vec<String> = elsewhere.iter().map(ToString::to_string).collect();
        let processes = match members.len() {
            1 => "its one process".to_owned(),
            count => format!("of its {count} processes one"),
        };
        match elsewhere.is_empty() {
            true => format!("{} run, and none listens anywhere", members.len()),
            false => format!("{processes} listens on port {} instead", elsewhere.join(", ")),
        }
    }

    /// Whether a process of the fleet listens on its port.
    ///
    /// # Errors
    /// A stranger does: what it serves must not be judged.
    pub fn listens(&self) -> Result<bool, FleetError> {
        let sockets = self.members.sockets();
        if sockets.on(self.port).is_empty() {
            return Ok(false);
        }
        let Some(stranger) = sockets.stranger(self.port, &self.pids_here()) else {
            return Ok(true);
        };
        // A socket that was closed since the table was read belongs to nobody.
        if stranger.is_none() && sockets.stranger(self.port, &self.pids_here()).is_none() {
            return Ok(false);
        }
        let owner = stranger.map_or_else(|| "another user's process".to_owned(), |pid| format!("pid {pid}"));
        Err(FleetError::Stranger {
            port: self.port,
            owner,
        })
    }

    /// Where it is scraped.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where tasks are posted to its workers, if they come over HTTP.
    pub fn task_url(&self) -> Option<&str> {
        self.task_url.as_deref()
    }

    /// Its living processes.
    pub fn members(&self) -> BTreeSet<Pid> {
        self.members.living().into_keys().collect()
    }

    /// The same, as this machine calls them.
    fn pids_here(&self) -> BTreeSet<Pid> {
        self.members.living().into_values().collect()
    }

    /// Whether a process of that pid is alive, and one of the fleet's: a stranger may have the pid of one that has ended.
    pub fn lives(&self, pid: Pid) -> bool {
        match &self.members {
            Members::Here { group, mark } => {
                procfs::lives_in(pid, *group) || procfs::is_alive(pid) && procfs::started_with(pid, mark)
            }
            Members::Contained(_) => self.members.living().contains_key(&pid),
        }
    }

    /// Whether it was halted by a signal and has not gone on.
    pub fn is_halted(&self, pid: Pid) -> bool {
        self.members.pid_here(pid).is_some_and(procfs::is_halted)
    }

    /// The process that serves the endpoint: of those that hold the listening socket, one that is not the
    /// leader, where there is one (a supervisor may hold the socket for its successor).
    ///
    /// # Errors
    /// Nobody listens.
    pub fn port_owner(&self) -> Result<Pid, FleetError> {
        let living = self.members.living();
        let owners = self.members.sockets().owners(self.port, living.values().copied());
        let owners: Vec<Pid> = living
            .into_iter()
            .filter(|(_, here)| owners.contains(here))
            .map(|(own, _)| own)
            .collect();
        let leader = self.members.leader();
        let serving = owners.iter().copied().find(|owner| *owner != leader);
        serving
            .or_else(|| owners.first().copied())
            .ok_or_else(|| FleetError::NoTarget {
                target: "port-owner".to_owned(),
                reason: format!("nobody listens on port {}", self.port),
            })
    }

    /// The process that the manifest's command started.
    pub fn supervisor(&self) -> Pid {
        self.members.leader()
    }

    /// Sends `signal` to one process; one that is gone already is no error.
    pub fn signal(&self, pid: Pid, signal: Signal) {
        if let Some(pid) = self.members.pid_here(pid).and_then(RawPid::from_raw) {
            let _ = kill_process(pid, signal);
        }
    }

    /// Has the next process of the fleet get `pid`, or the next one that is free: if it has a namespace of pids to itself.
    ///
    /// # Errors
    /// Why it cannot be.
    pub fn choose_next_pid(&self, pid: Pid) -> Result<(), String> {
        let first = match &self.members {
            Members::Here { .. } => return Err("the fleet has its pids from this machine".to_owned()),
            Members::Contained(namespace) => namespace.first(),
        };
        next_pid::choose(first.ok_or("the fleet has ended")?, pid)
    }

    /// What it took more of than it may, for which it was ended.
    pub fn excess(&self) -> Option<&str> {
        self.watch.excess()
    }

    /// How the whole fleet ended, if it has, with its last line.
    pub fn ended(&mut self) -> Option<String> {
        let status = self.main.ended()?;
        Some(format!("{status}; its last line: {}", last_line(&self.log)))
    }

    /// Kills the leader, and waits as long as the manifest gives a fleet to end: who is still there then.
    pub async fn behead(&mut self) -> BTreeSet<Pid> {
        let leader = self.members.leader();
        self.signal(leader, Signal::KILL);
        let deadline = Instant::now() + self.stop_grace;
        let mut tick = every(Duration::from_millis(10));
        loop {
            tick.tick().await;
            let mut left = self.members();
            if self.main.ended().is_some() {
                left.remove(&leader);
            }
            if left.is_empty() || Instant::now() > deadline {
                return left;
            }
        }
    }

    /// Asks the fleet to end as its manifest says, then kills what is left of it: those are returned.
    pub async fn end(self) -> BTreeSet<Pid> {
        match self.main {
            Main::Group(group) => {
                let mut left = group.stop(self.stop, self.stop_grace).await;
                left.extend(self.members.living().into_values());
                for pid in left.iter().copied().filter_map(RawPid::from_raw) {
                    let _ = kill_process(pid, Signal::KILL);
                }
                left
            }
            Main::Pod(mut pod) => {
                pod.stop(self.stop, self.stop_grace).await;
                let left = self.members.living().into_keys().collect();
                pod.remove().await;
                left
            }
        }
    }
}

/// The namespace that the one child of a group's leader is the first in.
async fn namespace(group: &mut Group, log: &Path) -> Result<PidNamespace, FleetError> {
    let mut tick = every(Duration::from_millis(2));
    loop {
        tick.tick().await;
        let child = procfs::children(group.leader()).first().copied();
        let namespace = child.map(PidNamespace::of).filter(PidNamespace::was_seen);
        if let Some(namespace) = namespace {
            return Ok(namespace);
        }
        if let Some(status) = group.ended() {
            return Err(FleetError::Ended {
                waited_for: "it had pids of its own".to_owned(),
                status: status.to_string(),
                last_line: last_line(log),
                log: log.to_path_buf(),
            });
        }
    }
}
