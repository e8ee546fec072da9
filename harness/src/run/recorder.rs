//! `events.jsonl`: every event of the run, whatever the report on stdout looks like.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use super::RunError;
use crate::report::{Event, Listener};

/// Writes events down before it passes them on. Each is one write of one whole line, unbuffered, so an
/// interrupted run has lost none.
pub(crate) struct Recorder<'a> {
    listener: &'a mut dyn Listener,
    path: PathBuf,
    file: File,
    failed: Option<std::io::Error>,
}

impl<'a> Recorder<'a> {
    pub(crate) fn create(path: PathBuf, listener: &'a mut dyn Listener) -> Result<Self, RunError> {
        let file = File::create(&path).map_err(|source| RunError::Io {
            path: path.clone(),
            source,
        })?;
        Ok(Self {
            listener,
            path,
            file,
            failed: None,
        })
    }

    /// Whether every event is on disk.
    pub(crate) fn finish(self) -> Result<(), RunError> {
        match self.failed {
            Some(source) => Err(RunError::Io {
                path: self.path,
                source,
            }),
            None => Ok(()),
        }
    }
}

impl Listener for Recorder<'_> {
    fn on(&mut self, event: &Event) {
        let line = serde_json::to_string(event).expect("an event holds nothing that JSON cannot") + "\n";
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            self.failed.get_or_insert(error);
        }
        self.listener.on(event);
    }

    fn progress(&mut self, what: &str) {
        self.listener.progress(what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Silent;

    #[test]
    fn an_event_is_on_disk_as_soon_as_it_was_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("events.jsonl");
        let mut listener = Silent;
        let mut recorder = Recorder::create(path.clone(), &mut listener).unwrap();
        recorder.on(&Event::ControlStarted { planned: 3 });
        assert_eq!(
            std::fs::read_to_string(path).unwrap(),
            "{\"event\":\"control-started\",\"planned\":3}\n"
        );
        recorder.finish().unwrap();
    }

    #[test]
    fn a_full_disk_is_an_error_that_names_the_file() {
        let mut listener = Silent;
        let mut recorder = Recorder::create("/dev/full".into(), &mut listener).unwrap();
        recorder.on(&Event::ControlStarted { planned: 3 });
        let error = recorder.finish().unwrap_err();
        assert_eq!(error.to_string(), "cannot write /dev/full");
        assert!(error.remedy().unwrap().starts_with("make room"), "{error:?}");
    }
}
