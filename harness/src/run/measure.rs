//! What a run's verdicts are by: the requirement set, and what the exporter is known to fail.

use super::{BaselineUse, Ground, RunError, Settings};
use crate::baseline::{Baseline, BaselineError, Update};
use crate::exporter::{Adapter, FileLayout};
use crate::report::{ScenarioReport, Terms};
use crate::requirements::RequirementSet;
use crate::scenario::Scenario;

/// What a run's verdicts are by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measure {
    /// `None`: what each scenario declares.
    set: Option<RequirementSet>,
    /// Of the exporter.
    baseline: Option<Baseline>,
    /// Its version.
    version: String,
}

impl Measure {
    /// The set that the settings name, or the newest. Scenarios of a folder, and generated ones, are in no set.
    pub(super) fn of(settings: &Settings) -> Result<Self, RunError> {
        if settings.scenarios.is_some() || settings.property.is_some() {
            return Ok(Self::default());
        }
        let set = Some(RequirementSet::embedded(settings.requirements)?);
        Ok(Self {
            set,
            ..Self::default()
        })
    }

    /// Adapts the set to what the exporter is asked, and reads what it is known to fail. Generated programs are not known beforehand.
    pub(super) fn learn(
        &mut self,
        settings: &Settings,
        ground: &Ground,
        adapter: &Adapter,
    ) -> Result<(), RunError> {
        let manifest = &adapter.manifest;
        if manifest.files.layout == FileLayout::None {
            self.set = self.set.take().map(RequirementSet::without_files);
        }
        if settings.baseline == BaselineUse::Ignore || settings.property.is_some() {
            return Ok(());
        }
        // An embedded adapter is unpacked into the run's own folder.
        let is_embedded = adapter.dir.starts_with(ground.kept.path());
        if settings.baseline == BaselineUse::Update && is_embedded {
            let name = manifest.name.clone();
            return Err(BaselineError::Embedded { name }.into());
        }
        let baseline = Baseline::in_folder(&adapter.dir)?;
        let known = settings.known_scenarios()?;
        let asked: Vec<Scenario> = known
            .iter()
            .map(|known| manifest.asked(known).into_owned())
            .collect();
        baseline.refuse_unknown(&asked)?;
        if settings.baseline == BaselineUse::Judge {
            baseline.refuse_unexplained()?;
        }
        self.baseline = Some(baseline);
        self.version.clone_from(&adapter.version);
        Ok(())
    }

    /// The number of the set.
    pub(super) fn set(&self) -> Option<u32> {
        self.set.as_ref().map(|set| set.number)
    }

    /// The baseline's file, if it lists anything.
    pub(super) fn baseline(&self) -> Option<String> {
        let baseline = self.baseline.as_ref().filter(|baseline| !baseline.is_empty());
        baseline.map(|baseline| baseline.path().display().to_string())
    }

    /// Whether the set has that scenario; without one, whatever there is.
    pub(super) fn has(&self, id: &str) -> bool {
        self.set.as_ref().is_none_or(|set| set.requirement(id).is_some())
    }

    /// By what a scenario is judged. A canary must fail, and is in no set.
    pub(super) fn terms(&self, scenario: &Scenario) -> Terms {
        let mut terms = match &self.set {
            Some(set) if scenario.canary.is_none() => Terms::of_set(set, scenario),
            _ => Terms::declared(scenario),
        };
        if let Some(baseline) = &self.baseline {
            terms.known = baseline.known(&scenario.id, &self.version);
        }
        terms
    }

    /// Writes what the reports come to into the baseline.
    pub(super) fn update(&self, reports: &[ScenarioReport]) -> Result<Option<Update>, RunError> {
        let baseline = self.baseline.as_ref();
        let update = baseline.map(|baseline| baseline.update(reports, &self.version));
        Ok(update.transpose()?)
    }
}
