//! The command line: `counterfoil reference …`.

use std::collections::HashSet;
use std::io::{self, Write};
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use clap::{Args, Subcommand};
use tokio::sync::Notify;

use crate::endpoint::Endpoint;
use crate::exposition::Format;
use crate::fleet::{self, FleetOptions};
use crate::mutant::Mutant;
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
        #[command(flatten)]
        process: ProcessArguments,
        #[command(flatten)]
        queue: QueueArguments,
    },
    /// A worker process of a fleet, whose standard output is the fleet's lifeline
    #[command(hide = true)]
    Worker {
        #[command(flatten)]
        process: ProcessArguments,
        #[command(flatten)]
        queue: QueueArguments,
    },
    /// The endpoint process of a fleet, whose standard input is the listening socket
    #[command(hide = true)]
    Endpoint {
        #[command(flatten)]
        process: ProcessArguments,
    },
    /// Prints what is served of a directory, once
    Merge {
        /// The metrics directory
        dir: PathBuf,
    },
    /// Serves the merged metrics of directories, as a sidecar, until SIGTERM
    Serve(SidecarArguments),
}

/// What every process of a fleet is told.
#[derive(Debug, Args)]
pub struct ProcessArguments {
    /// The metrics directory
    #[arg(long)]
    dir: PathBuf,
    /// How long processes may take to stop, in milliseconds
    #[arg(long, default_value_t = 5000)]
    grace_ms: u64,
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
                process,
                queue,
            } => {
                let options = FleetOptions {
                    workers,
                    listen,
                    grace: Duration::from_millis(process.grace_ms),
                    directory: process.dir,
                    broker: queue.broker,
                    queue: queue.queue,
                };
                fleet::run(options, mutant)?;
            }
            Self::Worker { process, queue } => run_worker(&process, &queue, mutant)?,
            Self::Endpoint { process } => run_endpoint(&process, mutant)?,
            Self::Merge { dir } => {
                let text = Scraper::new(dir, mutant).scrape(Format::Text, &HashSet::new())?;
                io::stdout().write_all(&text)?;
            }
            Self::Serve(arguments) => return sidecar::run(arguments, mutant),
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn run_worker(
    process: &ProcessArguments,
    queue: &QueueArguments,
    mutant: Option<Mutant>,
) -> anyhow::Result<()> {
    let mut stop = stop::on_signal()?;
    match mutant {
        Some(Mutant::OutlivesItsSupervisor) => stop = Arc::default(),
        Some(Mutant::OutlivesAKilledSupervisor) => {}
        _ => {
            let gone = Arc::clone(&stop);
            let grace = Duration::from_millis(process.grace_ms);
            stop::when_supervisor_is_gone(grace, move || gone.store(true, Ordering::Relaxed))?;
        }
    }
    let mut worker = Worker::from_environment(&process.dir, mutant)?;
    let mut queue = Queue::new(&queue.broker, &queue.queue, mutant)?;
    worker.run(&mut queue, &stop)?;
    Ok(())
}

fn run_endpoint(process: &ProcessArguments, mutant: Option<Mutant>) -> anyhow::Result<()> {
    let listener = TcpListener::from(io::stdin().as_fd().try_clone_to_owned()?);
    let grace = Duration::from_millis(process.grace_ms);
    let gone = Arc::new(Notify::new());
    let notified = Arc::clone(&gone);
    stop::when_supervisor_is_gone(grace, move || notified.notify_one())?;
    let endpoint = Endpoint::new(Scraper::new(&process.dir, mutant));
    let hurries = false;
    serving::serve(listener, endpoint, &gone, &Ending { grace, hurries })
}
