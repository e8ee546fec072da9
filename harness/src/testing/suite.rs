//! What a crate's tests are made of: an exporter, and what else may be chosen.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::ExitCode;

use libtest_mimic::{Failed, Trial};
use thiserror::Error;

use super::{Played, Prerequisite, Prerequisites, Role, UnknownPrerequisite};
use crate::broker::{BrokerError, Choice};
use crate::exporter::{Adapter, ExporterError, Manifest, Selector};
use crate::fleet::{FleetKind, on_path};
use crate::report::ExitStatus;
use crate::requirements::{RequirementSet, RequirementsError};
use crate::run::{BaselineUse, Control, Settings};
use crate::scenario::{Catalogue, CatalogueError, Scenario};

/// The exporter of a suite, whatever the test program says.
const EXPORTER_VARIABLE: &str = "COUNTERFOIL_EXPORTER";
/// The broker of every test, whatever the machine offers.
const BROKER_VARIABLE: &str = "COUNTERFOIL_TEST_BROKER";

/// The scenarios as tests of one exporter.
#[derive(Clone, Debug)]
pub struct Suite {
    exporter: String,
    program: Option<PathBuf>,
    placeholders: Vec<(String, String)>,
    filters: Vec<String>,
    requirements: Option<u32>,
    broker: Option<Choice>,
    fleet: FleetKind,
    mutant: Option<String>,
    jobs: usize,
}

/// Why there are no tests.
#[derive(Debug, Error)]
pub enum SuiteError {
    /// The exporter or its manifest is not there, or is malformed.
    #[error(transparent)]
    Exporter(#[from] ExporterError),
    /// A scenario of this release is malformed.
    #[error(transparent)]
    Scenario(#[from] CatalogueError),
    /// There is no such requirement set.
    #[error(transparent)]
    Requirements(#[from] RequirementsError),
    /// `COUNTERFOIL_TEST_BROKER` names no broker.
    #[error("{BROKER_VARIABLE}: {0}")]
    Broker(BrokerError),
    /// `COUNTERFOIL_REQUIRE` names no prerequisite.
    #[error(transparent)]
    Prerequisite(#[from] UnknownPrerequisite),
    /// Nothing would be exercised, which must not look green.
    #[error("no scenario applies to {exporter}: {reason}")]
    Nothing {
        /// The exporter.
        exporter: String,
        /// What was chosen, and what the exporter declares.
        reason: String,
    },
    /// A folder for the adapter's files, or this program's own path, cannot be had.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl Suite {
    /// Every scenario, on the exporter of that name, `NAME@VERSION`, `NAME@PATH`, or manifest's path.
    #[must_use]
    pub fn of(exporter: &str) -> Self {
        Self {
            exporter: exporter.to_owned(),
            program: None,
            placeholders: Vec::new(),
            filters: Vec::new(),
            requirements: None,
            broker: None,
            fleet: FleetKind::Process,
            mutant: None,
            jobs: 2,
        }
    }

    /// Expands `{name}` in the manifest: how it comes to know the crate's own program,
    /// `suite.with("exporter", env!("CARGO_BIN_EXE_exporter"))`.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.placeholders.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Only scenarios whose id contains one of these.
    #[must_use]
    pub fn only(mut self, filters: &[&str]) -> Self {
        self.filters = filters.iter().map(|&filter| filter.to_owned()).collect();
        self
    }

    /// Only the scenarios of that requirement set; without it all, and those beyond the newest set only warn.
    #[must_use]
    pub fn requirements(mut self, set: u32) -> Self {
        self.requirements = Some(set);
        self
    }

    /// So many scenarios at once where one run plays several; 2, if nothing is said. More of them suit an exporter whose
    /// fleets take their time to end.
    #[must_use]
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.jobs = jobs;
        self
    }

    /// On that broker, instead of a `redis-server` of the machine's or else the embedded one: each test has a broker
    /// of its own, so that none has to wait for another.
    #[must_use]
    pub fn on(mut self, broker: Choice) -> Self {
        self.broker = Some(broker);
        self
    }

    /// Each fleet in a container of its own, beside a broker in one.
    #[must_use]
    pub fn in_containers(mut self) -> Self {
        self.fleet = FleetKind::Container;
        self.on(Choice::Container)
    }

    /// The program that is also reaper and reference, instead of this one: `CARGO_BIN_EXE_counterfoil`, for
    /// counterfoil's own tests.
    #[must_use]
    pub fn program(mut self, path: impl Into<PathBuf>) -> Self {
        self.program = Some(path.into());
        self
    }

    /// Gives the reference a defect.
    #[must_use]
    pub fn mutant(mut self, name: &str) -> Self {
        self.mutant = Some(name.to_owned());
        self
    }

    /// The test program: a run's reaper or reference if it was started as one, else every scenario as a test, with
    /// the command line of `cargo test` and nextest.
    #[must_use]
    pub fn main(mut self) -> ExitCode {
        if let Some(role) = Role::of_this_process() {
            return role.play();
        }
        let arguments = super::arguments();
        if let Ok(exporter) = std::env::var(EXPORTER_VARIABLE) {
            self.exporter = exporter;
        }
        match self.trials() {
            Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
            Err(error) => {
                eprintln!("counterfoil: {error}");
                ExitStatus::NotJudged.into()
            }
        }
    }

    /// A test per scenario, by its id. What does not apply, or lacks something on this machine, is ignored and says
    /// why.
    ///
    /// # Errors
    /// See [`SuiteError`].
    pub fn trials(&self) -> Result<Vec<Trial>, SuiteError> {
        let folder = tempfile::tempdir()?;
        let adapter = Adapter::declare(&self.selector(), counterfoil_reference::MANIFEST, folder.path())?;
        self.settings("")?;
        let prerequisites = Prerequisites::detect(std::slice::from_ref(&adapter))?;
        let mut catalogue = Catalogue::embedded()?;
        if let Some(set) = self.requirements {
            let set = RequirementSet::embedded(Some(set))?;
            catalogue.retain(|id| set.requirement(id).is_some());
        }
        let chosen = catalogue.select(&self.filters);
        let manifest = &adapter.manifest;
        let applies =
            |scenario: &&&Scenario| manifest.lacks(scenario).is_none() && manifest.beyond(scenario).is_none();
        if !chosen.iter().any(|scenario| applies(&scenario)) {
            return Err(SuiteError::Nothing {
                exporter: adapter.title(),
                reason: format!(
                    "{} scenarios are chosen by {:?}, and its manifest declares {:?}",
                    chosen.len(),
                    self.filters,
                    adapter.manifest.capabilities
                ),
            });
        }
        let trial = |scenario: &&Scenario| self.trial(scenario, &adapter.manifest, &prerequisites);
        Ok(chosen.iter().map(trial).collect())
    }

    fn trial(&self, scenario: &Scenario, manifest: &Manifest, prerequisites: &Prerequisites) -> Trial {
        let mut needs = Vec::new();
        needs.extend(manifest.python.as_ref().map(|_| Prerequisite::Python));
        needs.extend(manifest.node.as_ref().map(|_| Prerequisite::Node));
        needs.extend(manifest.locks().map(|_| Prerequisite::Network));
        needs.extend(manifest.programs.as_ref().map(|_| Prerequisite::Programs));
        if scenario.prometheus {
            needs.push(Prerequisite::Prometheus);
        }
        let (suite, id) = (self.clone(), scenario.id.clone());
        let body = move || suite.play(&id)?.must_pass();
        let lacks = manifest.lacks(scenario);
        let lacks = lacks.map(|capability| format!("{} does not declare {capability}", manifest.name));
        match lacks.or_else(|| manifest.beyond(scenario).map(str::to_owned)) {
            Some(reason) => Trial::test(&scenario.id, body)
                .with_ignored_flag(true)
                .with_kind(format!("not applicable: {reason}")),
            None => prerequisites.trial(&scenario.id, &needs, body),
        }
    }

    /// Runs the scenarios whose id contains `filter`, now; those that [`only`](Self::only) leaves, if it is empty.
    ///
    /// # Errors
    /// What kept the run from judging.
    pub fn play(&self, filter: &str) -> Result<Played, Failed> {
        let settings = self
            .settings(filter)
            .map_err(|error| Failed::from(error.to_string()))?;
        Played::to_the_end(settings)
    }

    /// What a run of every scenario is asked to do, kept below that folder.
    ///
    /// # Errors
    /// The broker that the environment names is none, or this program's own path cannot be had.
    pub fn settings_in(&self, out: &std::path::Path) -> Result<Settings, SuiteError> {
        let mut settings = self.settings("")?;
        settings.filters.clear();
        out.clone_into(&mut settings.out);
        Ok(settings)
    }

    /// Plays the first `count` generated programs of that seed. One that fails is played again, and shrunk.
    ///
    /// # Errors
    /// What keeps the run from judging; the verdicts are in what it returns.
    pub fn play_programs(&self, count: NonZeroU32, seed: u64) -> Result<Played, Failed> {
        let settings = self
            .settings("")
            .map_err(|error| Failed::from(error.to_string()))?;
        Played::to_the_end(Settings {
            property: Some(count),
            seed,
            ..settings
        })
    }

    fn settings(&self, filter: &str) -> Result<Settings, SuiteError> {
        let program = match &self.program {
            Some(program) => program.clone(),
            None => std::env::current_exe()?,
        };
        Ok(Settings {
            exporter: self.selector(),
            reference_manifest: counterfoil_reference::MANIFEST,
            placeholders: self.placeholders.clone(),
            program,
            broker: self.broker()?,
            fleet: self.fleet,
            scenarios: None,
            filters: match filter {
                "" => self.filters.clone(),
                filter => vec![filter.to_owned()],
            },
            requirements: self.requirements,
            shard: None,
            property: None,
            out: PathBuf::new(),
            seed: 0,
            repeat: 1,
            confirm: 1,
            jobs: self.jobs,
            fail_fast: false,
            mutant: self.mutant.clone(),
            baseline: BaselineUse::Judge,
            control: Control::Own,
        })
    }

    fn selector(&self) -> Selector {
        let Ok(selector) = self.exporter.parse();
        selector
    }

    fn broker(&self) -> Result<Choice, SuiteError> {
        if let Some(broker) = &self.broker {
            return Ok(broker.clone());
        }
        if let Ok(broker) = std::env::var(BROKER_VARIABLE) {
            return broker.parse().map_err(SuiteError::Broker);
        }
        let installed = ["redis-server", "valkey-server"]
            .into_iter()
            .any(|program| on_path(program).is_some());
        Ok(if installed {
            Choice::Process
        } else {
            Choice::Embedded
        })
    }
}
