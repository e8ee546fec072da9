//! A list on Redis that workers take tasks from: push some, see how many are left.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{ErrorKind, Pipeline, RedisError, RedisWrite};
use tokio::task::JoinHandle;

use super::{BrokerError, wire};
use crate::exporter::ListFormat;
use crate::task::Task;

/// How many tasks go out in one command, and how many commands at once. A broker that is gone leaves
/// as many tasks in doubt as are under way.
const BATCH: usize = 1024;
const COMMANDS: usize = 4;
/// A machine that starts fleets on all of its processors keeps a broker waiting for seconds.
const ANSWER_DEADLINE: Duration = Duration::from_secs(20);

/// A list that a fleet consumes.
#[derive(Clone, Debug)]
pub struct List {
    client: redis::Client,
    connection: MultiplexedConnection,
    /// Without a password.
    url: String,
    name: String,
    format: ListFormat,
}

impl List {
    /// Connects and makes sure that the broker answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn connect(url: &str, name: &str, format: ListFormat) -> Result<Self, BrokerError> {
        let shown = without_password(url);
        let client = client(url)?;
        let connection = connection(&client, &shown).await;
        // One that does not answer now has not been there before.
        let never_was = |error| match error {
            BrokerError::Gone { url, reason } => BrokerError::Silent { url, reason },
            error => error,
        };
        let mut list = Self {
            client,
            connection: connection.map_err(never_was)?,
            url: shown,
            name: name.to_owned(),
            format,
        };
        list.waiting().await.map_err(never_was)?;
        Ok(list)
    }

    /// Connects again, to a broker that has closed its connections.
    ///
    /// # Errors
    /// The broker does not answer.
    pub async fn reconnect(&mut self) -> Result<(), BrokerError> {
        self.connection = connection(&self.client, &self.url).await?;
        Ok(())
    }

    /// Has the broker at `url` close the connections of all its clients but this one's.
    ///
    /// # Errors
    /// The broker does not answer.
    pub(super) async fn kill_connections(url: &str) -> Result<(), BrokerError> {
        let url_shown = without_password(url);
        let mut connection = connection(&client(url)?, &url_shown).await?;
        let mut kill = redis::cmd("CLIENT");
        kill.arg("KILL").arg("TYPE").arg("normal");
        let killed: Result<u64, RedisError> = kill.query_async(&mut connection).await;
        killed
            .map(drop)
            .map_err(|error| failed(&url_shown, "CLIENT KILL", &error))
    }

    /// Hands out tasks, in order.
    ///
    /// # Errors
    /// The broker does not answer. Tasks of the batch that was under way may have arrived.
    pub async fn push(&mut self, tasks: &[Task]) -> Result<(), BrokerError> {
        // The next tasks are written down while the broker takes those before them.
        let mut under_way: Option<JoinHandle<Result<Vec<u64>, RedisError>>> = None;
        for tasks in tasks.chunks(BATCH * COMMANDS) {
            let pipeline = self.pipeline(tasks);
            self.arrived(under_way.take()).await?;
            let mut connection = self.connection.clone();
            let push = async move { pipeline.query_async(&mut connection).await };
            under_way = Some(tokio::spawn(push));
        }
        self.arrived(under_way).await
    }

    fn pipeline(&self, tasks: &[Task]) -> Pipeline {
        let mut pipeline = redis::pipe();
        for batch in tasks.chunks(BATCH) {
            let mut push = redis::cmd("LPUSH");
            push.arg(&self.name);
            for task in batch {
                // A command is memory: nothing that is written to it fails.
                let _ = wire::write(self.format, task, push.writer_for_next_arg());
            }
            pipeline.add_command(push);
        }
        pipeline
    }

    async fn arrived(
        &self,
        under_way: Option<JoinHandle<Result<Vec<u64>, RedisError>>>,
    ) -> Result<(), BrokerError> {
        let Some(push) = under_way else { return Ok(()) };
        let pushed = push
            .await
            .expect("nobody aborts it, and the client does not panic");
        pushed
            .map(drop)
            .map_err(|error| failed(&self.url, "LPUSH", &error))
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
        length.map_err(|error| failed(&self.url, "LLEN", &error))
    }
}

fn client(url: &str) -> Result<redis::Client, BrokerError> {
    redis::Client::open(url).map_err(|error| BrokerError::Url {
        url: without_password(url),
        reason: first_line(&error),
    })
}

async fn connection(client: &redis::Client, url: &str) -> Result<MultiplexedConnection, BrokerError> {
    let config = redis::AsyncConnectionConfig::new()
        .set_connection_timeout(Some(ANSWER_DEADLINE))
        .set_response_timeout(Some(ANSWER_DEADLINE));
    let connection = client.get_multiplexed_async_connection_with_config(&config);
    let connection = connection.await;
    connection.map_err(|error| failed(url, "a connection", &error))
}

/// Where a URL leads.
pub(super) fn host_and_port(url: &str) -> Result<(String, u16), BrokerError> {
    match client(url)?.get_connection_info().addr() {
        redis::ConnectionAddr::Tcp(host, port) => Ok((host.clone(), *port)),
        other => Err(BrokerError::Url {
            url: without_password(url),
            reason: format!("{other} is no host and port"),
        }),
    }
}

/// Whoever answers with an error, or with something else, is there.
fn failed(url: &str, command: &'static str, error: &RedisError) -> BrokerError {
    let (url, reason) = (url.to_owned(), first_line(error));
    match error.kind() {
        ErrorKind::Io | ErrorKind::Client => BrokerError::Gone { url, reason },
        _ => BrokerError::Refuses { url, command, reason },
    }
}

/// The client repeats itself among its causes, and goes on for lines about what it cannot parse.
fn first_line(error: &RedisError) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

/// A URL as reports may show it.
pub(super) fn without_password(url: &str) -> String {
    match url
        .strip_prefix("redis://")
        .and_then(|rest| rest.rsplit_once('@'))
    {
        Some((_, host)) => format!("redis://…@{host}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_does_not_tell_the_brokers_password() {
        assert_eq!(
            without_password("redis://user:p@ss@localhost:6379/1"),
            "redis://…@localhost:6379/1"
        );
        assert_eq!(
            without_password("redis://localhost:6379"),
            "redis://localhost:6379"
        );
    }
}
