//! Events: what a run tells, in order. As JSON lines they are the machine-readable report.

use serde::{Deserialize, Serialize};

use super::{FixtureReport, ProgramReport, Summary, Terms, Verdict};
use crate::check::{Check, Finding, Outcome};
use crate::fleet::FleetKind;

/// The version of the event format; `docs/events.schema.json` describes it.
pub const SCHEMA_VERSION: u32 = 1;

/// Something that happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The run begins.
    RunStarted {
        /// [`SCHEMA_VERSION`].
        schema: u32,
        /// The suite's version.
        counterfoil: String,
        /// The run's id.
        run: String,
        /// The exporter, `name@version`.
        exporter: String,
        /// What is installed in its environment.
        installed: Vec<String>,
        /// Whether the versions came from a lock.
        locked: bool,
        /// Which broker, and why.
        broker: String,
        /// Whether fleets are processes, or each in a container.
        fleet: FleetKind,
        /// The seed of the dispatch order.
        seed: u64,
        /// The folder that the scenarios were read from; `None`: those that are embedded.
        scenarios_dir: Option<String>,
        /// The requirement set that verdicts are by; `None`: what each scenario declares.
        requirements: Option<u32>,
        /// The baseline that says what is known to fail; `None`: nothing is.
        baseline: Option<String>,
        /// How many scenarios are planned, each once.
        planned: usize,
        /// Where the run is kept.
        kept: String,
    },
    /// The reference is run in the same environment first.
    ControlStarted {
        /// How many scenarios.
        planned: usize,
    },
    /// The control is over.
    ControlFinished {
        /// How many scenarios.
        planned: usize,
        /// Whether every scenario passed.
        passed: bool,
        /// Those that did not.
        failures: Vec<ScenarioReport>,
    },
    /// A scenario begins.
    ScenarioStarted {
        /// Its id.
        id: String,
        /// Whether it belongs to the control.
        control: bool,
    },
    /// A scenario is over.
    ScenarioFinished(Box<ScenarioReport>),
    /// The run is over.
    RunFinished(Summary),
}

/// What one scenario came to.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ScenarioReport {
    /// Its id.
    pub id: String,
    /// What must hold.
    pub title: String,
    /// By what it is judged.
    #[serde(flatten)]
    pub terms: Terms,
    /// How it ended.
    pub verdict: Verdict,
    /// How each turn ended; one, unless the run repeats scenarios, or plays again what fails. All else is of one of the
    /// worst that count.
    pub turns: Vec<Verdict>,
    /// Whether it belongs to the control.
    pub control: bool,
    /// The reference's defect, if it had one.
    pub mutant: Option<String>,
    /// Why it could not be judged, or was not.
    pub reason: Option<String>,
    /// What a reader can do about that.
    pub remedy: Option<String>,
    /// Check by check, in order.
    pub checks: Vec<CheckReport>,
    /// How much was compared in all.
    pub exercised: usize,
    /// Which processes acknowledged how many tasks.
    pub tasks_by_pid: std::collections::BTreeMap<i32, usize>,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
    /// How long each stage took, in milliseconds.
    pub stages_ms: std::collections::BTreeMap<String, f64>,
    /// The command that runs it alone.
    pub rerun: String,
    /// Where it is kept.
    pub kept: String,
    /// What became of it, if it is a generated program that failed; checks, command and folder are then those of the
    /// smallest plan, where there is one.
    pub program: Option<ProgramReport>,
    /// The fixture of a merge that is wrong, if it was looked for.
    pub fixture: Option<FixtureReport>,
}

/// What one check found.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct CheckReport {
    /// Its id.
    pub check: String,
    /// The step that asked for it, from 1.
    pub step: usize,
    /// What it found.
    #[serde(flatten)]
    pub judgement: Judgement,
}

/// What a check found, as reports write it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Judgement {
    /// It holds.
    Pass {
        /// Over so many things.
        exercised: usize,
    },
    /// It does not.
    Fail {
        /// What is wrong.
        finding: Finding,
    },
    /// It cannot be told.
    Inconclusive {
        /// Why.
        reason: String,
    },
}

impl CheckReport {
    /// How much it compared; what failed has compared something.
    pub(crate) fn exercised(&self) -> usize {
        match &self.judgement {
            Judgement::Pass { exercised } => *exercised,
            Judgement::Fail { .. } => 1,
            Judgement::Inconclusive { .. } => 0,
        }
    }

    /// The same, with all that it says put through `map`.
    pub(crate) fn map_text(mut self, map: &dyn Fn(&str) -> String) -> Self {
        match &mut self.judgement {
            Judgement::Pass { .. } => {}
            Judgement::Inconclusive { reason } => *reason = map(reason),
            Judgement::Fail { finding } => {
                finding.summary = map(&finding.summary);
                for difference in &mut finding.differences {
                    difference.got = map(&difference.got);
                }
                finding.notes.iter_mut().for_each(|note| *note = map(note));
            }
        }
        self
    }

    /// Says which of several pods it is about, unless it holds.
    pub(crate) fn of_pod(mut self, pod: u32) -> Self {
        match &mut self.judgement {
            Judgement::Pass { .. } => {}
            Judgement::Inconclusive { reason } => *reason = format!("pod {pod}: {reason}"),
            Judgement::Fail { finding } => finding.summary = format!("pod {pod}: {}", finding.summary),
        }
        self
    }

    pub(crate) fn new(check: Check, step: usize, outcome: Outcome) -> Self {
        let judgement = match outcome {
            Outcome::Pass { exercised } => Judgement::Pass { exercised },
            Outcome::Fail(finding) => Judgement::Fail { finding: *finding },
            Outcome::Inconclusive { reason } => Judgement::Inconclusive { reason },
        };
        Self {
            check: check.id().to_owned(),
            step,
            judgement,
        }
    }
}
