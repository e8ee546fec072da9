//! The turns of one scenario: each becomes a report, and those of all turns become one.

use std::collections::BTreeMap;
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
use crate::report::{ScenarioReport, Verdict};
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
        for turn in 2..=self.ground.settings.confirm {
            let mut again = play.clone();
            again.part = format!("again-{turn}");
            reports.push(self.once(adapter, &again, None).await);
        }
        // What could not be judged beside others counts by what it came to alone.
        one_of(reports, usize::from(in_doubt == Verdict::Inconclusive))
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

/// One report of all turns, with what the worst found; the verdict is of those from `counted` on.
fn one_of(mut reports: Vec<ScenarioReport>, counted: usize) -> ScenarioReport {
    let turns: Vec<Verdict> = reports.iter().map(|report| report.verdict).collect();
    let verdicts = &turns[counted..];
    let verdict = Verdict::of_repeats(verdicts);
    let worst = verdicts.iter().copied().max();
    let failed = verdicts.iter().filter(|of_turn| Some(**of_turn) == worst).count();
    let at = verdicts.iter().position(|of_turn| Some(*of_turn) == worst);
    let mut report = reports.swap_remove(counted + at.unwrap_or_default());
    if failed < verdicts.len() && matches!(verdict, Verdict::Flaky | Verdict::Warn) {
        report.reason = Some(format!("failed {failed} of {} times", verdicts.len()));
    }
    report.verdict = verdict;
    report.turns = turns;
    report
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
