//! `counterfoil reference serve`: the merge of other processes' files, beside them.

use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, value_parser};
use tokio::sync::Notify;

use crate::connections::ConnectionLimits;
use crate::directories::{Directories, Source};
use crate::endpoint::Endpoint;
use crate::mutant::Mutant;
use crate::notice::notice;
use crate::scrape::Scraper;
use crate::serving::{self, Ending};

/// What a sidecar is told.
#[derive(Debug, Args)]
pub struct SidecarArguments {
    /// The metrics directories, merged as one; of several each has a NAME, by default its last part, which goes before
    /// the pid in labels of that name
    #[arg(required = true, value_name = "[NAME=]DIR")]
    directories: Vec<Source>,
    /// Where /metrics is served, HOST:PORT
    #[arg(long, value_name = "ADDR")]
    listen: String,
    /// How much memory the files may take, in bytes; beyond it a scrape is answered with 503
    #[arg(long, value_name = "N", default_value = "1073741824")]
    max_bytes: NonZeroUsize,
    /// How many files are read; beyond it a scrape is answered with 503
    #[arg(long, value_name = "N", default_value = "10000")]
    max_files: NonZeroUsize,
    /// How many clients may be connected; one more is sent away with 503
    #[arg(long, value_name = "N", default_value = "128")]
    max_connections: NonZeroUsize,
    /// How long a client may take to send its request, and to stay without one, in milliseconds
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = value_parser!(u64).range(1..))]
    request_timeout_ms: u64,
    /// How long a client may take to read its response, in milliseconds
    #[arg(long, value_name = "N", default_value_t = 30_000, value_parser = value_parser!(u64).range(1..))]
    response_timeout_ms: u64,
    /// How long responses may still take after SIGTERM, in milliseconds
    #[arg(long, value_name = "N", default_value_t = 5000)]
    grace_ms: u64,
}

/// Serves until a signal.
///
/// # Errors
/// If it cannot listen, or cannot go on.
pub(crate) fn run(arguments: SidecarArguments, mutant: Option<Mutant>) -> anyhow::Result<ExitCode> {
    let max_files = arguments.max_files.get();
    let mut directories = match Directories::awaited(arguments.directories, max_files) {
        Ok(directories) => directories,
        Err(error) => {
            notice(error);
            return Ok(ExitCode::from(2));
        }
    };
    let listen = &arguments.listen;
    let listener = TcpListener::bind(listen).with_context(|| format!("cannot listen on {listen}"))?;
    let address = listener.local_addr()?;
    notice(format_args!("ready, http://{address}/metrics"));
    // Who reads the log learns at once what a scrape would say.
    if let Err(error) = directories.list() {
        notice(error);
    }
    let limits = ConnectionLimits {
        connections: arguments.max_connections.get(),
        head: Duration::from_millis(arguments.request_timeout_ms),
        response: Duration::from_millis(arguments.response_timeout_ms),
    };
    let scraper = Scraper::of(directories, arguments.max_bytes.get(), mutant);
    let ending = Ending {
        asked: Arc::default(),
        grace: Duration::from_millis(arguments.grace_ms),
        hurries: true,
    };
    let endpoint = Endpoint::of_sidecar(scraper, limits);
    serving::serve(listener, endpoint, &Notify::new(), &ending)?;
    Ok(ExitCode::SUCCESS)
}
