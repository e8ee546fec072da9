//! Requirement sets: which scenarios an exporter is held to, at which level and by which checks, for good.
//!
//! A scenario that is added to a release, a level that is raised, a check that is added to a scenario, one that is played
//! otherwise: each would make an exporter fail that passed before. A set names what was there once, so that it stays the
//! measure. The newest judges; what is beyond it warns.

use std::collections::BTreeMap;
use std::ops::Range;

use include_dir::{Dir, include_dir};
use miette::{Diagnostic, NamedSource, SourceSpan};
use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;

use crate::check::{self, Check};
use crate::declaration::Complaint;
use crate::scenario::{Level, Scenario, Step, translated};
use crate::spelling::suggestion;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/requirements");

/// What an exporter is held to.
#[derive(Clone, Debug)]
pub struct RequirementSet {
    /// Its number, which is its file's name.
    pub number: u32,
    /// Whether no release has it yet: until then it follows the scenarios.
    pub is_draft: bool,
    scenarios: BTreeMap<String, Requirement>,
}

/// What one scenario is in a set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// How binding it is, whatever the scenario says today.
    pub level: Level,
    checks: Vec<Spanned<String>>,
    /// The [`content`] of the scenario, which may not change once the set is frozen.
    pub content: String,
}

/// A checksum of what a scenario plays: of all of it but its words, its level, and its checks, which a set lists itself.
pub fn content(scenario: &Scenario) -> String {
    let mut played = scenario.clone();
    for words in [&mut played.title, &mut played.why, &mut played.since] {
        words.clear();
    }
    played.rules.clear();
    played.sources.clear();
    played.level = Level::Must;
    played
        .steps
        .retain(|step| !matches!(step.get_ref(), Step::Check(_)));
    let document = serde_json::to_vec(&played).expect("a scenario holds nothing that JSON cannot");
    let mut checksum = flate2::Crc::new();
    checksum.update(&document);
    format!("{:08x}", checksum.sum())
}

impl Requirement {
    /// The checks that count, in order; what the scenario asks for beside them warns at most.
    pub fn checks(&self) -> impl Iterator<Item = &str> {
        self.checks.iter().map(|check| check.get_ref().as_str())
    }
}

/// Why there is no such set.
#[derive(Debug, Error, Diagnostic)]
pub enum RequirementsError {
    /// This release has none of that number.
    #[error("there is no requirement set {number}")]
    #[diagnostic(help("the sets of this release: {}", known.join(", ")))]
    Unknown {
        /// What was asked for.
        number: u32,
        /// The numbers that there are.
        known: Vec<String>,
    },
    /// Its file is wrong, which is the suite's own fault.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Malformed(Box<RequirementsFlaw>),
}

/// A set's file that cannot be used. Renders with the offending line.
#[derive(Debug, Error, Diagnostic)]
#[error("requirement set {number}: {message}")]
pub struct RequirementsFlaw {
    number: u32,
    message: String,
    #[source_code]
    text: NamedSource<String>,
    #[label("here")]
    at: SourceSpan,
    #[help]
    remedy: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    draft: bool,
    scenarios: BTreeMap<String, Requirement>,
}

impl RequirementSet {
    /// The numbers of the embedded sets, ascending.
    pub fn numbers() -> Vec<u32> {
        let names = EMBEDDED.files().filter_map(|file| file.path().file_stem());
        let mut numbers: Vec<u32> = names.filter_map(|name| name.to_str()?.parse().ok()).collect();
        numbers.sort_unstable();
        numbers
    }

    /// The set of that number; the newest, if none is given.
    ///
    /// # Errors
    /// There is none, or its file is malformed.
    ///
    /// ```
    /// use counterfoil::requirements::RequirementSet;
    ///
    /// let newest = RequirementSet::embedded(None)?;
    /// assert!(newest.requirement("counter/sums-across-workers").is_some());
    /// let error = RequirementSet::embedded(Some(newest.number + 1)).expect_err("it is the newest");
    /// assert!(error.to_string().starts_with("there is no requirement set"));
    /// # Ok::<(), counterfoil::requirements::RequirementsError>(())
    /// ```
    pub fn embedded(number: Option<u32>) -> Result<Self, RequirementsError> {
        let known = Self::numbers();
        let number = number.or(known.last().copied()).unwrap_or_default();
        let file = EMBEDDED.get_file(format!("{number}.toml"));
        let text = file.and_then(include_dir::File::contents_utf8);
        let text = text.ok_or_else(|| RequirementsError::Unknown {
            number,
            known: known.iter().map(u32::to_string).collect(),
        })?;
        Self::parse(number, text)
    }

    /// Every embedded set, ascending.
    ///
    /// # Errors
    /// The file of one is malformed.
    pub fn all() -> Result<Vec<Self>, RequirementsError> {
        let numbers = Self::numbers().into_iter();
        numbers.map(|number| Self::embedded(Some(number))).collect()
    }

    /// Reads the set of that number from its text.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse(number: u32, text: &str) -> Result<Self, RequirementsError> {
        let flaw = |at: Range<usize>, message: String, remedy: String| {
            let name = format!("requirements/{number}.toml");
            RequirementsError::Malformed(Box::new(RequirementsFlaw {
                number,
                message,
                text: NamedSource::new(name, text.to_owned()).with_language("toml"),
                at: at.into(),
                remedy,
            }))
        };
        let File { draft, scenarios } = toml::from_str(text).map_err(|error| {
            let Complaint { at, message, remedy } = Complaint::of(&error, text);
            flaw(at, message, remedy)
        })?;
        let mut checks = scenarios.values().flat_map(|requirement| &requirement.checks);
        if let Some(check) = checks.find(|check| Check::named(check.get_ref()).is_none()) {
            let message = format!("there is no check {:?}", check.get_ref());
            let known = check::ALL.map(Check::id);
            return Err(flaw(
                check.span(),
                message,
                suggestion(check.get_ref(), &known, "known"),
            ));
        }
        Ok(Self {
            number,
            is_draft: draft,
            scenarios,
        })
    }

    /// The set for an exporter without files: it counts the checks that scenarios ask of that.
    #[must_use]
    pub fn without_files(mut self) -> Self {
        for requirement in self.scenarios.values_mut() {
            requirement.checks = translated(&requirement.checks);
        }
        self
    }

    /// What the set says of a scenario; `None`: it does not have it.
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.scenarios.get(id)
    }

    /// The ids of its scenarios, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.scenarios.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: &str =
        "[scenarios]\n\"a/b\" = { level = \"should\", checks = [\"scrape/available\"], content = \"0\" }\n";

    fn refused(from: &str, to: &str) -> (String, String, String) {
        let text = SET.replace(from, to);
        let error = RequirementSet::parse(7, &text).unwrap_err();
        let place = error.labels().unwrap().next().unwrap();
        let at = text[place.offset()..][..place.len()].to_owned();
        (at, error.to_string(), error.help().unwrap().to_string())
    }

    #[test]
    fn a_set_says_of_each_scenario_its_level_and_its_checks() {
        let set = RequirementSet::parse(7, SET).unwrap();
        let requirement = set.requirement("a/b").unwrap();
        assert_eq!(requirement.level, Level::Should);
        assert_eq!(requirement.checks().collect::<Vec<_>>(), ["scrape/available"]);
        assert_eq!(set.ids().collect::<Vec<_>>(), ["a/b"]);
        assert!(set.requirement("a/c").is_none() && !set.is_draft);
    }

    #[test]
    fn an_exporter_without_files_is_held_to_what_it_is_asked() {
        let listed =
            "\"truth/readable\", \"scrape/available\", \"scrape/equals-truth\", \"truth/equals-ledger\"";
        let text = SET.replace("\"scrape/available\"", listed);
        let set = RequirementSet::parse(7, &text).unwrap().without_files();
        let checks: Vec<&str> = set.requirement("a/b").unwrap().checks().collect();
        assert_eq!(checks, ["scrape/available", "scrape/equals-ledger"]);
    }

    #[test]
    fn what_is_no_set_is_refused_at_its_place() {
        let (at, message, remedy) = refused("scrape/available", "scrape/avialable");
        assert_eq!(at, "\"scrape/avialable\"");
        assert_eq!(
            message,
            "requirement set 7: there is no check \"scrape/avialable\""
        );
        assert!(remedy.starts_with("did you mean `scrape/available`?"), "{remedy}");
        assert_eq!(refused("level", "levle").0, "levle");
        assert_eq!(refused("should", "may").0, "\"may\"");
        assert_eq!(
            refused("[scenarios]\n", "").1,
            "requirement set 7: unknown key `a/b`"
        );
    }

    #[test]
    fn a_scenarios_content_is_what_it_plays_not_what_it_says() {
        let text = include_str!("../scenarios/counter/sums-across-workers.toml");
        let of = |from: &str, to: &str| {
            assert!(text.contains(from), "{from}");
            content(&crate::scenario::parse("a/b", &text.replacen(from, to, 1)).unwrap())
        };
        let same = of("", "");
        for (from, to) in [
            ("title = \"The", "title = \"These"),
            ("\"must\"", "\"should\""),
            ("[[steps]]", "# Said.\n[[steps]]"),
            ("\"truth/readable\", ", ""),
        ] {
            assert_eq!(of(from, to), same, "{from}");
        }
        for (from, to) in [
            ("workers = 2", "workers = 3"),
            ("mail = 20", "mail = 21"),
            ("needs = [", "needs = [\"gzip\", "),
        ] {
            assert_ne!(of(from, to), same, "{from}");
        }
    }

    #[test]
    fn a_number_that_no_set_has_is_answered_with_those_that_there_are() {
        let error = RequirementSet::embedded(Some(99)).unwrap_err();
        assert_eq!(error.to_string(), "there is no requirement set 99");
        assert!(
            error
                .help()
                .unwrap()
                .to_string()
                .starts_with("the sets of this release: 1")
        );
        assert_eq!(
            RequirementSet::embedded(None).unwrap().number,
            *RequirementSet::numbers().last().unwrap()
        );
    }
}
