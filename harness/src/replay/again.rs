//! What a kept scenario was played with, so that it can be played again.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::ReplayError;
use super::evidence::{id, json, text};
use crate::exporter::{REFERENCE, Selector};
use crate::fleet::FleetKind;
use crate::scenario::Catalogue;

/// What a kept scenario was played with.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The scenario's id.
    pub id: String,
    /// The folder that it is read from; `None`: it is embedded, as it was.
    pub scenarios: Option<PathBuf>,
    /// The exporter.
    pub exporter: Selector,
    /// Where its fleet ran.
    pub fleet: FleetKind,
    /// The requirement set that was asked for.
    pub requirements: Option<u32>,
    /// Whether what the exporter is known to fail was left aside.
    pub no_baseline: bool,
    /// The seed of the dispatch order.
    pub seed: u64,
    /// The reference's defect, if it had one.
    pub mutant: Option<String>,
}

/// Reads what the scenario in `folder` was played with. One that is not embedded in this release as it was then is put
/// below `folder/again`.
///
/// # Errors
/// Something of what was kept is not there, or is malformed; or there is no room for the scenario.
pub fn setting(folder: &Path) -> Result<Setting, ReplayError> {
    let folder = folder.canonicalize().map_err(|source| ReplayError::Read {
        path: folder.to_path_buf(),
        source,
    })?;
    let run: Value = json(&folder.with_file_name("run.json"))?;
    let report: Value = json(&folder.join("report.json"))?;
    let exporter = match report["control"] == true {
        true => REFERENCE,
        false => run["exporter"].as_str().unwrap_or(REFERENCE),
    };
    let Ok(exporter) = exporter.parse();
    let id = id(&folder);
    let text = text(&folder.join("scenario.toml"))?;
    let embedded = Catalogue::embedded().ok();
    let is_embedded = embedded
        .as_ref()
        .and_then(|catalogue| catalogue.get(&id))
        .is_some_and(|scenario| scenario.text == text);
    let scenarios = match is_embedded {
        true => None,
        false => Some(put(&folder.join("again"), &id, &text)?),
    };
    Ok(Setting {
        id,
        scenarios,
        exporter,
        // Runs that are older than containers do not say it.
        fleet: run["fleet"]
            .as_str()
            .and_then(|kind| kind.parse().ok())
            .unwrap_or_default(),
        requirements: run["requirements"].as_u64().and_then(|set| set.try_into().ok()),
        no_baseline: run["no_baseline"] == true,
        seed: run["seed"].as_u64().unwrap_or_default(),
        mutant: report["mutant"].as_str().map(str::to_owned),
    })
}

fn put(dir: &Path, id: &str, text: &str) -> Result<PathBuf, ReplayError> {
    let path = dir.join(id).with_extension("toml");
    let family = path.parent().unwrap_or(dir);
    fs::create_dir_all(family)
        .and_then(|()| fs::write(&path, text))
        .map_err(|source| ReplayError::Write {
            path: path.clone(),
            source,
        })?;
    Ok(dir.to_path_buf())
}
