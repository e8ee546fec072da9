//! A Redis server as a process of the run.

use std::time::Duration;

use rustix::process::Signal;
use tokio::time::{Instant, sleep};

use super::choice::Keeps;
use super::port::Port;
use super::{BrokerError, BrokerSettings, List};
use crate::cause::in_one_line;
use crate::exporter::ListFormat;
use crate::fleet::{Group, is_halted, on_path};
use crate::poll::every;

const PROGRAMS: [&str; 2] = ["redis-server", "valkey-server"];
const READY_DEADLINE: Duration = Duration::from_secs(10);
const HALT_DEADLINE: Duration = Duration::from_secs(5);
const STOP_GRACE: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Process {
    /// There is none only while it is away.
    group: Option<Group>,
    program: String,
    port: Port,
    keeps: Keeps,
    settings: BrokerSettings,
}

impl Process {
    pub(super) async fn start(settings: &BrokerSettings, keeps: Keeps) -> Result<Self, BrokerError> {
        let program = PROGRAMS
            .iter()
            .find_map(|name| on_path(name))
            .ok_or_else(|| unavailable(format!("neither {} is on PATH", PROGRAMS.join(" nor "))))?;
        let mut process = Self {
            group: None,
            program: program.display().to_string(),
            port: Port::free().map_err(|error| unavailable(error.to_string()))?,
            keeps,
            settings: settings.clone(),
        };
        process.launch().await?;
        Ok(process)
    }

    async fn launch(&mut self) -> Result<(), BrokerError> {
        let BrokerSettings { dir, spawner, .. } = &self.settings;
        let (port, scratch) = (self.port.address().port().to_string(), dir.join("broker"));
        let scratch_text = scratch.display().to_string();
        let mut command = vec![self.program.as_str(), "--port", &port, "--bind", "127.0.0.1"];
        command.extend(self.keeps.options());
        command.extend(["--dir", &scratch_text]);
        let command: Vec<String> = command.into_iter().map(str::to_owned).collect();
        let group = spawner.start(&command, &[], dir, &scratch, &dir.join("broker.log"));
        let group = group.map_err(|error| unavailable(in_one_line(&error)))?;
        self.group = Some(group);
        self.answers().await
    }

    async fn answers(&mut self) -> Result<(), BrokerError> {
        let deadline = Instant::now() + READY_DEADLINE;
        let mut tick = every(Duration::from_millis(5));
        let url = self.url();
        let Some(group) = &mut self.group else {
            return Ok(());
        };
        loop {
            tick.tick().await;
            let error = match List::connect(&url, "counterfoil:probe", ListFormat::PlainList).await {
                Ok(_) => return Ok(()),
                Err(error) => error,
            };
            let ended = group.ended();
            if ended.is_some() || Instant::now() > deadline {
                let state = ended.map_or_else(|| in_one_line(&error), |status| status.to_string());
                let reason = format!("{}: {state}; its last line: {}", self.program, group.last_line());
                return Err(unavailable(reason));
            }
        }
    }

    pub(super) fn program(&self) -> &str {
        &self.program
    }

    pub(super) fn url(&self) -> String {
        format!("redis://{}", self.port.address())
    }

    /// Ends the server as it is asked to, and starts it again on its port after `away`.
    pub(super) async fn restart(&mut self, away: Duration) -> Result<(), BrokerError> {
        if let Some(group) = self.group.take() {
            group.stop(Signal::TERM, STOP_GRACE).await;
        }
        // Sleeps, bounded by the fault's own length, which the scenario declares.
        sleep(away).await;
        self.launch().await.map_err(|error| BrokerError::Unharmed {
            what: "started again",
            reason: in_one_line(&error),
        })
    }

    /// Halts the server, and returns once it stands still.
    pub(super) async fn pause(&mut self) -> Result<(), BrokerError> {
        let Some(group) = &self.group else { return Ok(()) };
        group.signal(Signal::STOP);
        let deadline = Instant::now() + HALT_DEADLINE;
        let mut tick = every(Duration::from_millis(2));
        while !is_halted(group.leader()) {
            tick.tick().await;
            if Instant::now() > deadline {
                let reason = format!(
                    "SIGSTOP had no effect on pid {} within {HALT_DEADLINE:?}",
                    group.leader()
                );
                return Err(BrokerError::Unharmed {
                    what: "paused",
                    reason,
                });
            }
        }
        Ok(())
    }

    pub(super) fn resume(&self) {
        if let Some(group) = &self.group {
            group.signal(Signal::CONT);
        }
    }

    pub(super) async fn stop(self) {
        // One that stands still would not hear that it is to end.
        self.resume();
        if let Some(group) = self.group {
            group.stop(Signal::TERM, STOP_GRACE).await;
        }
    }
}

fn unavailable(reason: String) -> BrokerError {
    BrokerError::Unavailable {
        kind: "process",
        reason,
    }
}
