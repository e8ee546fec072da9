//! What `/proc` tells: who lives, who belongs to a group, who owns a listening port.

use std::collections::BTreeSet;
use std::fs;

use crate::exporter::Pid;

/// Every process that `/proc` lists.
pub(super) fn all() -> Vec<Pid> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// State, parent and process group, from `/proc/PID/stat`; the command name in it may hold anything, so the
/// fields are read behind its last parenthesis.
fn stat(pid: Pid) -> Option<(char, Pid, Pid)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = text[text.rfind(')')? + 1..].split_whitespace();
    let state = fields.next()?.chars().next()?;
    Some((state, fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// Whether the process runs; one that has ended and is not yet waited for does not.
pub fn is_alive(pid: Pid) -> bool {
    stat(pid).is_some_and(|(state, _, _)| runs(pid, state))
}

/// A process whose first thread has ended looks dead, and goes on as long as another thread does.
fn runs(pid: Pid, state: char) -> bool {
    match state {
        'Z' => !other_threads(pid).is_empty(),
        state => state != 'X',
    }
}

/// The threads of a process but the first.
fn other_threads(pid: Pid) -> Vec<Pid> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let threads = entries.flatten();
    threads
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|thread| *thread != pid)
        .collect()
}

/// Whether the process was halted by a signal and has not gone on.
pub fn is_halted(pid: Pid) -> bool {
    stat(pid).is_some_and(|(state, _, _)| state == 'T')
}

/// The living processes of a group.
pub fn process_group_members(group: Pid) -> Vec<Pid> {
    let of_group = |pid: &Pid| stat(*pid).is_some_and(|(state, _, of)| of == group && runs(*pid, state));
    all().into_iter().filter(of_group).collect()
}

/// Whether the environment with which the process was started holds `entry` (`NAME=value`).
pub(super) fn started_with(pid: Pid, entry: &str) -> bool {
    fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environ| {
        environ
            .split(|byte| *byte == 0)
            .any(|have| have == entry.as_bytes())
    })
}

/// The inodes of the sockets that listen on `port`, on any address, of either family.
pub fn listeners(port: u16) -> BTreeSet<u64> {
    let on_port = all_listeners().into_iter().filter(|(of, _)| *of == port);
    on_port.map(|(_, inode)| inode).collect()
}

/// Every listening socket: its port and its inode.
fn all_listeners() -> Vec<(u16, u64)> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let texts = tables.iter().filter_map(|path| fs::read_to_string(path).ok());
    texts
        .flat_map(|text| text.lines().skip(1).filter_map(listener).collect::<Vec<_>>())
        .collect()
}

/// The port and the inode of a `/proc/net/tcp` row, if it is a listening socket (state 0A).
fn listener(row: &str) -> Option<(u16, u64)> {
    let fields: Vec<&str> = row.split_whitespace().collect();
    let (_, port) = fields.get(1)?.rsplit_once(':')?;
    if *fields.get(3)? != "0A" {
        return None;
    }
    Some((u16::from_str_radix(port, 16).ok()?, fields.get(9)?.parse().ok()?))
}

/// The ports that these processes listen on.
pub(super) fn ports_of(pids: &BTreeSet<Pid>) -> BTreeSet<u16> {
    let sockets: BTreeSet<u64> = pids.iter().flat_map(|pid| sockets_of(*pid)).collect();
    let listening = all_listeners()
        .into_iter()
        .filter(|(_, inode)| sockets.contains(inode));
    listening.map(|(port, _)| port).collect()
}

/// The processes of `among` that hold a listening socket on `port`.
pub fn owners_of_port(port: u16, among: impl IntoIterator<Item = Pid>) -> BTreeSet<Pid> {
    let sockets = listeners(port);
    among
        .into_iter()
        .filter(|pid| !sockets_of(*pid).is_disjoint(&sockets))
        .collect()
}

/// A process outside of `members` that listens on `port`, by its pid; with `None` as the pid, one that this
/// user may not look into.
pub(super) fn stranger_on_port(port: u16, members: &BTreeSet<Pid>) -> Option<Option<Pid>> {
    let mut sockets = listeners(port);
    for member in members {
        sockets = &sockets - &sockets_of(*member);
    }
    if sockets.is_empty() {
        return None;
    }
    Some(
        all()
            .into_iter()
            .find(|pid| !sockets_of(*pid).is_disjoint(&sockets)),
    )
}

/// The inodes of a process's sockets. Where its first thread has ended, only the others still tell.
fn sockets_of(pid: Pid) -> BTreeSet<u64> {
    let has_ended = stat(pid).is_some_and(|(state, _, _)| state == 'Z');
    let others = if has_ended { other_threads(pid) } else { Vec::new() };
    let others = others
        .into_iter()
        .map(|thread| format!("/proc/{pid}/task/{thread}/fd"));
    let folders = std::iter::once(format!("/proc/{pid}/fd")).chain(others);
    let links = folders
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
        .flatten()
        .filter_map(|entry| fs::read_link(entry.path()).ok());
    let inode = |link: std::path::PathBuf| {
        link.to_str()?
            .strip_prefix("socket:[")?
            .strip_suffix(']')?
            .parse()
            .ok()
    };
    links.filter_map(inode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listening_port_is_traced_to_this_process() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let this = Pid::try_from(std::process::id()).unwrap();
        assert_eq!(owners_of_port(port, [this]), BTreeSet::from([this]));
        assert!(ports_of(&BTreeSet::from([this])).contains(&port));
        assert_eq!(stranger_on_port(port, &BTreeSet::from([this])), None);
        assert_eq!(stranger_on_port(port, &BTreeSet::new()), Some(Some(this)));
        drop(socket);
        assert!(owners_of_port(port, [this]).is_empty());
        assert_eq!(stranger_on_port(port, &BTreeSet::new()), None);
    }

    #[test]
    fn this_process_is_alive_and_a_pid_beyond_the_kernels_range_is_not() {
        assert!(is_alive(Pid::try_from(std::process::id()).unwrap()));
        assert!(!is_alive(Pid::MAX));
    }
}
