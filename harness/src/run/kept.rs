//! What a run leaves behind, under `counterfoil.out/RUN/`: everything that a later look needs.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::RunError;
use crate::check::Observation;
use crate::fleet::RunId;

/// The folder of a run.
#[derive(Clone, Debug)]
pub(super) struct Kept {
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

    pub(super) fn path(&self) -> &Path {
        &self.path
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

fn write(path: &Path, bytes: &[u8]) -> Result<(), RunError> {
    fs::write(path, bytes).map_err(|source| RunError::Io {
        path: path.to_path_buf(),
        source,
    })
}

/// Keeps one observation: the raw body, and the files before and after it where they could be read.
pub(super) fn observation(dir: &Path, observation: &Observation) -> Result<(), RunError> {
    create_dir(dir)?;
    if let Ok(scraped) = &observation.scrape {
        let head = format!("{}\n{}\n", scraped.response.status, scraped.response.content_type);
        write(&dir.join("response.txt"), head.as_bytes())?;
        write(&dir.join("body"), &scraped.response.body)?;
    }
    for (name, reading) in [("before", &observation.before), ("after", &observation.after)] {
        if let Ok(reading) = reading {
            let path = dir.join(name);
            create_dir(&path)?;
            reading
                .snapshot
                .copy_to(&path)
                .map_err(|source| RunError::Io { path, source })?;
        }
    }
    Ok(())
}
