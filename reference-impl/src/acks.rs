//! Acknowledgements: what a worker answers, one line a task (PROTOCOL.md).

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use crate::task::Outcome;

/// The file that acknowledgements are appended to.
#[derive(Debug)]
pub struct Acks {
    file: File,
    pid: u32,
}

#[derive(Serialize)]
struct Line<'a> {
    task: &'a str,
    pid: u32,
    outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl Acks {
    /// Opens the file for appending.
    ///
    /// # Errors
    /// If it cannot be opened or created.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::options().append(true).create(true).open(path)?;
        Ok(Self {
            file,
            pid: std::process::id(),
        })
    }

    /// Appends one line by a single write, so that lines of several processes do not mix.
    ///
    /// # Errors
    /// If the line cannot be written, or not as a whole.
    pub fn acknowledge(&self, task: &str, outcome: Outcome, reason: Option<&str>) -> io::Result<()> {
        let line = Line {
            task,
            pid: self.pid,
            outcome,
            reason,
        };
        let mut line = serde_json::to_vec(&line)?;
        line.push(b'\n');
        if (&self.file).write(&line)? < line.len() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        Ok(())
    }
}
