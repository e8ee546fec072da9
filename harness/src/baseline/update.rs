//! A baseline brought up to date with a run: what fails is added, what is stale is taken out, all else stays as it is written.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use pep440_rs::Version;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value, value};

use super::{Baseline, BaselineError};
use crate::report::{Judgement, ScenarioReport, Verdict, clip, printable};
use crate::whole_file;

/// What begins a new file.
const HEAD: &str =
    "# What is known to fail: it is played, and must fail. exporters/PROTOCOL.md describes the keys.\n";
/// How much of what a check said stands above an entry that has no reason yet.
const SAID_WIDTH: usize = 100;

/// Scenarios by a check, each with what the check said.
type ByCheck<'a> = BTreeMap<&'a str, Vec<(&'a str, &'a str)>>;

/// What was done to a baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The file.
    pub path: PathBuf,
    /// Check and scenario of what fails and was added.
    pub added: Vec<(String, String)>,
    /// Check and scenario of what holds and was taken out.
    pub removed: Vec<(String, String)>,
}

impl Baseline {
    /// Writes what the reports of a run of that version come to; where that changes nothing, the file stays untouched. What
    /// is flaky or could not be judged is neither added nor taken out.
    ///
    /// # Errors
    /// The file cannot be written, or its entries are no tables.
    pub fn update(&self, reports: &[ScenarioReport], version: &str) -> Result<Update, BaselineError> {
        let (failing, stale) = (failing(reports), stale(reports));
        let update = Update {
            path: self.path.clone(),
            added: owned(&failing),
            removed: owned(&stale),
        };
        if !update.added.is_empty() || !update.removed.is_empty() {
            let text = self.updated(&failing, &stale, version)?;
            whole_file::write(&self.path, text.as_bytes()).map_err(|source| BaselineError::Write {
                path: self.path.clone(),
                source,
            })?;
        }
        Ok(update)
    }

    /// The file's text with `failing` added and `stale` taken out.
    fn updated(
        &self,
        failing: &ByCheck<'_>,
        stale: &ByCheck<'_>,
        version: &str,
    ) -> Result<String, BaselineError> {
        let mut document: DocumentMut = self.text.parse().expect("it was read as TOML before");
        // What stands above the first entry, with a blank line after it, is about the whole file.
        let mut head = match self.text.is_empty() {
            true => HEAD.to_owned(),
            false => document.trailing().as_str().unwrap_or_default().to_owned(),
        };
        let mut tail = String::new();
        let none = || Item::ArrayOfTables(ArrayOfTables::new());
        let known = document.entry("known").or_insert_with(none);
        let tables = known
            .as_array_of_tables_mut()
            .ok_or_else(|| BaselineError::Brackets {
                path: self.path.clone(),
            })?;
        if let Some(first) = tables.get_mut(0) {
            let above = first.decor().prefix().and_then(|prefix| prefix.as_str());
            let above = above.unwrap_or_default().to_owned();
            let (of_file, of_entry) = above.split_at(above.rfind("\n\n").map_or(0, |at| at + 1));
            first.decor_mut().set_prefix(of_entry);
            tail = std::mem::replace(&mut head, of_file.to_owned());
        }
        for (at, entry) in self.entries.iter().enumerate().rev() {
            let stale = stale.get(entry.check.get_ref().as_str());
            if let Some(stale) = stale.filter(|_| entry.is_about(version)) {
                take_out(tables, at, stale);
            }
        }
        for (check, scenarios) in failing {
            tables.push(entry(check, scenarios, version));
        }
        match tables.get_mut(0) {
            Some(first) => {
                let above = first.decor().prefix().and_then(|prefix| prefix.as_str());
                let above = format!("{head}{}", above.unwrap_or_default());
                first.decor_mut().set_prefix(above);
                document.set_trailing(tail);
            }
            None => document.set_trailing(head + &tail),
        }
        Ok(document.to_string())
    }
}

/// Takes scenarios out of an entry, and the entry out if none is left.
fn take_out(tables: &mut ArrayOfTables, at: usize, stale: &[(&str, &str)]) {
    let scenarios = tables
        .get_mut(at)
        .and_then(|table| table["scenarios"].as_array_mut());
    let scenarios = scenarios.expect("an entry has a list of scenarios");
    let is_stale = |listed: &Value| stale.iter().any(|(id, _)| listed.as_str() == Some(id));
    scenarios.retain(|listed| !is_stale(listed));
    if scenarios.is_empty() {
        tables.remove(at);
    } else if !scenarios.to_string().contains('\n') {
        scenarios.fmt();
    }
}

/// An entry that waits for its reason.
fn entry(check: &str, scenarios: &[(&str, &str)], version: &str) -> Table {
    let mut listed = Array::new();
    for (id, _) in scenarios {
        listed.push(*id);
    }
    if scenarios.len() > 1 {
        listed
            .iter_mut()
            .for_each(|id| id.decor_mut().set_prefix("\n    "));
        listed.set_trailing_comma(true);
        listed.set_trailing("\n");
    }
    let mut table = Table::new();
    table["scenarios"] = value(listed);
    table["check"] = value(check);
    if Version::from_str(version).is_ok() {
        table["versions"] = value(format!("=={version}"));
    }
    table["reason"] = value("");
    let said = scenarios.first().map_or("", |(_, said)| said);
    let said = clip(&printable(&said.replace('\n', " ")), SAID_WIDTH);
    table.decor_mut().set_prefix(format!("\n# It says: {said}\n"));
    table
}

/// What fails and is not listed.
fn failing(reports: &[ScenarioReport]) -> ByCheck<'_> {
    let mut failing = ByCheck::new();
    let decided = |report: &&ScenarioReport| matches!(report.verdict, Verdict::Fail | Verdict::Warn);
    for report in reports.iter().filter(decided) {
        for check in &report.checks {
            let is_known = report.terms.known.iter().any(|known| known.check == check.check);
            if let (Judgement::Fail { finding }, false) = (&check.judgement, is_known) {
                let scenarios = failing.entry(check.check.as_str()).or_default();
                if !scenarios.iter().any(|(id, _)| *id == report.id) {
                    scenarios.push((report.id.as_str(), finding.summary.as_str()));
                }
            }
        }
    }
    failing
}

/// What is listed and holds.
fn stale(reports: &[ScenarioReport]) -> ByCheck<'_> {
    let mut stale = ByCheck::new();
    for report in reports.iter().filter(|report| report.verdict == Verdict::Fail) {
        for check in report.terms.stale(&report.checks) {
            stale.entry(check).or_default().push((report.id.as_str(), ""));
        }
    }
    stale
}

fn owned(pairs: &ByCheck<'_>) -> Vec<(String, String)> {
    let of = |(check, scenarios): (&&str, &Vec<(&str, &str)>)| {
        let check = (*check).to_owned();
        let pair = |(id, _): &(&str, &str)| (check.clone(), (*id).to_owned());
        scenarios.iter().map(pair).collect::<Vec<_>>()
    };
    pairs.iter().flat_map(of).collect()
}

impl fmt::Display for Update {
    /// A line for the file, then one for each scenario and check.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        if self.added.is_empty() && self.removed.is_empty() {
            return write!(f, "{path} is up to date");
        }
        let (added, removed) = (self.added.len(), self.removed.len());
        write!(f, "{path}: {added} added, {removed} taken out")?;
        for (check, scenario) in &self.added {
            write!(f, "\n  added      {scenario}: {check}")?;
        }
        for (check, scenario) in &self.removed {
            write!(f, "\n  taken out  {scenario}: {check}, which holds")?;
        }
        match added {
            0 => Ok(()),
            _ => write!(
                f,
                "\n  what was added needs its `reason`: until then the baseline is refused"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{CheckReport, KnownFailure, sample};

    const TEXT: &str = "# Of acme.\n# Every entry is explained.\n\n# One share of several.\n[[known]]\n\
                        scenarios = [\"counter/sums-across-workers\", \"gauge/min-and-max\"] # both\n\
                        check = \"scrape/equals-truth\"\nversions = \"<2\"\nreason = \"It was always so.\"\n\n\
                        [[known]]\nscenarios = [\"gauge/min-and-max\"]\ncheck = \"scrape/available\"\n\
                        reason = \"It falls over.\"\n";

    /// What stands behind the last entry.
    const END: &str = "\n# The end.\n";

    /// A report of a scenario in which one check fails or holds, listed or not.
    fn report(id: &str, check: &'static str, fails: bool, known: bool) -> ScenarioReport {
        let mut report = sample::report(id, Verdict::Pass);
        let judgement = Judgement::Pass { exercised: 1 };
        let failing = sample::failing_check(check, "the endpoint serves one\nprocess of 2");
        report.checks = vec![match fails {
            true => failing,
            false => CheckReport { judgement, ..failing },
        }];
        if known {
            report.terms.known.push(KnownFailure {
                check: check.to_owned(),
                reason: "It was always so.".to_owned(),
                url: None,
                reproducer: None,
            });
        }
        report.verdict = report.terms.judge(&report.checks).verdict;
        report
    }

    /// The file after an update, if it was written.
    fn updated(text: &str, reports: &[ScenarioReport], version: &str) -> (Update, Option<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("baseline.toml");
        let baseline = Baseline::parse(path.clone(), text.to_owned()).unwrap();
        let update = baseline.update(reports, version).unwrap();
        (update, std::fs::read_to_string(path).ok())
    }

    #[test]
    fn what_is_stale_is_taken_out_and_all_else_stays_as_it_is_written() {
        let stale = report("counter/sums-across-workers", "scrape/equals-truth", false, true);
        let (update, text) = updated(&format!("{TEXT}{END}"), std::slice::from_ref(&stale), "1.9");
        assert_eq!(
            update.removed,
            [(
                "scrape/equals-truth".to_owned(),
                "counter/sums-across-workers".to_owned()
            )]
        );
        let text = text.unwrap();
        assert_eq!(text, TEXT.replace("\"counter/sums-across-workers\", ", "") + END);
        // With its last scenario an entry goes, and its comment; what is said of the whole file stays.
        let stale = report("gauge/min-and-max", "scrape/equals-truth", false, true);
        let (_, text) = updated(&text, &[stale], "1.9");
        let text = text.unwrap();
        let (head, entries) = TEXT.split_once("\n\n").unwrap();
        let last = entries.split_once("\n\n").unwrap().1;
        assert_eq!(text, format!("{head}\n\n{last}{END}"));
        let stale = report("gauge/min-and-max", "scrape/available", false, true);
        let (_, text) = updated(&text, &[stale], "1.9");
        let text = text.unwrap();
        assert!(text.starts_with(head) && text.ends_with(END), "{text}");
        assert!(Baseline::parse("baseline.toml".into(), text).unwrap().is_empty());
    }

    #[test]
    fn what_fails_is_added_for_the_version_and_waits_for_its_reason() {
        let (sums, share) = ("counter/sums-across-workers", "scrape/equals-truth");
        let reports = [
            report(sums, share, true, false),
            report("gauge/min-and-max", share, true, false),
        ];
        let (update, text) = updated("", &reports, "2.1");
        let text = text.unwrap();
        let expected = format!(
            "{HEAD}\n# It says: the endpoint serves one process of 2\n[[known]]\nscenarios = [\n    \"{sums}\",\n    \
             \"gauge/min-and-max\",\n]\ncheck = \"{share}\"\nversions = \"==2.1\"\nreason = \"\"\n"
        );
        assert_eq!(text, expected);
        assert!(update.to_string().contains("2 added, 0 taken out"), "{update}");
        let baseline = Baseline::parse("baseline.toml".into(), text).unwrap();
        assert_eq!(baseline.known(sums, "2.1").len(), 1);
        assert!(baseline.refuse_unexplained().is_err());
        let (_, text) = updated(&format!("{TEXT}{END}"), &reports[..1], "../checkout");
        let added = format!(
            "{TEXT}\n# It says: the endpoint serves one process of 2\n[[known]]\nscenarios = [\"{sums}\"]\n\
             check = \"{share}\"\nreason = \"\"\n{END}"
        );
        assert_eq!(text.unwrap(), added);
    }

    #[test]
    fn what_is_as_it_is_listed_flaky_or_not_judged_changes_nothing() {
        let (id, check) = ("gauge/min-and-max", "scrape/available");
        let flaky = ScenarioReport {
            verdict: Verdict::Flaky,
            ..report(id, check, true, false)
        };
        let doubtful = ScenarioReport {
            verdict: Verdict::Inconclusive,
            ..report(id, check, true, false)
        };
        for report in [
            report(id, check, true, true),
            report(id, check, false, false),
            flaky,
            doubtful,
        ] {
            let (update, text) = updated(TEXT, &[report], "1.9");
            assert!(update.to_string().ends_with("is up to date"), "{update}");
            assert_eq!(text, None);
        }
    }

    #[test]
    fn entries_in_brackets_are_left_alone() {
        let text = "known = [{ scenarios = [\"a/b\"], check = \"scrape/available\", reason = \"So.\" }]\n";
        let baseline = Baseline::parse("baseline.toml".into(), text.to_owned()).unwrap();
        let failing = report("gauge/min-and-max", "scrape/available", true, false);
        let error = baseline.update(&[failing], "1.9").unwrap_err();
        assert!(matches!(error, BaselineError::Brackets { .. }), "{error}");
    }
}
