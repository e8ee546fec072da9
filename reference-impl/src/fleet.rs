//! The supervisor: one endpoint process and N worker processes, kept alive.

mod child;
mod earlier;
mod scale;
mod wake;

use std::io::{self, PipeReader, PipeWriter};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use thiserror::Error;

use self::child::Child;
use self::earlier::Hold;
use self::wake::Wake;
use crate::dead;
use crate::file_name::{Kind, Mode};
use crate::mutant::{self, Mutant};
use crate::notice::notice;

/// What a fleet is made of.
#[derive(Debug, Clone)]
pub struct FleetOptions {
    /// How many workers.
    pub workers: usize,
    /// Where `/metrics` is served, `HOST:PORT`; port 0 lets the system choose.
    pub listen: String,
    /// The metrics directory; created if need be.
    pub directory: PathBuf,
    /// The broker's URL.
    pub broker: String,
    /// The queue's name.
    pub queue: String,
    /// How long children may take to stop.
    pub grace: Duration,
}

/// Why there is no fleet.
#[derive(Debug, Error)]
pub enum FleetError {
    /// The metrics directory cannot be created.
    #[error("cannot create {path}")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// What an earlier run left cannot be removed.
    #[error("cannot remove {path}, of an earlier run")]
    Earlier {
        /// The file, or the directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The address cannot be had.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The system refuses a pipe, a signal handler or the program's own path.
    #[error("cannot supervise")]
    System(#[from] io::Error),
}

/// Runs a fleet until SIGTERM or SIGINT.
///
/// # Errors
/// If it cannot be started.
pub fn run(mut options: FleetOptions, mutant: Option<Mutant>) -> Result<(), FleetError> {
    mutant::host::share(mutant, &mut options.directory);
    let wake = Wake::new()?;
    let mut supervisor = Supervisor::new(options, mutant)?;
    supervisor.begin_anew()?;
    supervisor.start_due();
    supervisor.announce()?;
    while !wake.is_to_stop() {
        supervisor.reap();
        supervisor.scale(&wake);
        supervisor.start_due();
        wake.wait(supervisor.next_start())?;
    }
    if mutant == Some(Mutant::OutlivesItsSupervisor) {
        return Ok(());
    }
    supervisor.shut_down(&wake)
}

/// Owner of the socket, the lifeline and the children.
struct Supervisor {
    options: FleetOptions,
    mutant: Option<Mutant>,
    program: PathBuf,
    /// Stays open here, so that connections wait while the endpoint process is replaced.
    listener: Option<TcpListener>,
    /// Children hold the read end; it ends when this process does. Both ends are close-on-exec.
    lifeline: (PipeReader, PipeWriter),
    endpoint: Child,
    workers: Vec<Child>,
    /// Workers that were asked to end, because there are to be fewer.
    leaving: Vec<Child>,
    /// Tells a successor that this fleet works on the directory.
    hold: Hold,
}

impl Supervisor {
    fn new(options: FleetOptions, mutant: Option<Mutant>) -> Result<Self, FleetError> {
        let path = &options.directory;
        fs::create_dir_all(path).map_err(|source| FleetError::Directory {
            path: path.clone(),
            source,
        })?;
        let hold = Hold::on(path)?;
        let listener = TcpListener::bind(&options.listen).map_err(|source| {
            let address = options.listen.clone();
            FleetError::Listen { address, source }
        })?;
        Ok(Self {
            mutant,
            program: env::current_exe()?,
            listener: Some(listener),
            lifeline: io::pipe()?,
            endpoint: Child::default(),
            workers: (0..options.workers).map(|_| Child::default()).collect(),
            leaving: Vec::new(),
            hold,
            options,
        })
    }

    /// Removes what an earlier run counted: only now that the address is this run's, so that a fleet that is started twice by
    /// mistake does not take the files of the first; and only if that one has ended, so that its successor does not, either.
    fn begin_anew(&self) -> Result<(), FleetError> {
        let keeps = [Mutant::KeepsWhatWasBefore, Mutant::SharesADirectory];
        if self.mutant.is_some_and(|mutant| keeps.contains(&mutant)) {
            return Ok(());
        }
        let remove = || earlier::remove(&self.options.directory);
        let removed = match self.mutant {
            Some(Mutant::WipesItsPredecessor) => Some(remove()),
            _ => self.hold.take(remove),
        };
        match removed.transpose()?.unwrap_or_default() {
            0 => {}
            files => notice(format_args!("removed {files} metric files of an earlier run")),
        }
        Ok(())
    }

    fn announce(&self) -> io::Result<()> {
        if let Some(listener) = &self.listener {
            let address = listener.local_addr()?;
            let workers = self.options.workers;
            notice(format_args!("ready, {workers} workers, http://{address}/metrics"));
        }
        Ok(())
    }

    /// Starts every child that is due.
    fn start_due(&mut self) {
        let now = Instant::now();
        if self.listener.is_some() && self.endpoint.is_due(now) {
            let command = self.endpoint_command();
            self.endpoint.start(now, "the endpoint", command);
        }
        for index in 0..self.workers.len() {
            if self.workers[index].is_due(now) {
                let command = self.worker_command();
                self.workers[index].start(now, "a worker", command);
            }
        }
    }

    fn next_start(&self) -> Option<Instant> {
        let endpoint = self.listener.is_some().then_some(&self.endpoint);
        let children = self.workers.iter().chain(endpoint);
        children.filter_map(Child::due_at).min()
    }

    /// Takes note of the dead and has them replaced.
    fn reap(&mut self) {
        let now = Instant::now();
        self.see_off(now);
        if let Some((pid, status)) = self.endpoint.reap(now) {
            notice(format_args!("endpoint {pid} ended, {status}"));
            if self.mutant == Some(Mutant::EndpointStaysDead) {
                self.listener = None;
            }
        }
        for index in 0..self.workers.len() {
            if let Some((pid, status)) = self.workers[index].reap(now) {
                notice(format_args!("worker {pid} ended, {status}"));
                self.bury(pid);
                if self.mutant == Some(Mutant::EndpointDiesWithFirstWorker) {
                    self.listener = None;
                    self.endpoint.kill();
                }
            }
        }
    }

    /// Marks a dead worker dead (M8).
    fn bury(&self, pid: u32) {
        let directory = &self.options.directory;
        let buried = match self.mutant {
            Some(Mutant::KeepsDeadLiveGauges) => Ok(()),
            Some(Mutant::ResetsOnRestart | Mutant::ResetsWithTheBroker) => {
                dead::remove(directory, pid, Kind::all())
            }
            Some(Mutant::DeletesDeadCounters) => dead::remove(directory, pid, [Kind::Counter]),
            Some(Mutant::BuriesEveryGauge) => dead::remove(directory, pid, Mode::ALL.map(Kind::Gauge)),
            Some(Mutant::WipesOnDeath) => {
                let mut pids = self.workers.iter().filter_map(Child::pid).chain([pid]);
                pids.try_for_each(|pid| dead::remove(directory, pid, Kind::all()))
            }
            _ => dead::mark_dead(directory, pid),
        };
        if let Err(error) = buried {
            notice(format_args!("{error}: {}", error.source));
        }
    }

    /// SIGTERM to all, SIGKILL to whoever is left after the grace.
    fn shut_down(&mut self, wake: &Wake) -> Result<(), FleetError> {
        let deadline = Instant::now() + self.options.grace;
        for child in self.workers.iter().chain([&self.endpoint]) {
            child.terminate();
        }
        while self.is_anyone_running() && Instant::now() < deadline {
            wake.wait(Some(deadline))?;
            self.reap();
        }
        let children = self.workers.iter_mut().chain(&mut self.leaving);
        for child in children.chain([&mut self.endpoint]) {
            child.kill();
        }
        self.reap();
        Ok(())
    }

    fn is_anyone_running(&self) -> bool {
        let mut children = self.workers.iter().chain(&self.leaving).chain([&self.endpoint]);
        children.any(Child::is_running)
    }

    /// This program again, with the lifeline as its standard output.
    fn command(&self, role: &str) -> io::Result<Command> {
        let mut command = Command::new(&self.program);
        command
            .args(["reference", role, "--dir"])
            .arg(&self.options.directory)
            .arg(format!("--grace-ms={}", self.options.grace.as_millis()))
            .stdin(Stdio::null())
            .stdout(self.lifeline.0.try_clone()?);
        Ok(command)
    }

    fn worker_command(&self) -> io::Result<Command> {
        let mut command = self.command("worker")?;
        command.args(["--broker", &self.options.broker, "--queue", &self.options.queue]);
        Ok(command)
    }

    /// The endpoint gets the listening socket as its standard input, as inetd would hand it over:
    /// no other child inherits it, and none has to trust a descriptor's number.
    fn endpoint_command(&self) -> io::Result<Command> {
        let mut command = self.command("endpoint")?;
        mutant::broker::tell(self.mutant, &mut command, &self.options.broker);
        if let Some(listener) = &self.listener {
            command.stdin(OwnedFd::from(listener.try_clone()?));
        }
        Ok(command)
    }
}
