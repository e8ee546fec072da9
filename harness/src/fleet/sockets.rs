//! What the kernel tells of listening sockets: who holds which, on which port, of which network.

use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use super::{procfs, sock_diag};
use crate::exporter::Pid;

/// The sockets of one network: this machine's, or a container's.
#[derive(Clone, Debug)]
pub(super) enum Sockets {
    /// This process's network.
    Here,
    /// The network of that process.
    Of(Pid),
}

/// A listening socket.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Listener {
    pub(super) address: IpAddr,
    pub(super) port: u16,
    pub(super) inode: u64,
}

impl Sockets {
    /// Every listening socket. Of another network `/proc` tells, and of this one where the kernel cannot be asked.
    fn listeners(&self) -> Vec<Listener> {
        match self {
            Self::Here => sock_diag::listeners().unwrap_or_else(|_| in_tables(Path::new("/proc/net"))),
            Self::Of(pid) => in_tables(&Path::new("/proc").join(pid.to_string()).join("net")),
        }
    }

    /// The inodes of the sockets that listen on `port`, on any address, of either family.
    pub(super) fn on(&self, port: u16) -> BTreeSet<u64> {
        let listeners = self.listeners().into_iter();
        let on_port = listeners.filter(|listener| listener.port == port);
        on_port.map(|listener| listener.inode).collect()
    }

    /// Whether some socket listens on `port`, and each that does on a loopback address: then no other network reaches it.
    pub(super) fn is_loopback_only(&self, port: u16) -> bool {
        let listeners = self.listeners();
        let mut on_port = listeners
            .iter()
            .filter(|listener| listener.port == port)
            .peekable();
        on_port.peek().is_some() && on_port.all(|listener| listener.address.is_loopback())
    }

    /// The ports that these processes listen on.
    pub(super) fn ports_of(&self, pids: &BTreeSet<Pid>) -> BTreeSet<u16> {
        let sockets: BTreeSet<u64> = pids.iter().flat_map(|pid| held_by(*pid)).collect();
        let listening = self.listeners().into_iter();
        let theirs = listening.filter(|listener| sockets.contains(&listener.inode));
        theirs.map(|listener| listener.port).collect()
    }

    /// The processes of `among` that hold a listening socket on `port`.
    pub(super) fn owners(&self, port: u16, among: impl IntoIterator<Item = Pid>) -> BTreeSet<Pid> {
        let sockets = self.on(port);
        among
            .into_iter()
            .filter(|pid| !held_by(*pid).is_disjoint(&sockets))
            .collect()
    }

    /// A process outside of `members` that listens on `port`, by its pid; with `None` as the pid, one that this
    /// user may not look into.
    pub(super) fn stranger(&self, port: u16, members: &BTreeSet<Pid>) -> Option<Option<Pid>> {
        let mut sockets = self.on(port);
        for member in members {
            sockets = &sockets - &held_by(*member);
        }
        if sockets.is_empty() {
            return None;
        }
        Some(
            procfs::all()
                .into_iter()
                .find(|pid| !held_by(*pid).is_disjoint(&sockets)),
        )
    }
}

/// What the tables of such a folder say, `tcp` and `tcp6`.
fn in_tables(net: &Path) -> Vec<Listener> {
    let tables = ["tcp", "tcp6"].map(|table| fs::read_to_string(net.join(table)));
    let texts = tables.iter().flatten();
    texts
        .flat_map(|text| text.lines().skip(1).filter_map(Listener::parse))
        .collect()
}

impl Listener {
    /// A row of `/proc/net/tcp` or `tcp6`, if it is a listening socket (state 0A).
    fn parse(row: &str) -> Option<Self> {
        let fields: Vec<&str> = row.split_whitespace().collect();
        let (address, port) = fields.get(1)?.rsplit_once(':')?;
        if *fields.get(3)? != "0A" {
            return None;
        }
        Some(Self {
            address: address_of(address)?,
            port: u16::from_str_radix(port, 16).ok()?,
            inode: fields.get(9)?.parse().ok()?,
        })
    }
}

/// The kernel prints an address word by word, each as this machine reads its four bytes.
fn address_of(hexadecimal: &str) -> Option<IpAddr> {
    let word = |at: usize| {
        let word = hexadecimal.get(at * 8..at * 8 + 8)?;
        u32::from_str_radix(word, 16).ok().map(u32::to_ne_bytes)
    };
    match hexadecimal.len() {
        8 => Some(Ipv4Addr::from(word(0)?).into()),
        32 => {
            let words = [word(0)?, word(1)?, word(2)?, word(3)?].concat();
            let octets = <[u8; 16]>::try_from(words).ok()?;
            Some(Ipv6Addr::from(octets).to_canonical())
        }
        _ => None,
    }
}

/// The inodes of a process's sockets. Where its first thread has ended, only the others still tell.
fn held_by(pid: Pid) -> BTreeSet<u64> {
    let others = procfs::threads_without_the_first(pid);
    let others = others
        .into_iter()
        .map(|thread| format!("/proc/{pid}/task/{thread}/fd"));
    let folders = std::iter::once(format!("/proc/{pid}/fd")).chain(others);
    let links = folders
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
        .flatten()
        .filter_map(|entry| fs::read_link(entry.path()).ok());
    let inode = |link: PathBuf| {
        link.to_str()?
            .strip_prefix("socket:[")?
            .strip_suffix(']')?
            .parse()
            .ok()
    };
    links.filter_map(inode).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::*;

    #[test]
    fn a_listening_port_is_traced_to_this_process() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let this = Pid::try_from(std::process::id()).unwrap();
        let sockets = Sockets::Here;
        assert_eq!(sockets.owners(port, [this]), BTreeSet::from([this]));
        assert!(sockets.ports_of(&BTreeSet::from([this])).contains(&port));
        assert!(sockets.is_loopback_only(port));
        assert_eq!(sockets.stranger(port, &BTreeSet::from([this])), None);
        assert_eq!(sockets.stranger(port, &BTreeSet::new()), Some(Some(this)));
        assert_eq!(Sockets::Of(this).on(port), sockets.on(port));
        drop(socket);
        assert!(sockets.owners(port, [this]).is_empty());
        assert_eq!(sockets.stranger(port, &BTreeSet::new()), None);
        assert!(!sockets.is_loopback_only(port));
    }

    #[test]
    fn a_socket_on_all_addresses_is_reached_from_elsewhere() {
        for all in ["0.0.0.0:0", "[::]:0"] {
            // Some machines have no IPv6.
            let Ok(socket) = std::net::TcpListener::bind(all) else {
                continue;
            };
            let port = socket.local_addr().unwrap().port();
            assert!(!Sockets::Here.is_loopback_only(port), "{all}");
        }
    }

    #[test]
    fn the_kernel_and_its_tables_tell_the_same() {
        // More than one part of an answer holds.
        let bound = (0..300).map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
        let bound: Vec<_> = bound.chain(std::net::TcpListener::bind("[::1]:0")).collect();
        let ports: BTreeSet<u16> = bound
            .iter()
            .map(|socket| socket.local_addr().unwrap().port())
            .collect();
        let of_these = |mut listeners: Vec<Listener>| {
            listeners.retain(|listener| ports.contains(&listener.port));
            listeners.sort();
            listeners
        };
        let asked = of_these(sock_diag::listeners().unwrap());
        assert_eq!(asked.len(), bound.len());
        assert_eq!(asked, of_these(in_tables(Path::new("/proc/net"))));
    }

    #[test]
    fn addresses_are_read_as_the_kernel_prints_them() {
        let printed = |octets: [u8; 4]| format!("{:08X}", u32::from_ne_bytes(octets));
        assert_eq!(
            address_of(&printed([127, 0, 0, 11])),
            Some(Ipv4Addr::new(127, 0, 0, 11).into())
        );
        let zeros = printed([0; 4]);
        let loopback = format!("{zeros}{zeros}{zeros}{}", printed([0, 0, 0, 1]));
        assert_eq!(address_of(&loopback), Some(Ipv6Addr::LOCALHOST.into()));
        let mapped = format!(
            "{zeros}{zeros}{}{}",
            printed([0, 0, 255, 255]),
            printed([127, 0, 0, 1])
        );
        assert_eq!(address_of(&mapped), Some(Ipv4Addr::LOCALHOST.into()));
        assert_eq!(address_of("0100"), None);
    }
}
