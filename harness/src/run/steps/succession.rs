//! Two generations of one fleet at once: the second starts on the directory and the queue of the first, and takes over.

use std::collections::BTreeSet;

use super::Stage;
use crate::exporter::Pid;
use crate::fleet::{Fleet, FleetPlan};
use crate::ledger::AckFile;
use crate::run::timeline::Moment;
use crate::run::{RunError, kept};
use crate::scenario::Succession;
use crate::task::Program;

/// The folder that the second generation has in the scenario's.
const FOLDER: &str = "successor";

/// A second generation that works beside the first.
pub(super) struct Successor<'a> {
    pub(super) fleet: Fleet,
    pub(super) acks: AckFile,
    plan: FleetPlan<'a>,
}

impl Stage<'_> {
    pub(super) async fn succession(&mut self, succession: Succession) -> Result<(), RunError> {
        match succession {
            Succession::Starts => self.bring_successor().await,
            Succession::TakesOver => self.hand_over().await,
        }
    }

    async fn bring_successor(&mut self) -> Result<(), RunError> {
        let plan = FleetPlan {
            dir: self.dir.join(FOLDER),
            ..self.plan.clone()
        };
        kept::create_dir(&plan.dir)?;
        kept::write_json(&plan.program(), &Program::of_successor(self.scenario))?;
        let acks = AckFile::create(&plan.acks()).map_err(|source| RunError::Io {
            path: plan.acks(),
            source,
        })?;
        let fleet = Fleet::start(self.spawner, &plan).await?;
        self.timeline.record(Moment::SuccessorStarted {
            pids: fleet.members().into_iter().collect(),
            url: fleet.url(),
        })?;
        self.successor = Some(Successor { fleet, acks, plan });
        Ok(())
    }

    /// Ends the first generation as its manifest says. From here on the second is the fleet.
    async fn hand_over(&mut self) -> Result<(), RunError> {
        let Some(successor) = self.successor.take() else {
            return Err(self.step_failed("there is no successor".to_owned()));
        };
        let first = self.fleet.as_ref().map(Fleet::members).unwrap_or_default();
        self.leave().await?;
        self.read_acknowledgements()?;
        for pid in first {
            self.ledger.departed(pid);
        }
        self.plan = successor.plan;
        self.acks = successor.acks;
        self.serve_from(successor.fleet)
    }

    /// Whoever lives of either generation; `None`, where there is no fleet any more.
    pub(super) fn living(&self) -> Option<BTreeSet<Pid>> {
        let mut living = self.fleet.as_ref().map(Fleet::members)?;
        living.extend(
            self.successor
                .iter()
                .flat_map(|successor| successor.fleet.members()),
        );
        Some(living)
    }
}
