//! What a run's verdicts are by: the requirement set.

use super::{RunError, Settings};
use crate::report::Terms;
use crate::requirements::RequirementSet;
use crate::scenario::Scenario;

/// What a run's verdicts are by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measure {
    /// `None`: what each scenario declares.
    set: Option<RequirementSet>,
}

impl Measure {
    /// The set that the settings name, or the newest. Scenarios of a folder, and generated ones, are in no set.
    pub(super) fn of(settings: &Settings) -> Result<Self, RunError> {
        if settings.scenarios.is_some() || settings.property.is_some() {
            return Ok(Self::default());
        }
        let set = RequirementSet::embedded(settings.requirements)?;
        Ok(Self { set: Some(set) })
    }

    /// The number of the set.
    pub(super) fn set(&self) -> Option<u32> {
        self.set.as_ref().map(|set| set.number)
    }

    /// Whether the set has that scenario; without one, whatever there is.
    pub(super) fn has(&self, id: &str) -> bool {
        self.set.as_ref().is_none_or(|set| set.requirement(id).is_some())
    }

    /// By what a scenario is judged. A canary must fail, and is in no set.
    pub(super) fn terms(&self, scenario: &Scenario) -> Terms {
        match &self.set {
            Some(set) if scenario.canary.is_none() => Terms::of_set(set, scenario),
            _ => Terms::declared(scenario),
        }
    }
}
