//! The steps of one scenario, played on its fleet.

mod acknowledged;
mod beside;
mod check;
mod dispatch;
mod end;
mod endpoint;
mod fault;
mod harm;
mod inherit;
mod plant;
mod pods;
mod reborn;
mod scale;
mod succession;
mod wipe;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use toml::Spanned;

pub(crate) use pods::pod_folder;

use super::neighbour::Neighbour;
use super::observe::MetricsDir;
use super::prometheus::Prometheus;
use super::supply::Supply;
use super::timeline::{Moment, Quiet, Timeline, ms};
use super::{RunError, Settings, kept};
use crate::check::{Check, Observation};
use crate::exporter::Pid;
use crate::fleet::{Disk, Fleet, FleetPlan, Spawner};
use crate::ledger::{AckFile, Ledger, Prediction};
use crate::report::CheckReport;
use crate::scenario::{Fault, Limits, Scenario, Step, Target, Wait, Wipe};
use crate::scrape::Scraper;
use crate::task::{Op, Task};
use succession::Successor;

/// One scenario on its fleet: the ledger so far, the scrapes so far, the verdicts so far.
pub(super) struct Stage<'a> {
    settings: &'a Settings,
    scenario: &'a Scenario,
    spawner: &'a Spawner,
    /// Where all is kept.
    dir: PathBuf,
    plan: FleetPlan<'a>,
    metrics_dir: MetricsDir,
    supply: Supply,
    acks: AckFile,
    ledger: Ledger,
    fleet: Option<Fleet>,
    scraper: Option<Scraper>,
    observations: Vec<Observation>,
    checks: Vec<CheckReport>,
    stages: BTreeMap<&'static str, Duration>,
    timeline: Timeline,
    step: usize,
    /// How many are to work.
    workers: u32,
    dispatched: usize,
    left_over: Option<BTreeSet<Pid>>,
    halted: Option<Pid>,
    prometheus: Option<Prometheus>,
    neighbour: Option<Neighbour>,
    /// Which of the pods it is, from 1.
    pod: u32,
    /// The other pods, in the first.
    siblings: Vec<Stage<'a>>,
    successor: Option<Successor<'a>>,
    /// Under the metrics directory, where a step harms that.
    disk: Option<Disk>,
    /// Whether tasks may have been lost on their way to the fleet.
    lossy: bool,
    /// What the fleet did not do that a step waited for.
    stuck: Option<String>,
}

impl<'a> Stage<'a> {
    pub(super) fn open(
        settings: &'a Settings,
        scenario: &'a Scenario,
        spawner: &'a Spawner,
        plan: FleetPlan<'a>,
        supply: Supply,
    ) -> Result<Self, RunError> {
        let acks = AckFile::create(&plan.acks()).map_err(|source| RunError::Io {
            path: plan.acks(),
            source,
        })?;
        let timeline = Timeline::create(plan.dir.join("timeline.jsonl"))?;
        let disk = match scenario.harms_the_directory() {
            true => Some(Disk::mount(&plan.metrics_dir, spawner.reaper())?),
            false => None,
        };
        Ok(Self {
            settings,
            scenario,
            spawner,
            metrics_dir: MetricsDir::new(plan.metrics_dir.clone()),
            dir: plan.dir.clone(),
            plan,
            supply,
            acks,
            ledger: Ledger::default(),
            fleet: None,
            scraper: None,
            observations: Vec::new(),
            checks: Vec::new(),
            stages: BTreeMap::new(),
            timeline,
            step: 0,
            workers: 0,
            dispatched: 0,
            left_over: None,
            halted: None,
            prometheus: None,
            neighbour: None,
            pod: 1,
            siblings: Vec::new(),
            successor: None,
            disk,
            lossy: false,
            stuck: None,
        })
    }

    /// Starts the fleet.
    pub(super) async fn start(&mut self) -> Result<(), RunError> {
        let started = Instant::now();
        let fleet = Fleet::start(self.spawner, &self.plan).await?;
        *self.stages.entry("fleet").or_default() += started.elapsed();
        self.serve_from(fleet)
    }

    /// From here on this fleet is scraped, and the one that is judged.
    fn serve_from(&mut self, fleet: Fleet) -> Result<(), RunError> {
        let deadline = Duration::from_millis(self.limits().scrape_deadline_ms);
        self.scraper = Some(Scraper::new(fleet.url(), deadline)?.asking_for(&self.scenario.names));
        self.supply.queue.lead_to(&fleet)?;
        let (pids, port_owner) = (fleet.members().into_iter().collect(), fleet.port_owner().ok());
        self.timeline.record(Moment::FleetStarted {
            pids,
            url: fleet.url(),
            port_owner,
        })?;
        self.fleet = Some(fleet);
        self.workers = self.plan.workers;
        Ok(())
    }

    /// Has Prometheus scrape the fleet, where the scenario wants it.
    pub(super) async fn watch(&mut self) -> Result<(), RunError> {
        if let Some(fleet) = self.fleet.as_ref().filter(|_| self.scenario.prometheus) {
            let url = fleet.url().to_owned();
            self.prometheus = Some(Prometheus::start(self.spawner, &self.dir, &url).await?);
        }
        Ok(())
    }

    /// Plays every step. Where the fleet does not do what a step waits for, and a later one asks whether it works on, that
    /// one is the next, and the last.
    pub(super) async fn play(&mut self) -> Result<(), RunError> {
        let scenario = self.scenario;
        for (at, step) in scenario.steps.iter().enumerate() {
            let step = step.get_ref();
            match (self.step(at, step).await, asks_for_work(&scenario.steps[at..])) {
                (Err(RunError::Stuck { reason, .. }), Some((behind, check))) => {
                    self.stuck = Some(format!("step {} ({}): {reason}", at + 1, step.name()));
                    return self.step(at + behind, check).await;
                }
                (done, _) => done?,
            }
        }
        Ok(())
    }

    async fn step(&mut self, at: usize, step: &Step) -> Result<(), RunError> {
        self.step = at + 1;
        let (started, name) = (Instant::now(), step.name());
        self.timeline.record(Moment::StepBegun {
            step: self.step,
            name,
        })?;
        let done = self.one(step).await;
        let done = self.within_limits().and(done);
        let error = done.as_ref().err().map(RunError::with_causes);
        self.timeline.record(Moment::StepEnded {
            step: self.step,
            name,
            error,
        })?;
        done?;
        *self.stages.entry(name).or_default() += started.elapsed();
        Ok(())
    }

    async fn one(&mut self, step: &Step) -> Result<(), RunError> {
        match step {
            Step::Dispatch(dispatch) => {
                let dispatched = self.dispatch(dispatch).await;
                kept::plan(&self.dir, self.settings.seed, &self.ledger, self.timeline.start())?;
                dispatched
            }
            Step::Claim(claim) => {
                self.claim(claim);
                kept::plan(&self.dir, self.settings.seed, &self.ledger, self.timeline.start())
            }
            Step::Fault(Fault::Signal {
                to: Target::Neighbour,
                ..
            }) => self.kill_neighbour().await,
            Step::Fault(Fault::Reborn { .. }) => self.rebear().await,
            Step::Fault(Fault::Signal { signal, to }) => self.signal(*signal, *to).await,
            Step::Fault(Fault::Broker { harm, lasts_ms }) => self.harm_broker(*harm, *lasts_ms).await,
            Step::Fault(Fault::Network { harm, lasts_ms }) => self.harm_network(*harm, *lasts_ms).await,
            Step::Fault(Fault::Directory { harm }) => self.harm_directory(*harm),
            Step::Wait(Wait::Quiet) => self.all_quiesce().await,
            Step::Wait(Wait::Endpoint) => self.endpoint().await,
            Step::Wait(Wait::Prometheus) => match &self.prometheus {
                Some(prometheus) => prometheus.scrapes(self.quiesce_deadline()).await.map(drop),
                None => Ok(()),
            },
            Step::Wipe(Wipe::Files) => self.wipe(),
            Step::Plant(plant) => self.plant(plant),
            Step::Inherit(inherit) => self.inherit(*inherit),
            Step::Scrape(scrape) => self.scrape_all(scrape).await,
            Step::Scale(workers) => self.scale(*workers).await,
            Step::Successor(succession) => self.succession(*succession).await,
            Step::Stop(stop) => self.end(*stop).await,
            Step::Restart(stop) => self.restart(*stop).await,
            Step::Check(checks) => {
                let checks = checks
                    .iter()
                    .filter_map(|name| Check::named(name.get_ref()))
                    .collect();
                self.check_all(checks).await
            }
        }
    }

    /// Records how waiting for quiet ended.
    pub(super) fn rested(&mut self, outcome: Quiet, since: Instant) -> Result<(), RunError> {
        let (open, indeterminate) = (self.ledger.open(), self.ledger.indeterminate());
        self.timeline.record(Moment::Quiet {
            outcome,
            took_ms: ms(since.elapsed()),
            open,
            indeterminate,
        })
    }

    /// A fleet that was ended because it took too much of the machine cannot be judged, nor who runs beside it, whatever the
    /// step made of that.
    fn within_limits(&self) -> Result<(), RunError> {
        let excess = |who: &str, fleet: Option<&Fleet>| match fleet.and_then(Fleet::excess) {
            Some(excess) => Err(self.step_failed(format!("{who} was ended, because it had {excess}"))),
            None => Ok(()),
        };
        excess("the fleet", self.fleet.as_ref())?;
        for sibling in &self.siblings {
            excess(&format!("pod {}", sibling.pod), sibling.fleet.as_ref())?;
        }
        excess(
            "its neighbour",
            self.neighbour.as_ref().and_then(Neighbour::fleet),
        )?;
        excess(
            "its successor",
            self.successor.as_ref().map(|successor| &successor.fleet),
        )
    }

    /// The fleet's leader runs, and takes tasks; a fleet that ends by itself cannot be judged.
    pub(super) fn still_running(&mut self) -> Result<(), RunError> {
        self.supply.queue.leads_to_workers()?;
        if let Some(how) = self.fleet.as_mut().and_then(Fleet::ended) {
            return Err(self.stuck(format!("the fleet ended: {how}")));
        }
        let successor = self.successor.as_mut();
        match successor.and_then(|successor| successor.fleet.ended()) {
            Some(how) => Err(self.stuck(format!("its successor ended: {how}"))),
            None => Ok(()),
        }
    }

    pub(super) async fn queued(&mut self) -> Result<u64, RunError> {
        Ok(self.supply.queue.waiting().await?)
    }

    pub(super) fn predict(&self) -> Prediction {
        self.predict_at(Instant::now())
    }

    fn predict_at(&self, now: Instant) -> Prediction {
        self.ledger
            .predict_at(now, self.scenario, &self.plan.adapter.manifest.hooks)
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.scenario.limits
    }

    fn quiesce_deadline(&self) -> Duration {
        Duration::from_millis(self.limits().quiesce_deadline_ms)
    }

    pub(super) fn metrics_dir(&self) -> &MetricsDir {
        &self.metrics_dir
    }

    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Whether tasks may be gone that were taken: with a process that a step killed, or that an `exit` op ended, or on the
    /// network.
    pub(super) fn may_have_lost_tasks(&self) -> bool {
        let exits = |task: &Task| task.ops.iter().any(|op| matches!(op, Op::Exit { .. }));
        self.lossy
            || self.supply.queue.has_lost_answers()
            || self.ledger.killed_processes() > 0
            || self.ledger.entries().iter().any(|entry| exits(&entry.task))
    }

    pub(super) fn longest_sleep(&self) -> Duration {
        let seconds = self
            .ledger
            .entries()
            .iter()
            .map(|entry| entry.task.sleeps_s())
            .fold(0.0, f64::max);
        Duration::from_secs_f64(seconds)
    }

    pub(super) fn give_up_open_tasks(&mut self) {
        self.ledger.give_up_open_tasks();
    }

    pub(super) fn settle(&mut self) {
        self.ledger.settle();
    }

    pub(super) fn step_failed(&self, reason: String) -> RunError {
        let (step, name) = self.here();
        RunError::Step { step, name, reason }
    }

    /// The fleet does not do what the step waits for.
    pub(super) fn stuck(&self, reason: String) -> RunError {
        let (step, name) = self.here();
        RunError::Stuck { step, name, reason }
    }

    fn here(&self) -> (usize, &'static str) {
        let step = self.scenario.steps.get(self.step.saturating_sub(1));
        (self.step, step.map_or("start", |step| step.get_ref().name()))
    }

    pub(super) fn stages_ms(&self) -> BTreeMap<String, f64> {
        self.stages
            .iter()
            .map(|(stage, took)| ((*stage).to_owned(), took.as_secs_f64() * 1000.0))
            .collect()
    }

    /// Ends what belongs to the scenario alone; the verdicts.
    pub(super) async fn close(mut self) -> Vec<CheckReport> {
        let others = self.close_siblings().await;
        if let Some(neighbour) = self.neighbour {
            neighbour.end().await;
        }
        if let Some(successor) = self.successor {
            successor.fleet.end().await;
        }
        self.supply.close().await;
        self.checks.extend(others);
        self.checks
    }
}

/// The first of the steps that asks whether the fleet works on.
fn asks_for_work(steps: &[Spanned<Step>]) -> Option<(usize, &Step)> {
    let asks = |step: &Step| match step {
        Step::Check(names) => names.iter().any(|name| name.get_ref() == Check::WorksOn.id()),
        _ => false,
    };
    let mut steps = steps.iter().map(Spanned::get_ref).enumerate();
    steps.find(|(_, step)| asks(step))
}
