//! A port of an address of this machine that stays one's own, also while nobody listens on it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

const BACKLOG: u32 = 1024;

/// A port that the system picked. Without it a broker that is away would have its port taken by whoever connects
/// somewhere at that moment, its own clients before all.
#[derive(Debug)]
pub(super) struct Port {
    /// Bound, and never listens.
    _held: TcpSocket,
    address: SocketAddr,
}

impl Port {
    /// One of 127.0.0.1.
    pub(super) fn free() -> io::Result<Self> {
        Self::free_of(Ipv4Addr::LOCALHOST)
    }

    pub(super) fn free_of(address: Ipv4Addr) -> io::Result<Self> {
        let held = bound((address, 0).into())?;
        Ok(Self {
            address: held.local_addr()?,
            _held: held,
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn listen(&self) -> io::Result<TcpListener> {
        bound(self.address)?.listen(BACKLOG)
    }
}

/// Several may be bound to one address as long as each allows it and only one of them listens.
fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}
