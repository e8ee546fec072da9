//! What `counterfoil list --message-format json` prints: one document; a part that was not asked for is left out.

use counterfoil::scenario::{Level, Scenario};
use counterfoil_reference::mutant::Mutant;
use serde::Serialize;

use super::{Counts, Listed};

#[derive(Serialize)]
pub(super) struct Document<'a> {
    #[serde(flatten)]
    scenarios: Option<Scenarios<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exporters: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checks: Option<Vec<CheckRow>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mutants: Option<Vec<MutantRow>>,
}

#[derive(Serialize)]
struct Scenarios<'a> {
    counts: Counts,
    scenarios: Vec<ScenarioRow<'a>>,
    canaries: Vec<ScenarioRow<'a>>,
}

#[derive(Serialize)]
struct ScenarioRow<'a> {
    id: &'a str,
    level: Level,
    title: &'a str,
    rules: &'a [String],
    sources: &'a [String],
    checks: Vec<&'a str>,
    /// Played by its id alone.
    apart: bool,
    requirement_sets: Vec<u32>,
}

#[derive(Serialize)]
struct CheckRow {
    id: &'static str,
    title: &'static str,
}

#[derive(Serialize)]
struct MutantRow {
    name: &'static str,
    stands_for: &'static str,
    description: &'static str,
    deaths: Vec<DeathRow>,
}

#[derive(Serialize)]
struct DeathRow {
    scenario: &'static str,
    check: &'static str,
}

impl<'a> Document<'a> {
    pub(super) fn of(listed: &'a Listed<'_>) -> Self {
        let rows = |scenarios: &[&'a Scenario]| {
            let row = |scenario: &&'a Scenario| row(scenario, listed.sets_of(scenario));
            scenarios.iter().map(row).collect()
        };
        Self {
            scenarios: listed.scenarios.as_ref().map(|scenarios| Scenarios {
                counts: Counts::of(scenarios),
                scenarios: rows(scenarios),
                canaries: rows(&listed.canaries),
            }),
            exporters: listed.exporters.as_deref(),
            checks: listed.checks.map(|checks| {
                let row = |check: &counterfoil::check::Check| CheckRow {
                    id: check.id(),
                    title: check.title(),
                };
                checks.iter().map(row).collect()
            }),
            mutants: listed
                .mutants
                .as_ref()
                .map(|mutants| mutants.iter().map(|mutant| mutant_row(*mutant)).collect()),
        }
    }

    pub(super) fn text(&self) -> String {
        serde_json::to_string_pretty(self).expect("a list holds nothing that JSON cannot")
    }
}

fn row(scenario: &Scenario, requirement_sets: Vec<u32>) -> ScenarioRow<'_> {
    ScenarioRow {
        id: &scenario.id,
        level: scenario.level,
        title: &scenario.title,
        rules: &scenario.rules,
        sources: &scenario.sources,
        checks: scenario.checks(),
        apart: scenario.apart,
        requirement_sets,
    }
}

fn mutant_row(mutant: Mutant) -> MutantRow {
    let deaths = mutant.deaths().iter().map(|death| DeathRow {
        scenario: death.scenario,
        check: death.check,
    });
    MutantRow {
        name: mutant.name(),
        stands_for: mutant.stands_for(),
        description: mutant.description(),
        deaths: deaths.collect(),
    }
}
