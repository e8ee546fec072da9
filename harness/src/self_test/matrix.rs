//! What a self-test came to: which scenario and check killed which mutant, and what is not as it should be.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Serialize;

use super::{Death, Fate, Plan, draw};
use crate::check;
use crate::report::{ExitStatus, Judgement, ScenarioReport, Summary, Verdict};
use crate::run::RunError;
use crate::scenario::Catalogue;

/// What a self-test came to.
#[derive(Clone, Debug, Serialize)]
pub struct Matrix {
    /// The control's scenarios that did not pass; then nothing else was played.
    pub control_failures: Vec<ScenarioReport>,
    /// How many scenarios passed in the control.
    pub control_passed: usize,
    /// The canaries, and how they died.
    pub canaries: Vec<Cell>,
    /// The mutants, and how they died.
    pub mutants: Vec<Cell>,
    /// With `--full`: what else was played, mutant by mutant.
    pub others: Vec<ScenarioReport>,
    /// What is wrong though every mutant died: a check that kills none, a family without a canary.
    pub holes: Vec<String>,
    /// Scenarios that were not played because this machine lacks something, with what it is.
    pub left_out: Vec<String>,
    /// Plays that left no report: the suite's own fault.
    pub missing: usize,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
}

/// One declared death, and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// What was declared.
    pub death: Death,
    /// What came of it.
    #[serde(flatten)]
    pub fate: Fate,
    /// What the scenario came to.
    pub report: ScenarioReport,
}

impl Cell {
    /// How a check of its scenario judged, the worst of its steps.
    pub(super) fn judged(&self, check: &str) -> Option<&Judgement> {
        let judged = self.report.checks.iter().filter(|judged| judged.check == check);
        let rank = |judgement: &&Judgement| match judgement {
            Judgement::Pass { .. } => 0,
            Judgement::Inconclusive { .. } => 1,
            Judgement::Fail { .. } => 2,
        };
        judged.map(|judged| &judged.judgement).max_by_key(rank)
    }
}

impl Matrix {
    pub(super) fn of(
        plan: &Plan,
        catalogue: &Catalogue,
        control: Vec<ScenarioReport>,
        canaries: Vec<ScenarioReport>,
        mutants: Vec<ScenarioReport>,
        elapsed_ms: u64,
    ) -> Self {
        let planned_control = catalogue.select(&[]).len();
        let mut missing = planned_control - control.len();
        let (left_out, control): (Vec<_>, Vec<_>) = control.into_iter().partition(is_left_out);
        let (passed, failures): (Vec<_>, Vec<_>) = control
            .into_iter()
            .partition(|report| report.verdict == Verdict::Pass);
        let mut matrix = Self {
            control_passed: passed.len(),
            control_failures: failures,
            canaries: Vec::new(),
            mutants: Vec::new(),
            others: Vec::new(),
            holes: Vec::new(),
            left_out: left_out.iter().map(reason).collect(),
            missing: 0,
            elapsed_ms,
        };
        if matrix.control_failures.is_empty() {
            let declared: Vec<Death> = catalogue.canaries().map(canary).collect();
            missing += matched(declared.iter(), &canaries, &mut matrix.canaries);
            missing += matched(plan.chosen().into_iter(), &mutants, &mut matrix.mutants);
            matrix.mutants.retain(|cell| !is_left_out(&cell.report));
            matrix.others = mutants;
            matrix.others.retain(|report| {
                let of = |cell: &&Cell| cell.report.mutant == report.mutant && cell.report.id == report.id;
                !matrix.mutants.iter().any(|cell| of(&cell))
            });
        }
        matrix.missing = missing;
        matrix.holes = holes(plan, catalogue);
        matrix
    }

    /// Everything that did not die as declared.
    pub fn undead(&self) -> impl Iterator<Item = &Cell> {
        let cells = self.canaries.iter().chain(&self.mutants);
        cells.filter(|cell| cell.fate != Fate::Killed)
    }

    /// How many mutants each check killed.
    pub fn kills(&self) -> BTreeMap<&'static str, usize> {
        let mut kills: BTreeMap<&'static str, usize> =
            check::ALL.iter().map(|check| (check.id(), 0)).collect();
        for cell in self.mutants.iter().filter(|cell| cell.fate == Fate::Killed) {
            if let Some(count) = kills.get_mut(cell.death.check.as_str()) {
                *count += 1;
            }
        }
        kills
    }

    /// 0, if control and canaries are as they must be and every mutant died as declared; where several hold,
    /// 70 > 5 > 1 > 3.
    pub fn exit(&self) -> ExitStatus {
        let mut exit = ExitStatus::Conformant;
        if !self.holes.is_empty() {
            exit = exit.worst(ExitStatus::Nonconformant);
        }
        if !self.control_failures.is_empty() {
            exit = exit.worst(ExitStatus::ControlFailed);
        }
        if self.missing > 0 {
            exit = exit.worst(ExitStatus::Internal);
        }
        for cell in self.undead() {
            exit = exit.worst(match &cell.fate {
                Fate::NotJudged { .. } if cell.report.verdict == Verdict::Error => ExitStatus::Internal,
                Fate::NotJudged { .. } => ExitStatus::NotJudged,
                _ => ExitStatus::Nonconformant,
            });
        }
        exit
    }

    /// What the run came to. Mutants must fail, so its exit code is not that of so many failures.
    pub(super) fn summary(&self, planned: usize, reports: &[ScenarioReport]) -> Summary {
        let control_failed = !self.control_failures.is_empty();
        Summary {
            exit_code: self.exit().code(),
            ..Summary::of(planned, reports, control_failed, self.elapsed_ms)
        }
    }

    /// Drawn for people, with escape sequences if `colour` is welcome.
    pub fn draw(&self, colour: bool) -> String {
        draw::draw(self, colour)
    }

    /// Writes it down in the run's folder, for machines and for people.
    pub(super) fn keep(&self, dir: &Path) -> Result<(), RunError> {
        let json = serde_json::to_vec_pretty(self).expect("a matrix holds nothing that JSON cannot");
        for (name, bytes) in [
            ("matrix.json", json),
            ("matrix.txt", self.draw(false).into_bytes()),
        ] {
            let path = dir.join(name);
            fs::write(&path, bytes).map_err(|source| RunError::Io { path, source })?;
        }
        Ok(())
    }
}

/// Whether a scenario was not played because this machine lacks something: the reference declares every capability.
fn is_left_out(report: &ScenarioReport) -> bool {
    report.verdict == Verdict::NotApplicable
}

fn reason(report: &ScenarioReport) -> String {
    format!("{}: {}", report.id, report.reason.as_deref().unwrap_or_default())
}

/// How a canary is to die.
fn canary(scenario: &crate::scenario::Scenario) -> Death {
    Death {
        mutant: String::new(),
        scenario: scenario.id.clone(),
        check: scenario
            .canary
            .as_ref()
            .map(|check| check.get_ref().clone())
            .unwrap_or_default(),
        because: String::new(),
        also: Vec::new(),
    }
}

/// Puts every death beside its report; how many have none.
fn matched<'a>(
    deaths: impl Iterator<Item = &'a Death>,
    reports: &[ScenarioReport],
    cells: &mut Vec<Cell>,
) -> usize {
    let mut missing = 0;
    for death in deaths {
        let is_its = |report: &&ScenarioReport| {
            report.id == death.scenario && report.mutant.as_deref().unwrap_or_default() == death.mutant
        };
        match reports.iter().find(is_its) {
            None => missing += 1,
            Some(report) => cells.push(Cell {
                fate: Fate::of(death, report),
                death: death.clone(),
                report: report.clone(),
            }),
        }
    }
    missing
}

/// What no mutant that dies makes up for.
fn holes(plan: &Plan, catalogue: &Catalogue) -> Vec<String> {
    let mut holes = Vec::new();
    let killing: BTreeSet<&str> = plan.deaths.iter().map(|death| death.check.as_str()).collect();
    for check in check::ALL {
        if !killing.contains(check.id()) {
            holes.push(format!("{} kills no mutant", check.id()));
        }
    }
    for death in &plan.deaths {
        if catalogue.get(&death.scenario).is_none() {
            holes.push(format!(
                "{} is to die in {}, which there is not",
                death.mutant, death.scenario
            ));
        }
    }
    let families = catalogue.families_without_canary();
    holes.extend(families.iter().map(|family| format!("{family} has no canary")));
    holes
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::*;
    use crate::report::sample;

    const COUNTER: &str = "counter/sums-across-workers";

    fn death(check: &str) -> Death {
        Death {
            mutant: "serves-own-process".to_owned(),
            scenario: COUNTER.to_owned(),
            check: check.to_owned(),
            because: "one process of 2".to_owned(),
            also: Vec::new(),
        }
    }

    fn plan() -> Plan {
        Plan {
            deaths: check::ALL.iter().map(|check| death(check.id())).collect(),
            only: Vec::new(),
            full: false,
        }
    }

    fn mutant(report: ScenarioReport) -> ScenarioReport {
        ScenarioReport {
            mutant: Some("serves-own-process".to_owned()),
            ..report
        }
    }

    fn control(catalogue: &Catalogue) -> Vec<ScenarioReport> {
        let scenarios = catalogue.select(&[]);
        scenarios
            .iter()
            .map(|scenario| sample::report(&scenario.id, Verdict::Pass))
            .collect()
    }

    fn canaries(catalogue: &Catalogue) -> Vec<ScenarioReport> {
        let died = |scenario: &crate::scenario::Scenario| ScenarioReport {
            checks: vec![sample::failing_check("truth/equals-ledger", "one too few")],
            ..sample::failed(&scenario.id)
        };
        catalogue.canaries().map(died).collect()
    }

    /// A matrix whose plan declares one death.
    fn matrix(mutants: Vec<ScenarioReport>) -> Matrix {
        let catalogue = Catalogue::embedded().unwrap();
        let mut plan = plan();
        plan.only.push("serves-own-process".to_owned());
        plan.deaths.retain(|death| death.check == "scrape/equals-truth");
        let mut matrix = Matrix::of(
            &plan,
            &catalogue,
            control(&catalogue),
            canaries(&catalogue),
            mutants,
            1,
        );
        matrix.holes.retain(|hole| !hole.contains("kills no mutant"));
        matrix
    }

    #[test]
    fn it_is_conformant_if_all_died_as_declared() {
        let matrix = matrix(vec![mutant(sample::failed(COUNTER))]);
        assert_eq!(matrix.exit(), ExitStatus::Conformant, "{:?}", matrix.holes);
        assert_eq!(matrix.kills()["scrape/equals-truth"], 1);
        assert_eq!(matrix.undead().count(), 0);
        let summary = matrix.summary(1, &[sample::failed(COUNTER)]);
        assert_eq!((summary.judged, summary.exit_code), (1, 0));
    }

    #[test]
    fn a_survivor_and_another_reason_are_nonconformant() {
        let other = ScenarioReport {
            checks: vec![sample::failing_check("exposition/valid", "no end")],
            ..sample::failed(COUNTER)
        };
        for report in [sample::report(COUNTER, Verdict::Pass), other] {
            let matrix = matrix(vec![mutant(report)]);
            assert_eq!(matrix.exit(), ExitStatus::Nonconformant);
            assert_eq!(matrix.kills()["scrape/equals-truth"], 0);
        }
    }

    #[test]
    fn what_could_not_be_judged_is_neither_and_what_is_missing_is_our_fault() {
        let unclear = matrix(vec![mutant(sample::report(COUNTER, Verdict::Inconclusive))]);
        assert_eq!(unclear.exit(), ExitStatus::NotJudged);
        let broken = matrix(vec![mutant(sample::report(COUNTER, Verdict::Error))]);
        assert_eq!(broken.exit(), ExitStatus::Internal);
        assert_eq!(matrix(Vec::new()).exit(), ExitStatus::Internal);
    }

    #[test]
    fn a_canary_that_lives_and_a_control_that_fails_count() {
        let catalogue = Catalogue::embedded().unwrap();
        let mutants = || vec![mutant(sample::failed(COUNTER))];
        let mut living = canaries(&catalogue);
        living[0].verdict = Verdict::Pass;
        let matrix = Matrix::of(&plan(), &catalogue, control(&catalogue), living, mutants(), 1);
        assert!(matrix.undead().any(|cell| cell.death.mutant.is_empty()));
        let mut failing = control(&catalogue);
        failing[0].verdict = Verdict::Fail;
        let matrix = Matrix::of(&plan(), &catalogue, failing, Vec::new(), Vec::new(), 1);
        assert_eq!(matrix.exit(), ExitStatus::ControlFailed);
        assert!(matrix.summary(1, &[]).control_failed);
    }

    #[test]
    fn what_the_machine_cannot_play_is_told_and_is_neither_passed_nor_failed() {
        let catalogue = Catalogue::embedded().unwrap();
        let lacking = |report: &mut ScenarioReport| {
            report.verdict = Verdict::NotApplicable;
            report.reason = Some("nothing to play it with".to_owned());
        };
        let mut control = control(&catalogue);
        let position = control.iter().position(|report| report.id == COUNTER).unwrap();
        lacking(&mut control[position]);
        let passed = control.len() - 1;
        let mut report = mutant(sample::failed(COUNTER));
        lacking(&mut report);
        let mut plan = plan();
        plan.deaths.retain(|death| death.check == "scrape/equals-truth");
        let mut matrix = Matrix::of(&plan, &catalogue, control, canaries(&catalogue), vec![report], 1);
        matrix.holes.clear();
        assert_eq!(matrix.exit(), ExitStatus::Conformant);
        assert_eq!((matrix.control_passed, matrix.mutants.len()), (passed, 0));
        assert_eq!(matrix.left_out, [format!("{COUNTER}: nothing to play it with")]);
        assert!(
            matrix
                .draw(false)
                .contains(&format!("left out  {COUNTER}: nothing to play it with"))
        );
    }

    #[test]
    fn a_check_that_kills_nothing_is_a_hole() {
        let catalogue = Catalogue::embedded().unwrap();
        let mut plan = plan();
        assert_eq!(holes(&plan, &catalogue), [""; 0]);
        plan.deaths.retain(|death| death.check != "fleet/no-orphans");
        assert_eq!(holes(&plan, &catalogue), ["fleet/no-orphans kills no mutant"]);
        plan.deaths.push(Death {
            scenario: "counter/of-another-release".to_owned(),
            ..death("fleet/no-orphans")
        });
        assert_eq!(holes(&plan, &catalogue).len(), 1);
    }
}
