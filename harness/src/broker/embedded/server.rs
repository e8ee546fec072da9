//! All state of the broker, and the way of a request through it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};

use super::blocking::Wait;
use super::client::{Client, ClientId, Peer};
use super::command::{self, Command, Handler};
use super::database::Database;
use super::refusal::Refusal;
use super::reply::Reply;
use super::request::Requests;

/// How many databases SELECT chooses from, Redis' default.
pub(super) const DATABASES: usize = 16;
/// The version whose replies this broker gives.
pub(super) const REDIS_VERSION: &str = "7.0.15";
/// Output of one client's requests beyond which the rest of a pipeline waits until it is written, in bytes.
const OUTPUT_BATCH_BYTES: usize = 1024 * 1024;

/// What a command comes to.
#[derive(Debug)]
pub(super) enum Answer {
    /// Nothing now: the replies are queued already.
    None,
    Reply(Reply),
    /// Several replies to one request, as SUBSCRIBE gives.
    Replies(Vec<Reply>),
    /// The reply comes when there is an element, or when the time is up.
    Wait(Wait),
}

/// How things stand with a client after its requests were worked off.
#[derive(Debug)]
pub(super) struct Progress {
    /// When its blocking command ends.
    pub(super) deadline: Option<Instant>,
    pub(super) is_closing: bool,
}

/// The broker's state. Synchronous: every method returns at once.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) databases: Vec<Database>,
    pub(super) clients: BTreeMap<ClientId, Client>,
    /// Subscribers by channel.
    pub(super) channels: HashMap<Bytes, BTreeSet<ClientId>>,
    /// Subscribers by pattern.
    pub(super) patterns: BTreeMap<Bytes, BTreeSet<ClientId>>,
    pub(super) address: SocketAddr,
    pub(super) started: Instant,
    pub(super) commands_processed: u64,
    last_client: ClientId,
    /// The wall clock, in milliseconds since 1970.
    clock_ms: fn() -> i64,
}

impl Server {
    pub(super) fn new(address: SocketAddr, clock_ms: fn() -> i64) -> Server {
        Server {
            databases: (0..DATABASES).map(|_| Database::default()).collect(),
            clients: BTreeMap::new(),
            channels: HashMap::new(),
            patterns: BTreeMap::new(),
            address,
            started: Instant::now(),
            commands_processed: 0,
            last_client: 0,
            clock_ms,
        }
    }

    /// How many clients have connected so far.
    pub(super) fn connections_received(&self) -> u64 {
        self.last_client
    }

    pub(super) fn connect(&mut self, address: SocketAddr, peer: Box<dyn Peer>) -> ClientId {
        self.last_client += 1;
        self.clients
            .insert(self.last_client, Client::new(self.last_client, address, peer));
        self.last_client
    }

    /// Forgets a client: what it waits for, watches and listens to.
    pub(super) fn disconnect(&mut self, id: ClientId) {
        self.unblock(id);
        self.unwatch_all(id);
        self.unsubscribe_all(id);
        self.clients.remove(&id);
    }

    /// Works off the requests that have arrived from a client, as far as it does not block, and hands out its output.
    pub(super) fn advance(&mut self, id: ClientId, requests: &mut Requests, out: &mut BytesMut) -> Progress {
        while let Some(client) = self.clients.get_mut(&id) {
            client.take_output(out);
            if client.is_closing || client.wait.is_some() || out.len() > OUTPUT_BATCH_BYTES {
                break;
            }
            match requests.next() {
                Ok(None) => break,
                Ok(Some(args)) => self.request(id, &args),
                Err(error) => {
                    client.answer(Reply::Error(Refusal::Worded(format!("ERR {error}"))));
                    client.is_closing = true;
                }
            }
        }
        let client = self.clients.get(&id);
        Progress {
            deadline: client
                .and_then(|client| client.wait.as_ref())
                .and_then(|wait| wait.deadline),
            is_closing: client.is_none_or(|client| client.is_closing),
        }
    }

    /// Carries out one request and everything that follows from it.
    fn request(&mut self, id: ClientId, args: &[Bytes]) {
        self.commands_processed += 1;
        let now_ms = (self.clock_ms)();
        for database in &mut self.databases {
            database.now_ms = now_ms;
        }
        match self
            .dispatch(id, args)
            .unwrap_or_else(|refusal| Answer::Reply(Reply::Error(refusal)))
        {
            Answer::None => {}
            Answer::Reply(reply) => self.answer(id, reply),
            Answer::Replies(replies) => replies.into_iter().for_each(|reply| self.answer(id, reply)),
            Answer::Wait(wait) => self.block(id, wait),
        }
        self.disturb_watchers();
        self.serve_waiters();
        self.disturb_watchers();
    }

    fn dispatch(&mut self, id: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
        let client = self
            .clients
            .get_mut(&id)
            .expect("requests come from connected clients");
        let command = match Server::admit(client, args) {
            Ok(command) => command,
            Err(refusal) => return Err(self.reject(id, args, refusal)),
        };
        let client = self.client(id);
        client.last_active = Instant::now();
        client.last_command = command.name;
        if client.transaction.is_open() && !command.is_never_queued() {
            client.transaction.queue(command, args.to_vec());
            return Ok(Answer::Reply(Reply::Status("QUEUED")));
        }
        self.execute(id, command, args)
    }

    /// The command that a request names, if it has the right form and the client may use it now.
    fn admit(client: &Client, args: &[Bytes]) -> Result<&'static Command, Refusal> {
        let command = command::find(args)?;
        if client.is_subscriber_only() && !command.works_while_subscribed() {
            return Err(Refusal::Worded(format!(
                "ERR Can't execute '{}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in \
                 this context",
                command.name
            )));
        }
        Ok(command)
    }

    /// What a refusal before execution means for an open transaction.
    fn reject(&mut self, id: ClientId, args: &[Bytes], refusal: Refusal) -> Refusal {
        if !args[0].eq_ignore_ascii_case(b"exec") {
            self.client(id).transaction.spoil();
            return refusal;
        }
        self.abandon_transaction(id);
        let line = refusal.to_string();
        let reason = line.strip_prefix("ERR ").unwrap_or(&line);
        Refusal::Worded(format!("EXECABORT Transaction discarded because of: {reason}"))
    }

    /// Runs a command whose form has been checked.
    pub(super) fn execute(
        &mut self,
        id: ClientId,
        command: &Command,
        args: &[Bytes],
    ) -> Result<Answer, Refusal> {
        match command.handler {
            Handler::Data(handler) => handler(self.database_of(id), args).map(Answer::Reply),
            Handler::Session(handler) => handler(self, id, args),
            Handler::Container(_, handler) => handler(self, id, args),
        }
    }

    pub(super) fn client(&mut self, id: ClientId) -> &mut Client {
        self.clients
            .get_mut(&id)
            .expect("a command's client is connected while it runs")
    }

    /// The database that a client has selected.
    pub(super) fn database_of(&mut self, id: ClientId) -> &mut Database {
        let index = self.client(id).database;
        &mut self.databases[index]
    }

    /// A wait, or the given reply inside a transaction, which never blocks.
    pub(super) fn wait_or(&mut self, id: ClientId, otherwise: Reply, wait: Wait) -> Answer {
        if self.client(id).transaction.is_running() {
            Answer::Reply(otherwise)
        } else {
            Answer::Wait(wait)
        }
    }

    pub(super) fn answer(&mut self, id: ClientId, reply: Reply) {
        if let Some(client) = self.clients.get_mut(&id) {
            client.answer(reply);
        }
    }

    pub(super) fn answer_later(&mut self, id: ClientId, reply: Reply) {
        if let Some(client) = self.clients.get_mut(&id) {
            client.answer_later(reply);
        }
    }

    /// Tells the transactions of those who watch modified keys that they may not run.
    fn disturb_watchers(&mut self) {
        for database in &mut self.databases {
            for id in database.disturbed.drain(..) {
                if let Some(client) = self.clients.get_mut(&id) {
                    client.transaction.disturb();
                }
            }
        }
    }
}

/// The wall clock, in milliseconds since 1970.
pub(super) fn unix_ms() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}
