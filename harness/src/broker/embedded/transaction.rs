//! MULTI, EXEC and WATCH.

use bytes::Bytes;

use super::client::ClientId;
use super::command::Command;
use super::refusal::Refusal;
use super::reply::Reply;
use super::server::{Answer, Server};

/// A client's transaction, whether or not one is under way.
#[derive(Debug, Default)]
pub(super) struct Transaction {
    /// Commands since MULTI; `None` outside of one.
    queued: Option<Vec<(&'static Command, Vec<Bytes>)>>,
    /// A command was refused before it could be queued.
    is_spoiled: bool,
    /// A watched key was modified.
    is_disturbed: bool,
    is_running: bool,
    /// Database and key.
    watched: Vec<(usize, Bytes)>,
}

impl Transaction {
    pub(super) fn is_open(&self) -> bool {
        self.queued.is_some()
    }

    pub(super) fn is_running(&self) -> bool {
        self.is_running
    }

    /// How many commands are queued, for CLIENT LIST.
    pub(super) fn length(&self) -> Option<usize> {
        self.queued.as_ref().map(Vec::len)
    }

    pub(super) fn queue(&mut self, command: &'static Command, args: Vec<Bytes>) {
        self.queued.get_or_insert_default().push((command, args));
    }

    pub(super) fn spoil(&mut self) {
        self.is_spoiled = self.is_open();
    }

    pub(super) fn disturb(&mut self) {
        self.is_disturbed = true;
    }
}

pub(super) fn multi(server: &mut Server, id: ClientId, _: &[Bytes]) -> Result<Answer, Refusal> {
    let transaction = &mut server.client(id).transaction;
    if transaction.is_open() {
        return Err(Refusal::Line("ERR MULTI calls can not be nested"));
    }
    transaction.queued = Some(Vec::new());
    Ok(Answer::Reply(Reply::OK))
}

pub(super) fn exec(server: &mut Server, id: ClientId, _: &[Bytes]) -> Result<Answer, Refusal> {
    if !server.client(id).transaction.is_open() {
        return Err(Refusal::Line("ERR EXEC without MULTI"));
    }
    server.expire_watched(id);
    server.unwatch_all(id);
    let transaction = std::mem::take(&mut server.client(id).transaction);
    if transaction.is_spoiled {
        return Err(Refusal::ExecAbort);
    }
    if transaction.is_disturbed {
        return Ok(Answer::Reply(Reply::NullArray));
    }
    server.client(id).transaction.is_running = true;
    let mut replies = Vec::new();
    for (command, args) in transaction.queued.unwrap_or_default() {
        match server.execute(id, command, &args) {
            Ok(Answer::Reply(reply)) => replies.push(reply),
            Ok(Answer::Replies(several)) => replies.extend(several),
            Ok(Answer::None | Answer::Wait(_)) => {}
            Err(refusal) => replies.push(Reply::Error(refusal)),
        }
    }
    server.client(id).transaction.is_running = false;
    Ok(Answer::Reply(Reply::Array(replies)))
}

pub(super) fn discard(server: &mut Server, id: ClientId, _: &[Bytes]) -> Result<Answer, Refusal> {
    if !server.client(id).transaction.is_open() {
        return Err(Refusal::Line("ERR DISCARD without MULTI"));
    }
    server.abandon_transaction(id);
    Ok(Answer::Reply(Reply::OK))
}

pub(super) fn watch(server: &mut Server, id: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    let database = server.client(id).database;
    if server.client(id).transaction.is_open() {
        return Err(Refusal::Line("ERR WATCH inside MULTI is not allowed"));
    }
    for key in &args[1..] {
        // A key that is over by now must not disturb the transaction when that comes to light.
        server.databases[database].contains(key);
        server.databases[database]
            .watchers
            .entry(key.clone())
            .or_default()
            .insert(id);
        let watched = &mut server.client(id).transaction.watched;
        if !watched.contains(&(database, key.clone())) {
            watched.push((database, key.clone()));
        }
    }
    Ok(Answer::Reply(Reply::OK))
}

pub(super) fn unwatch(server: &mut Server, id: ClientId, _: &[Bytes]) -> Result<Answer, Refusal> {
    server.unwatch_all(id);
    server.client(id).transaction.is_disturbed = false;
    Ok(Answer::Reply(Reply::OK))
}

impl Server {
    /// Ends a transaction that will not run.
    pub(super) fn abandon_transaction(&mut self, id: ClientId) {
        self.unwatch_all(id);
        self.client(id).transaction = Transaction::default();
    }

    pub(super) fn unwatch_all(&mut self, id: ClientId) {
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        for (database, key) in std::mem::take(&mut client.transaction.watched) {
            let watchers = &mut self.databases[database].watchers;
            if let Some(ids) = watchers.get_mut(&key) {
                ids.remove(&id);
                if ids.is_empty() {
                    watchers.remove(&key);
                }
            }
        }
    }

    /// A watched key that has expired unseen was modified, too.
    fn expire_watched(&mut self, id: ClientId) {
        for (database, key) in self.client(id).transaction.watched.clone() {
            self.databases[database].contains(&key);
            let is_disturbed = self.databases[database].disturbed.contains(&id);
            self.client(id).transaction.is_disturbed |= is_disturbed;
        }
    }
}
