//! The site of a run: its folder, its id, its reaper, and the broker that stands on them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::kept::{Kept, RunDocument};
use super::{BaselineUse, Measure, RunError, Settings};
use crate::broker::{Broker, BrokerSettings};
use crate::exporter::{Adapter, Selector};
use crate::fleet::{FleetKind, Place, Reaper, RunId, Spawner};
use crate::report::{Event, Listener, SCHEMA_VERSION};
use crate::scenario::Scenario;

/// Where a run takes place: its folder, its id, its reaper.
pub(crate) struct Ground {
    pub(super) settings: Settings,
    pub(super) run: RunId,
    pub(crate) kept: Kept,
    pub(super) reaper: Arc<Reaper>,
    pub(super) spawner: Spawner,
}

impl Ground {
    pub(crate) fn open(settings: &Settings) -> Result<Self, RunError> {
        // Before anything is written: what cannot be had in containers is the caller's mistake.
        settings.agree()?;
        let run = RunId::fresh();
        let kept = Kept::create(&settings.out, &run)?;
        let reaper = Arc::new(Reaper::start(&settings.program, &run)?);
        let spawner = Spawner::new(run.clone(), Arc::clone(&reaper), settings.program.clone());
        Ok(Self {
            settings: settings.clone(),
            run,
            kept,
            reaper,
            spawner,
        })
    }

    pub(super) fn interrupted(&self, signal: &'static str) -> RunError {
        RunError::Interrupted {
            signal,
            kept: self.kept.path().to_path_buf(),
        }
    }

    pub(super) fn broker_settings(&self, place: &Place) -> BrokerSettings {
        BrokerSettings {
            dir: self.kept.path().to_path_buf(),
            spawner: self.spawner.clone(),
            place: place.clone(),
        }
    }

    pub(crate) fn obtain(
        &self,
        selector: &Selector,
        listener: &mut dyn Listener,
    ) -> Result<Adapter, RunError> {
        let progress = std::cell::RefCell::new(listener);
        let tell = |what: &str| progress.borrow_mut().progress(what);
        let mut adapter = Adapter::obtain(
            selector,
            self.settings.reference_manifest,
            &self.settings.placeholders,
            self.kept.path(),
            &tell,
        )?;
        // What a container has is its image's affair.
        if self.settings.fleet == FleetKind::Process {
            adapter.installed.extend(adapter.programs()?);
        }
        Ok(adapter)
    }
}

/// The ground, where its fleets are, and the broker that stands on it.
pub(super) struct Site {
    pub(super) ground: Ground,
    pub(super) place: Place,
    pub(super) broker: Broker,
    /// The checks that some program was shrunk for.
    pub(super) shrunk: Mutex<BTreeSet<&'static str>>,
    /// How long the run has looked for fixtures.
    pub(super) spent: tokio::sync::Mutex<Duration>,
}

impl Site {
    pub(super) fn new(ground: Ground, place: Place, broker: Broker) -> Self {
        Self {
            ground,
            place,
            broker,
            shrunk: Mutex::default(),
            spent: tokio::sync::Mutex::default(),
        }
    }

    pub(super) fn describe(&self, adapter: &Adapter, chosen: &[&Scenario]) -> Result<(), RunError> {
        let Ground {
            settings, run, kept, ..
        } = &self.ground;
        kept.describe(&RunDocument {
            schema: SCHEMA_VERSION,
            counterfoil: env!("CARGO_PKG_VERSION"),
            run: run.as_str(),
            started: jiff::Timestamp::now().to_string(),
            exporter: settings.exporter.to_string(),
            version: &adapter.version,
            installed: &adapter.installed,
            locked: adapter.locked,
            layout: adapter.manifest.files.layout,
            broker: self.broker.account(),
            fleet: settings.fleet,
            seed: settings.seed,
            scenarios_dir: settings.scenarios_dir(),
            filters: &settings.filters,
            requirements: settings.requirements,
            no_baseline: settings.baseline == BaselineUse::Ignore,
            shard: settings.shard.map(|shard| shard.to_string()),
            property: settings.property,
            repeat: settings.repeat,
            confirm: settings.confirm,
            jobs: settings.jobs,
            fail_fast: settings.fail_fast,
            mutant: settings.mutant.as_deref(),
            scenarios: chosen.iter().map(|scenario| scenario.id.as_str()).collect(),
        })
    }

    /// What the listener hears of a run of `planned` scenarios before the first of them.
    pub(super) fn started(&self, adapter: &Adapter, planned: usize, measure: &Measure) -> Event {
        Event::RunStarted {
            schema: SCHEMA_VERSION,
            counterfoil: env!("CARGO_PKG_VERSION").to_owned(),
            run: self.ground.run.to_string(),
            exporter: adapter.title(),
            installed: adapter.installed.clone(),
            locked: adapter.locked,
            broker: self.broker.account().to_owned(),
            fleet: self.ground.settings.fleet,
            seed: self.ground.settings.seed,
            scenarios_dir: self.ground.settings.scenarios_dir(),
            requirements: measure.set(),
            baseline: measure.baseline(),
            planned,
            kept: self.ground.kept.path().display().to_string(),
        }
    }
}
