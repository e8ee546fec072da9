//! Metric files are removed from under a fleet that works.

use std::fs;

use super::Stage;
use crate::run::RunError;
use crate::run::timeline::Moment;

impl Stage<'_> {
    /// Removes them. From here on the ledger counts on nothing that was counted before.
    pub(super) fn wipe(&mut self) -> Result<(), RunError> {
        self.read_acknowledgements()?;
        let dir = self.metrics_dir.path().to_path_buf();
        let io = |source| RunError::Io {
            path: dir.clone(),
            source,
        };
        let mut files = 0;
        for entry in fs::read_dir(&dir).map_err(io)? {
            let path = entry.map_err(io)?.path();
            if path.extension().is_some_and(|extension| extension == "db") {
                fs::remove_file(&path).map_err(io)?;
                files += 1;
            }
        }
        self.ledger.restart();
        self.timeline.record(Moment::Wiped { files })
    }
}
