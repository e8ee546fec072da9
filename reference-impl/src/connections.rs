//! Connections: how many there may be, how slow their clients, and how they end.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::mutant::Mutant;
use crate::notice::notice;
use crate::own_metrics::OwnMetrics;
use crate::patient_stream::PatientStream;

/// The longest head of a request in bytes; one more is answered with 431.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// Between two attempts to accept, where the system has no descriptor to give.
const BREATH: Duration = Duration::from_millis(100);
const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 21\r\n\r\ntoo many connections\n";

/// What clients may take up.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// How many may be connected at once.
    pub connections: usize,
    /// How long a client may take to send a request, and to think before it does.
    pub head: Duration,
    /// How long it may take to read a response.
    pub response: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            connections: 128,
            head: Duration::from_secs(10),
            response: Duration::from_secs(30),
        }
    }
}

/// Serves until `stop` is done, then until every response that was begun has been sent.
///
/// # Errors
/// If the socket cannot be used.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    own: Arc<OwnMetrics>,
    mutant: Option<Mutant>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let http = http(limits);
    let places = Arc::new(Semaphore::new(limits.connections.min(Semaphore::MAX_PERMITS)));
    let graceful = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) if is_of_one_client(&error) => continue,
            Err(error) => {
                notice(format_args!("cannot accept a connection: {error}"));
                // Sleeps, bounded by BREATH: the listener is ready all the time, so waiting for it is none.
                tokio::time::sleep(BREATH).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            own.connections_rejected.fetch_add(1, Ordering::Relaxed);
            refuse(&stream);
            continue;
        };
        // It only costs a packet more.
        let _ = stream.set_nodelay(true);
        let stream = TokioIo::new(PatientStream::new(stream, limits.response));
        let connection = http.serve_connection(stream, TowerToHyperService::new(router.clone()));
        let connection = graceful.watch(connection);
        if mutant == Some(Mutant::OneAtATime) {
            tokio::select! {
                () = &mut stop => break,
                _ = connection => continue,
            }
        }
        let own = Arc::clone(&own);
        own.connections.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            if connection.await.is_err() {
                own.connections_cut.fetch_add(1, Ordering::Relaxed);
            }
            own.connections.fetch_sub(1, Ordering::Relaxed);
            drop(place);
        });
    }
    // Who comes now is refused by the system, not kept waiting.
    drop(listener);
    graceful.shutdown().await;
    Ok(())
}

fn http(limits: ConnectionLimits) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(MAX_HEAD_BYTES);
    http
}

/// Says so if that can be said at once; a client that is one too many is not waited for.
fn refuse(stream: &TcpStream) {
    let _ = stream.try_write(FULL);
}

/// Whether it concerns nobody but the client that was to be accepted.
fn is_of_one_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}
