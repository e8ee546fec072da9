//! Bytes between a socket and the server: the only part that awaits.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::{Buf, BytesMut};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};

use super::client::{ClientId, Peer};
use super::request::Requests;
use super::server::{Progress, Server};

/// How much is read at once, in bytes.
const READ_BYTES: usize = 64 * 1024;

/// Serves one client until it leaves, is refused, or the task is aborted; while the server is paused it does nothing.
pub(super) async fn serve(
    mut stream: TcpStream,
    address: SocketAddr,
    server: Arc<Mutex<Server>>,
    mut paused: watch::Receiver<bool>,
) {
    let Ok(far_end) = FarEnd::of(&stream) else {
        return;
    };
    let wake = Arc::clone(&far_end.wake);
    // Replies are small and awaited; Redis sends them at once too.
    let _ = stream.set_nodelay(true);
    let seat = Seat::taken(&server, address, far_end);
    let mut requests = Requests::default();
    let mut out = BytesMut::new();
    let (mut reader, mut writer) = stream.split();
    loop {
        // A server that is gone is not paused: this task is about to be aborted.
        let _ = paused.wait_for(|is_paused| !is_paused).await;
        let progress = seat.lock().advance(seat.client, &mut requests, &mut out);
        let Progress { deadline, is_closing } = progress;
        if is_closing {
            let _ = writer.write_all(&out).await;
            let _ = writer.shutdown().await;
            return;
        }
        // Reading goes on while replies wait to be written: a client may send a long pipeline before it reads.
        tokio::select! {
            read = read(&mut reader, &mut requests.buffer), if !requests.is_full() => {
                if !matches!(read, Ok(1..)) {
                    return;
                }
            }
            written = writer.write(&out), if !out.is_empty() => match written {
                Ok(bytes @ 1..) => out.advance(bytes),
                _ => return,
            },
            () = wake.notified() => {}
            () = until(deadline), if deadline.is_some() => seat.lock().time_out(seat.client),
        }
    }
}

async fn read(reader: &mut (impl AsyncReadExt + Unpin), buffer: &mut BytesMut) -> std::io::Result<usize> {
    buffer.reserve(READ_BYTES);
    reader.read_buf(buffer).await
}

async fn until(deadline: Option<Instant>) {
    if let Some(deadline) = deadline {
        // Sleeps, bounded by the deadline that the client gave its command.
        tokio::time::sleep_until(deadline.into()).await;
    }
}

/// A client's place at the server, given up however its task ends.
struct Seat<'a> {
    server: &'a Mutex<Server>,
    client: ClientId,
}

impl<'a> Seat<'a> {
    fn taken(server: &'a Mutex<Server>, address: SocketAddr, far_end: FarEnd) -> Seat<'a> {
        let client = lock(server).connect(address, Box::new(far_end));
        Seat { server, client }
    }

    fn lock(&self) -> MutexGuard<'_, Server> {
        lock(self.server)
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.lock().disconnect(self.client);
    }
}

/// A panic in one client's command must not take the broker from the others.
fn lock(server: &Mutex<Server>) -> MutexGuard<'_, Server> {
    server.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The client's socket, for asking whether it is still connected.
struct FarEnd {
    socket: std::os::fd::OwnedFd,
    wake: Arc<Notify>,
}

impl FarEnd {
    fn of(stream: &TcpStream) -> std::io::Result<FarEnd> {
        let socket = std::os::fd::AsFd::as_fd(stream).try_clone_to_owned()?;
        Ok(FarEnd {
            socket,
            wake: Arc::new(Notify::new()),
        })
    }
}

impl Peer for FarEnd {
    fn wake(&self) {
        self.wake.notify_one();
    }

    fn is_gone(&self) -> bool {
        // A close that has arrived but was not read yet: Redis, with one thread, would have seen it before the push.
        let mut sockets = [PollFd::new(&self.socket, PollFlags::RDHUP)];
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        matches!(poll(&mut sockets, Some(&now)), Ok(1..))
    }
}
