//! A change: between two releases, scenarios come to another verdict.

use std::collections::BTreeMap;

use serde::Serialize;

use super::search::judged;
use crate::check;
use crate::property::Size;
use crate::report::{FixtureReport, Judgement, ScenarioReport, Verdict, headline};
use crate::run::Release;
use crate::scenario::Catalogue;

/// Scenarios that come to another verdict between two releases.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The last release with the old verdicts.
    pub last: String,
    /// The first with the new ones.
    pub first: String,
    /// Those between them, which could not be judged: it may have been any of these.
    pub between: Vec<String>,
    /// Which scenarios.
    pub scenarios: Vec<ScenarioChange>,
    /// The smallest of them that fails.
    pub smallest: Option<Smallest>,
}

/// A scenario that comes to another verdict.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScenarioChange {
    /// Its id.
    pub id: String,
    /// Its verdict on the last release with the old one.
    pub before: Verdict,
    /// Its verdict on the first with the new one.
    pub after: Verdict,
    /// The release of the two on which it fails.
    pub fails: String,
    /// The check that fails there, and that explains those behind it.
    pub check: Option<String>,
    /// What it says.
    pub summary: String,
}

/// The smallest case that fails: a fixture if there is one, else the scenario with the fewest tasks and ops.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Smallest {
    /// The scenario.
    pub id: String,
    /// The release on which it fails.
    pub version: String,
    /// How large it is, if this release of the suite has it.
    pub size: Option<Size>,
    /// The fixture's folder: files and what is served of them, which show it without a fleet.
    pub fixture: Option<String>,
    /// The command that plays it alone.
    pub rerun: String,
    /// Where it is kept.
    pub kept: String,
}

/// A scenario with its reports on the two releases.
struct Pair<'a> {
    before: &'a ScenarioReport,
    after: &'a ScenarioReport,
}

impl<'a> Pair<'a> {
    /// The worse of the two, and whether it is the later one.
    fn worse(&self) -> (&'a ScenarioReport, bool) {
        match self.after.verdict > self.before.verdict {
            true => (self.after, true),
            false => (self.before, false),
        }
    }
}

/// Every change, in the order of the releases.
pub(super) fn changes(versions: &[String], played: &[Option<Release>], catalogue: &Catalogue) -> Vec<Change> {
    let mut last: BTreeMap<&str, (usize, &ScenarioReport)> = BTreeMap::new();
    let mut pairs: BTreeMap<(usize, usize), Vec<Pair<'_>>> = BTreeMap::new();
    for (at, release) in played.iter().enumerate() {
        for (id, after) in release.as_ref().map(judged).unwrap_or_default() {
            if let Some((since, before)) = last.insert(id, (at, after))
                && before.verdict != after.verdict
            {
                pairs.entry((since, at)).or_default().push(Pair { before, after });
            }
        }
    }
    let change = |((last, first), pairs): ((usize, usize), Vec<Pair<'_>>)| {
        let version = |is_later| versions[if is_later { first } else { last }].clone();
        let scenarios = pairs.iter().map(|pair| {
            let (worse, is_later) = pair.worse();
            ScenarioChange {
                id: worse.id.clone(),
                before: pair.before.verdict,
                after: pair.after.verdict,
                fails: version(is_later),
                check: leading_check(worse),
                summary: headline(worse),
            }
        });
        Change {
            last: versions[last].clone(),
            first: versions[first].clone(),
            between: versions[last + 1..first].to_vec(),
            scenarios: scenarios.collect(),
            smallest: smallest(&pairs, &version, catalogue),
        }
    };
    pairs.into_iter().map(change).collect()
}

/// The check that failed, and that explains those behind it.
fn leading_check(report: &ScenarioReport) -> Option<String> {
    let failed = |id: &str| {
        let mut of_it = report.checks.iter().filter(|check| check.check == id);
        of_it.any(|check| matches!(check.judgement, Judgement::Fail { .. }))
    };
    let mut ids = check::ALL.iter().map(|check| check.id());
    ids.find(|id| failed(id)).map(str::to_owned)
}

fn smallest(pairs: &[Pair<'_>], version: &dyn Fn(bool) -> String, catalogue: &Catalogue) -> Option<Smallest> {
    let size = |report: &ScenarioReport| catalogue.get(&report.id).map(Size::of);
    let fixture = |report: &ScenarioReport| match &report.fixture {
        Some(FixtureReport::Made { path, after, .. }) => Some((after.entries, path.clone())),
        _ => None,
    };
    let rank = |(report, _): &(&ScenarioReport, bool)| {
        let entries = fixture(report).map_or(usize::MAX, |(entries, _)| entries);
        let parts = size(report).map_or((usize::MAX, usize::MAX), |size| (size.tasks, size.ops));
        (entries, parts, report.id.clone())
    };
    let (report, is_later) = pairs.iter().map(Pair::worse).min_by_key(rank)?;
    Some(Smallest {
        id: report.id.clone(),
        version: version(is_later),
        size: size(report),
        fixture: fixture(report).map(|(_, path)| path),
        rerun: report.rerun.clone(),
        kept: report.kept.clone(),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::reduce;
    use crate::report::{RunPart, sample};

    /// A release on which scenarios came to these verdicts.
    pub(crate) fn release(version: &str, verdicts: &[(&str, Verdict)]) -> Release {
        let reports: Vec<ScenarioReport> = verdicts
            .iter()
            .map(|(id, verdict)| match verdict {
                Verdict::Fail => sample::failed(id),
                _ => sample::report(id, *verdict),
            })
            .collect();
        let part = RunPart {
            run: format!("run-{version}"),
            shard: None,
            chosen: verdicts.iter().map(|(id, _)| (*id).to_owned()).collect(),
        };
        Release {
            report: Some(sample::run(part, reports)),
            ..unjudged(version)
        }
    }

    /// One that could not be installed.
    pub(crate) fn unjudged(version: &str) -> Release {
        Release {
            exporter: "acme".to_owned(),
            version: version.to_owned(),
            report: None,
            reason: Some("pip install failed".to_owned()),
            remedy: None,
        }
    }

    /// The changes of one scenario over releases 0, 1, …; `None`: it could not be judged.
    fn found(verdicts: &[Option<Verdict>]) -> Vec<Change> {
        let versions: Vec<String> = (0..verdicts.len()).map(|at| at.to_string()).collect();
        let of = |(version, verdict): (&String, &Option<Verdict>)| {
            Some(match verdict {
                Some(verdict) => release(version, &[("counter/sums-across-workers", *verdict)]),
                None => unjudged(version),
            })
        };
        let played: Vec<Option<Release>> = versions.iter().zip(verdicts).map(of).collect();
        changes(&versions, &played, &Catalogue::embedded().unwrap())
    }

    const PASS: Option<Verdict> = Some(Verdict::Pass);
    const FAIL: Option<Verdict> = Some(Verdict::Fail);

    #[test]
    fn a_verdict_that_changes_twice_is_told_twice_with_the_release_that_fails() {
        let changes = found(&[PASS, FAIL, FAIL, PASS]);
        let told: Vec<_> = changes
            .iter()
            .map(|change| {
                (
                    change.last.as_str(),
                    change.first.as_str(),
                    change.scenarios[0].fails.as_str(),
                )
            })
            .collect();
        assert_eq!(told, [("0", "1", "1"), ("2", "3", "2")]);
        let of_scenario = &changes[1].scenarios[0];
        assert_eq!(
            (of_scenario.before, of_scenario.after),
            (Verdict::Fail, Verdict::Pass)
        );
        assert_eq!(of_scenario.check.as_deref(), Some("scrape/equals-truth"));
        assert_eq!(of_scenario.summary, "the endpoint serves one process of 2");
        assert!(found(&[PASS, PASS]).is_empty());
        assert!(found(&[FAIL, FAIL]).is_empty());
    }

    #[test]
    fn a_release_that_could_not_be_judged_is_between_not_a_change() {
        assert!(found(&[PASS, None, PASS, Some(Verdict::Inconclusive)]).is_empty());
        let changes = found(&[FAIL, None, Some(Verdict::NotApplicable), PASS]);
        assert_eq!(changes.len(), 1);
        assert_eq!((changes[0].last.as_str(), changes[0].first.as_str()), ("0", "3"));
        assert_eq!(changes[0].between, ["1", "2"]);
    }

    #[test]
    fn the_smallest_case_is_a_fixture_or_the_scenario_with_the_fewest_tasks_and_ops() {
        let ids = [
            "load/ten-thousand-tasks",
            "counter/amounts-of-any-size",
            "counter/sums-across-workers",
        ];
        let versions = ["1".to_owned(), "2".to_owned()];
        let catalogue = Catalogue::embedded().unwrap();
        let size = |id: &str| Size::of(catalogue.get(id).unwrap());
        let fewest = ids
            .into_iter()
            .min_by_key(|id| (size(id).tasks, size(id).ops, *id))
            .unwrap();
        let mut failing = release("1", &ids.map(|id| (id, Verdict::Fail)));
        let fixed = release("2", &ids.map(|id| (id, Verdict::Pass)));
        let of = |failing: &Release| {
            let played = [Some(failing.clone()), Some(fixed.clone())];
            let mut changes = changes(&versions, &played, &catalogue);
            assert_eq!(changes[0].scenarios.len(), 3);
            changes.remove(0).smallest.unwrap()
        };
        let found = of(&failing);
        assert_eq!(
            (found.id.as_str(), found.version.as_str(), found.fixture),
            (fewest, "1", None)
        );
        let largest = ids.into_iter().find(|id| *id != fewest).unwrap();
        let reports = &mut failing.report.as_mut().unwrap().reports;
        let with_fixture = reports.iter_mut().find(|report| report.id == largest).unwrap();
        let (before, after) = (
            reduce::Size {
                files: 8,
                entries: 80,
            },
            reduce::Size { files: 2, entries: 2 },
        );
        with_fixture.fixture = Some(FixtureReport::Made {
            path: "kept/fixture".to_owned(),
            before,
            after,
            merges: 12,
            exhausted: true,
        });
        let found = of(&failing);
        assert_eq!(
            (found.id.as_str(), found.fixture.as_deref()),
            (largest, Some("kept/fixture"))
        );
    }
}
