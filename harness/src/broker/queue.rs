//! One queue on the broker, as the harness uses it: push tasks, see how many are left.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use serde_json::Value;

use super::{BrokerError, wire};
use crate::exporter::QueueFormat;

/// How many tasks go out in one command.
const BATCH: usize = 64;
const ANSWER_DEADLINE: Duration = Duration::from_secs(5);

/// A queue that a fleet consumes.
#[derive(Clone, Debug)]
pub struct Queue {
    connection: MultiplexedConnection,
    url: String,
    name: String,
    format: QueueFormat,
}

impl Queue {
    /// Connects and makes sure that the broker answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn connect(url: &str, name: &str, format: QueueFormat) -> Result<Self, BrokerError> {
        let gone = |source| BrokerError::Gone {
            url: url.to_owned(),
            source,
        };
        let client = redis::Client::open(url).map_err(gone)?;
        let config = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(ANSWER_DEADLINE))
            .set_response_timeout(Some(ANSWER_DEADLINE));
        let connection = client
            .get_multiplexed_async_connection_with_config(&config)
            .await
            .map_err(gone)?;
        let mut queue = Self {
            connection,
            url: url.to_owned(),
            name: name.to_owned(),
            format,
        };
        queue.waiting().await?;
        Ok(queue)
    }

    /// The queue's name on the broker.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Hands out task documents, in order.
    ///
    /// # Errors
    /// The broker does not answer. Tasks of the batch that was under way may have arrived.
    pub async fn push(&mut self, tasks: &[Value]) -> Result<(), BrokerError> {
        for batch in tasks.chunks(BATCH) {
            let mut push = redis::cmd("LPUSH");
            push.arg(&self.name);
            for task in batch {
                push.arg(wire::encode(self.format, task));
            }
            let pushed: Result<u64, _> = push.query_async(&mut self.connection).await;
            pushed.map_err(|source| BrokerError::Gone {
                url: self.url.clone(),
                source,
            })?;
        }
        Ok(())
    }

    /// How many tasks nobody has taken yet.
    ///
    /// # Errors
    /// The broker does not answer.
    pub async fn waiting(&mut self) -> Result<u64, BrokerError> {
        let length = redis::cmd("LLEN")
            .arg(&self.name)
            .query_async(&mut self.connection)
            .await;
        length.map_err(|source| BrokerError::Gone {
            url: self.url.clone(),
            source,
        })
    }
}
