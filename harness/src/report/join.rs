//! Joining: the reports of several runs of one exporter become one, or what keeps them apart is told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use super::{ExitStatus, RunPart, RunReport, ScenarioReport, Summary};
use crate::run::Shard;

/// What keeps reports from being one.
#[derive(Debug, Error, Diagnostic)]
pub enum JoinError {
    /// There is none.
    #[error("there is no report to join")]
    #[diagnostic(help("name the folders of runs"))]
    Nothing,
    /// They are about different things.
    #[error(
        "the {what} of {} is {here}, and of {} it is {there}",
        one.display(),
        other.display()
    )]
    #[diagnostic(help("join what was run with the same options on the same release"))]
    Differ {
        /// In what.
        what: &'static str,
        /// How it is in the first.
        here: String,
        /// How it is in the second.
        there: String,
        /// The first report.
        one: PathBuf,
        /// The second.
        other: PathBuf,
    },
    /// The same is in two of them.
    #[error("{what} is in {} and in {}", one.display(), other.display())]
    #[diagnostic(help("give each share once, and runs that have no scenario in common"))]
    Twice {
        /// What.
        what: String,
        /// The first report.
        one: PathBuf,
        /// The second.
        other: PathBuf,
    },
    /// A run and a matrix.
    #[error("{} is of a run, and {} of a matrix", run.display(), matrix.display())]
    #[diagnostic(help("join either the one or the other"))]
    Mixed {
        /// The report of a run.
        run: PathBuf,
        /// That of a matrix.
        matrix: PathBuf,
    },
    /// A share is in none of them.
    #[error("shard {shard} is missing: {} is another of them, and so it was divided", of.display())]
    #[diagnostic(help(
        "give its report as well; a run that was interrupted or could not judge has left none, and has to be run again"
    ))]
    Missing {
        /// Which.
        shard: String,
        /// A report that has another share.
        of: PathBuf,
    },
}

impl JoinError {
    /// The exit status of a command that ends with it.
    pub fn exit(&self) -> ExitStatus {
        match self {
            Self::Differ { .. } | Self::Twice { .. } | Self::Mixed { .. } => ExitStatus::Usage,
            Self::Missing { .. } => ExitStatus::NotJudged,
            Self::Nothing => ExitStatus::Nothing,
        }
    }
}

/// Joins reports, each with the file that it is from.
///
/// # Errors
/// There is none; they are not of one exporter under the same conditions, have something in common, or lack a share.
pub fn join(reports: Vec<(PathBuf, RunReport)>) -> Result<RunReport, JoinError> {
    refuse_differing(&reports, |one, other| {
        one.conditions.difference(&other.conditions)
    })?;
    refuse_shards_given_twice(&reports)?;
    refuse_scenarios_given_twice(&reports)?;
    refuse_missing_shards(&reports)?;
    let mut reports = reports.into_iter().map(|(_, report)| report);
    let Some(mut joined) = reports.next() else {
        return Err(JoinError::Nothing);
    };
    for RunReport {
        runs,
        control_failures,
        reports,
        summary,
        ..
    } in reports
    {
        joined.runs.extend(runs);
        joined.control_failures.extend(control_failures);
        joined.reports.extend(reports);
        joined.summary.planned += summary.planned;
        joined.summary.elapsed_ms += summary.elapsed_ms;
        joined.summary.control_failed |= summary.control_failed;
    }
    joined.reports.sort_by(|a, b| a.id.cmp(&b.id));
    let Summary {
        planned,
        control_failed,
        elapsed_ms,
        ..
    } = joined.summary;
    // Counted anew, so that what does not add up shows.
    joined.summary = Summary::of(planned, &joined.reports, control_failed, elapsed_ms);
    Ok(joined)
}

/// Refuses what is not like the first, by what is between the two: in what they differ, how it is here, and there.
pub(crate) fn refuse_differing<T>(
    all: &[(PathBuf, T)],
    difference: impl Fn(&T, &T) -> Option<(&'static str, String, String)>,
) -> Result<(), JoinError> {
    let Some(((one, first), others)) = all.split_first() else {
        return Ok(());
    };
    for (other, another) in others {
        if let Some((what, here, there)) = difference(first, another) {
            return Err(JoinError::Differ {
                what,
                here,
                there,
                one: one.clone(),
                other: other.clone(),
            });
        }
    }
    Ok(())
}

/// Every run of every report, with the report's file.
fn parts(reports: &[(PathBuf, RunReport)]) -> impl Iterator<Item = (&Path, &RunPart)> + Clone {
    reports
        .iter()
        .flat_map(|(path, report)| report.runs.iter().map(move |part| (path.as_path(), part)))
}

/// Whether two runs are shares of the same division.
fn are_of_one_division(one: &RunPart, other: &RunPart) -> bool {
    let count = |part: &RunPart| part.shard.map(|shard| shard.count());
    one.chosen == other.chosen && count(one) == count(other)
}

fn refuse_shards_given_twice(reports: &[(PathBuf, RunReport)]) -> Result<(), JoinError> {
    for (at, (one, part)) in parts(reports).enumerate() {
        let is_same = |(_, other): &(&Path, &RunPart)| {
            let is_same_share = part.shard.is_some() && part.shard == other.shard;
            part.run == other.run || is_same_share && are_of_one_division(part, other)
        };
        if let Some((other, _)) = parts(reports).skip(at + 1).find(is_same) {
            let what = match part.shard {
                Some(shard) => format!("shard {shard}"),
                None => format!("run {}", part.run),
            };
            return Err(twice(what, one, other));
        }
    }
    Ok(())
}

fn refuse_scenarios_given_twice(reports: &[(PathBuf, RunReport)]) -> Result<(), JoinError> {
    let mut seen: BTreeMap<&str, &Path> = BTreeMap::new();
    for (path, report) in reports {
        for ScenarioReport { id, .. } in &report.reports {
            if let Some(one) = seen.insert(id, path) {
                return Err(twice(format!("scenario {id}"), one, path));
            }
        }
    }
    Ok(())
}

fn twice(what: String, one: &Path, other: &Path) -> JoinError {
    JoinError::Twice {
        what,
        one: one.to_path_buf(),
        other: other.to_path_buf(),
    }
}

fn refuse_missing_shards(reports: &[(PathBuf, RunReport)]) -> Result<(), JoinError> {
    for (path, part) in parts(reports) {
        let Some(shard) = part.shard else { continue };
        let is_there = |share| {
            let mut others = parts(reports).map(|(_, other)| other);
            others.any(|other| other.shard == Some(share) && are_of_one_division(part, other))
        };
        // A share without a scenario has no run.
        let is_needed = |share: &Shard| part.chosen.iter().any(|id| share.holds(id));
        let missing = shard.all().filter(is_needed).find(|share| !is_there(*share));
        if let Some(missing) = missing {
            return Err(JoinError::Missing {
                shard: missing.to_string(),
                of: path.to_path_buf(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Conditions, KeptReport, Verdict, read, sample};
    use super::*;
    use crate::fleet::FleetKind;

    const CHOSEN: [&str; 6] = ["a/b", "a/c", "a/d", "e/f", "e/g", "h/i"];

    /// Share K of N of [`CHOSEN`], or all of them; all pass.
    fn run(shard: Option<&str>) -> RunReport {
        let shard: Option<Shard> = shard.map(|text| text.parse().unwrap());
        let mine = CHOSEN
            .iter()
            .filter(|id| shard.is_none_or(|shard| shard.holds(id)));
        let reports: Vec<_> = mine.map(|id| sample::report(id, Verdict::Pass)).collect();
        let part = RunPart {
            run: format!("run-{}", shard.map_or_else(String::new, String::from)),
            shard,
            chosen: CHOSEN.map(str::to_owned).to_vec(),
        };
        sample::run(part, reports)
    }

    fn joined(reports: &[RunReport]) -> Result<RunReport, String> {
        let named = reports.iter().enumerate();
        let named = named.map(|(at, report)| (format!("{at}/report.json").into(), report.clone()));
        join(named.collect()).map_err(|error| error.to_string())
    }

    /// As one whose only scenario is called so.
    fn of_one(mut report: RunReport, id: &str, verdict: Verdict) -> RunReport {
        report.reports = vec![sample::report(id, verdict)];
        report.summary = Summary::of(1, &report.reports, false, 100);
        report.runs[0].run = format!("run-{id}");
        report.runs[0].chosen = vec![id.to_owned()];
        report
    }

    #[test]
    fn shards_become_the_report_of_the_whole_in_any_order() {
        let shards = ["3/3", "1/3", "2/3"].map(|shard| run(Some(shard)));
        let report = joined(&shards).unwrap();
        let ids: Vec<&str> = report.reports.iter().map(|report| report.id.as_str()).collect();
        assert_eq!(ids, CHOSEN);
        let Summary {
            planned,
            judged,
            exercised,
            elapsed_ms,
            ..
        } = report.summary;
        assert_eq!((planned, judged, exercised, elapsed_ms), (6, 6, 6, 300));
        assert_eq!(report.summary.exit(), ExitStatus::Conformant);
        assert_eq!(report.runs.len(), 3);
    }

    #[test]
    fn the_worst_of_the_runs_decides_the_exit_code() {
        let passing = of_one(run(None), "a/b", Verdict::Pass);
        let exit = |other: RunReport| joined(&[passing.clone(), other]).unwrap().summary.exit();
        let failing = of_one(run(None), "e/f", Verdict::Fail);
        assert_eq!(exit(failing), ExitStatus::Nonconformant);
        let mut without_control = of_one(run(None), "e/f", Verdict::Pass);
        without_control.control_failures = std::mem::take(&mut without_control.reports);
        without_control.summary = Summary::of(1, &[], true, 100);
        assert_eq!(exit(without_control), ExitStatus::ControlFailed);
        // Planned, and nothing came of it.
        let mut lost = of_one(run(None), "e/f", Verdict::Pass);
        lost.reports.clear();
        assert_eq!(exit(lost), ExitStatus::Internal);
    }

    #[test]
    fn a_share_that_is_missing_is_named_with_one_that_is_there() {
        let error = joined(&[run(Some("1/3")), run(Some("3/3"))]).unwrap_err();
        assert!(
            error.starts_with("shard 2/3 is missing: 0/report.json"),
            "{error}"
        );
        // Of another division.
        let error = joined(&[run(Some("1/2"))]).unwrap_err();
        assert!(error.starts_with("shard 2/2 is missing"), "{error}");
    }

    #[test]
    fn a_share_without_a_scenario_is_not_missed() {
        let count = CHOSEN.len() * 4;
        let shards = (1..=count).map(|index| run(Some(&format!("{index}/{count}"))));
        let some: Vec<_> = shards.filter(|shard| !shard.reports.is_empty()).collect();
        assert!(some.len() < count);
        assert_eq!(joined(&some).unwrap().summary.planned, CHOSEN.len());
    }

    #[test]
    fn what_is_given_twice_is_refused_with_both_files() {
        let again = |mut report: RunReport| {
            report.runs[0].run = "another".to_owned();
            report
        };
        let (first, second) = (run(Some("1/2")), run(Some("2/2")));
        let error = joined(&[first.clone(), second, again(first)]).unwrap_err();
        assert_eq!(error, "shard 1/2 is in 0/report.json and in 2/report.json");
        let error = joined(&[run(None), run(None)]).unwrap_err();
        assert_eq!(error, "run run- is in 0/report.json and in 1/report.json");
        let error = joined(&[run(None), again(run(None))]).unwrap_err();
        assert_eq!(error, "scenario a/b is in 0/report.json and in 1/report.json");
    }

    #[test]
    fn what_was_run_under_other_conditions_is_refused_with_both_files() {
        let refused = |change: &dyn Fn(&mut Conditions)| {
            let mut other = of_one(run(None), "x/y", Verdict::Pass);
            joined(&[run(None), other.clone()]).unwrap();
            change(&mut other.conditions);
            joined(&[run(None), other]).unwrap_err()
        };
        assert_eq!(
            refused(&|of| of.exporter = "acme@2.2".to_owned()),
            "the exporter of 0/report.json is acme@2.1, and of 1/report.json it is acme@2.2"
        );
        let changes: [&dyn Fn(&mut Conditions); 10] = [
            &|of| of.counterfoil = "0.2.0".to_owned(),
            &|of| of.seed = 7,
            &|of| of.requirements = None,
            &|of| of.fleet = FleetKind::Container,
            &|of| of.repeat = 3,
            &|of| of.confirm = 3,
            &|of| of.of_a_folder = true,
            &|of| of.no_baseline = true,
            &|of| of.mutant = Some("stale-cache".to_owned()),
            &|of| of.installed.clear(),
        ];
        for change in changes {
            let error = refused(change);
            assert!(
                error.contains("0/report.json") && error.contains("1/report.json"),
                "{error}"
            );
        }
        assert_eq!(joined(&[]).unwrap_err(), "there is no report to join");
    }

    #[test]
    fn a_report_is_read_as_it_was_written() {
        let mut report = run(None);
        report.reports.push(sample::failed("x/y"));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("report.json");
        let text = serde_json::to_string(&report).unwrap();
        std::fs::write(&file, &text).unwrap();
        let KeptReport::Run(again) = read(&file).unwrap() else {
            panic!("it is a run's")
        };
        assert_eq!(serde_json::to_string(&again).unwrap(), text);
        std::fs::write(&file, text.replacen("\"schema\":1", "\"schema\":99", 1)).unwrap();
        let error = read(&file).unwrap_err().to_string();
        assert!(error.ends_with("it is of schema 99"), "{error}");
    }
}
