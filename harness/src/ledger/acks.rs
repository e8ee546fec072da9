//! The acknowledgement channel: a file that every worker appends lines to.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use crate::exporter::{Outcome, Pid};

/// The longest line that is read; a worker that writes more without a newline is out of the protocol.
const LINE_LIMIT: usize = 64 * 1024;

/// One acknowledgement (`PROTOCOL.md`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ack {
    /// The task's id.
    pub task: String,
    /// The process whose metric files hold its ops.
    pub pid: Pid,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it was refused.
    #[serde(default)]
    pub reason: Option<String>,
}

/// A line that is no acknowledgement.
#[derive(Debug, Error)]
#[error("{path}, byte {offset}: {reason}")]
pub struct AckError {
    /// The channel's file.
    pub path: PathBuf,
    /// Where the line begins.
    pub offset: u64,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads what was appended since the last time. A line without its newline is left for the next time.
#[derive(Debug)]
pub struct AckFile {
    path: PathBuf,
    offset: u64,
}

impl AckFile {
    /// Creates the file.
    ///
    /// # Errors
    /// It cannot be created.
    pub fn create(path: &Path) -> io::Result<Self> {
        File::create(path)?;
        Ok(Self {
            path: path.to_path_buf(),
            offset: 0,
        })
    }

    /// All complete lines that came since the last call.
    ///
    /// # Errors
    /// The file cannot be read, or a line is no acknowledgement.
    pub fn read_new(&mut self) -> Result<Vec<Ack>, AckError> {
        let path = self.path.clone();
        let failed = |offset: u64, reason: String| AckError {
            path: path.clone(),
            offset,
            reason,
        };
        let file = File::open(&self.path).map_err(|error| failed(0, error.to_string()))?;
        let length = file
            .metadata()
            .map_err(|error| failed(0, error.to_string()))?
            .len();
        let fresh = usize::try_from(length.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; fresh];
        let got = file
            .read_at(&mut bytes, self.offset)
            .map_err(|error| failed(self.offset, error.to_string()))?;
        bytes.truncate(got);
        let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') else {
            return if bytes.len() > LINE_LIMIT {
                Err(failed(
                    self.offset,
                    format!("{} bytes without a newline", bytes.len()),
                ))
            } else {
                Ok(Vec::new())
            };
        };
        let mut acks = Vec::new();
        for line in bytes[..end].split(|byte| *byte == b'\n') {
            let parsed = serde_json::from_slice(line).map_err(|error| {
                let shown = String::from_utf8_lossy(&line[..line.len().min(200)]).into_owned();
                failed(self.offset, format!("{error}: {shown:?}"))
            });
            acks.push(parsed?);
            self.offset += line.len() as u64 + 1;
        }
        Ok(acks)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_line_is_read_once_it_is_complete() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("acks");
        let mut acks = AckFile::create(&path).unwrap();
        fs::write(&path, "{\"task\":\"1\",\"pid\":7,\"outcome\":\"ok\"}\n{\"task\":").unwrap();
        assert_eq!(acks.read_new().unwrap().len(), 1);
        assert_eq!(acks.read_new().unwrap(), []);
        fs::write(&path, "{\"task\":\"1\",\"pid\":7,\"outcome\":\"ok\"}\n{\"task\":\"2\",\"pid\":8,\"outcome\":\"failed\"}\n")
            .unwrap();
        assert_eq!(acks.read_new().unwrap()[0].outcome, Outcome::Failed);
    }

    #[test]
    fn a_line_of_another_kind_is_an_error_with_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("acks");
        let mut acks = AckFile::create(&path).unwrap();
        fs::write(&path, "{\"task\":\"1\",\"pid\":7,\"outcome\":\"ok\"}\nhello\n").unwrap();
        assert_eq!(acks.read_new().unwrap_err().offset, 36);
    }

    #[test]
    fn what_comes_later_is_read_from_where_the_last_line_ended() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("acks");
        let mut acks = AckFile::create(&path).unwrap();
        let line = |task: u32| format!("{{\"task\":\"{task}\",\"pid\":7,\"outcome\":\"ok\"}}\n");
        fs::write(&path, [line(1), line(22)].concat()).unwrap();
        let tasks = |acks: Vec<Ack>| -> Vec<String> { acks.into_iter().map(|ack| ack.task).collect() };
        assert_eq!(tasks(acks.read_new().unwrap()), ["1", "22"]);
        fs::write(&path, [line(1), line(22), line(333), line(4)].concat()).unwrap();
        assert_eq!(tasks(acks.read_new().unwrap()), ["333", "4"]);
        assert_eq!(acks.read_new().unwrap(), []);
    }

    #[test]
    fn a_line_that_has_no_end_is_an_error_beyond_64_kib() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("acks");
        let mut acks = AckFile::create(&path).unwrap();
        fs::write(&path, vec![b' '; 65_536]).unwrap();
        assert_eq!(acks.read_new().unwrap(), []);
        fs::write(&path, vec![b' '; 65_537]).unwrap();
        let error = acks.read_new().unwrap_err();
        let place = format!("{}, byte 0: ", path.display());
        assert_eq!(error.to_string(), format!("{place}65537 bytes without a newline"));
    }

    #[test]
    fn of_a_line_of_another_kind_the_beginning_is_shown() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("acks");
        let mut acks = AckFile::create(&path).unwrap();
        fs::write(&path, format!("{}\n", "x".repeat(201))).unwrap();
        let reason = acks.read_new().unwrap_err().reason;
        assert!(reason.ends_with(&format!(": {:?}", "x".repeat(200))), "{reason}");
    }
}
