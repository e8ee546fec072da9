//! Marking a process dead: its live gauges are no longer served (M8).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::file_name::{FileName, Kind, Mode};

/// A dead process's file that cannot be removed.
#[derive(Debug, Error)]
#[error("cannot remove {path} of dead process {pid}")]
pub struct MarkDeadError {
    /// The file.
    pub path: PathBuf,
    /// The process.
    pub pid: u32,
    /// The system's reason.
    pub source: io::Error,
}

/// Removes `gauge_live*_{pid}.db` and nothing else (M8). Everything else that the process
/// counted still counts.
///
/// # Errors
/// If a file is there and cannot be removed; the others are removed all the same.
pub fn mark_dead(directory: &Path, pid: u32) -> Result<(), MarkDeadError> {
    let live = Mode::ALL.into_iter().filter(|mode| mode.is_live());
    remove(directory, pid, live.map(Kind::Gauge))
}

/// Removes the files of those kinds of a process: what mutants do that go too far.
pub(crate) fn remove(
    directory: &Path,
    pid: u32,
    kinds: impl IntoIterator<Item = Kind>,
) -> Result<(), MarkDeadError> {
    let mut result = Ok(());
    for kind in kinds {
        let path = directory.join(FileName::of(kind, pid).to_string());
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                result = Err(MarkDeadError { path, pid, source });
            }
            _ => {}
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m8_marking_dead_removes_the_live_gauges_of_that_process_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let files = [
            "counter_7.db",
            "gauge_all_7.db",
            "gauge_liveall_7.db",
            "gauge_livesum_7.db",
            "gauge_livemostrecent_7.db",
            "gauge_livesum_77.db",
        ];
        for file in files {
            fs::write(directory.path().join(file), "").unwrap();
        }
        mark_dead(directory.path(), 7).unwrap();
        let kept = files
            .into_iter()
            .filter(|file| directory.path().join(file).exists());
        let expected = ["counter_7.db", "gauge_all_7.db", "gauge_livesum_77.db"];
        assert_eq!(kept.collect::<Vec<_>>(), expected);
    }
}
