//! One worker more or fewer, when the supervisor is asked for it: SIGTTIN and SIGTTOU, as with gunicorn and Puma.

use std::collections::HashSet;
use std::mem;
use std::time::Instant;

use super::Supervisor;
use super::child::Child;
use super::wake::Wake;
use crate::dead;
use crate::directory::Listing;
use crate::file_name::Kind;
use crate::mutant::Mutant;
use crate::notice::notice;

impl Supervisor {
    /// Does what was asked since the last time. One worker is always left.
    pub(super) fn scale(&mut self, wake: &Wake) {
        let ignores = self.mutant == Some(Mutant::IgnoresScaling);
        if wake.is_to_grow() && !ignores {
            if self.mutant == Some(Mutant::CleansUpWhenItGrows) {
                self.clean_up();
            }
            self.workers.push(Child::default());
            notice(format_args!("{} workers from now on", self.workers.len()));
        }
        if wake.is_to_shrink() && !ignores && self.workers.len() > 1 {
            self.leaving.extend(self.workers.pop());
            if let Some(child) = self.leaving.last_mut() {
                match self.mutant {
                    Some(Mutant::KillsWhoIsScaledAway) => child.kill(),
                    _ => child.terminate(),
                }
            }
            notice(format_args!("{} workers from now on", self.workers.len()));
        }
    }

    /// Takes note of the end of those who were asked to leave.
    pub(super) fn see_off(&mut self, now: Instant) {
        for mut child in mem::take(&mut self.leaving) {
            match child.reap(now) {
                Some((pid, status)) => {
                    notice(format_args!("worker {pid} left, {status}"));
                    self.bury(pid);
                }
                None if child.is_running() => self.leaving.push(child),
                None => {}
            }
        }
    }

    /// Removes the files of all who do not work any more, as a mutant does.
    fn clean_up(&self) {
        let working: HashSet<u32> = self.workers.iter().filter_map(Child::pid).collect();
        let listing = Listing::of(&self.options.directory).unwrap_or_default();
        let ids = listing.files.iter().filter_map(|file| file.name.id.parse().ok());
        for pid in ids.filter(|pid| !working.contains(pid)) {
            // What it cannot remove it leaves, and survives.
            let _ = dead::remove(&self.options.directory, pid, Kind::all());
        }
    }
}
