//! `report.json`: what a run came to, or several runs that are joined to one.

use serde::{Deserialize, Serialize};

use super::{ScenarioReport, Summary};
use crate::fleet::FleetKind;
use crate::run::Shard;

/// The version of `report.json`.
pub(super) const SCHEMA: u32 = 1;

/// What a run came to, or several that are joined.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct RunReport {
    /// The version of this document.
    pub schema: u32,
    /// Under what the verdicts came about.
    pub conditions: Conditions,
    /// Which runs it is of: one, unless it is joined.
    pub runs: Vec<RunPart>,
    /// What did not pass in the control; then there are no reports of that run.
    pub control_failures: Vec<ScenarioReport>,
    /// Scenario by scenario.
    pub reports: Vec<ScenarioReport>,
    /// The sum.
    pub summary: Summary,
}

/// Under what the verdicts of a run came about. Where two runs differ in one of these, they are about different things.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Conditions {
    /// The suite's version.
    pub counterfoil: String,
    /// The exporter, `name@version`.
    pub exporter: String,
    /// What is installed in its environment.
    pub installed: Vec<String>,
    /// Whether fleets are processes, or each in a container.
    pub fleet: FleetKind,
    /// The seed of the dispatch order, and of generated programs.
    pub seed: u64,
    /// How often each scenario runs.
    pub repeat: u32,
    /// How many turns a scenario had in all that failed beside others, or could not be judged: all but the first alone.
    pub confirm: u32,
    /// Whether the scenarios are those of a folder.
    pub of_a_folder: bool,
    /// The requirement set that verdicts are by; `None`: what each scenario declares.
    pub requirements: Option<u32>,
    /// Whether what the exporter is known to fail was left aside.
    pub no_baseline: bool,
    /// The reference's defect, if it was to have one.
    pub mutant: Option<String>,
}

/// One run of a report.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct RunPart {
    /// Its id.
    pub run: String,
    /// Which share of the chosen scenarios it played; `None`: all.
    pub shard: Option<Shard>,
    /// The chosen scenarios, those of other shares among them.
    pub chosen: Vec<String>,
}

impl RunReport {
    /// A report of these parts; the sum is `summary`.
    pub(crate) fn new(
        conditions: Conditions,
        runs: Vec<RunPart>,
        control_failures: Vec<ScenarioReport>,
        reports: Vec<ScenarioReport>,
        summary: Summary,
    ) -> Self {
        Self {
            schema: SCHEMA,
            conditions,
            runs,
            control_failures,
            reports,
            summary,
        }
    }

    /// The exporter, `name@version`.
    pub fn exporter(&self) -> &str {
        &self.conditions.exporter
    }

    /// What did not pass in the control, and the scenarios.
    pub fn all(&self) -> impl Iterator<Item = &ScenarioReport> + Clone {
        self.control_failures.iter().chain(&self.reports)
    }
}

impl Conditions {
    /// The first thing in which another run differs: what, here, and there.
    pub(crate) fn difference(&self, other: &Self) -> Option<(&'static str, String, String)> {
        let rows = |of: &Self| {
            [
                ("version of counterfoil", of.counterfoil.clone()),
                ("exporter", of.exporter.clone()),
                ("seed", of.seed.to_string()),
                ("requirement set", or_none(of.requirements)),
                ("kind of fleet", of.fleet.to_string()),
                ("number of turns", of.repeat.to_string()),
                ("number of turns of what fails", of.confirm.to_string()),
                ("use of a folder of scenarios", of.of_a_folder.to_string()),
                ("use of --no-baseline", of.no_baseline.to_string()),
                ("defect", or_none(of.mutant.as_ref())),
                ("set of installed distributions", of.installed.join(" ")),
            ]
        };
        let pairs = rows(self).into_iter().zip(rows(other));
        let mut differing = pairs.filter(|((_, here), (_, there))| here != there);
        differing
            .next()
            .map(|((what, here), (_, there))| (what, here, there))
    }
}

fn or_none(value: Option<impl ToString>) -> String {
    value.map_or("none".to_owned(), |value| value.to_string())
}
