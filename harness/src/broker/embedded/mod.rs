//! The embedded broker: a Redis of its own for a machine that has none.
//!
//! It answers the commands that list, stream and pub/sub task queues use, in RESP2 and RESP3, with the replies of
//! Redis 7.0; `tests/embedded_broker.rs` holds it to that. It keeps nothing on disk and has no scripting.
//!
//! One `Server` owns all state, behind one mutex, and is synchronous: a command is a function from the
//! state and its arguments to a reply. Only `connection` awaits. A file a noun:
//!
//! | file | holds |
//! |---|---|
//! | `connection` | bytes between a socket and the server |
//! | `request`, `reply`, `refusal` | what comes in, what goes out, the errors among it |
//! | `server`, `client`, `command` | who is connected, and how a request finds its handler |
//! | `database`, `value` | keys, their expiry, and who watches or waits for them |
//! | `strings`, `lists`, … | the commands on one type of value |
//! | `blocking` | the clients that wait for an element, served first come first |

mod argument;
mod blocking;
mod client;
mod command;
mod connection;
mod database;
mod glob;
mod hashes;
mod introspection;
mod keys;
mod list_waits;
mod lists;
mod locks;
mod offline;
mod pubsub;
mod refusal;
mod reply;
mod request;
mod server;
mod session;
mod sets;
mod sorted_set_ranges;
mod sorted_sets;
mod stream;
mod stream_groups;
mod stream_pending;
mod stream_reads;
mod streams;
mod strings;
mod transaction;
mod value;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

pub use self::offline::{Offline, OfflineClient};
use self::server::Server;
use super::apart::Apart;
use super::port::Port;

/// A Redis-compatible server inside this process.
///
/// Dropping it closes the listener and every connection too, but does not wait for that: [`Embedded::stop`] does.
#[derive(Debug)]
pub struct Embedded {
    port: Port,
    server: Arc<Mutex<Server>>,
    paused: watch::Sender<bool>,
    stop: watch::Sender<bool>,
    /// There is none only while it is away.
    listener: Option<JoinHandle<()>>,
    apart: Apart,
}

impl Embedded {
    /// Listens on a port of 127.0.0.1 that the system picks, and serves on a thread of its own.
    ///
    /// # Errors
    /// When the loopback address cannot be bound.
    pub async fn start() -> io::Result<Embedded> {
        let port = Port::free()?;
        let mut embedded = Embedded {
            server: Arc::new(Mutex::new(Server::new(port.address(), server::unix_ms))),
            port,
            paused: watch::Sender::new(false),
            stop: watch::Sender::new(false),
            listener: None,
            apart: Apart::start()?,
        };
        embedded.listen()?;
        Ok(embedded)
    }

    fn listen(&mut self) -> io::Result<()> {
        let (server, paused, stop) = (
            Arc::clone(&self.server),
            self.paused.subscribe(),
            self.stop.subscribe(),
        );
        let begin = || Ok(accept(self.port.listen()?, server, paused, stop));
        self.listener = Some(self.apart.run(begin)?);
        Ok(())
    }

    /// Where clients connect to.
    pub fn address(&self) -> SocketAddr {
        self.port.address()
    }

    /// Ends, with every connection, and listens again on its port after `away`. It has what it had, as a Redis does that
    /// appends what it is told to a file.
    ///
    /// # Errors
    /// The system refuses to let it listen again.
    pub async fn restart(&mut self, away: Duration) -> io::Result<()> {
        self.end().await;
        // Sleeps, bounded by the fault's own length, which the scenario declares.
        sleep(away).await;
        self.stop.send_replace(false);
        self.listen()
    }

    /// From now on nobody is answered, and no connection ends.
    pub fn pause(&self) {
        self.paused.send_replace(true);
    }

    /// Goes on where it was paused.
    pub fn resume(&self) {
        self.paused.send_replace(false);
    }

    /// Closes the listener and every connection, and returns once they are closed.
    pub async fn stop(mut self) {
        self.end().await;
    }

    async fn end(&mut self) {
        self.stop.send_replace(true);
        // A panic in a connection has already been printed; stopping has nothing to add to it.
        if let Some(listener) = self.listener.take() {
            let _ = listener.await;
        }
    }
}

/// Serves whoever connects until told to stop, or until the [`Embedded`] is dropped.
async fn accept(
    listener: TcpListener,
    server: Arc<Mutex<Server>>,
    paused: watch::Receiver<bool>,
    mut stopped: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(connection::serve(stream, peer, Arc::clone(&server), paused.clone()));
                }
                // Out of descriptors, or the peer is gone again: the next one may fare better.
                Err(_) => tokio::task::yield_now().await,
            },
            Some(_) = connections.join_next() => {}
            _ = stopped.changed() => break,
        }
    }
    drop(listener);
    connections.shutdown().await;
}
