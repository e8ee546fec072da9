//! What the faults of a scenario must fulfil: harm that lasts has an end, and nothing is waited for that it prevents.

use std::ops::Range;

use super::{Flaw, flaw};
use crate::scenario::{BrokerFault, DirectoryFault, Fault, NetworkFault, Scenario, SignalName, Target};

/// More than any answer may take to be waited for.
const LONGEST_LATENCY_MS: u64 = 10_000;

/// Longer than anybody waits for a broker to come back while a test runs.
const LONGEST_HARM_MS: u64 = 60_000;

const MAKE_WRITABLE: &str = "let it be writable before: fault = { directory = \"writable\" }";
const RESUME: &str = "let it go on before: fault = { broker = \"resume\" }";

/// The harm that is done and lasts, each with the step that did it.
#[derive(Default)]
pub(super) struct Harm {
    halted: Option<Range<usize>>,
    network: Option<(Range<usize>, NetworkFault)>,
    paused: Option<Range<usize>>,
    directory: Option<Range<usize>>,
}

impl Harm {
    /// A step does harm, or ends it.
    pub(super) fn done(&mut self, at: Range<usize>, fault: Fault) -> Result<(), Flaw> {
        match fault {
            Fault::Signal { signal, to } => self.signal(at, signal, to),
            Fault::Network { harm, lasts_ms } => {
                lasts(&at, lasts_ms)?;
                self.network(at, harm)
            }
            Fault::Broker { harm, lasts_ms } => {
                lasts(&at, lasts_ms)?;
                self.broker(at, harm)
            }
            Fault::Reborn { .. } => Ok(()),
            Fault::Directory { harm } => self.directory(at, harm),
        }
    }

    /// CONT is for who was halted, and for nobody else.
    fn signal(&mut self, at: Range<usize>, signal: SignalName, to: Target) -> Result<(), Flaw> {
        if (signal == SignalName::Cont) != (to == Target::Halted) {
            return Err(flaw(
                at,
                "CONT goes to who was halted, and no other signal does",
                "use signal = \"CONT\" with to = \"halted\", or neither",
            ));
        }
        match signal {
            SignalName::Stop if self.halted.is_none() => self.halted = Some(at),
            SignalName::Cont if self.halted.is_some() => self.halted = None,
            SignalName::Stop => {
                let remedy = "let the first one go on before: fault = { signal = \"CONT\", to = \"halted\" }";
                return Err(flaw(at, "one process is halted already", remedy));
            }
            SignalName::Cont => {
                let remedy = "halt one before it: fault = { signal = \"STOP\", to = … }";
                return Err(flaw(at, "no process is halted here", remedy));
            }
            SignalName::Kill | SignalName::Term => {}
        }
        Ok(())
    }

    fn network(&mut self, at: Range<usize>, fault: NetworkFault) -> Result<(), Flaw> {
        if let NetworkFault::Slow {
            latency_ms,
            bytes_per_s,
        } = fault
            && (latency_ms.is_some_and(|ms| ms > LONGEST_LATENCY_MS) || bytes_per_s == Some(0))
        {
            let remedy = format!(
                "use a latency of at most {LONGEST_LATENCY_MS} ms and at least one byte a second; where nothing \
                 is to come through, network = \"stall\""
            );
            return Err(flaw(at, "so slow a network is none", remedy));
        }
        match (fault, &self.network) {
            (NetworkFault::Restore, None) => {
                let remedy = "harm it before: fault = { network = \"cut\" }";
                return Err(flaw(at, "the network is whole here", remedy));
            }
            (NetworkFault::Restore, Some(_)) => self.network = None,
            (NetworkFault::DropConnections | NetworkFault::HalfOpen, _) => {}
            (_, Some(_)) => {
                let remedy = "end that before: fault = { network = \"restore\" }";
                return Err(flaw(at, "the network is harmed already", remedy));
            }
            (_, None) => self.network = Some((at, fault)),
        }
        Ok(())
    }

    fn broker(&mut self, at: Range<usize>, fault: BrokerFault) -> Result<(), Flaw> {
        match (fault, &self.paused) {
            (BrokerFault::Resume, None) => {
                let remedy = "pause it before: fault = { broker = \"pause\" }";
                return Err(flaw(at, "the broker is not paused here", remedy));
            }
            (BrokerFault::Resume, Some(_)) => self.paused = None,
            (_, Some(_)) => {
                return Err(flaw(at, "the broker is paused, and hears of nothing", RESUME));
            }
            (BrokerFault::Pause, None) => self.paused = Some(at),
            (BrokerFault::Restart | BrokerFault::KillConnections, None) => {}
        }
        Ok(())
    }

    fn directory(&mut self, at: Range<usize>, fault: DirectoryFault) -> Result<(), Flaw> {
        match (fault, &self.directory) {
            (DirectoryFault::Writable, None) => {
                let remedy = "harm it before: fault = { directory = \"full\" }";
                return Err(flaw(at, "the directory is writable here", remedy));
            }
            (DirectoryFault::Writable, Some(_)) => self.directory = None,
            (_, Some(_)) => return Err(flaw(at, "the directory is harmed already", MAKE_WRITABLE)),
            (_, None) => self.directory = Some(at),
        }
        Ok(())
    }

    /// A step at `at` puts files into the directory.
    pub(super) fn takes_files(&self, at: Range<usize>) -> Result<(), Flaw> {
        match &self.directory {
            Some(_) => Err(flaw(
                at,
                "no file fits into a directory that is harmed",
                MAKE_WRITABLE,
            )),
            None => Ok(()),
        }
    }

    /// A step at `at` hands out tasks.
    pub(super) fn reaches_the_broker(&self, at: Range<usize>) -> Result<(), Flaw> {
        match &self.paused {
            Some(_) => Err(flaw(
                at,
                "nothing is handed out while the broker is paused",
                RESUME,
            )),
            None => Ok(()),
        }
    }

    /// A step at `at` needs workers that get tasks, or nothing ever `happens`.
    pub(super) fn reaches_workers(&self, at: Range<usize>, happens: &str) -> Result<(), Flaw> {
        let cut_off = [NetworkFault::Cut, NetworkFault::Stall];
        match &self.network {
            Some((_, fault)) if cut_off.contains(fault) => Err(flaw(
                at,
                format!("nothing {happens} while the workers cannot reach the broker"),
                "let them before: fault = { network = \"restore\" }",
            )),
            _ if self.paused.is_some() => Err(flaw(
                at,
                format!("nothing {happens} while the broker is paused"),
                RESUME,
            )),
            _ => Ok(()),
        }
    }

    /// A step at `at` ends those who are harmed.
    pub(super) fn is_over(&self, at: Range<usize>) -> Result<(), Flaw> {
        let harms = [
            self.halted.is_some(),
            self.network.is_some(),
            self.paused.is_some(),
            self.directory.is_some(),
        ];
        if harms.iter().all(|is_done| !is_done) {
            return Ok(());
        }
        let remedy = "end it before: CONT, restore, resume or writable";
        let message = "a fleet that is harmed is not started again, and keeps its size";
        Err(flaw(at, message, remedy))
    }

    /// After the last step nothing may be left of it.
    pub(super) fn ended(self) -> Result<(), Flaw> {
        if let Some(at) = self.halted {
            let remedy = "add a step with fault = { signal = \"CONT\", to = \"halted\" } behind it";
            return Err(flaw(at, "the process that is halted here never goes on", remedy));
        }
        if let Some((at, _)) = self.network {
            let remedy = "add a step with fault = { network = \"restore\" } behind it";
            return Err(flaw(at, "the network is never whole again", remedy));
        }
        if let Some(at) = self.paused {
            let remedy = "add a step with fault = { broker = \"resume\" } behind it";
            return Err(flaw(at, "the broker never goes on", remedy));
        }
        if let Some(at) = self.directory {
            let remedy = "add a step with fault = { directory = \"writable\" } behind it";
            return Err(flaw(at, "the directory is never writable again", remedy));
        }
        Ok(())
    }
}

/// Only a fleet that is there is killed, as a whole; and two that lose their broker tell nothing about each other.
pub(super) fn neighbour(scenario: &Scenario, at: Range<usize>, fault: Fault) -> Result<(), Flaw> {
    let there = scenario.fleet.neighbour;
    match fault {
        Fault::Signal {
            signal,
            to: Target::Neighbour,
        } => match (there, signal) {
            (false, _) => Err(flaw(
                at,
                "there is no neighbour",
                "add `neighbour = true` to [fleet]",
            )),
            (true, SignalName::Kill) => Ok(()),
            (true, _) => Err(flaw(
                at,
                "a neighbour is killed, or left alone",
                "use signal = \"KILL\"",
            )),
        },
        Fault::Network { .. } | Fault::Broker { .. } if there => {
            let remedy = "remove `neighbour = true`, or the step";
            Err(flaw(at, "a fleet with a neighbour keeps its broker", remedy))
        }
        _ => Ok(()),
    }
}

fn lasts(at: &Range<usize>, ms: u64) -> Result<(), Flaw> {
    if ms <= LONGEST_HARM_MS {
        return Ok(());
    }
    let remedy = format!("let it last {LONGEST_HARM_MS} ms at most: `lasts_ms` is in milliseconds");
    Err(flaw(
        at.clone(),
        "so long a fault keeps a whole run waiting",
        remedy,
    ))
}
