//! The listening sockets of this process's network, asked of the kernel itself (sock_diag(7)).
//!
//! `/proc/net/tcp` says the same and walks through all of the kernel's table of connections for it, which takes milliseconds where
//! there is much memory, while this takes microseconds; and a fleet that starts is looked at every few milliseconds.

use std::io;

use netlink_packet_core::{NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::constants::{AF_INET, AF_INET6, IPPROTO_TCP};
use netlink_packet_sock_diag::inet::{ExtensionFlags, InetRequest, SocketId, StateFlags};
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_SOCK_DIAG};

use super::sockets::Listener;

/// Every one of them, of either family.
///
/// # Errors
/// The kernel does not answer such questions: a sandbox's may not.
pub(super) fn listeners() -> io::Result<Vec<Listener>> {
    let mut kernel = Socket::new(NETLINK_SOCK_DIAG)?;
    kernel.bind_auto()?;
    kernel.connect(&SocketAddr::new(0, 0))?;
    let mut listeners = Vec::new();
    for (family, any) in [(AF_INET, SocketId::new_v4()), (AF_INET6, SocketId::new_v6())] {
        kernel.send(&question(family, any), 0)?;
        while read_answer(&kernel.recv_from_full()?.0, &mut listeners)? {}
    }
    Ok(listeners)
}

fn question(family: u8, socket_id: SocketId) -> Vec<u8> {
    let request = SockDiagMessage::InetRequest(InetRequest {
        family,
        protocol: IPPROTO_TCP,
        extensions: ExtensionFlags::empty(),
        states: StateFlags::LISTEN,
        socket_id,
    });
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_REQUEST | NLM_F_DUMP;
    let mut message = NetlinkMessage::new(header, request.into());
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    bytes
}

/// Takes the sockets out of one part of an answer; whether there is another part.
fn read_answer(mut part: &[u8], listeners: &mut Vec<Listener>) -> io::Result<bool> {
    while !part.is_empty() {
        let message = NetlinkMessage::<SockDiagMessage>::deserialize(part).map_err(io::Error::other)?;
        match message.payload {
            NetlinkPayload::Done(_) => return Ok(false),
            NetlinkPayload::Error(error) => return Err(error.to_io()),
            NetlinkPayload::InnerMessage(SockDiagMessage::InetResponse(socket)) => listeners.push(Listener {
                address: socket.header.socket_id.source_address.to_canonical(),
                port: socket.header.socket_id.source_port,
                inode: socket.header.inode.into(),
            }),
            _ => {}
        }
        // What is shorter than its own header was refused above; messages begin at multiples of four bytes.
        let length = usize::try_from(message.header.length).unwrap_or(usize::MAX);
        part = part.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(true)
}
