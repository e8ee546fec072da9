//! The supervisor: one endpoint process and N worker processes, kept alive.
//!
//! Children are copies of it, as with gunicorn and Puma: a program's own start is most of what a worker's would take.

mod child;
mod earlier;
mod fork;
mod scale;
mod wake;

use std::ffi::CStr;
use std::fs;
use std::io::{self, PipeReader, PipeWriter};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use thiserror::Error;

use self::child::Child;
use self::earlier::Hold;
use self::fork::Alone;
use self::wake::Wake;
use crate::dead;
use crate::file_name::{Kind, Mode};
use crate::mutant::{self, Mutant};
use crate::notice::notice;

/// What a fleet is made of.
#[derive(Debug, Clone)]
pub(crate) struct FleetOptions {
    /// How many workers.
    pub(crate) workers: usize,
    /// Where `/metrics` is served, `HOST:PORT`; port 0 lets the system choose.
    pub(crate) listen: String,
    /// The metrics directory; created if need be.
    pub(crate) directory: PathBuf,
    /// The broker's URL.
    pub(crate) broker: String,
    /// The queue's name.
    pub(crate) queue: String,
    /// How long children may take to stop.
    pub(crate) grace: Duration,
}

/// Why there is no fleet.
#[derive(Debug, Error)]
pub(crate) enum FleetError {
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
    /// The system refuses a pipe or a signal handler, or this process has several threads.
    #[error("cannot supervise")]
    System(#[from] io::Error),
}

/// What a process of the fleet is to do when [`run`] returns in it.
#[derive(Debug)]
pub(crate) enum Part {
    /// The supervisor's: nothing, the fleet has ended.
    Supervisor,
    /// A worker's: tasks.
    Worker(Leash),
    /// The endpoint's: whoever connects.
    Endpoint(Leash, TcpListener),
}

/// By what a child learns that it is to end.
#[derive(Debug)]
pub(crate) struct Leash {
    /// Is up from the first SIGTERM or SIGINT on, even if that came before the child had begun.
    pub(crate) stop: Arc<AtomicBool>,
    /// The read end of a pipe of which the supervisor alone holds the other: it ends when that process does, even by SIGKILL.
    pub(crate) lifeline: PipeReader,
}

/// Runs a fleet until SIGTERM or SIGINT. Returns in each process of it: in the children as soon as they are there, in the
/// supervisor when they have ended.
///
/// # Errors
/// If it cannot be started.
pub(crate) fn run(options: FleetOptions, mutant: Option<Mutant>) -> Result<Part, FleetError> {
    let alone = Alone::check()?;
    let wake = Wake::new()?;
    let mut supervisor = Supervisor::new(options, alone, mutant)?;
    supervisor.begin_anew()?;
    if let Some(role) = supervisor.start_due() {
        return Ok(supervisor.hand_over(role, wake));
    }
    supervisor.announce()?;
    while !wake.is_to_stop() {
        supervisor.reap();
        supervisor.scale(&wake);
        if let Some(role) = supervisor.start_due() {
            return Ok(supervisor.hand_over(role, wake));
        }
        wake.wait(supervisor.next_start())?;
    }
    if mutant != Some(Mutant::OutlivesItsSupervisor) {
        supervisor.shut_down(&wake)?;
    }
    Ok(Part::Supervisor)
}

/// What a child is there for.
#[derive(Clone, Copy, Debug)]
enum Role {
    Endpoint,
    Worker,
}

impl Role {
    /// As which `ps` and `top` show the process.
    fn name(self) -> &'static CStr {
        match self {
            Self::Endpoint => c"endpoint",
            Self::Worker => c"worker",
        }
    }
}

/// Owner of the socket, the lifeline and the children.
struct Supervisor {
    options: FleetOptions,
    alone: Alone,
    mutant: Option<Mutant>,
    /// Stays open here, so that connections wait while the endpoint process is replaced.
    listener: Option<TcpListener>,
    /// Children keep the read end; it ends when this process does.
    lifeline: (PipeReader, PipeWriter),
    endpoint: Child,
    workers: Vec<Child>,
    /// Workers that were asked to end, because there are to be fewer.
    leaving: Vec<Child>,
    /// Tells a successor that this fleet works on the directory.
    hold: Hold,
}

impl Supervisor {
    fn new(options: FleetOptions, alone: Alone, mutant: Option<Mutant>) -> Result<Self, FleetError> {
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
            alone,
            mutant,
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

    /// Starts every child that is due. Says in each what it is, and nothing here.
    fn start_due(&mut self) -> Option<Role> {
        let now = Instant::now();
        let alone = self.alone;
        if self.listener.is_some()
            && self.endpoint.is_due(now)
            && self.endpoint.start(now, "the endpoint", alone.fork())
        {
            return Some(Role::Endpoint);
        }
        for worker in &mut self.workers {
            if worker.is_due(now) && worker.start(now, "a worker", alone.fork()) {
                return Some(Role::Worker);
            }
        }
        None
    }

    /// Makes of the copy of the supervisor that a child begins as what it is there for. Whatever else it has is closed: it
    /// keeps neither the supervisor's end of the lifeline nor, if it is a worker, the socket.
    fn hand_over(self, role: Role, wake: Wake) -> Part {
        // Nothing depends on it.
        let _ = rustix::thread::set_name(role.name());
        let leash = Leash {
            stop: wake.into_stop(),
            lifeline: self.lifeline.0,
        };
        match (role, self.listener) {
            (Role::Endpoint, Some(listener)) => {
                mutant::broker::tell(self.mutant, &self.options.broker);
                Part::Endpoint(leash, listener)
            }
            _ => Part::Worker(leash),
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
}
