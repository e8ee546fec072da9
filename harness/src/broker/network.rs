//! The network between one fleet and its broker: a proxy on this machine, on which a scenario does harm.
//!
//! What holds for real networks holds here: a connection that is reset is reset on both sides, one that stalls ends
//! nowhere, and bytes that were on their way when a connection was reset are gone.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use super::BrokerError;
use super::apart::Apart;
use super::list::host_and_port;
use super::port::Port;
use crate::scenario::NetworkFault;

/// How much is read at once, in bytes: the piece that a slow network delays as one.
const PIECE_BYTES: usize = 16 * 1024;

/// A network of one's own to a broker.
#[derive(Debug)]
pub struct Network {
    url: String,
    here: Port,
    broker: Arc<(String, u16)>,
    state: watch::Sender<State>,
    connections: Arc<Mutex<JoinSet<()>>>,
    accepting: Option<JoinHandle<()>>,
    apart: Apart,
}

/// What the network is like.
#[derive(Clone, Copy, Debug)]
struct State {
    flow: Flow,
    /// Connections of an earlier one are silent.
    generation: u32,
}

/// How bytes get through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Whole,
    Stalled,
    Slow {
        latency: Duration,
        bytes_per_s: Option<u64>,
    },
}

impl Network {
    /// A whole network to the broker at `url`, on a port that the system picks of an address of this machine.
    ///
    /// # Errors
    /// The URL names no host and port, or the address cannot be bound.
    pub fn to(url: &str, here: Ipv4Addr) -> Result<Self, BrokerError> {
        let broker = host_and_port(url)?;
        let unavailable = |source| BrokerError::Network { source };
        let here = Port::free_of(here).map_err(unavailable)?;
        let mut network = Self {
            url: with_address(url, here.address()),
            here,
            broker: Arc::new(broker),
            state: watch::Sender::new(State {
                flow: Flow::Whole,
                generation: 0,
            }),
            connections: Arc::default(),
            accepting: None,
            apart: Apart::start().map_err(unavailable)?,
        };
        network.accept().map_err(unavailable)?;
        Ok(network)
    }

    /// Where the broker is reached over this network.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Does harm, or ends it; returns once it is so.
    ///
    /// # Errors
    /// The network cannot be restored: the system refuses to listen again.
    pub async fn suffer(&mut self, fault: NetworkFault) -> Result<(), BrokerError> {
        match fault {
            NetworkFault::Cut => {
                if let Some(accepting) = self.accepting.take() {
                    accepting.abort();
                    // Its end, by that, is no news.
                    let _ = accepting.await;
                }
                self.reset().await;
            }
            NetworkFault::DropConnections => self.reset().await,
            NetworkFault::HalfOpen => self.state.send_modify(|state| state.generation += 1),
            NetworkFault::Stall => self.flows(Flow::Stalled),
            NetworkFault::Slow {
                latency_ms,
                bytes_per_s,
            } => {
                let latency = Duration::from_millis(latency_ms.unwrap_or(0));
                self.flows(Flow::Slow { latency, bytes_per_s });
            }
            NetworkFault::Restore => {
                self.flows(Flow::Whole);
                if self.accepting.is_none() {
                    self.accept().map_err(|source| BrokerError::Network { source })?;
                }
            }
        }
        Ok(())
    }

    fn flows(&self, flow: Flow) {
        self.state.send_modify(|state| state.flow = flow);
    }

    async fn reset(&self) {
        self.connections.lock().await.shutdown().await;
    }

    fn accept(&mut self) -> io::Result<()> {
        let (broker, state) = (Arc::clone(&self.broker), self.state.subscribe());
        let connections = Arc::clone(&self.connections);
        let begin = || Ok(accept(self.here.listen()?, broker, state, connections));
        self.accepting = Some(self.apart.run(begin)?);
        Ok(())
    }
}

/// The URL with another host and port: user, password and database stay.
fn with_address(url: &str, address: SocketAddr) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("redis", url));
    let (user, host) = match rest.rsplit_once('@') {
        Some((user, host)) => (format!("{user}@"), host),
        None => (String::new(), rest),
    };
    let path = host.find(['/', '?']).map_or("", |at| &host[at..]);
    format!("{scheme}://{user}{address}{path}")
}

async fn accept(
    listener: TcpListener,
    broker: Arc<(String, u16)>,
    state: watch::Receiver<State>,
    connections: Arc<Mutex<JoinSet<()>>>,
) {
    loop {
        // Out of descriptors, or the peer is gone again: the next one may fare better.
        let Ok((client, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        let mut connections = connections.lock().await;
        while connections.try_join_next().is_some() {}
        let (broker, course) = (Arc::clone(&broker), Course::of(&state));
        connections.spawn(async move {
            // How a connection ends is for those at its ends to tell.
            let _ = carry(client, &broker, course).await;
        });
    }
}

/// Carries bytes both ways until both sides have closed, one has failed, or the task is aborted.
async fn carry(mut client: TcpStream, (host, port): &(String, u16), mut course: Course) -> io::Result<()> {
    // Whoever is dropped without having been closed is reset.
    client.set_zero_linger()?;
    course.through(0).await;
    let mut server = TcpStream::connect((host.as_str(), *port)).await?;
    server.set_zero_linger()?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    tokio::try_join!(
        pump(from_client, to_server, course.clone()),
        pump(from_server, to_client, course),
    )?;
    Ok(())
}

async fn pump(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, mut course: Course) -> io::Result<()> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let bytes = from.read(&mut piece).await?;
        course.through(bytes).await;
        if bytes == 0 {
            return to.shutdown().await;
        }
        to.write_all(&piece[..bytes]).await?;
    }
}

/// What one connection sees of the network.
#[derive(Clone)]
struct Course {
    state: watch::Receiver<State>,
    generation: u32,
}

impl Course {
    fn of(state: &watch::Receiver<State>) -> Self {
        let generation = state.borrow().generation;
        let state = state.clone();
        Self { state, generation }
    }

    /// Waits for as long as the network holds back so many bytes.
    async fn through(&mut self, bytes: usize) {
        loop {
            let State { flow, generation } = *self.state.borrow_and_update();
            let hold = match flow {
                _ if generation != self.generation => None,
                Flow::Whole => return,
                Flow::Stalled => None,
                Flow::Slow { latency, bytes_per_s } => Some(latency + transfer(bytes, bytes_per_s)),
            };
            let over = async {
                match hold {
                    // Sleeps, bounded by the fault's latency and rate, which the fault's end cuts short.
                    Some(hold) => sleep(hold).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = over => return,
                // The network itself is gone: so is whoever waits for it.
                changed = self.state.changed() => if changed.is_err() { return },
            }
        }
    }
}

fn transfer(bytes: usize, bytes_per_s: Option<u64>) -> Duration {
    let seconds = bytes_per_s.map_or(0.0, |rate| bytes as f64 / rate as f64);
    Duration::from_secs_f64(seconds)
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::net::Ipv4Addr;

    use tokio::time::{Instant, timeout};

    use super::*;

    /// A broker that answers what it is sent, and the network to it.
    async fn echo() -> Network {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("redis://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut peer, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = peer.split();
                    tokio::io::copy(&mut from, &mut to).await
                });
            }
        });
        Network::to(&url, Ipv4Addr::LOCALHOST).unwrap()
    }

    async fn client(network: &Network) -> TcpStream {
        let mut client = TcpStream::connect(network.here.address()).await.unwrap();
        assert_eq!(answer(&mut client).await.unwrap(), *b"ping");
        client
    }

    async fn answer(client: &mut TcpStream) -> io::Result<[u8; 4]> {
        client.write_all(b"ping").await?;
        let mut answer = [0; 4];
        client.read_exact(&mut answer).await?;
        Ok(answer)
    }

    #[tokio::test]
    async fn a_network_that_is_cut_resets_who_is_connected_and_refuses_who_comes_until_it_is_restored() {
        let mut network = echo().await;
        let mut before = client(&network).await;
        network.suffer(NetworkFault::Cut).await.unwrap();
        let error = answer(&mut before).await.unwrap_err();
        assert!(
            [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe].contains(&error.kind()),
            "{error}"
        );
        let refused = TcpStream::connect(network.here.address()).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        network.suffer(NetworkFault::Restore).await.unwrap();
        client(&network).await;
    }

    #[tokio::test]
    async fn connections_that_are_dropped_are_reset_once() {
        let mut network = echo().await;
        let mut before = client(&network).await;
        network.suffer(NetworkFault::DropConnections).await.unwrap();
        answer(&mut before).await.unwrap_err();
        client(&network).await;
    }

    #[tokio::test]
    async fn what_a_stalled_network_holds_back_comes_through_when_it_is_restored() {
        let mut network = echo().await;
        let mut peer = client(&network).await;
        network.suffer(NetworkFault::Stall).await.unwrap();
        peer.write_all(b"held").await.unwrap();
        let mut held = [0; 4];
        let early = timeout(Duration::from_millis(100), peer.read_exact(&mut held)).await;
        assert!(early.is_err(), "{early:?}");
        network.suffer(NetworkFault::Restore).await.unwrap();
        peer.read_exact(&mut held).await.unwrap();
        assert_eq!(held, *b"held");
    }

    #[tokio::test]
    async fn half_open_connections_are_silent_for_good_and_new_ones_are_not() {
        let mut network = echo().await;
        let mut before = client(&network).await;
        network.suffer(NetworkFault::HalfOpen).await.unwrap();
        client(&network).await;
        network.suffer(NetworkFault::Restore).await.unwrap();
        before.write_all(b"ping").await.unwrap();
        let silence = timeout(Duration::from_millis(100), before.read(&mut [0; 4])).await;
        assert!(silence.is_err(), "{silence:?}");
    }

    #[tokio::test]
    async fn a_slow_network_delays_each_way_and_no_longer_than_it_is_slow() {
        let mut network = echo().await;
        let mut peer = client(&network).await;
        let slow = |latency_ms, bytes_per_s| NetworkFault::Slow {
            latency_ms: Some(latency_ms),
            bytes_per_s,
        };
        // 20 ms, and 4 bytes at 200 a second, twice.
        network.suffer(slow(20, Some(200))).await.unwrap();
        let sent = Instant::now();
        answer(&mut peer).await.unwrap();
        assert!(
            sent.elapsed() >= Duration::from_millis(80),
            "{:?}",
            sent.elapsed()
        );
        network.suffer(slow(600_000, None)).await.unwrap();
        peer.write_all(b"late").await.unwrap();
        network.suffer(NetworkFault::Restore).await.unwrap();
        let mut late = [0; 4];
        peer.read_exact(&mut late).await.unwrap();
        assert_eq!(late, *b"late");
    }

    #[tokio::test]
    async fn an_end_comes_through_in_both_directions() {
        let network = echo().await;
        let mut peer = client(&network).await;
        peer.shutdown().await.unwrap();
        assert_eq!(peer.read(&mut [0; 1]).await.unwrap(), 0);
    }

    #[test]
    fn user_password_and_database_stay_in_a_url() {
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 7));
        for (url, there) in [
            ("redis://h:1", "redis://127.0.0.1:7"),
            ("redis://u:p@ss@h/2", "redis://u:p@ss@127.0.0.1:7/2"),
            ("redis://[::1]:1/3", "redis://127.0.0.1:7/3"),
        ] {
            assert_eq!(with_address(url, here), there);
        }
    }
}
