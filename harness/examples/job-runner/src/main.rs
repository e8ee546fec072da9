//! A job runner: `job-runner run --workers N` starts N worker processes and serves what they record together.

mod worker;

use std::env;
use std::net::TcpListener;
use std::process::{Child, Command};

use anyhow::{Context, bail};
use counterfoil_reference::endpoint;
use counterfoil_reference::scrape::Scraper;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["run", "--workers", count] => run(count.parse().context("--workers takes a number")?),
        ["work"] => worker::work(),
        _ => bail!("usage: job-runner run --workers N"),
    }
}

/// Supervises: the port is bound once, before there is any worker, and every scrape reads the files of all.
fn run(count: usize) -> anyhow::Result<()> {
    let port: u16 = variable("METRICS_PORT")?.parse().context("METRICS_PORT")?;
    let listener = TcpListener::bind(("127.0.0.1", port)).with_context(|| format!("port {port}"))?;
    let program = env::current_exe()?;
    let start = |_| Command::new(&program).arg("work").spawn();
    let mut workers = (0..count).map(start).collect::<Result<Vec<Child>, _>>()?;

    let scraper = Scraper::new(variable("METRICS_DIR")?, None);
    let served = tokio::runtime::Runtime::new()?.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let stop = async move {
            terminate.recv().await;
        };
        endpoint::serve(listener, scraper, stop).await
    });
    for worker in &mut workers {
        worker.kill()?;
        worker.wait()?;
    }
    served.context("cannot serve")
}

/// A setting that the manifest hands over.
fn variable(name: &str) -> anyhow::Result<String> {
    env::var(name).with_context(|| format!("{name} is not set"))
}
