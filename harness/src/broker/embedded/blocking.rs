//! Clients that wait for an element: who waits for what, and who is served next.

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::client::ClientId;
use super::database::Database;
use super::lists::{self, End};
use super::refusal::Refusal;
use super::reply::Reply;
use super::server::Server;
use super::stream::{Stream, StreamId};
use super::stream_reads::{self, GroupRead};
use super::value::{List, Value};

/// What a blocked client waits for.
#[derive(Debug, Clone)]
pub(super) struct Wait {
    /// Any of these, in the order given.
    pub(super) keys: Vec<Bytes>,
    pub(super) deadline: Option<Instant>,
    pub(super) wish: Wish,
}

/// What is done once one of the keys has something.
#[derive(Debug, Clone)]
pub(super) enum Wish {
    Pop(End),
    PopMany {
        end: End,
        count: usize,
    },
    Move {
        from: End,
        to: End,
        destination: Bytes,
    },
    /// XREAD: entries after the id that stands beside the key.
    Read {
        after: Vec<(Bytes, StreamId)>,
        count: Option<usize>,
    },
    ReadGroup(GroupRead),
}

impl Wait {
    pub(super) fn new(mut keys: Vec<Bytes>, timeout: Option<Duration>, wish: Wish) -> Wait {
        // A key named twice is waited for once.
        let mut seen = std::collections::HashSet::new();
        keys.retain(|key| seen.insert(key.clone()));
        Wait {
            keys,
            deadline: timeout.map(|timeout| Instant::now() + timeout),
            wish,
        }
    }
}

impl Server {
    /// Makes a client wait.
    pub(super) fn block(&mut self, id: ClientId, wait: Wait) {
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        let database = &mut self.databases[client.database];
        for key in &wait.keys {
            database.waiters.entry(key.clone()).or_default().push_back(id);
        }
        client.wait = Some(wait);
    }

    /// Ends a client's wait; what it waited for, if it did.
    pub(super) fn unblock(&mut self, id: ClientId) -> Option<Wait> {
        let client = self.clients.get_mut(&id)?;
        let wait = client.wait.take()?;
        let database = &mut self.databases[client.database];
        for key in &wait.keys {
            if let Some(queue) = database.waiters.get_mut(key) {
                queue.retain(|waiter| *waiter != id);
                if queue.is_empty() {
                    database.waiters.remove(key);
                }
            }
        }
        Some(wait)
    }

    /// Answers a client whose time to wait is over.
    pub(super) fn time_out(&mut self, id: ClientId) {
        let is_over = |wait: &Wait| wait.deadline.is_some_and(|deadline| deadline <= Instant::now());
        if self
            .clients
            .get(&id)
            .and_then(|client| client.wait.as_ref())
            .is_some_and(is_over)
        {
            self.unblock(id);
            self.answer_later(id, Reply::NullArray);
        }
    }

    /// Serves those who wait for keys that got elements, until no key is left that could serve anyone.
    pub(super) fn serve_waiters(&mut self) {
        for index in 0..self.databases.len() {
            while !self.databases[index].ready.is_empty() {
                for key in std::mem::take(&mut self.databases[index].ready) {
                    self.serve_key(index, &key);
                }
            }
        }
    }

    fn serve_key(&mut self, index: usize, key: &Bytes) {
        let Some(queue) = self.databases[index].waiters.get(key) else {
            return;
        };
        for id in queue.clone() {
            let Some(client) = self.clients.get(&id) else {
                continue;
            };
            let Some(wait) = &client.wait else { continue };
            // Its own connection takes a dead client out of the queue; until then it is passed over.
            if client.is_gone() {
                continue;
            }
            let wish = wait.wish.clone();
            if let Some(reply) = fulfil(&mut self.databases[index], key, &wish) {
                self.unblock(id);
                self.answer_later(id, reply);
            }
        }
    }
}

/// The reply that a wish comes to, if the key has what it takes.
fn fulfil(database: &mut Database, key: &Bytes, wish: &Wish) -> Option<Reply> {
    match wish {
        Wish::Pop(_) | Wish::PopMany { .. } | Wish::Move { .. } => {
            database.find::<List>(key).ok()??;
        }
        Wish::Read { .. } => {
            database.find::<Stream>(key).ok()??;
        }
        Wish::ReadGroup(_) => match database.value(key) {
            Some(Value::Stream(_)) => {}
            _ => {
                return Some(Reply::Error(Refusal::Line(
                    "UNBLOCKED the stream key no longer exists",
                )));
            }
        },
    }
    match wish {
        Wish::Pop(end) => lists::pop_with_key(database, key, *end),
        Wish::PopMany { end, count } => lists::pop_many(database, key, *end, *count),
        Wish::Move {
            from,
            to,
            destination,
        } => Some(
            lists::shift(database, key, destination, *from, *to)
                .map_or_else(Reply::Error, Reply::bulk_or_null),
        ),
        Wish::Read { after, count } => {
            let (_, after) = after.iter().find(|(name, _)| name == key)?;
            stream_reads::wake_reader(database, key, *after, *count)
        }
        Wish::ReadGroup(read) => stream_reads::wake_group_reader(database, key, read),
    }
}
