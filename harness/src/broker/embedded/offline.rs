//! The broker without sockets, and without a clock that moves: for whoever has the bytes of a conversation at hand.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use bytes::{Bytes, BytesMut};

use super::client::{ClientId, Peer};
use super::request::Requests;
use super::server::Server;

/// What the clock says, in milliseconds: any time will do that is later than 1970.
const NOW_MS: i64 = 1_700_000_000_000;

/// A broker whose clients are in this thread. No wait ends by itself, and no key expires unless it already has.
///
/// ```
/// use counterfoil::broker::embedded::Offline;
///
/// let mut broker = Offline::new();
/// let client = broker.connect();
/// broker.send(client, b"LPUSH queue a\r\nLLEN que");
/// broker.send(client, b"ue\r\n");
/// assert_eq!(broker.answers(client), ":1\r\n:1\r\n");
/// ```
#[derive(Debug)]
pub struct Offline {
    server: Server,
    lines: BTreeMap<ClientId, Line>,
}

/// A client of an [`Offline`].
pub type OfflineClient = u64;

/// What is under way between a client and the broker.
#[derive(Debug, Default)]
struct Line {
    requests: Requests,
    answers: BytesMut,
    is_closed: bool,
}

/// The far end of a line, which is never away.
struct Present;

impl Peer for Present {
    fn wake(&self) {}

    fn is_gone(&self) -> bool {
        false
    }
}

impl Offline {
    /// An empty broker.
    #[expect(clippy::new_without_default, reason = "a broker is not a value among others")]
    pub fn new() -> Self {
        Self {
            server: Server::new((Ipv4Addr::LOCALHOST, 0).into(), || NOW_MS),
            lines: BTreeMap::new(),
        }
    }

    /// One more client.
    pub fn connect(&mut self) -> OfflineClient {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        let client = self.server.connect(address, Box::new(Present));
        self.lines.insert(client, Line::default());
        client
    }

    /// Takes what a client sends: whole requests, several, or the beginning of one. Nothing more is taken from a client
    /// whose connection was closed.
    pub fn send(&mut self, client: OfflineClient, bytes: &[u8]) {
        if let Some(line) = self.lines.get_mut(&client).filter(|line| !line.is_closed) {
            line.requests.buffer.extend_from_slice(bytes);
        }
        self.advance();
    }

    /// What a client has been answered since this was asked last.
    pub fn answers(&mut self, client: OfflineClient) -> Bytes {
        let line = self.lines.get_mut(&client);
        line.map(|line| line.answers.split().freeze()).unwrap_or_default()
    }

    /// Whether a client's connection was closed: for a malformed request, or because it asked for it.
    pub fn is_closed(&self, client: OfflineClient) -> bool {
        self.lines.get(&client).is_none_or(|line| line.is_closed)
    }

    /// Works off requests for as long as there is something to answer: one client's may let another's wait end.
    fn advance(&mut self) {
        loop {
            let mut idle = true;
            for (client, line) in &mut self.lines {
                if line.is_closed {
                    continue;
                }
                let mut out = BytesMut::new();
                let progress = self.server.advance(*client, &mut line.requests, &mut out);
                idle &= out.is_empty();
                line.answers.extend_from_slice(&out);
                line.is_closed = progress.is_closing;
                if line.is_closed {
                    self.server.disconnect(*client);
                }
            }
            if idle {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_of_one_client_ends_by_what_another_pushes() {
        let mut broker = Offline::new();
        let [waits, pushes] = [broker.connect(), broker.connect()];
        broker.send(waits, b"BRPOP q 0\r\nPING\r\n");
        assert!(broker.answers(waits).is_empty());
        broker.send(pushes, b"LPUSH q a\r\n");
        assert_eq!(broker.answers(pushes), ":1\r\n");
        assert_eq!(broker.answers(waits), "*2\r\n$1\r\nq\r\n$1\r\na\r\n+PONG\r\n");
    }

    #[test]
    fn a_malformed_request_closes_its_connection_and_no_other() {
        let mut broker = Offline::new();
        let [bad, good] = [broker.connect(), broker.connect()];
        broker.send(bad, b"*1\r\n+OK\r\nPING\r\n");
        assert!(broker.answers(bad).starts_with(b"-ERR Protocol error"));
        broker.send(bad, b"PING\r\n");
        assert!(broker.is_closed(bad) && broker.answers(bad).is_empty());
        broker.send(good, b"PING\r\n");
        assert!(!broker.is_closed(good) && broker.answers(good) == "+PONG\r\n");
    }

    #[test]
    fn its_clock_stands_still() {
        let mut broker = Offline::new();
        let client = broker.connect();
        broker.send(client, b"TIME\r\n");
        assert_eq!(broker.answers(client), "*2\r\n$10\r\n1700000000\r\n$1\r\n0\r\n");
    }
}
