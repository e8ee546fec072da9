//! A place in the fleet and the process that fills it.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process, waitid, waitpid};

use super::fork::Forked;
use crate::notice::notice;

/// A process that lived shorter than this died quickly.
const QUICK: Duration = Duration::from_secs(1);
const FIRST_DELAY: Duration = Duration::from_millis(50);
const LONGEST_DELAY: Duration = Duration::from_secs(2);

/// A place in the fleet: a running process, or the time at which one is to be started.
#[derive(Debug, Default)]
pub(super) struct Child {
    running: Option<(Pid, Instant)>,
    due_at: Option<Instant>,
    quick_deaths: u32,
}

impl Child {
    /// When a process is to be started here, if one is waited for.
    pub(super) fn due_at(&self) -> Option<Instant> {
        self.due_at.filter(|_| self.running.is_none())
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.running.is_none() && self.due_at.is_none_or(|due_at| due_at <= now)
    }

    pub(super) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// The running process's pid.
    pub(super) fn pid(&self) -> Option<u32> {
        self.running.map(|(pid, _)| number(pid))
    }

    /// Takes note of a process that was just forked to be here; says whether this is it. One that could not be has died
    /// quickly.
    pub(super) fn start(&mut self, now: Instant, what: &str, forked: io::Result<Forked>) -> bool {
        match forked {
            Ok(Forked::Child) => return true,
            Ok(Forked::Parent(pid)) => self.running = Some((pid, now)),
            Err(error) => {
                notice(format_args!("cannot start {what}: {error}"));
                self.note_death(now, now);
            }
        }
        false
    }

    /// Takes note of the process's death, if it has died.
    pub(super) fn reap(&mut self, now: Instant) -> Option<(u32, ExitStatus)> {
        let (pid, started_at) = self.running?;
        let (_, status) = waitpid(Some(pid), WaitOptions::NOHANG).ok()??;
        self.running = None;
        self.note_death(started_at, now);
        Some((number(pid), ExitStatus::from_raw(status.as_raw())))
    }

    /// A replacement is due at once, and after a delay for one that keeps dying quickly.
    fn note_death(&mut self, started_at: Instant, now: Instant) {
        if now.duration_since(started_at) >= QUICK {
            self.quick_deaths = 0;
            self.due_at = Some(now);
            return;
        }
        self.quick_deaths += 1;
        self.due_at = Some(now + delay(self.quick_deaths));
    }

    /// Asks the process to stop.
    pub(super) fn terminate(&self) {
        if let Some((pid, _)) = self.running {
            // It can only have died already; then it is about to be reaped.
            let _ = kill_process(pid, Signal::TERM);
        }
    }

    /// Ends the process and waits for its end, which the next [`reap`](Self::reap) reports.
    pub(super) fn kill(&self) {
        if let Some((pid, _)) = self.running {
            let _ = kill_process(pid, Signal::KILL);
            let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        }
    }
}

/// As it stands in a file's name.
fn number(pid: Pid) -> u32 {
    pid.as_raw_nonzero().get().unsigned_abs()
}

/// No delay after the first quick death, then 50 ms, doubled up to 2 s.
fn delay(quick_deaths: u32) -> Duration {
    match quick_deaths.checked_sub(2) {
        None => Duration::ZERO,
        Some(doublings) => FIRST_DELAY
            .saturating_mul(1 << doublings.min(16))
            .min(LONGEST_DELAY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_death_is_repaired_at_once_and_quick_ones_ever_later_up_to_a_bound() {
        assert_eq!(delay(1), Duration::ZERO);
        assert_eq!(delay(2), Duration::from_millis(50));
        assert_eq!(delay(4), Duration::from_millis(200));
        assert_eq!(delay(u32::MAX), Duration::from_secs(2));
    }

    #[test]
    fn a_process_that_there_is_no_room_for_is_tried_again_later() {
        let mut child = Child::default();
        let now = Instant::now();
        for _ in 0..3 {
            assert!(!child.start(now, "nothing", Err(io::ErrorKind::OutOfMemory.into())));
        }
        assert!(!child.is_due(now));
        assert_eq!(child.due_at(), Some(now + Duration::from_millis(100)));
    }
}
