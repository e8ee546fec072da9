//! The pipeline: scenario → broker → fleet → dispatch (ledger) → quiesce → truth + scrape → check → verdict → report.
//!
//! [`run`] goes through it for every chosen scenario; `Site::drive` is the part of one scenario. Data flows one
//! way: a stage hands its noun to the next, and only the listener hears of all of them.

mod error;
mod interrupt;
mod kept;
mod observe;
mod quiesce;
mod recorder;
mod settings;
mod site;
mod steps;
mod timeline;
mod turns;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

pub use error::RunError;
pub use interrupt::Interrupt;
pub use observe::observe;
pub use settings::{Settings, Shard};

use crate::broker::Broker;
use crate::exporter::{Adapter, REFERENCE, Selector};
use crate::fleet::{Fleet, FleetPlan};
use crate::report::{CheckReport, Event, Judgement, Listener, ScenarioReport, Summary, Verdict};
use crate::scenario::Scenario;
use crate::task::Program;
use recorder::Recorder;
use site::{Ground, Site};
use steps::Stage;

/// The part of a run that is the reference in the same environment.
const CONTROL: &str = "control";

/// Runs the chosen scenarios on the chosen exporter and tells `listener`. A third-party exporter comes after
/// the control: the same scenarios on the reference.
///
/// # Errors
/// What keeps the run from judging anything at all; whatever concerns one scenario is that scenario's verdict.
pub async fn run(settings: &Settings, listener: &mut dyn Listener) -> Result<Finished, RunError> {
    run_until(Interrupt::never(), settings, listener).await
}

/// The same, until `interrupt`: then what was started is ended, and the run with it.
///
/// # Errors
/// As [`run`]'s, and the interrupt.
pub async fn run_until(
    mut interrupt: Interrupt,
    settings: &Settings,
    listener: &mut dyn Listener,
) -> Result<Finished, RunError> {
    let started = Instant::now();
    let catalogue = settings.catalogue()?;
    let chosen = settings.choose(&catalogue)?;
    let ground = Ground::open(settings)?;
    let mut recorder = Recorder::create(ground.kept.events(), listener)?;
    let listener: &mut dyn Listener = &mut recorder;
    let adapter = Arc::new(ground.obtain(&settings.exporter, listener)?);
    let broker_settings = ground.broker_settings();
    listener.progress("starting the broker (an image that must be pulled first may take a minute)");
    let broker = tokio::select! {
        broker = Broker::start(&settings.broker, &broker_settings) => broker?,
        signal = interrupt.raised() => return Err(ground.interrupted(signal)),
    };
    let site = Arc::new(Site { ground, broker });
    site.describe(&adapter, &chosen)?;
    listener.on(&site.started(&adapter, chosen.len()));
    let control_failures = control(&site, &adapter, &chosen, &mut interrupt, listener).await?;
    let control_passed = control_failures.is_empty();
    let reports = match control_passed {
        true => judge(&site, &adapter, &chosen, "", &mut interrupt, listener).await,
        false => Vec::new(),
    };
    let interrupted = interrupt.seen().map(|signal| site.ground.interrupted(signal));
    // Every scenario is over, so the site is in nobody else's hands.
    if let Some(site) = Arc::into_inner(site) {
        site.broker.stop().await;
        site.ground.reaper.finish();
    }
    if let Some(error) = interrupted {
        return Err(error);
    }
    let planned = if settings.fail_fast {
        reports.len()
    } else {
        chosen.len()
    };
    let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let summary = Summary::of(planned, &reports, !control_passed, elapsed_ms);
    listener.on(&Event::RunFinished(summary.clone()));
    recorder.finish()?;
    Ok(Finished {
        exporter: adapter.title(),
        control_failures,
        reports,
        summary,
    })
}

/// A run that is over.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The exporter, `name@version`.
    pub exporter: String,
    /// What did not pass in the control; then there are no reports.
    pub control_failures: Vec<ScenarioReport>,
    /// Scenario by scenario.
    pub reports: Vec<ScenarioReport>,
    /// The sum.
    pub summary: Summary,
}

/// The scenarios that apply to `adapter`, on the reference, in the same environment: those that do not pass.
async fn control(
    site: &Arc<Site>,
    adapter: &Adapter,
    chosen: &[Scenario],
    interrupt: &mut Interrupt,
    listener: &mut dyn Listener,
) -> Result<Vec<ScenarioReport>, RunError> {
    if adapter.manifest.name == REFERENCE {
        return Ok(Vec::new());
    }
    let reference = Selector {
        name: REFERENCE.to_owned(),
        version: None,
    };
    let reference = Arc::new(site.ground.obtain(&reference, listener)?);
    let applicable = chosen
        .iter()
        .filter(|scenario| adapter.manifest.lacks(scenario).is_none());
    let applicable: Vec<Scenario> = applicable.cloned().collect();
    listener.on(&Event::ControlStarted {
        planned: applicable.len(),
    });
    let mut reports = judge(site, &reference, &applicable, CONTROL, interrupt, listener).await;
    reports.retain(|report| report.verdict != Verdict::Pass);
    let (passed, planned, failures) = (reports.is_empty(), applicable.len(), reports.clone());
    listener.on(&Event::ControlFinished {
        passed,
        planned,
        failures,
    });
    Ok(reports)
}

/// Judges every scenario, as many at once as the settings allow; the reports come in the order of `chosen`.
async fn judge(
    site: &Arc<Site>,
    adapter: &Arc<Adapter>,
    chosen: &[Scenario],
    part: &'static str,
    interrupt: &mut Interrupt,
    listener: &mut dyn Listener,
) -> Vec<ScenarioReport> {
    let slots = Arc::new(Semaphore::new(site.ground.settings.jobs.max(1)));
    let mut running = JoinSet::new();
    let mut reports: BTreeMap<usize, ScenarioReport> = BTreeMap::new();
    let mut waiting = chosen.iter().enumerate();
    let mut next = waiting.next();
    while next.is_some() || !running.is_empty() {
        tokio::select! {
            slot = Arc::clone(&slots).acquire_owned(), if next.is_some() => {
                let (Ok(slot), Some((at, scenario))) = (slot, next) else { break };
                listener.on(&Event::ScenarioStarted { id: scenario.id.clone(), control: part == CONTROL });
                let (site, adapter, scenario) = (Arc::clone(site), Arc::clone(adapter), scenario.clone());
                running.spawn(async move { (at, site.repeat(&adapter, &scenario, part, slot).await) });
                next = waiting.next();
            }
            Some(done) = running.join_next(), if !running.is_empty() => {
                // A panic is the suite's own fault: the missing report shows in the counts.
                let Ok((at, report)) = done else { continue };
                listener.on(&Event::ScenarioFinished(Box::new(report.clone())));
                if site.ground.settings.fail_fast && report.verdict == Verdict::Fail {
                    next = None;
                }
                reports.insert(at, report);
            }
            _ = interrupt.raised() => {
                running.shutdown().await;
                break;
            }
        }
    }
    reports.into_values().collect()
}

impl Site {
    /// One scenario, from its fleet's start to its end. The slot is given back before the fleet is stopped:
    /// how long an exporter takes to end is waiting, not work.
    async fn drive(
        &self,
        adapter: &Adapter,
        scenario: &Scenario,
        dir: PathBuf,
        slot: Option<OwnedSemaphorePermit>,
    ) -> Result<Driven, RunError> {
        kept::create_dir(&dir)?;
        let Ground {
            settings, spawner, ..
        } = &self.ground;
        let queue = format!(
            "counterfoil:{}:{}",
            spawner.run(),
            dir.file_name().unwrap_or_default().to_string_lossy()
        );
        let plan = FleetPlan {
            adapter,
            workers: *scenario.fleet.workers.get_ref(),
            broker_url: self.broker.url().to_owned(),
            queue: queue.clone(),
            dir,
            env: settings.fleet_env(&adapter.manifest.name),
            placeholders: &settings.placeholders,
        };
        kept::write(&plan.dir.join("scenario.toml"), scenario.text.as_bytes())?;
        kept::write_json(&plan.program(), &Program::of(scenario))?;
        let queue = self.broker.queue(&queue, adapter.manifest.queue.format).await?;
        let mut stage = Stage::open(settings, adapter, scenario, &plan, queue)?;
        let fleet = stage.timed("fleet", Fleet::start(spawner, &plan)).await?;
        stage.enter(fleet)?;
        let played = stage.play().await;
        drop(slot);
        stage.leave().await?;
        played?;
        Ok(Driven {
            tasks_by_pid: stage.ledger().shares(0),
            stages_ms: stage.stages_ms(),
            checks: stage.into_checks(),
        })
    }
}

/// What driving a scenario brought to light.
struct Driven {
    checks: Vec<CheckReport>,
    tasks_by_pid: BTreeMap<i32, usize>,
    stages_ms: BTreeMap<&'static str, f64>,
}

impl Driven {
    fn exercised(&self) -> usize {
        let of = |check: &CheckReport| match &check.judgement {
            Judgement::Pass { exercised } => *exercised,
            Judgement::Fail { .. } => 1,
            Judgement::Inconclusive { .. } => 0,
        };
        self.checks.iter().map(of).sum()
    }
}
