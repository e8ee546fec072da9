//! Who belongs to a fleet: its process group, and whoever left the group but was started with its environment.

use std::collections::BTreeSet;

use super::procfs;
use crate::exporter::Pid;

/// Tells a fleet's processes from all others.
#[derive(Debug)]
pub(super) struct Members {
    group: Pid,
    /// `NAME=value` in the environment of each of them and of nobody else.
    mark: String,
}

impl Members {
    pub(super) fn new(group: Pid, mark: String) -> Self {
        Self { group, mark }
    }

    pub(super) fn living(&self) -> BTreeSet<Pid> {
        let mut living: BTreeSet<Pid> = procfs::process_group_members(self.group).into_iter().collect();
        let strays = procfs::all()
            .into_iter()
            .filter(|pid| procfs::started_with(*pid, &self.mark));
        living.extend(strays.filter(|pid| procfs::is_alive(*pid)));
        living
    }
}
