//! One connected client, as the server knows it.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};

use super::blocking::Wait;
use super::reply::{Protocol, Reply};
use super::transaction::Transaction;

/// Given out in order of connection, from 1.
pub(super) type ClientId = u64;

/// Replies that a client has not read, in bytes, beyond which its connection is closed.
const UNREAD_LIMIT_BYTES: usize = 256 * 1024 * 1024;

/// The far end of a connection, as far as the synchronous core needs it.
pub(super) trait Peer: Send {
    /// There is output to write, or a command may run that had to wait.
    fn wake(&self);
    /// Whether the far end has closed, even if no one has read that yet: nothing is handed to a dead client.
    fn is_gone(&self) -> bool;
}

/// A client's session.
pub(super) struct Client {
    pub(super) id: ClientId,
    pub(super) address: SocketAddr,
    pub(super) connected: Instant,
    pub(super) last_active: Instant,
    pub(super) last_command: &'static str,
    pub(super) name: Bytes,
    pub(super) protocol: Protocol,
    /// Index of the selected database.
    pub(super) database: usize,
    pub(super) transaction: Transaction,
    pub(super) wait: Option<Wait>,
    pub(super) channels: BTreeSet<Bytes>,
    pub(super) patterns: BTreeSet<Bytes>,
    /// Nothing more is read from it, and it is closed once its output is written.
    pub(super) is_closing: bool,
    output: BytesMut,
    peer: Box<dyn Peer>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Client {
    pub(super) fn new(id: ClientId, address: SocketAddr, peer: Box<dyn Peer>) -> Client {
        let now = Instant::now();
        Client {
            id,
            address,
            connected: now,
            last_active: now,
            last_command: "NULL",
            name: Bytes::new(),
            protocol: Protocol::Resp2,
            database: 0,
            transaction: Transaction::default(),
            wait: None,
            channels: BTreeSet::new(),
            patterns: BTreeSet::new(),
            is_closing: false,
            output: BytesMut::new(),
            peer,
        }
    }

    /// Queues a reply. The connection writes it when it is next awake.
    pub(super) fn answer(&mut self, reply: Reply) {
        reply.encode(self.protocol, &mut self.output);
        if self.output.len() > UNREAD_LIMIT_BYTES {
            self.output.clear();
            self.is_closing = true;
        }
    }

    /// Queues a reply that the client's own request did not bring about, and wakes its connection.
    pub(super) fn answer_later(&mut self, reply: Reply) {
        self.answer(reply);
        self.peer.wake();
    }

    /// Ends the connection from outside.
    pub(super) fn kill(&mut self) {
        self.is_closing = true;
        self.peer.wake();
    }

    /// Moves what is queued behind what the connection is about to write.
    pub(super) fn take_output(&mut self, out: &mut BytesMut) {
        if out.is_empty() {
            std::mem::swap(out, &mut self.output);
        } else {
            out.extend_from_slice(&self.output);
        }
        self.output.clear();
    }

    pub(super) fn is_gone(&self) -> bool {
        self.peer.is_gone()
    }

    /// How many subscriptions it has.
    pub(super) fn subscriptions(&self) -> usize {
        self.channels.len() + self.patterns.len()
    }

    /// Whether a RESP2 client has turned its connection over to messages.
    pub(super) fn is_subscriber_only(&self) -> bool {
        self.protocol == Protocol::Resp2 && self.subscriptions() > 0
    }

    pub(super) fn age(&self) -> Duration {
        self.connected.elapsed()
    }
}
