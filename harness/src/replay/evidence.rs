//! What was kept of one scenario.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ReplayError;
use crate::check::{Accounts, Check, Observation, Reading, Scraped};
use crate::exporter::Manifest;
use crate::report::CheckReport;
use crate::run::{AccountsDocument, Answer, Plan, UNREADABLE, pod_folder};
use crate::scenario::{self, Scenario};
use crate::scrape::{Response, ScrapeError};
use crate::task::Task;
use crate::truth::TruthError;

/// What was kept of one scenario.
pub(super) struct Evidence {
    folder: PathBuf,
    /// Which of several pods it is of, from 1.
    pod: u32,
    pub(super) scenario: Scenario,
    manifest: Manifest,
    tasks: Vec<Task>,
    /// What each check step judged, in order.
    pub(super) accounts: Vec<AccountsDocument>,
    /// What it came to.
    pub(super) report: Value,
}

impl Evidence {
    pub(super) fn read(folder: &Path) -> Result<Self, ReplayError> {
        let read = |name: &str| text(&folder.join(name));
        let scenario = scenario::parse(&id(folder), &read("scenario.toml")?)?;
        let manifest = folder.join("manifest.toml");
        let manifest = Manifest::parse(&manifest.display().to_string(), &read("manifest.toml")?)?;
        Ok(Self {
            report: json(&folder.join("report.json"))?,
            folder: folder.to_path_buf(),
            pod: 1,
            tasks: tasks(folder)?,
            accounts: accounts(folder, &scenario)?,
            scenario,
            manifest,
        })
    }

    /// The same of each pod, itself the first.
    pub(super) fn of_pods(self) -> Result<Vec<Self>, ReplayError> {
        let mut others = Vec::new();
        for pod in 2..=self.scenario.fleet.pods {
            let folder = self.folder.join(pod_folder(pod));
            others.push(Self {
                pod,
                tasks: tasks(&folder)?,
                accounts: accounts(&folder, &self.scenario)?,
                scenario: self.scenario.clone(),
                manifest: self.manifest.clone(),
                report: self.report.clone(),
                folder,
            });
        }
        Ok(std::iter::once(self).chain(others).collect())
    }

    /// Whether that check of that step failed then, in this pod.
    pub(super) fn has_failed(&self, check: Check, step: usize) -> bool {
        let of_pod = |check: &Value| {
            let summary = check["finding"]["summary"].as_str().unwrap_or_default();
            let named =
                (2..=self.scenario.fleet.pods).find(|pod| summary.starts_with(&format!("pod {pod}: ")));
            named.unwrap_or(1) == self.pod
        };
        let mut checks = self.report["checks"].as_array().into_iter().flatten();
        checks.any(|kept| {
            kept["step"] == step && kept["check"] == check.id() && kept["verdict"] == "fail" && of_pod(kept)
        })
    }

    /// Where its observation of that number lies.
    pub(super) fn place(&self, at: usize) -> PathBuf {
        self.folder.join(observation_name(at))
    }

    /// What the checks of one step say to what it had before it.
    pub(super) fn judge(&self, document: &AccountsDocument) -> Result<Vec<CheckReport>, ReplayError> {
        let malformed = |reason: String| ReplayError::Malformed {
            path: self.folder.join(AccountsDocument::name(document.step)),
            reason,
        };
        let now = Instant::now();
        let ledger = document.ledger.restore(&self.tasks, now);
        let ledger =
            ledger.map_err(|task| malformed(format!("plan.json does not have its task {task:?}")))?;
        let prediction = ledger.predict_at(now, &self.scenario, &self.manifest.hooks);
        let mut on_the_way = Vec::new();
        for at in 0..document.on_the_way {
            on_the_way.push(self.observation(at)?);
        }
        let last = self.observation(document.on_the_way)?;
        let limit = self.scenario.limits.indeterminate_tasks;
        let accounts = Accounts {
            ledger: &ledger,
            prediction: &prediction,
            indeterminate_limit: usize::try_from(limit).unwrap_or(usize::MAX),
            last: &last,
            on_the_way: &on_the_way,
            scrape_limit: Duration::from_millis(self.scenario.limits.scrape_ms),
            names: &self.scenario.names,
            stored: document.stored.as_ref(),
            living: document.living.as_ref(),
            left_over: document.left_over.as_ref(),
            unrest: document.unrest.as_deref(),
            stuck: document.stuck.as_deref(),
        };
        let mut reports = Vec::new();
        for name in &document.checks {
            let check = Check::named(name).ok_or_else(|| malformed(format!("there is no check {name:?}")))?;
            let report = CheckReport::new(check, document.step, check.judge(&accounts));
            let report = self.in_its_place(report);
            reports.push(match self.pod {
                1 => report,
                pod => report.of_pod(pod),
            });
        }
        Ok(reports)
    }

    /// What was kept lies elsewhere than what was judged: a report names the files where they were.
    fn in_its_place(&self, report: CheckReport) -> CheckReport {
        let kept = self.report["kept"].as_str().unwrap_or_default();
        let place = match self.pod {
            1 => format!("{kept}/metrics"),
            pod => format!("{kept}/{}/metrics", pod_folder(pod)),
        };
        let here = |text: &str| {
            let mut text = text.to_owned();
            for at in 0..=self
                .accounts
                .iter()
                .map(|document| document.on_the_way)
                .max()
                .unwrap_or(0)
            {
                for reading in ["before", "after"] {
                    let path = self.folder.join(observation_name(at)).join(reading);
                    text = text.replace(&path.display().to_string(), &place);
                }
            }
            text
        };
        report.map_text(&here)
    }

    fn observation(&self, at: usize) -> Result<Observation, ReplayError> {
        let dir = self.folder.join(observation_name(at));
        let path = dir.join("response.json");
        let scrape = match json::<Answer>(&path)? {
            Answer::Nothing {
                error,
                gave_up_after_ms,
            } => Err(ScrapeError::Kept {
                error,
                gave_up_after_ms,
            }),
            Answer::Response {
                status,
                content_type,
                encoding,
                elapsed_ms,
            } => {
                let body = bytes(&dir.join("body"))?;
                let raw = match encoding.as_str() {
                    "gzip" => bytes(&dir.join("body.gz"))?,
                    _ => body.clone(),
                };
                Ok(Scraped::of(Response {
                    status,
                    content_type,
                    encoding,
                    raw: raw.into(),
                    body: body.into(),
                    elapsed: Duration::try_from_secs_f64(elapsed_ms / 1000.0).unwrap_or_default(),
                    format: self.scenario.format,
                }))
            }
        };
        Ok(Observation {
            before: reading(&dir.join("before"))?,
            scrape,
            after: reading(&dir.join("after"))?,
        })
    }
}

/// The tasks that were dispatched; a scenario that hands out nothing has no plan.
fn tasks(folder: &Path) -> Result<Vec<Task>, ReplayError> {
    let plan = folder.join("plan.json");
    if !plan.is_file() {
        return Ok(Vec::new());
    }
    let dispatched = json::<Plan<Task>>(&plan)?.tasks.into_iter();
    Ok(dispatched.map(|dispatched| dispatched.task).collect())
}

/// What each check step judged.
fn accounts(folder: &Path, scenario: &Scenario) -> Result<Vec<AccountsDocument>, ReplayError> {
    let mut accounts = Vec::new();
    for step in 1..=scenario.steps.len() {
        let path = folder.join(AccountsDocument::name(step));
        if path.is_file() {
            accounts.push(json(&path)?);
        }
    }
    Ok(accounts)
}

/// The files of one reading; where there were none to be had, why.
fn reading(dir: &Path) -> Result<Result<Reading, TruthError>, ReplayError> {
    let unreadable = dir.join(UNREADABLE);
    if unreadable.is_file() {
        let error = text(&unreadable)?;
        return Ok(Err(TruthError::Kept { error }));
    }
    if !dir.is_dir() {
        let source = std::io::ErrorKind::NotFound.into();
        let path = dir.to_path_buf();
        return Err(ReplayError::Read { path, source });
    }
    Ok(Reading::take(dir))
}

pub(super) fn observation_name(at: usize) -> String {
    format!("scrape-{:03}", at + 1)
}

/// A scenario's id out of its folder's name, `FAMILY__BEHAVIOUR[.PART]`.
pub(super) fn id(folder: &Path) -> String {
    let name = folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let name = name.split('.').next().unwrap_or_default();
    name.replacen("__", "/", 1)
}

fn bytes(path: &Path) -> Result<Vec<u8>, ReplayError> {
    fs::read(path).map_err(|source| ReplayError::Read {
        path: path.to_path_buf(),
        source,
    })
}

pub(super) fn text(path: &Path) -> Result<String, ReplayError> {
    String::from_utf8(bytes(path)?).map_err(|error| ReplayError::Malformed {
        path: path.to_path_buf(),
        reason: error.to_string(),
    })
}

pub(super) fn json<T: DeserializeOwned>(path: &Path) -> Result<T, ReplayError> {
    serde_json::from_slice(&bytes(path)?).map_err(|error| ReplayError::Malformed {
        path: path.to_path_buf(),
        reason: error.to_string(),
    })
}
