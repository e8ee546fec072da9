//! Baselines: what an exporter is known to fail, as `baseline.toml` beside its manifest says.
//!
//! What is listed is played, and must fail: then it is a known failure, and the run is conformant. What is listed and holds is
//! stale, and fails until the list is put right ([`Terms`](crate::report::Terms) judges so). `exporters/PROTOCOL.md` describes
//! the file; [`Baseline::update`] writes it.

mod error;
mod update;

use std::fs;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use pep440_rs::VersionSpecifiers;
use serde::Deserialize;
use toml::Spanned;

pub use error::{BaselineError, BaselineFlaw};
pub use update::Update;

use crate::check::{self, Check};
use crate::declaration::Complaint;
use crate::exporter::include;
use crate::report::KnownFailure;
use crate::scenario::Scenario;
use crate::spelling::{nearest, suggestion};

/// The file's name, beside the manifest.
const FILE: &str = "baseline.toml";

/// What an exporter is known to fail.
#[derive(Clone, Debug)]
pub struct Baseline {
    path: PathBuf,
    text: String,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    known: Vec<Entry>,
}

/// Scenarios in which one check fails, for one reason.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    scenarios: Spanned<Vec<Spanned<String>>>,
    check: Spanned<String>,
    /// A specifier of PEP 440; without it, every version.
    versions: Option<Spanned<String>>,
    reason: Spanned<String>,
    url: Option<String>,
    reproducer: Option<String>,
}

impl Entry {
    /// Whether it is about that version.
    fn is_about(&self, version: &str) -> bool {
        let Some(versions) = &self.versions else {
            return true;
        };
        VersionSpecifiers::from_str(versions.get_ref()).is_ok_and(|versions| include(&versions, version))
    }

    fn lists(&self, scenario: &str) -> bool {
        self.scenarios
            .get_ref()
            .iter()
            .any(|listed| listed.get_ref() == scenario)
    }
}

impl Baseline {
    /// The one in an adapter's folder; where there is no such file, one that lists nothing.
    ///
    /// # Errors
    /// It cannot be read, or is malformed, with the place.
    pub fn in_folder(folder: &Path) -> Result<Self, BaselineError> {
        let path = folder.join(FILE);
        match text_of(&path) {
            Ok(text) => Self::parse(path, text),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self {
                path,
                text: String::new(),
                entries: Vec::new(),
            }),
            Err(source) => Err(BaselineError::Read { path, source }),
        }
    }

    /// Reads a baseline from its text; `path` names it in errors.
    ///
    /// # Errors
    /// The first thing that is wrong with its shape, with the place.
    ///
    /// ```
    /// use counterfoil::baseline::Baseline;
    ///
    /// let text = r#"
    /// [[known]]
    /// scenarios = ["counter/sums-across-workers"]
    /// check = "scrape/equals-truth"
    /// versions = "<2.1"
    /// reason = "The endpoint serves one worker's share."
    /// url = "https://acme.example/issues/7"
    /// "#;
    /// let baseline = Baseline::parse("acme/baseline.toml".into(), text.to_owned())?;
    /// assert_eq!(baseline.known("counter/sums-across-workers", "2.0.3").len(), 1);
    /// assert_eq!(baseline.known("counter/sums-across-workers", "2.1").len(), 0);
    /// # Ok::<(), counterfoil::baseline::BaselineError>(())
    /// ```
    pub fn parse(path: PathBuf, text: String) -> Result<Self, BaselineError> {
        let read: Result<File, _> = toml::from_str(&text);
        let entries = match read {
            Ok(File { known }) => known,
            Err(error) => {
                let Complaint { at, message, remedy } = Complaint::of(&error, &text);
                return Err(BaselineFlaw::at(&path, &text, at, message, remedy));
            }
        };
        let baseline = Self { path, text, entries };
        for entry in &baseline.entries {
            baseline.refuse_malformed(entry)?;
        }
        Ok(baseline)
    }

    fn refuse_malformed(&self, entry: &Entry) -> Result<(), BaselineError> {
        if entry.scenarios.get_ref().is_empty() {
            let (at, message) = (
                entry.scenarios.span(),
                "an entry that lists no scenario".to_owned(),
            );
            return Err(self.flaw(at, message, "name one, or take the entry out".to_owned()));
        }
        let Some(versions) = &entry.versions else {
            return Ok(());
        };
        let (text, at) = (versions.get_ref(), versions.span());
        let remedy = "write one or several as in \"<0.12.2\", \">=1.0, !=1.3\" or \"==2.0.*\", or leave it out for all";
        match VersionSpecifiers::from_str(text) {
            Ok(range) if !range.is_empty() => Ok(()),
            _ => Err(self.flaw(at, format!("{text:?} is no range of versions"), remedy.to_owned())),
        }
    }

    /// Refuses entries that say not why they are there, as a baseline has them that was just written.
    ///
    /// # Errors
    /// The first of them, with its place.
    pub fn refuse_unexplained(&self) -> Result<(), BaselineError> {
        let mut reasons = self.entries.iter().map(|entry| &entry.reason);
        match reasons.find(|reason| reason.get_ref().trim().is_empty()) {
            None => Ok(()),
            Some(reason) => {
                let message = "a known failure without a reason".to_owned();
                let remedy = "write why it fails, and as `url` where that is reported; who does not know either does \
                              not know the failure";
                Err(self.flaw(reason.span(), message, remedy.to_owned()))
            }
        }
    }

    /// Refuses entries for scenarios that there are not, and for checks that these do not ask for.
    ///
    /// # Errors
    /// The first of them, with its place and what may have been meant.
    pub fn refuse_unknown(&self, scenarios: &[Scenario]) -> Result<(), BaselineError> {
        for entry in &self.entries {
            let check = entry.check.get_ref();
            if Check::named(check).is_none() {
                let known = check::ALL.map(Check::id);
                let message = format!("there is no check {check:?}");
                return Err(self.flaw(entry.check.span(), message, suggestion(check, &known, "known")));
            }
            for listed in entry.scenarios.get_ref() {
                let Some(scenario) = scenarios.iter().find(|scenario| scenario.id == *listed.get_ref())
                else {
                    return Err(self.unknown_scenario(listed, scenarios));
                };
                let asked = scenario.checks();
                if !asked.contains(&check.as_str()) {
                    let message = format!("{} does not ask for {check}", scenario.id);
                    return Err(self.flaw(listed.span(), message, suggestion(check, &asked, "its checks")));
                }
            }
        }
        Ok(())
    }

    fn unknown_scenario(&self, listed: &Spanned<String>, scenarios: &[Scenario]) -> BaselineError {
        let id = listed.get_ref();
        let all = "`counterfoil list scenarios` names them all, and `--scenarios` adds those of a folder";
        let remedy = match nearest(id, scenarios.iter().map(|scenario| scenario.id.as_str())) {
            Some(nearest) => format!("did you mean {nearest}? {all}"),
            None => all.to_owned(),
        };
        self.flaw(listed.span(), format!("there is no scenario {id:?}"), remedy)
    }

    fn flaw(&self, at: Range<usize>, message: String, remedy: String) -> BaselineError {
        BaselineFlaw::at(&self.path, &self.text, at, message, remedy)
    }

    /// Where it is, or would be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it lists nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What that version is known to fail in a scenario.
    pub fn known(&self, scenario: &str, version: &str) -> Vec<KnownFailure> {
        let applies = |entry: &&Entry| entry.lists(scenario) && entry.is_about(version);
        let entries = self.entries.iter().filter(applies);
        entries
            .map(|entry| KnownFailure {
                check: entry.check.get_ref().clone(),
                reason: entry.reason.get_ref().clone(),
                url: entry.url.clone(),
                reproducer: entry.reproducer.clone(),
            })
            .collect()
    }
}

/// A file's text. A pipe would be waited for, and a device may have no end.
fn text_of(path: &Path) -> io::Result<String> {
    match fs::metadata(path)?.is_file() {
        true => fs::read_to_string(path),
        false => Err(io::Error::new(ErrorKind::InvalidInput, "it is no regular file")),
    }
}

#[cfg(test)]
mod tests {
    use miette::Diagnostic;

    use super::*;
    use crate::scenario::Catalogue;

    const TEXT: &str = "[[known]]\nscenarios = [\"counter/sums-across-workers\", \"gauge/min-and-max\"]\n\
                        check = \"scrape/equals-truth\"\nversions = \"<0.12.2\"\nreason = \"One worker's share.\"\n\
                        url = \"https://example.org/590\"\n";

    fn baseline(text: &str) -> Result<Baseline, BaselineError> {
        Baseline::parse("baseline.toml".into(), text.to_owned())
    }

    /// What is pointed at, what is said, and what is to be done.
    fn told(text: &str, error: &BaselineError) -> (String, String, String) {
        let place = error.labels().unwrap().next().unwrap();
        let at = text[place.offset()..][..place.len()].to_owned();
        (at, error.to_string(), error.help().unwrap().to_string())
    }

    fn applies_to(versions: &str, version: &str) -> bool {
        let text = TEXT.replace("<0.12.2", versions);
        !baseline(&text)
            .unwrap()
            .known("gauge/min-and-max", version)
            .is_empty()
    }

    #[test]
    fn an_entry_is_about_its_scenarios_and_its_versions() {
        let known = baseline(TEXT).unwrap();
        let [of_counter] = &known.known("counter/sums-across-workers", "0.11.20")[..] else {
            panic!("one entry lists it")
        };
        assert_eq!(
            (of_counter.check.as_str(), of_counter.reason.as_str()),
            ("scrape/equals-truth", "One worker's share.")
        );
        assert_eq!(of_counter.url.as_deref(), Some("https://example.org/590"));
        assert!(known.known("gauge/min", "0.11.20").is_empty());
        for (versions, version, applies) in [
            ("<0.12.2", "0.12.1", true),
            ("<0.12.2", "0.12.2", false),
            ("<0.12.2", "0.9", true),
            (">=0.12, !=0.12.5", "0.12.5", false),
            (">=1.0", "1.0", true),
            ("==0.16.*", "0.16.2", true),
            ("<2", "2.0.0rc1", false),
            ("==2.0.0rc1", "2.0.0-rc.1", true),
            (">=0", "../checkout", false),
        ] {
            assert_eq!(applies_to(versions, version), applies, "{version} {versions}");
        }
        let of_all = TEXT.replace("versions = \"<0.12.2\"\n", "");
        assert_eq!(
            baseline(&of_all)
                .unwrap()
                .known("gauge/min-and-max", "../checkout")
                .len(),
            1
        );
    }

    #[test]
    fn what_is_malformed_is_refused_at_its_place() {
        let refused = |from: &str, to: &str| {
            let text = TEXT.replace(from, to);
            told(&text, &baseline(&text).unwrap_err())
        };
        let (at, message, _) = refused("reason", "raeson");
        assert_eq!(
            (at.as_str(), message.as_str()),
            ("raeson", "baseline baseline.toml: unknown key `raeson`")
        );
        assert_eq!(refused("\"<0.12.2\"", "\"before 0.12.2\"").0, "\"before 0.12.2\"");
        assert_eq!(
            refused("\"<0.12.2\"", "\"\"").1,
            "baseline baseline.toml: \"\" is no range of versions"
        );
        assert_eq!(
            refused("[\"counter/sums-across-workers\", \"gauge/min-and-max\"]", "[]").0,
            "[]"
        );
        assert_eq!(
            refused("check = ", "# ").1,
            "baseline baseline.toml: the key `check` is missing"
        );
    }

    #[test]
    fn what_lists_nothing_that_there_is_is_refused_with_what_was_meant() {
        let catalogue = Catalogue::embedded().unwrap();
        let refused = |from: &str, to: &str| {
            let text = TEXT.replace(from, to);
            told(
                &text,
                &baseline(&text)
                    .unwrap()
                    .refuse_unknown(catalogue.scenarios())
                    .unwrap_err(),
            )
        };
        baseline(TEXT)
            .unwrap()
            .refuse_unknown(catalogue.scenarios())
            .unwrap();
        let (at, _, remedy) = refused("gauge/min-and-max", "gauge/max-and-min");
        assert_eq!(at, "\"gauge/max-and-min\"");
        assert!(remedy.starts_with("did you mean gauge/m"), "{remedy}");
        assert!(
            refused("scrape/equals-truth", "scrape/equal-truth")
                .2
                .contains("`scrape/equals-truth`")
        );
        let (at, message, _) = refused("scrape/equals-truth", "fleet/no-orphans");
        assert_eq!(at, "\"counter/sums-across-workers\"");
        assert!(
            message.ends_with("counter/sums-across-workers does not ask for fleet/no-orphans"),
            "{message}"
        );
    }

    #[test]
    fn a_known_failure_has_a_reason() {
        baseline(TEXT).unwrap().refuse_unexplained().unwrap();
        let text = TEXT.replace("One worker's share.", " ");
        let error = baseline(&text).unwrap().refuse_unexplained().unwrap_err();
        assert_eq!(told(&text, &error).0, "\" \"");
    }

    #[test]
    fn where_there_is_no_file_nothing_is_known() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Baseline::in_folder(folder.path()).unwrap().is_empty());
        let file = folder.path().join(FILE);
        std::os::unix::fs::symlink("/dev/zero", &file).unwrap();
        let error = Baseline::in_folder(folder.path()).unwrap_err();
        assert!(matches!(error, BaselineError::Read { .. }), "{error}");
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        assert!(Baseline::in_folder(folder.path()).is_err());
    }
}
