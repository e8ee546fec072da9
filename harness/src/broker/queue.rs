//! One queue, as the harness uses it: push tasks, see how many are left, whichever way they come to the workers.

use super::{BrokerError, List, Requests};
use crate::fleet::Fleet;
use crate::task::Task;

/// A queue of one fleet.
#[derive(Debug)]
pub enum Queue {
    /// Workers take tasks from a list on Redis.
    List(Box<List>),
    /// Tasks are posted to the workers.
    Requests(Requests),
}

impl Queue {
    /// Hands out tasks, in order.
    ///
    /// # Errors
    /// The broker does not answer. Tasks of the batch that was under way may have arrived.
    pub async fn push(&mut self, tasks: &[Task]) -> Result<(), BrokerError> {
        match self {
            Self::List(list) => list.push(tasks).await,
            Self::Requests(requests) => {
                requests.push(tasks);
                Ok(())
            }
        }
    }

    /// How many tasks nobody has taken yet; of those that are posted, how many are not answered yet.
    ///
    /// # Errors
    /// The broker does not answer.
    pub async fn waiting(&mut self) -> Result<u64, BrokerError> {
        match self {
            Self::List(list) => list.waiting().await,
            Self::Requests(requests) => Ok(requests.waiting()),
        }
    }

    /// Whether tasks get to somebody who takes them for tasks, as far as is known.
    ///
    /// # Errors
    /// One that was posted was answered with something else than its end.
    pub fn leads_to_workers(&self) -> Result<(), BrokerError> {
        match self {
            Self::List(_) => Ok(()),
            Self::Requests(requests) => requests.leads_to_workers(),
        }
    }

    /// Whether tasks may be lost without anybody having been killed: their requests were not answered to the end.
    pub fn has_lost_answers(&self) -> bool {
        match self {
            Self::List(_) => false,
            Self::Requests(requests) => requests.unanswered() > 0,
        }
    }

    /// From now on tasks that are posted go to this fleet.
    ///
    /// # Errors
    /// Where it says that it expects them is no address.
    pub fn lead_to(&self, fleet: &Fleet) -> Result<(), BrokerError> {
        match (self, fleet.task_url()) {
            (Self::Requests(requests), Some(url)) => requests.lead_to(url),
            _ => Ok(()),
        }
    }

    /// From now on tasks that are posted wait: whoever has the fleet's port next is not to be sent any.
    pub fn lead_nowhere(&self) {
        if let Self::Requests(requests) = self {
            requests.lead_nowhere();
        }
    }

    /// Connects again, to a broker that has closed its connections.
    ///
    /// # Errors
    /// The broker does not answer.
    pub async fn reconnect(&mut self) -> Result<(), BrokerError> {
        match self {
            Self::List(list) => list.reconnect().await,
            Self::Requests(_) => Ok(()),
        }
    }
}
