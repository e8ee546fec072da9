//! The fleet of one scenario: the exporter's workers, started by the adapter's command.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use rustix::process::{Pid as RawPid, Signal, kill_process};
use tokio::time::{Instant, interval};

use super::FleetError;
use super::group::{Group, Spawner};
use super::members::Members;
use super::procfs;
use crate::exporter::Pid;
use crate::exporter::{Adapter, Expansion};

/// How many ports are tried when others take them first.
const PORT_ATTEMPTS: u32 = 3;

/// What a fleet is started with.
#[derive(Clone, Debug)]
pub struct FleetPlan<'a> {
    /// The exporter.
    pub adapter: &'a Adapter,
    /// How many worker processes.
    pub workers: u32,
    /// The broker's URL.
    pub broker_url: String,
    /// The queue that the workers consume.
    pub queue: String,
    /// The scenario's own folder.
    pub dir: PathBuf,
    /// Environment on top of the manifest's.
    pub env: Vec<(String, String)>,
    /// What the manifest's placeholders stand for, on top of the protocol's.
    pub placeholders: &'a [(String, String)],
}

impl FleetPlan<'_> {
    /// Where the workers put their metric files.
    pub fn metrics_dir(&self) -> PathBuf {
        self.dir.join("metrics")
    }

    /// Where they acknowledge tasks.
    pub fn acks(&self) -> PathBuf {
        self.dir.join("acks.jsonl")
    }

    /// Where they read what to construct.
    pub fn program(&self) -> PathBuf {
        self.dir.join("program.json")
    }

    fn environment(&self, expansion: &Expansion) -> Vec<(String, String)> {
        let own = [
            ("COUNTERFOIL_PROGRAM", self.program()),
            ("COUNTERFOIL_ACKS", self.acks()),
        ];
        let own = own
            .into_iter()
            .map(|(name, path)| (name.to_owned(), path.display().to_string()));
        let theirs = &self.adapter.manifest.workers.env;
        let theirs = theirs
            .iter()
            .map(|(name, value)| (name.clone(), expansion.apply(value)));
        own.chain(theirs).chain(self.env.iter().cloned()).collect()
    }
}

/// A running fleet.
#[derive(Debug)]
pub struct Fleet {
    group: Group,
    members: Members,
    port: u16,
    url: String,
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
            let mut fleet = Self::launch(spawner, plan)?;
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

    fn launch(spawner: &Spawner, plan: &FleetPlan<'_>) -> Result<Self, FleetError> {
        let metrics = plan.metrics_dir();
        std::fs::create_dir_all(&metrics).map_err(|source| FleetError::Io {
            path: metrics.clone(),
            source,
        })?;
        let port = free_port().map_err(|source| FleetError::NoPort { source })?;
        let manifest = &plan.adapter.manifest;
        let own = Expansion::of(plan.adapter, spawner.program());
        let own = plan
            .placeholders
            .iter()
            .fold(own, |own, (name, value)| own.with(name, value));
        let expansion = own
            .with("workers", plan.workers.to_string())
            .with("broker_url", &plan.broker_url)
            .with("queue", &plan.queue)
            .with("metrics_dir", metrics.display().to_string())
            .with("metrics_port", port.to_string());
        let command: Vec<String> = manifest
            .workers
            .command
            .iter()
            .map(|part| expansion.apply(part))
            .collect();
        let cwd = PathBuf::from(expansion.apply(&manifest.workers.cwd));
        let env = plan.environment(&expansion);
        let group = spawner.start(
            &command,
            &env,
            &cwd,
            &plan.dir.join("tmp"),
            &plan.dir.join("workers.log"),
        )?;
        let members = Members::new(
            group.leader(),
            format!("COUNTERFOIL_ACKS={}", plan.acks().display()),
        );
        let stop = match manifest.workers.stop {
            crate::exporter::StopSignal::Term => Signal::TERM,
            crate::exporter::StopSignal::Int => Signal::INT,
        };
        Ok(Self {
            group,
            members,
            port,
            url: expansion.apply(&manifest.scrape.url),
            stop,
            stop_grace: Duration::from_millis(manifest.workers.stop_deadline_ms),
        })
    }

    async fn listening(&mut self, plan: &FleetPlan<'_>) -> Result<(), FleetError> {
        let deadline_ms = plan.adapter.manifest.workers.ready_deadline_ms;
        let deadline = Instant::now() + Duration::from_millis(deadline_ms);
        let mut tick = interval(Duration::from_millis(3));
        loop {
            tick.tick().await;
            let ended = self.group.ended();
            // One that ended because a stranger had its port has lost a race, which its own words need not say.
            let listens = self.listens()?;
            if let Some(ended) = ended {
                return Err(FleetError::Ended {
                    waited_for: format!("it listened on port {}", self.port),
                    status: ended.to_string(),
                    last_line: self.group.last_line(),
                    log: self.group.log().to_path_buf(),
                });
            }
            if listens {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(FleetError::Deadline {
                    port: self.port,
                    deadline_ms,
                    state: self.state(),
                    log: self.group.log().to_path_buf(),
                });
            }
        }
    }

    /// How many processes there are, and where else they listen: the commonest mistake of an adapter.
    fn state(&self) -> String {
        let members = self.members();
        let elsewhere = procfs::ports_of(&members);
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
        if procfs::listeners(self.port).is_empty() {
            return Ok(false);
        }
        let members = self.members();
        let Some(stranger) = procfs::stranger_on_port(self.port, &members) else {
            return Ok(true);
        };
        // A socket that was closed since the table was read belongs to nobody.
        if stranger.is_none() && procfs::stranger_on_port(self.port, &self.members()).is_none() {
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

    /// Its living processes.
    pub fn members(&self) -> BTreeSet<Pid> {
        self.members.living()
    }

    /// The process that serves the endpoint: of those that hold the listening socket, one that is not the
    /// leader, where there is one (a supervisor may hold the socket for its successor).
    ///
    /// # Errors
    /// Nobody listens.
    pub fn port_owner(&self) -> Result<Pid, FleetError> {
        let owners = procfs::owners_of_port(self.port, self.members());
        let serving = owners.iter().copied().find(|owner| *owner != self.group.leader());
        serving
            .or_else(|| owners.first().copied())
            .ok_or_else(|| FleetError::NoTarget {
                target: "port-owner".to_owned(),
                reason: format!("nobody listens on port {}", self.port),
            })
    }

    /// Sends `signal` to one process; one that is gone already is no error.
    pub fn signal(&self, pid: Pid, signal: Signal) {
        if let Some(pid) = RawPid::from_raw(pid) {
            let _ = kill_process(pid, signal);
        }
    }

    /// How the whole fleet ended, if it has, with its last line.
    pub fn ended(&mut self) -> Option<String> {
        let status = self.group.ended()?;
        Some(format!("{status}; its last line: {}", self.group.last_line()))
    }

    /// Kills the leader, and waits as long as the manifest gives a fleet to end: who is still there then.
    pub async fn behead(&mut self) -> BTreeSet<Pid> {
        let leader = self.group.leader();
        self.signal(leader, Signal::KILL);
        let deadline = Instant::now() + self.stop_grace;
        let mut tick = interval(Duration::from_millis(10));
        loop {
            tick.tick().await;
            let mut left = self.members();
            if self.group.ended().is_some() {
                left.remove(&leader);
            }
            if left.is_empty() || Instant::now() > deadline {
                return left;
            }
        }
    }

    /// Asks the fleet to end as its manifest says, then kills what is left of it: those are returned.
    pub async fn end(self) -> BTreeSet<Pid> {
        let mut left = self.group.stop(self.stop, self.stop_grace).await;
        left.extend(self.members.living());
        for pid in left.iter().copied().filter_map(RawPid::from_raw) {
            let _ = kill_process(pid, Signal::KILL);
        }
        left
    }
}

/// A port that was free a moment ago. Somebody may take it before the fleet does; [`Fleet::listens`] notices.
fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?
        .local_addr()?
        .port())
}
