//! A second fleet of the same exporter on the host: it is handed the same tasks on a queue of its own, and is not judged.
//! Whatever the two share that they should not, the first shows.

use std::collections::BTreeSet;
use std::time::Duration;

use rustix::process::Signal;
use tokio::time::Instant;

use super::{RunError, kept};
use crate::broker::Queue;
use crate::exporter::{Outcome, Pid};
use crate::fleet::{Fleet, FleetPlan, Spawner};
use crate::ledger::{Ack, AckFile};
use crate::poll::every;
use crate::scenario::Scenario;
use crate::task::{Program, Task};

/// The folder that it has in the scenario's.
const FOLDER: &str = "neighbour";
/// What its tasks' ids end with.
const MARK: &str = "@neighbour";
/// How long processes may take to be gone that are killed.
const DEATH_DEADLINE: Duration = Duration::from_secs(5);

/// The queue of the neighbour of a fleet that consumes `queue`.
pub(super) fn queue_of(queue: &str) -> String {
    format!("{queue}:neighbour")
}

/// It and its tasks.
pub(super) struct Neighbour {
    /// None once it has ended.
    fleet: Option<Fleet>,
    queue: Queue,
    acks: AckFile,
    tasks: Tasks,
}

/// What it was handed.
#[derive(Debug, Default)]
struct Tasks {
    open: BTreeSet<String>,
    acknowledged: usize,
}

impl Tasks {
    /// Whether the task was open.
    fn acknowledge(&mut self, task: &str) -> bool {
        let was_open = self.open.remove(task);
        self.acknowledged += usize::from(was_open);
        was_open
    }

    /// What is missing of the proof that it has worked beside the first; `None`: nothing.
    fn lack(&self) -> Option<String> {
        match (self.open.len(), self.acknowledged) {
            (0, 0) => Some("the neighbour was handed no task".to_owned()),
            (0, _) => None,
            (open, done) => Some(format!(
                "the neighbour has acknowledged {done} of its {} tasks",
                open + done
            )),
        }
    }
}

impl Neighbour {
    /// Starts it as the fleet of `plan` was started, but for its folder and its queue.
    pub(super) async fn start(
        spawner: &Spawner,
        plan: &FleetPlan<'_>,
        scenario: &Scenario,
        queue: Queue,
    ) -> Result<Self, RunError> {
        let plan = FleetPlan {
            queue: queue_of(&plan.queue),
            ..plan.beside(plan.dir.join(FOLDER))
        };
        kept::create_dir(&plan.dir)?;
        kept::write_json(&plan.program(), &Program::of(scenario))?;
        let acks = AckFile::create(&plan.acks()).map_err(|source| RunError::Io {
            path: plan.acks(),
            source,
        })?;
        let fleet = Fleet::start(spawner, &plan).await?;
        queue.lead_to(&fleet)?;
        Ok(Self {
            fleet: Some(fleet),
            queue,
            acks,
            tasks: Tasks::default(),
        })
    }

    /// Whether a task of that id is one of a neighbour's.
    pub(super) fn is_given(task: &str) -> bool {
        task.ends_with(MARK)
    }

    /// Its processes, and where it is scraped, as long as it runs.
    pub(super) fn fleet(&self) -> Option<&Fleet> {
        self.fleet.as_ref()
    }

    /// Hands it the same tasks, under ids of their own, unless it has ended.
    pub(super) async fn dispatch(&mut self, tasks: &[Task]) -> Result<(), RunError> {
        if self.fleet.is_none() {
            return Ok(());
        }
        let own = |task: &Task| Task {
            id: format!("{}{MARK}", task.id),
            ..task.clone()
        };
        let tasks: Vec<Task> = tasks.iter().map(own).collect();
        self.tasks.open.extend(tasks.iter().map(|task| task.id.clone()));
        Ok(self.queue.push(&tasks).await?)
    }

    /// Reads what it acknowledged since the last time; an acknowledgement of a task that is not its own.
    pub(super) fn read_acknowledgements(&mut self) -> Result<Option<Ack>, RunError> {
        let mut taken = None;
        for ack in self.acks.read_new()? {
            if ack.outcome == Outcome::Refused {
                return Err(RunError::refused(ack));
            }
            if !self.tasks.acknowledge(&ack.task) {
                taken = Some(ack);
            }
        }
        Ok(taken)
    }

    /// Why it is no proof of anything yet, if it is not.
    pub(super) fn lack(&self) -> Option<String> {
        self.tasks.lack()
    }

    /// How it ended by itself, if it has.
    pub(super) fn ended(&mut self) -> Option<String> {
        self.fleet.as_mut().and_then(Fleet::ended)
    }

    /// Kills all its processes and waits until they are gone; who they were.
    pub(super) async fn kill(&mut self) -> BTreeSet<Pid> {
        let mut killed = BTreeSet::new();
        let Some(fleet) = self.fleet.take() else {
            return killed;
        };
        self.queue.lead_nowhere();
        let deadline = Instant::now() + DEATH_DEADLINE;
        let mut tick = every(Duration::from_millis(2));
        loop {
            let living = fleet.members();
            if living.is_empty() || Instant::now() > deadline {
                break;
            }
            // Again and again: a supervisor may have started one meanwhile.
            for pid in living {
                fleet.signal(pid, Signal::KILL);
                killed.insert(pid);
            }
            tick.tick().await;
        }
        fleet.end().await;
        killed
    }

    /// Ends it as its manifest says, if it still runs.
    pub(super) async fn end(self) {
        if let Some(fleet) = self.fleet {
            fleet.end().await;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::*;

    #[test]
    fn a_neighbour_has_worked_once_all_its_tasks_are_acknowledged_c42() {
        let mut tasks = Tasks::default();
        assert_eq!(tasks.lack().unwrap(), "the neighbour was handed no task");
        tasks
            .open
            .extend(["mail#1@neighbour", "mail#2@neighbour"].map(str::to_owned));
        assert!(tasks.acknowledge("mail#2@neighbour"));
        assert!(!tasks.acknowledge("mail#2@neighbour") && !tasks.acknowledge("mail#1"));
        assert_eq!(
            tasks.lack().unwrap(),
            "the neighbour has acknowledged 1 of its 2 tasks"
        );
        assert!(tasks.acknowledge("mail#1@neighbour"));
        assert_eq!(tasks.lack(), None);
    }

    #[test]
    fn its_tasks_are_told_from_those_of_the_first_t11() {
        assert!(Neighbour::is_given("isolation/two-fleets-on-a-host#3@neighbour"));
        assert!(!Neighbour::is_given("isolation/two-fleets-on-a-host#3"));
    }
}
