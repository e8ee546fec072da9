//! What is left, as a folder: the files, what must be served of them, what is served, and how to see it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{File, Merge, ReduceError};
use crate::exposition;
use crate::truth::{Layout, Snapshot};

/// What is left.
#[derive(Debug)]
pub struct Fixture<'a> {
    pub(super) files: &'a [File<'a>],
    pub(super) layout: Layout,
    pub(super) served: &'a [u8],
    pub(super) merge: &'a Merge,
}

impl Fixture<'_> {
    /// Writes it to `dir`, which must not be there yet: `metrics/`, `expected.txt`, `served.txt`, `README.md`.
    pub(super) fn write(&self, dir: &Path) -> Result<(), ReduceError> {
        let create = |path: &Path| fs::create_dir(path).map_err(unwritten(path));
        create(dir)?;
        let metrics = dir.join("metrics");
        create(&metrics)?;
        files(&metrics, self.files, self.layout)?;
        let truth = Snapshot::read(&metrics)?.merge()?;
        let expected = exposition::text::write(&truth.to_exposition());
        let readme = format!(
            "# A merge that is wrong\n\n\
             `metrics/` holds metric files of several processes, `expected.txt` what their merge is, `served.txt` what the exporter\n\
             makes of them:\n\n    {}\n\n\
             `counterfoil merge metrics` prints the merge, `counterfoil inspect metrics/FILE` what a file holds.\n",
            self.merge.shown()
        );
        for (name, bytes) in [
            ("expected.txt", expected.as_bytes()),
            ("served.txt", self.served),
            ("README.md", readme.as_bytes()),
        ] {
            let path = dir.join(name);
            fs::write(&path, bytes).map_err(unwritten(&path))?;
        }
        Ok(())
    }
}

/// Files of those entries, as a client writes them (F2, F5).
pub(super) fn files(dir: &Path, files: &[File<'_>], layout: Layout) -> Result<(), ReduceError> {
    for file in files {
        let path = dir.join(file.name);
        let bytes = layout
            .file_of(&file.entries)
            .ok_or_else(|| ReduceError::TooLarge { path: path.clone() })?;
        fs::write(&path, bytes).map_err(unwritten(&path))?;
    }
    Ok(())
}

/// An empty folder in the place of what was there.
pub(super) fn fresh(dir: &Path) -> Result<(), ReduceError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unwritten(dir)(error)),
        _ => {}
    }
    fs::create_dir_all(dir).map_err(unwritten(dir))
}

fn unwritten(path: &Path) -> impl Fn(io::Error) -> ReduceError {
    let path: PathBuf = path.to_path_buf();
    move |source| ReduceError::Write {
        path: path.clone(),
        source,
    }
}
