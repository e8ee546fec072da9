//! A session: an exporter and a broker that are there, and what is played on them.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::site::{Ground, Site};
use super::turns::lacking;
use super::{BaselineUse, CONTROL, Control, Interrupt, Measure, RunError, Settings};
use crate::broker::Broker;
use crate::exporter::{Adapter, REFERENCE, Selector};
use crate::fleet::Place;
use crate::report::{Conditions, Event, Listener, RunPart, ScenarioReport, Terms, Verdict};
use crate::scenario::Scenario;

/// What is to be played: a scenario, on which reference, as which part of the run.
#[derive(Clone, Debug)]
pub(crate) struct Play {
    pub(crate) scenario: Scenario,
    /// By what it is judged.
    pub(crate) terms: Terms,
    /// The reference's defect.
    pub(crate) mutant: Option<String>,
    /// What tells its folder from those of other plays of the scenario; nothing for the run proper.
    pub(crate) part: String,
}

impl Play {
    /// A part of the run proper.
    pub(super) fn of(settings: &Settings, scenario: &Scenario, terms: Terms) -> Self {
        let under_test = settings.exporter.name == REFERENCE;
        Self {
            scenario: scenario.clone(),
            terms,
            // Only the reference understands mutants.
            mutant: settings.mutant.clone().filter(|_| under_test),
            part: String::new(),
        }
    }

    /// A part of the control: on the reference as it should be.
    fn control(scenario: &Scenario) -> Self {
        Self {
            scenario: scenario.clone(),
            terms: Terms::declared(scenario),
            mutant: None,
            part: CONTROL.to_owned(),
        }
    }

    /// The same, as that exporter is asked to play it.
    pub(super) fn asked_of(&self, adapter: &Adapter) -> Self {
        Self {
            scenario: adapter.manifest.asked(&self.scenario).into_owned(),
            ..self.clone()
        }
    }

    /// Whether it belongs to the control.
    pub(super) fn is_control(&self) -> bool {
        self.part == CONTROL
    }
}

/// An exporter and a broker that are there.
pub(crate) struct Session {
    site: Arc<Site>,
    adapter: Arc<Adapter>,
}

impl Session {
    /// Prepares what fleets run in, and starts the broker.
    pub(crate) async fn open(
        ground: Ground,
        adapter: Arc<Adapter>,
        interrupt: &mut Interrupt,
        listener: &mut dyn Listener,
    ) -> Result<Self, RunError> {
        listener.progress("starting the broker (an image that must be pulled first may take a minute)");
        let standing = async {
            let place = Place::open(ground.settings.fleet, &ground.spawner, &adapter).await?;
            let broker = Broker::start(&ground.settings.broker, &ground.broker_settings(&place)).await?;
            Ok::<_, RunError>((place, broker))
        };
        let (place, broker) = tokio::select! {
            standing = standing => standing?,
            signal = interrupt.raised() => return Err(ground.interrupted(signal)),
        };
        let site = Arc::new(Site::new(ground, place, broker));
        Ok(Self { site, adapter })
    }

    /// Under what its verdicts come about.
    pub(super) fn conditions(&self, measure: &Measure) -> Conditions {
        let settings = &self.site.ground.settings;
        Conditions {
            counterfoil: env!("CARGO_PKG_VERSION").to_owned(),
            exporter: self.adapter.title(),
            installed: self.adapter.installed.clone(),
            fleet: settings.fleet,
            seed: settings.seed,
            repeat: settings.repeat,
            confirm: settings.turns_in_doubt(),
            of_a_folder: settings.scenarios.is_some(),
            requirements: measure.set(),
            no_baseline: settings.baseline == BaselineUse::Ignore,
            mutant: settings.mutant.clone(),
        }
    }

    /// The run, of which `chosen` are all scenarios, those of other shares among them.
    pub(super) fn part(&self, chosen: Vec<String>) -> RunPart {
        RunPart {
            run: self.site.ground.run.to_string(),
            shard: self.site.ground.settings.shard,
            chosen,
        }
    }

    /// Writes down what the run is about, and tells the listener.
    pub(crate) fn announce(
        &self,
        chosen: &[&Scenario],
        planned: usize,
        measure: &Measure,
        listener: &mut dyn Listener,
    ) -> Result<(), RunError> {
        self.site.describe(&self.adapter, chosen)?;
        listener.on(&self.site.started(&self.adapter, planned, measure));
        Ok(())
    }

    /// Ends the broker and what is left of processes; an error, if the run was interrupted.
    pub(crate) async fn close(self, interrupt: &Interrupt) -> Result<(), RunError> {
        let interrupted = interrupt
            .seen()
            .map(|signal| self.site.ground.interrupted(signal));
        // Every scenario is over, so the site is in nobody else's hands.
        if let Some(site) = Arc::into_inner(self.site) {
            site.broker.stop().await;
            site.place.close().await;
            site.ground.reaper.finish();
        }
        interrupted.map_or(Ok(()), Err)
    }

    /// The scenarios that apply to the exporter, on the reference, in the same environment: those that do not pass.
    pub(super) async fn control(
        &self,
        chosen: &[Scenario],
        interrupt: &mut Interrupt,
        listener: &mut dyn Listener,
    ) -> Result<Vec<ScenarioReport>, RunError> {
        let is_over = self.site.ground.settings.control == Control::Over;
        if is_over || self.adapter.manifest.name == REFERENCE {
            return Ok(Vec::new());
        }
        let reference = Selector {
            name: REFERENCE.to_owned(),
            version: None,
        };
        let reference = Self {
            site: Arc::clone(&self.site),
            adapter: Arc::new(self.site.ground.obtain(&reference, listener)?),
        };
        let fleet = self.site.ground.settings.fleet;
        let applicable = chosen
            .iter()
            .filter(|scenario| lacking(&self.adapter, scenario, fleet).is_none());
        let plays: Vec<Play> = applicable.map(Play::control).collect();
        let planned = plays.len();
        listener.on(&Event::ControlStarted { planned });
        let mut failures = reference.judge(plays, interrupt, listener).await;
        failures.retain(|report| !report.verdict.is_sound());
        listener.on(&Event::ControlFinished {
            passed: failures.is_empty(),
            planned,
            failures: failures.clone(),
        });
        Ok(failures)
    }

    /// Judges every play, as many at once as the settings allow, and then, alone, what failed, if the settings say so;
    /// the reports come in the order of the plays.
    pub(crate) async fn judge(
        &self,
        plays: Vec<Play>,
        interrupt: &mut Interrupt,
        listener: &mut dyn Listener,
    ) -> Vec<ScenarioReport> {
        let settings = &self.site.ground.settings;
        let slots = Arc::new(Semaphore::new(settings.jobs.max(1)));
        let mut running = JoinSet::new();
        let mut reports: BTreeMap<usize, ScenarioReport> = BTreeMap::new();
        let mut in_doubt: Vec<(usize, ScenarioReport)> = Vec::new();
        let mut waiting = plays.iter().cloned().enumerate();
        let mut next = waiting.next();
        let (tell, mut told) = mpsc::unbounded_channel();
        while next.is_some() || !running.is_empty() {
            tokio::select! {
                slot = Arc::clone(&slots).acquire_owned(), if next.is_some() => {
                    let (Ok(slot), Some((at, play))) = (slot, next) else { break };
                    let (id, control) = (play.scenario.id.clone(), play.is_control());
                    listener.on(&Event::ScenarioStarted { id, control });
                    let (site, adapter) = (Arc::clone(&self.site), Arc::clone(&self.adapter));
                    let tell = tell.clone();
                    running.spawn(async move { (at, site.judge(&adapter, &play, slot, &tell).await) });
                    next = waiting.next();
                }
                Some(done) = running.join_next(), if !running.is_empty() => {
                    // A panic is the suite's own fault: the missing report shows in the counts.
                    let Ok((at, report)) = done else { continue };
                    if settings.fail_fast && report.verdict == Verdict::Fail {
                        next = None;
                    }
                    if self.site.is_in_doubt(&plays[at], &report) {
                        in_doubt.push((at, report));
                        continue;
                    }
                    listener.on(&Event::ScenarioFinished(Box::new(report.clone())));
                    reports.insert(at, report);
                }
                Some(said) = told.recv() => listener.progress(&said),
                _ = interrupt.raised() => {
                    running.shutdown().await;
                    break;
                }
            }
        }
        for (at, first) in in_doubt {
            let Some(report) = self.confirm(&plays[at], first, interrupt, listener).await else {
                continue;
            };
            listener.on(&Event::ScenarioFinished(Box::new(report.clone())));
            reports.insert(at, report);
        }
        reports.into_values().collect()
    }

    /// Plays again, alone, what failed or could not be judged; as it was, if the run is interrupted. A panic is the suite's own
    /// fault, and leaves no report.
    async fn confirm(
        &self,
        play: &Play,
        first: ScenarioReport,
        interrupt: &mut Interrupt,
        listener: &mut dyn Listener,
    ) -> Option<ScenarioReport> {
        if interrupt.seen().is_some() {
            return Some(first);
        }
        listener.progress(&format!(
            "{} failed, or could not be judged; it is played again, alone",
            first.id
        ));
        let (site, adapter) = (Arc::clone(&self.site), Arc::clone(&self.adapter));
        let (play, in_doubt) = (play.clone(), first.clone());
        let (tell, mut told) = mpsc::unbounded_channel();
        let mut again = JoinSet::new();
        again.spawn(async move {
            let mut report = site.confirm(&adapter, &play, in_doubt).await;
            report.fixture = site.fixture(&adapter, &play, &report, &tell).await;
            report
        });
        loop {
            tokio::select! {
                biased;
                _ = interrupt.raised() => {
                    again.shutdown().await;
                    return Some(first);
                }
                Some(said) = told.recv() => listener.progress(&said),
                done = again.join_next() => return done?.ok(),
            }
        }
    }
}
