//! The turns of one scenario: each becomes a report, and those of all turns become one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

use tokio::sync::OwnedSemaphorePermit;

use super::kept;
use super::prometheus;
use super::session::Play;
use super::site::Site;
use crate::cause::root;
use crate::exporter::Adapter;
use crate::fleet::{Disk, FleetKind, next_pid};
use crate::report::{Judgement, ScenarioReport, Verdict};
use crate::scenario::Scenario;

impl Site {
    /// One scenario as often as the settings say. The slot, if it is given away, is given back when the last turn has
    /// been judged.
    pub(super) async fn repeat(
        &self,
        adapter: &Adapter,
        play: &Play,
        mut slot: Option<OwnedSemaphorePermit>,
    ) -> ScenarioReport {
        let turns = if play.part.is_empty() {
            self.ground.settings.repeat.max(1)
        } else {
            1
        };
        let mut reports = Vec::new();
        for turn in 1..=turns {
            let mut play = play.clone();
            if turns > 1 {
                play.part = format!("turn-{turn}");
            }
            let last = if turn == turns { slot.take() } else { None };
            reports.push(self.once(adapter, &play, last).await);
        }
        one_of(reports, 0)
    }

    /// What failed beside others, or could not be judged, played again, alone, until it has had as many turns as the settings say.
    pub(super) async fn confirm(
        &self,
        adapter: &Adapter,
        play: &Play,
        first: ScenarioReport,
    ) -> ScenarioReport {
        let in_doubt = first.verdict;
        let mut reports = vec![first];
        for turn in 2..=self.ground.settings.turns_in_doubt() {
            let mut again = play.clone();
            again.part = format!("again-{turn}");
            reports.push(self.once(adapter, &again, None).await);
        }
        // What could not be judged beside others counts by what it came to alone.
        one_of(reports, usize::from(in_doubt == Verdict::Inconclusive))
    }

    /// Whether it is to be played again before anything is said of it. Generated programs have turns of their own.
    pub(super) fn is_in_doubt(&self, play: &Play, report: &ScenarioReport) -> bool {
        let settings = &self.ground.settings;
        let is_of_the_run = play.part.is_empty() && settings.property.is_none();
        let may_be_the_load = matches!(report.verdict, Verdict::Inconclusive | Verdict::Fail);
        settings.turns_in_doubt() > 1 && is_of_the_run && may_be_the_load
    }

    /// One scenario once, whatever happens: an error on the way becomes its verdict.
    pub(super) async fn once(
        &self,
        adapter: &Adapter,
        play: &Play,
        slot: Option<OwnedSemaphorePermit>,
    ) -> ScenarioReport {
        let started = Instant::now();
        let play = &play.asked_of(adapter);
        let scenario = &play.scenario;
        let dir = self.ground.kept.scenario(&scenario.id, &play.part);
        let mut report = self.blank(play, &dir);
        let lacking = lacking(adapter, scenario, self.ground.settings.fleet);
        if let Some(reason) = lacking.or_else(|| self.cannot_mount(scenario, &dir)) {
            report.reason = Some(reason);
            return report;
        }
        match self.drive(adapter, play, dir, slot).await {
            Ok(driven) => {
                let judged = play.terms.judge(&driven.checks);
                report.verdict = judged.verdict;
                report.reason = judged.reason;
                report.remedy = judged.remedy;
                report.exercised = driven.exercised();
                report.checks = driven.checks;
                report.tasks_by_pid = driven.tasks_by_pid;
                report.stages_ms = driven.stages_ms;
            }
            Err(error) => {
                report.verdict = if error.is_internal() {
                    Verdict::Error
                } else {
                    Verdict::Inconclusive
                };
                report.reason = Some(error.with_causes());
                report.remedy = error.remedy();
            }
        }
        report.elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let kept = Path::new(&report.kept).join("report.json");
        // Where there is no room for it there is none for the events either, which is told.
        let _ = kept::write_json(&kept, &report);
        report
    }

    /// The report of a play that has not begun.
    fn blank(&self, play: &Play, dir: &Path) -> ScenarioReport {
        let Play {
            scenario,
            terms,
            mutant,
            ..
        } = play;
        ScenarioReport {
            id: scenario.id.clone(),
            title: scenario.title.clone(),
            terms: terms.clone(),
            verdict: Verdict::NotApplicable,
            turns: Vec::new(),
            control: play.is_control(),
            mutant: mutant.clone(),
            reason: None,
            remedy: None,
            checks: Vec::new(),
            exercised: 0,
            tasks_by_pid: BTreeMap::new(),
            elapsed_ms: 0,
            stages_ms: BTreeMap::new(),
            rerun: self.ground.rerun(&scenario.id, mutant.as_deref()),
            program: None,
            fixture: None,
            kept: dir.display().to_string(),
        }
    }

    /// Why nothing can be mounted under a scenario's metrics directory, where that is asked for: known once it is tried.
    fn cannot_mount(&self, scenario: &Scenario, dir: &Path) -> Option<String> {
        let tried = scenario
            .harms_the_directory()
            .then(|| Disk::mount(dir, &self.ground.reaper));
        let error = tried?.err()?;
        Some(format!("no file system can be mounted here: {}", root(&error)))
    }
}

/// One report of all turns, with what the last of the worst found; the verdict is of those from `counted` on.
fn one_of(mut reports: Vec<ScenarioReport>, counted: usize) -> ScenarioReport {
    let turns: Vec<Verdict> = reports.iter().map(|report| report.verdict).collect();
    let verdicts = &turns[counted..];
    let worst = verdicts.iter().copied().max();
    let of_worst = |at: &usize| Some(verdicts[*at]) == worst;
    let failed: Vec<usize> = (0..verdicts.len()).filter(of_worst).collect();
    let agree = same_failure(failed.iter().map(|at| &reports[counted + at]));
    let verdict = match Verdict::of_repeats(verdicts) {
        Verdict::Fail if !agree => Verdict::Flaky,
        verdict => verdict,
    };
    let mut report = reports.swap_remove(counted + failed.last().copied().unwrap_or_default());
    if matches!(verdict, Verdict::Flaky | Verdict::Warn) && (failed.len() < verdicts.len() || !agree) {
        let what = match (report.terms.stale(&report.checks).is_empty(), agree) {
            (false, _) => "held what the baseline lists",
            (true, true) => "failed",
            (true, false) => "failed, and not the same check each time,",
        };
        report.reason = Some(format!("{what} {} of {} times", failed.len(), verdicts.len()));
    }
    if verdict == Verdict::Inconclusive && worst == Some(Verdict::Fail) {
        let of = verdicts.len();
        report.reason = Some(format!(
            "failed once in {of} times, and could not be judged otherwise"
        ));
    }
    report.verdict = verdict;
    report.turns = turns;
    report
}

/// Whether some check fails in all of them, or some entry of the baseline is stale in all.
fn same_failure<'a>(reports: impl Iterator<Item = &'a ScenarioReport>) -> bool {
    let failures = reports.map(|report| -> BTreeSet<(bool, &str)> {
        let failed = report
            .checks
            .iter()
            .filter(|check| matches!(check.judgement, Judgement::Fail { .. }));
        let failed = failed.map(|check| (false, check.check.as_str()));
        failed
            .chain(
                report
                    .terms
                    .stale(&report.checks)
                    .into_iter()
                    .map(|check| (true, check)),
            )
            .collect()
    });
    let common = failures.reduce(|common, of_turn| &common & &of_turn);
    common.is_none_or(|common| !common.is_empty())
}

/// What the exporter, the machine or a container lacks for a scenario.
pub(super) fn lacking(adapter: &Adapter, scenario: &Scenario, fleet: FleetKind) -> Option<String> {
    if let Some(capability) = adapter.manifest.lacks(scenario) {
        return Some(format!("{} does not declare {capability}", adapter.title()));
    }
    if let Some(reason) = scenario
        .beyond_containers()
        .filter(|_| fleet == FleetKind::Container)
    {
        return Some(reason.to_owned());
    }
    if scenario.uses_a_pid_again()
        && let Some(reason) = next_pid::is_beyond_this_user()
    {
        return Some(format!("this user may not choose the next pid: {reason}"));
    }
    if let Some(reason) = adapter.manifest.beyond(scenario) {
        return Some(reason.to_owned());
    }
    let is_alone = scenario.prometheus && !prometheus::is_there();
    is_alone.then(|| "no `prometheus` is on PATH to scrape the fleet".to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::*;
    use crate::report::{CheckReport, KnownFailure, sample};

    const A: &str = "scrape/available";
    const B: &str = "scrape/equals-truth";

    fn turn(verdict: Verdict, failing: &'static [&'static str]) -> ScenarioReport {
        let mut report = sample::report("counter/sums", verdict);
        let check = |check: &&'static str| sample::failing_check(check, "it does not hold");
        report.checks = failing.iter().map(check).collect();
        report.kept = failing.join("+");
        report
    }

    /// The verdict, its reason, and whose checks are shown.
    fn joined(turns: Vec<ScenarioReport>, counted: usize) -> (Verdict, Option<String>, String) {
        let report = one_of(turns, counted);
        (report.verdict, report.reason, report.kept)
    }

    #[test]
    fn a_failure_is_one_where_the_same_check_fails_each_time() {
        let fails = |checks| turn(Verdict::Fail, checks);
        let same = joined(vec![fails(&[A, B]), fails(&[B]), fails(&[A, B])], 0);
        assert_eq!(same, (Verdict::Fail, None, format!("{A}+{B}")));
        let other = joined(vec![fails(&[A]), fails(&[B]), fails(&[B])], 0);
        let reason = "failed, and not the same check each time, 3 of 3 times";
        assert_eq!(other, (Verdict::Flaky, Some(reason.to_owned()), B.to_owned()));
        let once = joined(
            vec![fails(&[A]), turn(Verdict::Pass, &[]), turn(Verdict::Pass, &[])],
            0,
        );
        assert_eq!(
            once,
            (
                Verdict::Flaky,
                Some("failed 1 of 3 times".to_owned()),
                A.to_owned()
            )
        );
    }

    #[test]
    fn what_could_not_be_judged_beside_others_counts_by_its_turns_alone() {
        let doubt = || turn(Verdict::Inconclusive, &[]);
        let pass = || turn(Verdict::Pass, &[]);
        assert_eq!(joined(vec![doubt(), pass(), pass()], 1).0, Verdict::Pass);
        assert_eq!(joined(vec![doubt(), pass(), doubt()], 1).0, Verdict::Inconclusive);
        // What failed once in all that could be judged has not been seen again.
        let fail = || turn(Verdict::Fail, &[A]);
        let reason = Some("failed once in 2 times, and could not be judged otherwise".to_owned());
        let once = joined(vec![doubt(), doubt(), fail()], 1);
        assert_eq!(once, (Verdict::Inconclusive, reason, A.to_owned()));
        assert_eq!(joined(vec![fail(), doubt(), fail()], 0).0, Verdict::Fail);
        let report = one_of(vec![doubt(), pass(), pass()], 1);
        assert_eq!(
            report.turns,
            [Verdict::Inconclusive, Verdict::Pass, Verdict::Pass]
        );
    }

    #[test]
    fn what_is_listed_and_holds_now_and_then_is_told_so() {
        let known = || KnownFailure {
            check: "scrape/available".to_owned(),
            reason: "It falls over.".to_owned(),
            url: None,
            reproducer: None,
        };
        let listed = |verdict, holds: bool| {
            let mut report = turn(verdict, &["scrape/available"]);
            if holds {
                let judgement = Judgement::Pass { exercised: 1 };
                let check = report.checks.remove(0);
                report.checks.push(CheckReport { judgement, ..check });
            }
            report.terms.known.push(known());
            report
        };
        let stale = || listed(Verdict::Fail, true);
        let known_fail = || listed(Verdict::KnownFail, false);
        let (verdict, reason, _) = joined(vec![stale(), known_fail(), known_fail()], 0);
        assert_eq!(
            (verdict, reason.unwrap().as_str()),
            (Verdict::Flaky, "held what the baseline lists 1 of 3 times")
        );
        assert_eq!(joined(vec![stale(), stale(), stale()], 0).0, Verdict::Fail);
    }
}
