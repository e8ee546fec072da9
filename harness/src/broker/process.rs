//! A Redis server as a process of the run.

use std::net::TcpListener;
use std::time::Duration;

use rustix::process::Signal;
use tokio::time::{Instant, interval};

use super::{BrokerError, BrokerSettings, Queue};
use crate::cause::in_one_line;
use crate::exporter::QueueFormat;
use crate::fleet::{Group, on_path};

const PROGRAMS: [&str; 2] = ["redis-server", "valkey-server"];
const READY_DEADLINE: Duration = Duration::from_secs(10);
const STOP_GRACE: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Process {
    group: Group,
    program: String,
    port: u16,
}

impl Process {
    pub(super) async fn start(settings: &BrokerSettings) -> Result<Self, BrokerError> {
        let unavailable = |reason: String| BrokerError::Unavailable {
            kind: "process",
            reason,
        };
        let program = PROGRAMS
            .iter()
            .find_map(|name| on_path(name))
            .ok_or_else(|| unavailable(format!("neither {} is on PATH", PROGRAMS.join(" nor "))))?;
        let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|socket| socket.local_addr());
        let port = port.map_err(|error| unavailable(error.to_string()))?.port();
        let program = program.display().to_string();
        let port_text = port.to_string();
        let scratch = settings.dir.join("broker");
        let scratch_text = scratch.display().to_string();
        let command = [
            &program,
            "--port",
            &port_text,
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            &scratch_text,
        ];
        let command: Vec<String> = command.iter().map(ToString::to_string).collect();
        let log = settings.dir.join("broker.log");
        let group = settings
            .spawner
            .start(&command, &[], &settings.dir, &scratch, &log);
        let mut process = Self {
            group: group.map_err(|error| unavailable(in_one_line(&error)))?,
            program,
            port,
        };
        process.answers().await?;
        Ok(process)
    }

    async fn answers(&mut self) -> Result<(), BrokerError> {
        let deadline = Instant::now() + READY_DEADLINE;
        let mut tick = interval(Duration::from_millis(5));
        loop {
            tick.tick().await;
            let error = match Queue::connect(&self.url(), "counterfoil:probe", QueueFormat::PlainList).await {
                Ok(_) => return Ok(()),
                Err(error) => error,
            };
            let ended = self.group.ended();
            if ended.is_some() || Instant::now() > deadline {
                let state = ended.map_or_else(|| in_one_line(&error), |status| status.to_string());
                let reason = format!(
                    "{}: {state}; its last line: {}",
                    self.program,
                    self.group.last_line()
                );
                return Err(BrokerError::Unavailable {
                    kind: "process",
                    reason,
                });
            }
        }
    }

    pub(super) fn program(&self) -> &str {
        &self.program
    }

    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(super) async fn stop(self) {
        self.group.stop(Signal::TERM, STOP_GRACE).await;
    }
}
