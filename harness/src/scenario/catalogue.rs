//! The scenarios that are embedded in the binary.

use include_dir::{Dir, include_dir};

use super::error::ScenarioError;
use super::schema::Scenario;
use super::validate::validate;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// A set of scenarios, by id.
#[derive(Clone, Debug)]
pub struct Catalogue {
    scenarios: Vec<Scenario>,
}

impl Catalogue {
    /// The scenarios of this release, by id.
    ///
    /// # Errors
    /// A file that does not parse or does not make sense, with the place.
    pub fn embedded() -> Result<Self, Box<ScenarioError>> {
        let mut scenarios = Vec::new();
        for family in EMBEDDED.dirs() {
            for file in family.files() {
                let id = file.path().with_extension("").to_string_lossy().into_owned();
                let text = file.contents_utf8().unwrap_or_default();
                scenarios.push(parse(&id, text)?);
            }
        }
        scenarios.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self { scenarios })
    }

    /// All scenarios, by id.
    pub fn scenarios(&self) -> &[Scenario] {
        &self.scenarios
    }

    /// The scenario of that id.
    pub fn get(&self, id: &str) -> Option<&Scenario> {
        self.scenarios.iter().find(|scenario| scenario.id == id)
    }
}

/// Reads one scenario from its text.
///
/// # Errors
/// The first thing that is wrong, with the place.
pub fn parse(id: &str, text: &str) -> Result<Scenario, Box<ScenarioError>> {
    let mut scenario: Scenario =
        toml::from_str(text).map_err(|error| ScenarioError::from_toml(id, text, &error))?;
    id.clone_into(&mut scenario.id);
    text.clone_into(&mut scenario.text);
    validate(&scenario).map_err(|flaw| ScenarioError::new(id, text, flaw.at, flaw.message, flaw.remedy))?;
    Ok(scenario)
}

/// Whether a scenario's id is chosen by `filters`: it contains one of them, or there are none.
pub fn select(id: &str, filters: &[String]) -> bool {
    filters.is_empty() || filters.iter().any(|filter| id.contains(filter.as_str()))
}
