//! The queue: tasks from a Redis list by BRPOP (`plain-list`), across the broker's absences.

use std::thread;
use std::time::Duration;

use redis::{Client, FromRedisValue, RedisError};

use crate::line::Line;
use crate::mutant::{Mutant, broker, host};
use crate::notice::notice;

/// How long the broker keeps a BRPOP waiting, in seconds: how late a worker learns that it is to stop.
const POP_TIMEOUT_S: f64 = 0.1;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a broker may be silent that was to answer within [`POP_TIMEOUT_S`]: longer than it stands still to write a
/// snapshot. Beyond it the connection is taken for one of which the other end is gone.
const LONGEST_SILENCE: Duration = Duration::from_secs(5);
const FIRST_BACKOFF: Duration = Duration::from_millis(10);
const LONGEST_BACKOFF: Duration = Duration::from_millis(500);

/// A consumer of one queue.
pub struct Queue {
    client: Client,
    /// The command that takes a task, as it is sent.
    pop: Vec<u8>,
    connection: Option<Line>,
    backoff: Duration,
    losses: u32,
    mutant: Option<Mutant>,
}

impl Queue {
    /// A consumer of the list `name` on the broker at `url`; connects at the first task.
    ///
    /// # Errors
    /// If the URL is not one of a Redis.
    pub fn new(url: &str, name: &str, mutant: Option<Mutant>) -> Result<Self, RedisError> {
        let client = Client::open(url)?;
        let pop = redis::cmd("BRPOP")
            .arg(host::queue_of_others(mutant, name))
            .arg(name)
            .arg(POP_TIMEOUT_S)
            .get_packed_command();
        Ok(Self {
            client,
            pop,
            connection: None,
            backoff: FIRST_BACKOFF,
            losses: 0,
            mutant,
        })
    }

    /// How often a connection to the broker was lost.
    #[must_use]
    pub fn losses(&self) -> u32 {
        self.losses
    }

    /// Where the broker is.
    pub(crate) fn broker(&self) -> Client {
        self.client.clone()
    }

    /// Takes the next task, or returns `None` after a moment without one, so that the caller can
    /// look whether it is to stop.
    ///
    /// A reply that is given up is a task lost, so the broker is waited for as long as it may be there.
    pub fn pop(&mut self) -> Option<Vec<u8>> {
        match self.try_pop() {
            Ok(task) => {
                self.backoff = FIRST_BACKOFF;
                task
            }
            Err(error) => {
                let had_one = self.connection.take().is_some();
                self.losses += u32::from(had_one);
                if had_one || self.backoff == FIRST_BACKOFF {
                    notice(format_args!("the broker is gone: {error}"));
                }
                // Sleeps, bounded by LONGEST_BACKOFF: a broker that comes back tells nobody.
                thread::sleep(self.backoff);
                self.backoff = (self.backoff * 2).min(LONGEST_BACKOFF);
                None
            }
        }
    }

    fn try_pop(&mut self) -> Result<Option<Vec<u8>>, RedisError> {
        if self.mutant == Some(Mutant::StaysAway) && self.losses > 0 {
            // Sleeps, bounded by the time that a pop takes: so it sees when it is to stop.
            thread::sleep(Duration::from_secs_f64(POP_TIMEOUT_S));
            return Ok(None);
        }
        let connection = match &mut self.connection {
            Some(connection) => connection,
            None => {
                let line = Line::connect(self.client.get_connection_info(), CONNECT_TIMEOUT)?;
                line.set_patience(match self.mutant {
                    Some(Mutant::Impatient) => Some(broker::PATIENCE),
                    Some(Mutant::WaitsForEver) => None,
                    _ => Some(LONGEST_SILENCE),
                })?;
                self.connection.insert(line)
            }
        };
        let reply: Option<(String, Vec<u8>)> = FromRedisValue::from_redis_value(connection.ask(&self.pop)?)?;
        Ok(reply.map(|(_, task)| task))
    }
}
