//! The fleet ends and is started again where it was: on the same metrics directory and queue, on another port.

use super::Stage;
use crate::run::RunError;
use crate::scenario::Stop;

impl Stage<'_> {
    /// From here on the ledger counts on nothing that an earlier fleet has done.
    pub(super) async fn restart(&mut self, stop: Stop) -> Result<(), RunError> {
        self.end(stop).await?;
        self.read_acknowledgements()?;
        self.ledger.restart();
        self.start().await
    }
}
