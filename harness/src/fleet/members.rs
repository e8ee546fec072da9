//! Who belongs to a fleet, and what each of its processes is called: by itself, and by this machine.
//!
//! Acknowledgements and file names hold the pids that processes call themselves by. On this machine both are the same.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::procfs;
use super::sockets::Sockets;
use crate::exporter::Pid;

/// Tells a fleet's processes from all others.
#[derive(Clone, Debug)]
pub(super) enum Members {
    /// Its process group, and whoever left the group but was started with its environment.
    Here {
        group: Pid,
        /// `NAME=value` in the environment of each of them and of nobody else.
        mark: String,
    },
    /// Whoever is in its namespace of pids: its container's, or one that it was started in.
    Contained(PidNamespace),
}

impl Members {
    /// The living, as they call themselves, and what this machine calls them.
    pub(super) fn living(&self) -> BTreeMap<Pid, Pid> {
        match self {
            Self::Here { group, mark } => {
                let is_stray = |pid: Pid| procfs::started_with(pid, mark) && procfs::is_alive(pid);
                let all = procfs::all().into_iter();
                let living = all.filter(|pid| procfs::lives_in(*pid, *group) || is_stray(*pid));
                living.map(|pid| (pid, pid)).collect()
            }
            Self::Contained(namespace) => namespace.living(),
        }
    }

    /// What this machine calls a process by, if it still lives in a namespace of its own.
    pub(super) fn pid_here(&self, own: Pid) -> Option<Pid> {
        match self {
            Self::Here { .. } => Some(own),
            Self::Contained(namespace) => namespace.living().get(&own).copied(),
        }
    }

    /// The first of them, as it calls itself.
    pub(super) fn leader(&self) -> Pid {
        match self {
            Self::Here { group, .. } => *group,
            Self::Contained(_) => PidNamespace::FIRST,
        }
    }

    /// The sockets of the network that they are in.
    pub(super) fn sockets(&self) -> Sockets {
        match self {
            Self::Here { .. } => Sockets::Here,
            Self::Contained(namespace) => Sockets::Of(namespace.first),
        }
    }
}

/// The namespace of pids that a container, or a fleet, has for itself. It ends with its first process.
#[derive(Clone, Debug)]
pub(super) struct PidNamespace {
    /// What this machine calls the first process.
    first: Pid,
    name: Option<PathBuf>,
}

impl PidNamespace {
    /// What the first process calls itself.
    const FIRST: Pid = 1;

    /// That of a container's first process.
    pub(super) fn of(first: Pid) -> Self {
        let name = procfs::pid_namespace(first);
        Self { first, name }
    }

    /// Whether it was there when it was asked for, and this user may look into it.
    pub(super) fn was_seen(&self) -> bool {
        self.name.is_some()
    }

    /// What this machine calls the first process, as long as that lives: afterwards both names may be a stranger's.
    pub(super) fn first(&self) -> Option<Pid> {
        let is_there = self.name.is_some() && procfs::pid_namespace(self.first) == self.name;
        is_there.then_some(self.first)
    }

    fn living(&self) -> BTreeMap<Pid, Pid> {
        if self.first().is_none() {
            return BTreeMap::new();
        }
        let inside = procfs::all()
            .into_iter()
            .filter(|pid| procfs::pid_namespace(*pid) == self.name && procfs::is_alive(*pid));
        inside
            .filter_map(|pid| Some((procfs::own_pid(pid)?, pid)))
            .collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_in_its_own_namespace_and_in_no_ended_one() {
        let this = Pid::try_from(std::process::id()).unwrap();
        let namespace = PidNamespace::of(this);
        assert!(namespace.was_seen());
        let members = Members::Contained(namespace);
        assert_eq!(members.living().get(&this), Some(&this));
        assert_eq!(members.pid_here(this), Some(this));
        assert_eq!(members.leader(), 1);
        let ended = PidNamespace::of(Pid::MAX);
        assert!(!ended.was_seen() && ended.first().is_none());
        assert!(Members::Contained(ended).living().is_empty());
    }
}
