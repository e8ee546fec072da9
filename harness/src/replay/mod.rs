//! A kept run, judged again without a fleet: the same evidence must get the same verdict, bit for bit.
//!
//! A check step leaves what it judged: the ledger (`accounts-NN.json`, with the tasks of `plan.json`), every scrape, and the
//! files before and after each. [`replay`] reads that, has the checks judge it, and holds what they say against what was said
//! then (`report.json`). Somebody who changes a check sees on real evidence what the change does; somebody who gets a kept run
//! from another machine sees what was judged there.

mod again;
mod error;
mod evidence;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

pub use again::{Setting, setting};
pub use error::ReplayError;
use evidence::Evidence;

use crate::check::Check;
use crate::report::{CheckReport, ScenarioReport, Terms, Verdict};

/// One scenario, judged again.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// What it comes to now; where it could not be judged then, what it came to then.
    pub report: ScenarioReport,
    /// How that compares with then.
    pub likeness: Likeness,
}

/// How a verdict compares with the one that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// The verdict and every word of every check are the same.
    Same,
    /// Something is judged otherwise: what, then and now.
    Otherwise {
        /// What was said then.
        then: String,
        /// What is said now.
        now: String,
    },
    /// It did not come to a check then.
    NotJudged,
}

/// The folders of scenarios in `dir`: itself, or those of a run, by name.
///
/// # Errors
/// It holds none, or cannot be listed.
pub fn kept(dir: &Path) -> Result<Vec<PathBuf>, ReplayError> {
    let is_scenario = |path: &Path| path.join("scenario.toml").is_file();
    if is_scenario(dir) {
        return Ok(vec![dir.to_path_buf()]);
    }
    let unreadable = |source| ReplayError::Read {
        path: dir.to_path_buf(),
        source,
    };
    let mut folders = Vec::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if is_scenario(&path) {
            folders.push(path);
        }
    }
    folders.sort();
    match folders.is_empty() {
        true => Err(ReplayError::Nothing {
            path: dir.to_path_buf(),
        }),
        false => Ok(folders),
    }
}

/// Judges the scenario in `folder` again.
///
/// # Errors
/// Something of what was kept is not there, or is malformed.
pub fn replay(folder: &Path) -> Result<Replayed, ReplayError> {
    let pods = Evidence::read(folder)?.of_pods()?;
    let mut checks = Vec::new();
    for evidence in &pods {
        for document in &evidence.accounts {
            checks.extend(evidence.judge(document)?);
        }
    }
    let evidence = &pods[0];
    let then = &evidence.report;
    let then_verdict = text(then, "verdict");
    let scenario = &evidence.scenario;
    let terms = Terms::deserialize(then).map_err(|error| ReplayError::Malformed {
        path: folder.join("report.json"),
        reason: error.to_string(),
    })?;
    let judged = terms.judge(&checks);
    let mut report = ScenarioReport {
        id: scenario.id.clone(),
        title: scenario.title.clone(),
        verdict: judged.verdict,
        terms,
        turns: Vec::new(),
        control: then["control"] == true,
        mutant: then["mutant"].as_str().map(str::to_owned),
        reason: judged.reason,
        remedy: judged.remedy,
        exercised: checks.iter().map(CheckReport::exercised).sum(),
        checks,
        tasks_by_pid: serde_json::from_value(then["tasks_by_pid"].clone()).unwrap_or_default(),
        elapsed_ms: 0,
        stages_ms: BTreeMap::new(),
        rerun: text(then, "rerun"),
        program: None,
        fixture: None,
        kept: folder.display().to_string(),
    };
    // What came to no check says why; a verdict of the checks that has a reason has it from the baseline.
    let unjudged = [Verdict::Inconclusive, Verdict::Error]
        .into_iter()
        .find(|verdict| then["reason"].is_string() && verdict.name() == then_verdict);
    if let Some(verdict) = unjudged {
        report.verdict = verdict;
        report.reason = Some(text(then, "reason"));
        report.remedy = then["remedy"].as_str().map(str::to_owned);
        let likeness = Likeness::NotJudged;
        return Ok(Replayed { report, likeness });
    }
    let likeness = likeness(then, &then_verdict, &report);
    Ok(Replayed { report, likeness })
}

/// The files that the last failure of `scrape/equals-truth` in `folder` was about.
///
/// # Errors
/// Something of what was kept is not there, or is malformed; or no scrape failed to be what the files hold.
pub fn failing_files(folder: &Path) -> Result<PathBuf, ReplayError> {
    let pods = Evidence::read(folder)?.of_pods()?;
    let last_failure = |pod: &Evidence| {
        let mut documents = pod.accounts.iter().rev();
        let failed = documents.find(|document| pod.has_failed(Check::ScrapeEqualsTruth, document.step))?;
        Some(pod.place(failed.on_the_way).join("after"))
    };
    let last_failure = pods.iter().find_map(last_failure);
    last_failure.ok_or_else(|| ReplayError::NoDifference {
        path: folder.to_path_buf(),
    })
}

fn likeness(then: &Value, then_verdict: &str, report: &ScenarioReport) -> Likeness {
    let now = serde_json::to_value(&report.checks).expect("a check's report holds nothing that JSON cannot");
    if then["checks"] == now && then_verdict == report.verdict.name() {
        return Likeness::Same;
    }
    let none = Vec::new();
    let then_checks = then["checks"].as_array().unwrap_or(&none);
    let now_checks = now.as_array().unwrap_or(&none);
    let all = then_checks.len().max(now_checks.len());
    let missing = Value::from("no check");
    let differing = (0..all)
        .map(|at| {
            let at_of = |checks: &[Value]| checks.get(at).unwrap_or(&missing).clone();
            (at_of(then_checks), at_of(now_checks))
        })
        .find(|(then, now)| then != now);
    let (then, now) = match differing {
        Some((then, now)) => (then.to_string(), now.to_string()),
        None => (then_verdict.to_owned(), report.verdict.to_string()),
    };
    Likeness::Otherwise { then, now }
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}
