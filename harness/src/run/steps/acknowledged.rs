//! What the workers have acknowledged, entered into the ledger.

use super::Stage;
use crate::exporter::Outcome;
use crate::ledger::Ack;
use crate::run::RunError;
use crate::run::neighbour::Neighbour;

impl Stage<'_> {
    /// Reads what the workers acknowledged since the last time.
    pub(in crate::run) fn read_acknowledgements(&mut self) -> Result<(), RunError> {
        // Those of the other pods are read by the first, whose ledger has the tasks.
        if self.pod > 1 {
            return Ok(());
        }
        let mut acks = self.acks.read_new()?;
        if let Some(successor) = &mut self.successor {
            acks.extend(successor.acks.read_new()?);
        }
        for ack in acks {
            match (ack.outcome, self.ledger.must_be_refused(&ack.task)) {
                (Outcome::Refused, false) => self.refused(&ack)?,
                (Outcome::Ok | Outcome::Failed, true) => self.skipped(&ack)?,
                _ => {}
            }
            if Neighbour::is_given(&ack.task) {
                self.taken("the fleet", &ack, "the neighbour's")?;
                continue;
            }
            self.ledger.acknowledge(ack).map_err(RunError::unasked)?;
        }
        self.read_siblings()?;
        match &mut self.neighbour {
            Some(neighbour) => match neighbour.read_acknowledgements()? {
                Some(ack) => self.taken("the neighbour", &ack, "the fleet's"),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    /// A worker program that skips an op does not do what it is asked, and every other verdict would be about less.
    fn skipped(&self, ack: &Ack) -> Result<(), RunError> {
        let Ack { task, pid, .. } = ack;
        match self.stuck {
            Some(_) => Ok(()),
            None => Err(self.stuck(format!(
                "pid {pid} has executed task {task}, which holds an op that nobody knows, and must be refused"
            ))),
        }
    }

    /// A fleet took a task that the other was handed: whoever was to do it waits in vain. Once is enough to say so.
    fn taken(&self, by: &str, ack: &Ack, whose: &str) -> Result<(), RunError> {
        let Ack { task, pid, .. } = ack;
        match self.stuck {
            Some(_) => Ok(()),
            None => Err(self.stuck(format!("pid {pid} of {by} took task {task}, which is {whose}"))),
        }
    }
}
