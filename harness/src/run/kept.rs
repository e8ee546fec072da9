//! What a run leaves behind, under `counterfoil.out/RUN/`: everything that a later look needs.

use std::fs;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::RunError;
use super::observe::MetricsDir;
use super::timeline::ms;
use crate::check::{Observation, Scraped};
use crate::exporter::FileLayout;
use crate::fleet::{FleetKind, RunId};
use crate::ledger::{Entry, Ledger};
use crate::report::RunReport;
use crate::scenario::Scenario;
use crate::task::Task;

/// The folder of a run.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    path: PathBuf,
}

impl Kept {
    pub(super) fn create(out: &Path, run: &RunId) -> Result<Self, RunError> {
        let path = out.join(run.as_str());
        create_dir(&path)?;
        // Workers run elsewhere and get paths of this folder: they must be absolute.
        let path = path.canonicalize().map_err(|source| RunError::Io {
            path: path.clone(),
            source,
        })?;
        Ok(Self { path })
    }

    /// Where every event goes.
    pub(crate) fn events(&self) -> PathBuf {
        self.path.join("events.jsonl")
    }

    /// Writes down what the run was asked to do, and with what.
    pub(super) fn describe(&self, run: &RunDocument<'_>) -> Result<(), RunError> {
        write_json(&self.path.join("run.json"), run)
    }

    /// Writes down what the run came to.
    pub(super) fn report(&self, report: &RunReport) -> Result<(), RunError> {
        write_json(&self.path.join("report.json"), report)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder that `--scenarios` takes for the programs of the run.
    pub(super) fn plans(&self) -> PathBuf {
        self.path.join("plans")
    }

    /// The same for what they were shrunk to.
    pub(super) fn smallest(&self) -> PathBuf {
        self.path.join("smallest")
    }

    /// The folder of one scenario; `part` tells apart the control and repeated turns.
    pub(super) fn scenario(&self, id: &str, part: &str) -> PathBuf {
        let name = id.replace('/', "__");
        self.path.join(if part.is_empty() {
            name
        } else {
            format!("{name}.{part}")
        })
    }
}

/// `run.json`: what is needed to run the same again.
#[derive(Debug, Serialize)]
pub(super) struct RunDocument<'a> {
    /// The version of this document.
    pub(super) schema: u32,
    pub(super) counterfoil: &'static str,
    pub(super) run: &'a str,
    /// RFC 3339, UTC.
    pub(super) started: String,
    pub(super) exporter: String,
    pub(super) version: &'a str,
    pub(super) installed: &'a [String],
    pub(super) locked: bool,
    /// Of the metric files, as the manifest declares it; files of another one are an error.
    pub(super) layout: FileLayout,
    pub(super) broker: &'a str,
    /// Whether fleets were processes or in containers.
    pub(super) fleet: FleetKind,
    pub(super) seed: u64,
    /// The folder of the scenarios; `None`: embedded.
    pub(super) scenarios_dir: Option<String>,
    pub(super) filters: &'a [String],
    /// The requirement set that was asked for; `None`: the newest.
    pub(super) requirements: Option<u32>,
    /// Whether what is known to fail was left aside.
    pub(super) no_baseline: bool,
    pub(super) shard: Option<String>,
    /// How many programs were generated; `None`: the scenarios were not.
    pub(super) property: Option<NonZeroU32>,
    pub(super) repeat: u32,
    pub(super) confirm: u32,
    pub(super) jobs: usize,
    pub(super) fail_fast: bool,
    pub(super) mutant: Option<&'a str>,
    /// The ids of the chosen scenarios.
    pub(super) scenarios: Vec<&'a str>,
}

/// `plan.json`: every dispatched task, in order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Plan<T> {
    seed: u64,
    pub(crate) tasks: Vec<Dispatched<T>>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Dispatched<T> {
    /// Since the start of the scenario.
    at_ms: f64,
    /// Waves are separated by quiet.
    wave: u32,
    pub(crate) task: T,
}

pub(super) fn plan(dir: &Path, seed: u64, ledger: &Ledger, start: Instant) -> Result<(), RunError> {
    let dispatched = |entry: &Entry| entry.dispatched.saturating_duration_since(start);
    let tasks = ledger.entries().iter().map(|entry| Dispatched {
        at_ms: ms(dispatched(entry)),
        wave: entry.wave,
        task: &entry.task,
    });
    let path = dir.join("plan.json");
    let text = serde_json::to_vec(&Plan::<&Task> {
        seed,
        tasks: tasks.collect(),
    })
    .map_err(|error| RunError::Io {
        path: path.clone(),
        source: error.into(),
    })?;
    write(&path, &text)
}

/// Keeps a generated scenario where `--scenarios DIR` finds it.
pub(super) fn scenario(dir: &Path, scenario: &Scenario) -> Result<PathBuf, RunError> {
    let path = dir.join(format!("{}.toml", scenario.id));
    create_dir(path.parent().unwrap_or(dir))?;
    write(&path, scenario.text.as_bytes())?;
    Ok(path)
}

pub(super) fn create_dir(path: &Path) -> Result<(), RunError> {
    fs::create_dir_all(path).map_err(|source| RunError::Io {
        path: path.to_path_buf(),
        source,
    })
}

pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), RunError> {
    let text = serde_json::to_vec_pretty(value).map_err(|error| RunError::Io {
        path: path.to_path_buf(),
        source: error.into(),
    })?;
    write(path, &text)
}

pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), RunError> {
    fs::write(path, bytes).map_err(|source| RunError::Io {
        path: path.to_path_buf(),
        source,
    })
}

/// What came of a scrape, beside its body.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub(crate) enum Answer {
    /// A response, whatever its status.
    Response {
        status: u16,
        content_type: String,
        encoding: String,
        elapsed_ms: f64,
    },
    /// None, and why.
    Nothing {
        error: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gave_up_after_ms: Option<u64>,
    },
}

/// Keeps one observation: what was served, as it came and as it was read, or why nothing was; and the files before
/// and after it.
pub(super) fn observation(
    dir: &Path,
    observation: &Observation,
    metrics_dir: &MetricsDir,
) -> Result<(), RunError> {
    create_dir(dir)?;
    let answer = match &observation.scrape {
        Ok(Scraped { response, .. }) => {
            write(&dir.join("body"), &response.body)?;
            if response.encoding == "gzip" {
                write(&dir.join("body.gz"), &response.raw)?;
            }
            Answer::Response {
                status: response.status,
                content_type: response.content_type.clone(),
                encoding: response.encoding.clone(),
                elapsed_ms: ms(response.elapsed),
            }
        }
        Err(error) => Answer::Nothing {
            error: error.to_string(),
            gave_up_after_ms: error.gave_up_after_ms(),
        },
    };
    write_json(&dir.join("response.json"), &answer)?;
    for (name, reading) in [("before", &observation.before), ("after", &observation.after)] {
        let path = dir.join(name);
        create_dir(&path)?;
        let io = |source| RunError::Io {
            path: path.clone(),
            source,
        };
        match reading {
            Ok(reading) => reading.snapshot.copy_to(&path).map_err(io)?,
            // What cannot be merged can often be read: it is the evidence.
            Err(error) => match metrics_dir.read() {
                Ok(files) => files.decoded().copy_to(&path).map_err(io)?,
                Err(_) => write(&path.join(UNREADABLE), error.to_string().as_bytes())?,
            },
        }
    }
    Ok(())
}

/// In the place of files that could not be read: why.
pub(crate) const UNREADABLE: &str = "unreadable.txt";
