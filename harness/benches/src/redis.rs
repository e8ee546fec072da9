//! A Redis of the benchmark's own, and what `redis-benchmark` makes of it.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::contender::Failure;

const START_LIMIT: Duration = Duration::from_secs(10);

/// A `redis-server` that keeps nothing on disk.
pub(crate) struct Redis {
    child: Child,
    port: u16,
}

impl Redis {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let child = Command::new("redis-server")
            .args([
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--port",
            ])
            .arg(port.to_string())
            .stdout(Stdio::null())
            .spawn()
            .context("cannot start redis-server")?;
        let redis = Self { child, port };
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if began.elapsed() > START_LIMIT {
                bail!("redis-server does not listen on port {port}");
            }
            // Sleeps, bounded by `START_LIMIT`, between two tries.
            thread::sleep(Duration::from_millis(5));
        }
        Ok(redis)
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// One command by `redis-cli`; its answer.
    pub(crate) fn command(&self, arguments: &[&str]) -> Result<String, Failure> {
        let output = Command::new("redis-cli")
            .args(["-p", &self.port.to_string()])
            .args(arguments)
            .output()?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Nanoseconds a request, as `redis-benchmark` reports its requests a second.
    pub(crate) fn benchmark(&self, arguments: &[&str]) -> Result<f64, Failure> {
        let output = Command::new("redis-benchmark")
            .args(["-p", &self.port.to_string(), "--csv"])
            .args(arguments)
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        // "LPUSH","502512.56",…
        let rate: Option<f64> = text
            .lines()
            .last()
            .and_then(|line| line.split("\",\"").nth(1)?.parse().ok());
        rate.map(|rate| 1e9 / rate)
            .ok_or_else(|| Failure::Broken(format!("no rate in {text:?}")))
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // It may have ended; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
