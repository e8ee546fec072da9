//! Standard output. Where it is redirected to a full disk a result is lost, and the exit code must say so.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use counterfoil::report::ExitStatus;
use miette::Diagnostic;
use thiserror::Error;

/// Standard output that remembers what it could not take. Clones share that.
#[derive(Clone, Debug, Default)]
pub(crate) struct Output {
    lost: Arc<Mutex<Option<io::Error>>>,
}

#[derive(Debug, Error, Diagnostic)]
#[error("cannot write to standard output")]
#[diagnostic(help("make room where it is redirected to"))]
struct Lost {
    source: io::Error,
}

impl Output {
    /// Writes a line.
    pub(crate) fn line(&self, text: impl Display) {
        self.text(format_args!("{text}\n"));
    }

    /// Writes a text as it is.
    pub(crate) fn text(&self, text: impl Display) {
        self.remember(write!(io::stdout(), "{text}"));
    }

    /// The exit code of a command that came to `status`, once all of it is written.
    pub(crate) fn end(&self, status: ExitStatus) -> ExitCode {
        self.remember(io::stdout().flush());
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner).take();
        match lost {
            None => status.into(),
            Some(source) => {
                super::complain(Lost { source });
                status.worst(ExitStatus::NotJudged).into()
            }
        }
    }

    fn remember(&self, written: io::Result<()>) {
        // A reader that went away (`| head`) has seen what it wanted.
        if let Err(error) = written
            && error.kind() != ErrorKind::BrokenPipe
        {
            let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
            lost.get_or_insert(error);
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.remember(io::stdout().write_all(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.remember(io::stdout().flush());
        Ok(())
    }
}
