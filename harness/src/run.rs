//! The pipeline: scenario → broker → fleet → dispatch (ledger) → quiesce → truth + scrape → check → verdict → report.
//!
//! [`run`] goes through it for every chosen scenario; `Site::drive` is the part of one scenario. Data flows one
//! way: a stage hands its noun to the next, and only the listener hears of all of them.

mod accounts_document;
mod error;
mod fixture;
mod interrupt;
mod kept;
mod measure;
mod neighbour;
mod observe;
mod programs;
mod prometheus;
mod quiesce;
mod recorder;
mod releases;
mod session;
mod settings;
mod shard;
mod site;
mod steps;
mod supply;
mod timeline;
mod turns;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::OwnedSemaphorePermit;

pub(crate) use accounts_document::AccountsDocument;
pub use error::RunError;
pub use interrupt::Interrupt;
pub(crate) use kept::{Answer, Plan, UNREADABLE};
pub(crate) use measure::Measure;
pub use observe::{MetricsDir, observe};
pub(crate) use recorder::Recorder;
pub use releases::{Release, ReleaseListener};
pub(crate) use releases::{Releases, folder_name};
pub(crate) use session::{Play, Session};
pub use settings::{BaselineUse, Control, Settings};
pub use shard::Shard;
pub(crate) use site::Ground;

use crate::baseline::Update;
use crate::exporter::Adapter;
use crate::fleet::FleetPlan;
use crate::report::{CheckReport, Event, Listener, RunReport, Summary};
use crate::task::Program;
use settings::Chosen;
use site::Site;
use steps::Stage;
pub(crate) use steps::pod_folder;
use supply::Supply;

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
    let mut measure = Measure::of(settings)?;
    let scenarios = settings.scenarios(&measure)?;
    let ground = Ground::open(settings)?;
    let kept = ground.kept.clone();
    let mut recorder = Recorder::create(kept.events(), listener)?;
    let listener: &mut dyn Listener = &mut recorder;
    let adapter = Arc::new(ground.obtain(&settings.exporter, listener)?);
    measure.learn(settings, &ground, &adapter)?;
    let Chosen { scenarios, of } = match scenarios {
        Some(chosen) => chosen,
        None => Chosen::all(ground.programs(&adapter)?),
    };
    let session = Session::open(ground, Arc::clone(&adapter), &mut interrupt, listener).await?;
    let announced: Vec<_> = scenarios.iter().collect();
    session.announce(&announced, scenarios.len(), &measure, listener)?;
    let (conditions, part) = (session.conditions(&measure), session.part(of));
    let control_failures = session.control(&scenarios, &mut interrupt, listener).await?;
    let control_passed = control_failures.is_empty();
    let plays = scenarios.iter().filter(|_| control_passed);
    let plays = plays.map(|scenario| {
        Play::of(
            settings,
            scenario,
            measure.terms(&adapter.manifest.asked(scenario)),
        )
    });
    let plays = plays.collect();
    let reports = session.judge(plays, &mut interrupt, listener).await;
    session.close(&interrupt).await?;
    let update = match settings.baseline {
        BaselineUse::Update if control_passed => measure.update(&reports)?,
        _ => None,
    };
    let planned = match settings.fail_fast {
        true => reports.len(),
        false => scenarios.len(),
    };
    let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let summary = Summary::of(planned, &reports, !control_passed, elapsed_ms);
    listener.on(&Event::RunFinished(summary.clone()));
    recorder.finish()?;
    let report = RunReport::new(conditions, vec![part], control_failures, reports, summary);
    kept.report(&report)?;
    Ok(Finished { report, update })
}

/// A run that is over.
#[derive(Clone, Debug)]
pub struct Finished {
    /// What it came to, as it is kept.
    pub report: RunReport,
    /// What became of the baseline, where it was to be updated and the control passed.
    pub update: Option<Update>,
}

impl Site {
    /// One scenario, from its fleet's start to its end. The slot is given back before the fleet is stopped:
    /// how long an exporter takes to end is waiting, not work.
    async fn drive(
        &self,
        adapter: &Adapter,
        play: &Play,
        dir: PathBuf,
        slot: Option<OwnedSemaphorePermit>,
    ) -> Result<Driven, RunError> {
        kept::create_dir(&dir)?;
        let scenario = &play.scenario;
        let Ground {
            settings, spawner, ..
        } = &self.ground;
        let folder = dir.file_name().unwrap_or_default().to_string_lossy();
        let queue = format!("counterfoil:{}:{folder}", spawner.run());
        let way = &adapter.manifest.queue;
        let supply = Supply::open(self, scenario, &dir, &queue, way).await?;
        let plan = FleetPlan {
            adapter,
            place: &self.place,
            own_pids: scenario.uses_a_pid_again(),
            workers: *scenario.fleet.workers.get_ref(),
            broker_url: supply.url().to_owned(),
            queue,
            metrics_dir: FleetPlan::metrics_below(&dir),
            dir,
            env: defect(play),
            placeholders: &settings.placeholders,
        };
        kept::write(&plan.dir.join("scenario.toml"), scenario.text.as_bytes())?;
        kept::write(&plan.dir.join("manifest.toml"), adapter.manifest.text.as_bytes())?;
        kept::write_json(&plan.program(), &Program::of(scenario))?;
        let mut stage = Stage::open(settings, scenario, spawner, plan.clone(), supply)?;
        for pod in 2..=scenario.fleet.pods {
            let plan = plan.beside(plan.dir.join(pod_folder(pod)));
            kept::create_dir(&plan.dir)?;
            let supply = Supply::open(self, scenario, &plan.dir, &plan.queue, way).await?;
            kept::write_json(&plan.program(), &Program::of(scenario))?;
            stage.join(Stage::open(settings, scenario, spawner, plan, supply)?, pod);
        }
        stage.start().await?;
        let played = async {
            stage.start_siblings().await?;
            stage.watch().await?;
            stage.bring_neighbour().await?;
            stage.play().await
        };
        let played = played.await;
        drop(slot);
        let left = stage.leave().await;
        let driven = Driven {
            tasks_by_pid: stage.tasks_by_pid(),
            stages_ms: stage.stages_ms(),
            checks: stage.close().await,
        };
        left?;
        played?;
        Ok(driven)
    }
}

/// The environment that gives the reference its defect.
fn defect(play: &Play) -> Vec<(String, String)> {
    let mutant = play.mutant.iter();
    mutant
        .map(|mutant| ("COUNTERFOIL_MUTANT".to_owned(), mutant.clone()))
        .collect()
}

/// What driving a scenario brought to light.
struct Driven {
    checks: Vec<CheckReport>,
    tasks_by_pid: BTreeMap<i32, usize>,
    stages_ms: BTreeMap<String, f64>,
}

impl Driven {
    fn exercised(&self) -> usize {
        self.checks.iter().map(CheckReport::exercised).sum()
    }
}
