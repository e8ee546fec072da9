//! What `/proc` tells: who lives, who belongs to a group, what a process calls itself.

use std::fs;
use std::path::PathBuf;

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
pub(super) fn is_alive(pid: Pid) -> bool {
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
pub(super) fn process_group_members(group: Pid) -> Vec<Pid> {
    all().into_iter().filter(|pid| lives_in(*pid, group)).collect()
}

/// Whether the process lives, in that group.
pub(super) fn lives_in(pid: Pid, group: Pid) -> bool {
    stat(pid).is_some_and(|(state, _, of)| of == group && runs(pid, state))
}

/// The processes that `parent` has started and not yet waited for.
pub(super) fn children(parent: Pid) -> Vec<Pid> {
    let is_child = |pid: &Pid| stat(*pid).is_some_and(|(_, of, _)| of == parent);
    all().into_iter().filter(is_child).collect()
}

/// Whether the environment with which the process was started holds `entry` (`NAME=value`).
pub(super) fn started_with(pid: Pid, entry: &str) -> bool {
    fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environ| {
        environ
            .split(|byte| *byte == 0)
            .any(|have| have == entry.as_bytes())
    })
}

/// The threads but the first of a process whose first has ended: there only they still tell what it holds.
pub(super) fn threads_without_the_first(pid: Pid) -> Vec<Pid> {
    match stat(pid) {
        Some(('Z', _, _)) => other_threads(pid),
        _ => Vec::new(),
    }
}

/// What names the process's namespace of pids, as long as it lives and this user may look into it.
pub(super) fn pid_namespace(pid: Pid) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/ns/pid")).ok()
}

/// The bytes of memory that the process has to itself: neither shared nor mapped from a file.
pub(super) fn own_memory(pid: Pid) -> Option<u64> {
    kibibytes(&format!("/proc/{pid}/status"), "RssAnon:")
}

/// The bytes of memory that this machine has.
pub(super) fn memory() -> Option<u64> {
    kibibytes("/proc/meminfo", "MemTotal:")
}

fn kibibytes(path: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(value.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

/// The pid that the process has in its own namespace: the last of those that it has.
pub(super) fn own_pid(pid: Pid) -> Option<Pid> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let pids = status.lines().find_map(|line| line.strip_prefix("NSpid:"))?;
    pids.split_whitespace().last()?.parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive_and_a_pid_beyond_the_kernels_range_is_not() {
        assert!(is_alive(Pid::try_from(std::process::id()).unwrap()));
        assert!(!is_alive(Pid::MAX));
    }

    #[test]
    fn this_process_has_the_pid_by_which_it_knows_itself() {
        let this = Pid::try_from(std::process::id()).unwrap();
        assert_eq!(own_pid(this), Some(this));
        assert_eq!(own_pid(Pid::MAX), None);
        let (own, all) = (own_memory(this).unwrap(), memory().unwrap());
        assert!(own > 0 && own < all, "{own} of {all}");
        assert_eq!(own_memory(Pid::MAX), None);
        assert!(pid_namespace(this).is_some());
        assert_eq!(pid_namespace(Pid::MAX), None);
    }
}
