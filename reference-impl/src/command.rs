//! The command line: `counterfoil reference …`.

use std::collections::HashSet;
use std::io::{self, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::{Args, Subcommand};
use tokio::sync::Notify;

use crate::endpoint::Endpoint;
use crate::exposition::Format;
use crate::fleet::{self, FleetOptions, Leash, Part};
use crate::mutant::{self, Mutant};
use crate::notice::notice;
use crate::queue::Queue;
use crate::scrape::Scraper;
use crate::serving::{self, Ending};
use crate::sidecar::{self, SidecarArguments};
use crate::stop;
use crate::worker::Worker;

/// The reference exporter.
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "the fields that are flattened say nothing themselves")]
pub enum ReferenceCommand {
    /// Starts workers and an endpoint, and keeps them alive until SIGTERM
    ///
    /// Metric files that an earlier run has left in the metrics directory are removed first: what is served begins at 0.
    Fleet {
        /// How many worker processes
        #[arg(long)]
        workers: usize,
        /// Where /metrics is served, HOST:PORT
        #[arg(long)]
        listen: String,
        /// The metrics directory
        #[arg(long)]
        dir: PathBuf,
        /// How long processes may take to stop, in milliseconds
        #[arg(long, default_value_t = 5000)]
        grace_ms: u64,
        #[command(flatten)]
        queue: QueueArguments,
    },
    /// One worker by itself, for a supervisor of yours, until SIGTERM
    Worker {
        /// The metrics directory
        #[arg(long)]
        dir: PathBuf,
        #[command(flatten)]
        queue: QueueArguments,
    },
    /// Prints what is served of a directory, once
    Merge {
        /// The metrics directory
        dir: PathBuf,
    },
    /// Serves the merged metrics of directories, as a sidecar, until SIGTERM
    Serve(SidecarArguments),
}

/// Where workers get their tasks.
#[derive(Debug, Args)]
pub struct QueueArguments {
    /// The broker, redis://HOST:PORT
    #[arg(long)]
    broker: String,
    /// The queue's name
    #[arg(long)]
    queue: String,
}

impl ReferenceCommand {
    /// Runs the command to its end.
    ///
    /// # Errors
    /// If it cannot be started, or cannot go on.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let mutant = match Mutant::from_environment() {
            Ok(mutant) => mutant,
            Err(error) => {
                notice(error);
                return Ok(ExitCode::from(2));
            }
        };
        match self {
            Self::Fleet {
                workers,
                listen,
                dir,
                grace_ms,
                queue,
            } => {
                let options = FleetOptions {
                    workers,
                    listen,
                    grace: Duration::from_millis(grace_ms),
                    directory: dir,
                    broker: queue.broker,
                    queue: queue.queue,
                };
                run_fleet(options, mutant)?;
            }
            Self::Worker { dir, queue } => run_worker(&dir, &queue, &*stop::on_signal()?, mutant)?,
            Self::Merge { dir } => {
                let text = Scraper::new(dir, mutant).scrape(Format::Text, &HashSet::new())?;
                io::stdout().write_all(&text)?;
            }
            Self::Serve(arguments) => return sidecar::run(arguments, mutant),
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What a process of a fleet does, each of them.
fn run_fleet(mut options: FleetOptions, mutant: Option<Mutant>) -> anyhow::Result<()> {
    mutant::host::share(mutant, &mut options.directory);
    let (dir, grace) = (options.directory.clone(), options.grace);
    let queue = QueueArguments {
        broker: options.broker.clone(),
        queue: options.queue.clone(),
    };
    match fleet::run(options, mutant)? {
        Part::Supervisor => Ok(()),
        Part::Worker(Leash { stop, lifeline }) => {
            let outlives = [Mutant::OutlivesItsSupervisor, Mutant::OutlivesAKilledSupervisor];
            if !mutant.is_some_and(|mutant| outlives.contains(&mutant)) {
                let gone = Arc::clone(&stop);
                stop::when_supervisor_is_gone(lifeline, grace, move || gone.store(true, Ordering::Relaxed))?;
            }
            match mutant {
                Some(Mutant::OutlivesItsSupervisor) => {
                    run_worker(&dir, &queue, &AtomicBool::default(), mutant)
                }
                _ => run_worker(&dir, &queue, &stop, mutant),
            }
        }
        Part::Endpoint(leash, listener) => run_endpoint(&dir, grace, leash, listener, mutant),
    }
}

fn run_worker(
    dir: &Path,
    queue: &QueueArguments,
    stop: &AtomicBool,
    mutant: Option<Mutant>,
) -> anyhow::Result<()> {
    let mut worker = Worker::from_environment(dir, mutant)?;
    let mut queue = Queue::new(&queue.broker, &queue.queue, mutant)?;
    worker.run(&mut queue, stop)?;
    Ok(())
}

fn run_endpoint(
    dir: &Path,
    grace: Duration,
    Leash { stop, lifeline }: Leash,
    listener: TcpListener,
    mutant: Option<Mutant>,
) -> anyhow::Result<()> {
    let gone = Arc::new(Notify::new());
    let notified = Arc::clone(&gone);
    stop::when_supervisor_is_gone(lifeline, grace, move || notified.notify_one())?;
    let endpoint = Endpoint::new(Scraper::new(dir, mutant));
    let ending = Ending {
        asked: stop,
        grace,
        hurries: false,
    };
    serving::serve(listener, endpoint, &gone, &ending)
}
