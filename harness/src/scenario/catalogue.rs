//! The scenarios that are embedded in the binary, or those of a folder.

use std::path::Path;

use include_dir::{Dir, include_dir};

use super::error::{CatalogueError, ScenarioError};
use super::folder;
use super::schema::Scenario;
use super::validate::validate;
use crate::spelling::nearest;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// A set of scenarios, by id.
#[derive(Clone, Debug)]
pub struct Catalogue {
    scenarios: Vec<Scenario>,
    /// The option that chooses it, as it stands behind a command.
    option: String,
}

impl Catalogue {
    /// The scenarios of this release, by id.
    ///
    /// # Errors
    /// A file that does not parse or does not make sense, with the place.
    pub fn embedded() -> Result<Self, CatalogueError> {
        let mut scenarios = Vec::new();
        for family in EMBEDDED.dirs() {
            for file in family.files() {
                let id = file.path().with_extension("").to_string_lossy().into_owned();
                let text = file.contents_utf8().unwrap_or_default();
                scenarios.push(parse(&id, text)?);
            }
        }
        Ok(Self::by_id(scenarios, String::new()))
    }

    /// The scenarios of a folder, `<family>/<behaviour>.toml`, by id.
    ///
    /// # Errors
    /// The folder holds none, a file lies elsewhere or cannot be read, or one of them is wrong, with the place.
    pub fn read(dir: &Path) -> Result<Self, CatalogueError> {
        let mut scenarios = Vec::new();
        for file in folder::read(dir)? {
            scenarios.push(parse_file(
                &file.id,
                &file.path.display().to_string(),
                &file.text,
            )?);
        }
        Ok(Self::by_id(scenarios, format!(" --scenarios {}", dir.display())))
    }

    fn by_id(mut scenarios: Vec<Scenario>, option: String) -> Self {
        scenarios.sort_by(|a, b| a.id.cmp(&b.id));
        Self { scenarios, option }
    }

    /// Keeps the scenarios whose id passes.
    pub fn retain(&mut self, passes: impl Fn(&str) -> bool) {
        self.scenarios.retain(|scenario| passes(&scenario.id));
    }

    /// All scenarios, by id.
    pub fn scenarios(&self) -> &[Scenario] {
        &self.scenarios
    }

    /// The canaries: scenarios that must fail, one a family.
    pub fn canaries(&self) -> impl Iterator<Item = &Scenario> {
        self.scenarios.iter().filter(|scenario| scenario.canary.is_some())
    }

    /// The scenarios that exporters are judged by, the long ones too.
    pub fn judging(&self) -> impl Iterator<Item = &Scenario> {
        self.scenarios.iter().filter(|scenario| scenario.canary.is_none())
    }

    /// The families that have no canary, each once.
    pub fn families_without_canary(&self) -> Vec<&str> {
        let covered: Vec<&str> = self.canaries().map(Scenario::family).collect();
        let families = self.scenarios.iter().map(Scenario::family);
        let mut without: Vec<&str> = families.filter(|family| !covered.contains(family)).collect();
        without.dedup();
        without
    }

    /// The scenarios that `filters` choose, by id: a filter that is an id chooses that scenario alone, any other all
    /// whose id contains it; without filters, all. Canaries, and what is to be played apart, are chosen by their ids alone.
    pub fn select(&self, filters: &[String]) -> Vec<&Scenario> {
        let chooses = |filter: &String, id: &str| match self.get(filter) {
            Some(_) => id == filter,
            None => id.contains(filter.as_str()),
        };
        let chosen = |scenario: &&Scenario| match scenario.canary.is_some() || scenario.apart {
            true => filters.contains(&scenario.id),
            false => filters.is_empty() || filters.iter().any(|filter| chooses(filter, &scenario.id)),
        };
        self.scenarios.iter().filter(chosen).collect()
    }

    /// The filters among `filters` that choose nothing, and what somebody may have meant by the first of them.
    pub fn unmatched(&self, filters: &[String]) -> Option<(Vec<String>, String)> {
        let chooses_nothing = |filter: &&String| self.select(std::slice::from_ref(filter)).is_empty();
        let unmatched: Vec<String> = filters.iter().filter(chooses_nothing).cloned().collect();
        let first = unmatched.first()?;
        let ids = self.judging().map(|scenario| scenario.id.as_str());
        let all = format!("`counterfoil list scenarios{}` names them all", self.option);
        let remedy = match nearest(first, ids) {
            Some(id) => format!("did you mean {id}? {all}"),
            None => all,
        };
        Some((unmatched, remedy))
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
///
/// ```
/// use counterfoil::scenario;
/// use miette::Diagnostic;
///
/// let text = r#"
/// title = "Counters add up"
/// level = "must"
/// since = "0.1.0"
/// why = "An example."
/// fleet = { workers = 2 }
/// steps = [{ check = ["scrape/equals-thruth"] }]
/// "#;
/// let error = scenario::parse("counter/adds-up", text).expect_err("no check has that name");
/// let place = error.labels().and_then(|mut labels| labels.next()).expect("it points at the name");
/// assert_eq!(&text[place.offset()..][..place.len()], r#""scrape/equals-thruth""#);
/// let remedy = error.help().map(|remedy| remedy.to_string()).unwrap_or_default();
/// assert!(remedy.contains("scrape/equals-truth"), "{remedy}");
/// ```
pub fn parse(id: &str, text: &str) -> Result<Scenario, Box<ScenarioError>> {
    parse_file(id, &format!("scenarios/{id}.toml"), text)
}

fn parse_file(id: &str, name: &str, text: &str) -> Result<Scenario, Box<ScenarioError>> {
    let mut scenario: Scenario =
        toml::from_str(text).map_err(|error| ScenarioError::from_toml(id, name, text, &error))?;
    id.clone_into(&mut scenario.id);
    text.clone_into(&mut scenario.text);
    validate(&scenario)
        .map_err(|flaw| ScenarioError::new(id, name, text, flaw.at, flaw.message, flaw.remedy))?;
    Ok(scenario)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_chooses_its_scenario_alone_though_another_begins_with_it() {
        let mut catalogue = Catalogue::embedded().unwrap();
        let mut longer = catalogue.select(&[])[0].clone();
        let id = longer.id.clone();
        longer.id.push_str("-twice");
        catalogue.scenarios.push(longer);
        assert_eq!(catalogue.select(std::slice::from_ref(&id)).len(), 1);
        assert_eq!(catalogue.select(&[id[..id.len() - 1].to_owned()]).len(), 2);
        assert_eq!(
            catalogue.select(&[]).len(),
            catalogue.judging().filter(|scenario| !scenario.apart).count()
        );
    }

    #[test]
    fn what_is_played_apart_is_chosen_by_its_id_alone() {
        let catalogue = Catalogue::embedded().unwrap();
        let chosen = |filter: &str| catalogue.select(&[filter.to_owned()]).len();
        for apart in catalogue.judging().filter(|scenario| scenario.apart) {
            assert_eq!(chosen(&apart.id), 1);
            assert!(catalogue.select(&[apart.id[1..].to_owned()]).is_empty());
            assert_eq!(catalogue.get(&apart.id).unwrap().id, apart.id);
        }
    }

    #[test]
    fn every_family_has_a_canary_which_only_its_id_chooses() {
        let catalogue = Catalogue::embedded().unwrap();
        assert_eq!(catalogue.families_without_canary(), [""; 0]);
        for canary in catalogue.canaries() {
            let family = canary.family();
            assert_eq!(canary.id, format!("{family}/canary"));
            assert_eq!(catalogue.select(std::slice::from_ref(&canary.id)).len(), 1);
            assert!(
                catalogue
                    .select(&[family.to_owned()])
                    .iter()
                    .all(|chosen| chosen.canary.is_none())
            );
        }
    }

    #[test]
    fn a_filter_that_chooses_nothing_is_told_from_those_that_do() {
        let catalogue = Catalogue::embedded().unwrap();
        let filters = ["counter/", "counter/sum-across-workers"].map(str::to_owned);
        let (unmatched, remedy) = catalogue.unmatched(&filters).unwrap();
        assert_eq!(unmatched, filters[1..]);
        assert!(
            remedy.starts_with("did you mean counter/sums-across-workers?"),
            "{remedy}"
        );
        assert_eq!(catalogue.unmatched(&filters[..1]), None);
    }
}
