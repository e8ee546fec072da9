//! Generated programs on fleets: one that fails is played again, then made smaller as long as the same check fails, and
//! the smallest plan is kept.

use std::fs;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::UnboundedSender;

use super::site::{Ground, Site};
use super::{Play, RunError, kept};
use crate::check;
use crate::exporter::Adapter;
use crate::property::{Programs, Search, Size};
use crate::report::{Judgement, ProgramReport, ScenarioReport, SmallestPlan, Verdict};
use crate::scenario::{CatalogueError, Scenario};

/// How often a program that failed must fail again.
const REPLAYS: usize = 3;
/// How often the smallest plan must: more often, because among many plans that fail by chance some would do so three times.
const CONFIRMATIONS: usize = 5;
/// How many smaller plans are played at most.
const PLAYS_AT_MOST: usize = 300;
/// How long smaller plans are looked for: a fleet that takes 20 s to end is played 30 times.
const SEARCH_AT_MOST: Duration = Duration::from_secs(600);

impl Ground {
    /// The programs of the run, of what the exporter is capable of, each kept as a scenario.
    pub(super) fn programs(&self, adapter: &Adapter) -> Result<Vec<Scenario>, RunError> {
        let programs = Programs::new(self.settings.seed, &adapter.manifest.capabilities);
        let programs = programs.ok_or_else(|| RunError::NoPrograms {
            exporter: adapter.title(),
        })?;
        let count = self.settings.property.map_or(0, u32::from);
        let program = |number| {
            let program = programs.nth(number).map_err(CatalogueError::from)?;
            kept::scenario(&self.kept.plans(), &program)?;
            Ok(program)
        };
        (1..=count).map(program).collect()
    }

    /// The command that runs a scenario of the run alone.
    pub(super) fn rerun(&self, id: &str, mutant: Option<&str>) -> String {
        let plans = self.kept.plans();
        match self.settings.property {
            Some(_) => self.settings.rerun(id, Some(&plans), mutant),
            None => self
                .settings
                .rerun(id, self.settings.scenarios.as_deref(), mutant),
        }
    }
}

/// A program that failed, and who is told how it goes on with it.
struct Failure<'a> {
    site: &'a Site,
    adapter: &'a Adapter,
    play: &'a Play,
    check: &'static str,
    tell: &'a UnboundedSender<String>,
}

impl Site {
    /// One scenario, as often as the settings say; of a generated one that fails, the smallest plan as well.
    pub(super) async fn judge(
        &self,
        adapter: &Adapter,
        play: &Play,
        slot: OwnedSemaphorePermit,
        tell: &UnboundedSender<String>,
    ) -> ScenarioReport {
        // The control, and what a self-test plays: how it fails is known, or of no interest.
        if !play.part.is_empty() {
            return self.repeat(adapter, play, Some(slot)).await;
        }
        if self.ground.settings.property.is_none() {
            let mut report = self.repeat(adapter, play, Some(slot)).await;
            if !self.is_in_doubt(play, &report) {
                report.fixture = self.fixture(adapter, play, &report, tell).await;
            }
            return report;
        }
        let mut report = self.repeat(adapter, play, None).await;
        let failed = Some(&report).filter(|report| report.verdict == Verdict::Fail);
        if let Some(check) = failed.and_then(|report| followed(report, &[])) {
            let failure = Failure {
                site: self,
                adapter,
                play,
                check,
                tell,
            };
            failure.follow_up(&mut report).await;
        }
        report.fixture = self.fixture(adapter, play, &report, tell).await;
        // Whoever looks for the smallest plan plays one fleet after the other, in the slot that the program had.
        drop(slot);
        report
    }
}

/// The check that is followed up: of those that failed in `first`, the first that fails in each of `replays`, because what
/// fails now and then explains nothing behind it; where none does, the first.
fn followed(first: &ScenarioReport, replays: &[ScenarioReport]) -> Option<&'static str> {
    let ids = check::ALL.iter().map(|check| check.id());
    let mut failed = ids.filter(|id| fails(first, id)).peekable();
    let leading = failed.peek().copied();
    failed
        .find(|id| replays.iter().all(|replay| fails(replay, id)))
        .or(leading)
}

fn fails(report: &ScenarioReport, check: &str) -> bool {
    let failed = |judgement: &Judgement| matches!(judgement, Judgement::Fail { .. });
    let mut checks = report.checks.iter();
    checks.any(|judged| judged.check == check && failed(&judged.judgement))
}

impl Failure<'_> {
    /// Plays the program again, and where it fails each time, looks for the smallest plan.
    async fn follow_up(mut self, report: &mut ScenarioReport) {
        let started = Instant::now();
        let replays = self.replays().await;
        self.check = followed(report, &replays).unwrap_or(self.check);
        let reproduced = self.failed(&replays);
        report.turns.extend(replays.iter().map(|replay| replay.verdict));
        let mut program = ProgramReport {
            check: self.check.to_owned(),
            replays: REPLAYS,
            reproduced,
            size: Size::of(&self.play.scenario),
            smallest: None,
            note: None,
        };
        if reproduced < REPLAYS {
            report.verdict = Verdict::of_repeats(&report.turns);
            report.reason = Some(format!(
                "{} failed, and played again it failed {reproduced} of {REPLAYS} times",
                self.check
            ));
            program.note = Some("it is not made smaller, because it does not fail each time".to_owned());
        } else if !self.is_first_of_its_check() {
            program.note = Some(format!(
                "it is not made smaller: another program of this run that fails {} is",
                self.check
            ));
        } else {
            match self.smallest().await {
                Ok((smallest, last)) => {
                    let Ground { settings, kept, .. } = &self.site.ground;
                    let mutant = self.play.mutant.as_deref();
                    report.rerun = settings.rerun(&report.id, Some(&kept.smallest()), mutant);
                    report.checks = last.checks;
                    report.tasks_by_pid = last.tasks_by_pid;
                    report.kept = last.kept;
                    program.smallest = Some(smallest);
                }
                Err(note) => program.note = Some(note),
            }
        }
        report.program = Some(program);
        report.elapsed_ms += u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    }

    /// One program is shrunk for each check: with a defect that shows everywhere, every one would come to the same.
    fn is_first_of_its_check(&self) -> bool {
        let mut shrunk = self.site.shrunk.lock().unwrap_or_else(PoisonError::into_inner);
        shrunk.insert(self.check)
    }

    fn failed(&self, reports: &[ScenarioReport]) -> usize {
        reports.iter().filter(|report| fails(report, self.check)).count()
    }

    /// A plan once, on the same exporter with the same defect.
    async fn once(&self, plan: &Scenario, part: String) -> ScenarioReport {
        let play = Play {
            scenario: plan.clone(),
            terms: self.play.terms.clone(),
            mutant: self.play.mutant.clone(),
            part,
        };
        self.site.once(self.adapter, &play, None).await
    }

    /// The program some times more.
    async fn replays(&self) -> Vec<ScenarioReport> {
        let mut reports = Vec::new();
        for turn in 1..=REPLAYS {
            self.say(&format!("replay {turn} of {REPLAYS}"));
            let part = format!("replay-{turn}");
            reports.push(self.once(&self.play.scenario, part).await);
        }
        reports
    }

    /// The last turn of a plan that fails each time; `turns` have been of others.
    async fn confirmed(&self, plan: &Scenario, turns: &mut usize) -> Option<ScenarioReport> {
        let mut last = None;
        for turn in 1..=CONFIRMATIONS {
            *turns += 1;
            self.say(&format!("the smallest plan, {turn} of {CONFIRMATIONS}"));
            let part = format!("smallest-{turns}");
            let report = self.once(plan, part).await;
            last = Some(report).filter(|report| fails(report, self.check));
            last.as_ref()?;
        }
        last
    }

    /// The smallest plan that fails each time, and its last turn.
    ///
    /// # Errors
    /// Why there is none.
    async fn smallest(&self) -> Result<(SmallestPlan, ScenarioReport), String> {
        let deadline = Instant::now() + SEARCH_AT_MOST;
        let mut search = Search::new(self.play.scenario.clone(), &self.adapter.manifest.capabilities);
        let (mut plays, mut turns) = (0, 0);
        loop {
            let exhausted = self.search(&mut search, &mut plays, deadline).await;
            let smallest = search.smallest().clone();
            if let Some(last) = self.confirmed(&smallest, &mut turns).await {
                let dir = self.site.ground.kept.smallest();
                let path = kept::scenario(&dir, &smallest).map_err(|error| error.with_causes())?;
                let plan = SmallestPlan {
                    size: Size::of(&smallest),
                    plays,
                    exhausted,
                    confirmed: CONFIRMATIONS,
                    path: path.display().to_string(),
                };
                return Ok((plan, last));
            }
            if !search.take_back() {
                return Err("it is not made smaller: in the end it did not fail each time either".to_owned());
            }
        }
    }

    /// Plays smaller and smaller plans, until there are none, or enough were played: whether there are none.
    async fn search(&self, search: &mut Search, plays: &mut usize, deadline: Instant) -> bool {
        while *plays < PLAYS_AT_MOST && Instant::now() < deadline {
            let Some(candidate) = search.candidate() else {
                return true;
            };
            *plays += 1;
            let so_far = Size::of(search.smallest());
            self.say(&format!("smaller plan {plays}, now {so_far}"));
            let part = format!("candidate-{plays}");
            let report = self.once(&candidate, part).await;
            // What was tried on the way is of no use later, and a search would leave hundreds of folders.
            drop(fs::remove_dir_all(&report.kept));
            search.told(fails(&report, self.check));
        }
        false
    }

    fn say(&self, what: &str) {
        // A run that is over listens no more.
        drop(self.tell.send(format!("{}: {what}", self.play.scenario.id)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{failing_check, report};

    fn failed(checks: &[&'static str]) -> ScenarioReport {
        let checks = checks.iter().map(|check| failing_check(check, "it is wrong"));
        ScenarioReport {
            checks: checks.collect(),
            ..report("property/0-5", Verdict::Fail)
        }
    }

    #[test]
    fn what_fails_each_time_is_followed_up_before_what_does_now_and_then() {
        const EACH: &str = "gauge/live-pids";
        const AT_TIMES: &str = "truth/equals-ledger";
        let first = failed(&[EACH, AT_TIMES]);
        let replays = [failed(&[EACH]), failed(&[EACH, AT_TIMES]), failed(&[EACH])];
        assert_eq!(followed(&first, &[]), Some(AT_TIMES), "it explains the other");
        assert_eq!(followed(&first, &replays), Some(EACH));
        assert_eq!(followed(&first, &replays[1..2]), Some(AT_TIMES));
        assert_eq!(followed(&first, &[failed(&[])]), Some(AT_TIMES));
        assert_eq!(followed(&failed(&[]), &replays), None);
    }
}
