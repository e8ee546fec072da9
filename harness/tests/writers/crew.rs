//! The writers as a crew: so many at a time, some replaced on the way, all gone in the end.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use counterfoil_reference::dead::mark_dead;

use crate::writer::{Writer, metrics};

/// How many writers are replaced.
pub(crate) const MOST_REPLACEMENTS: usize = 20;
/// How long a writer may take to end its batch.
const GRACE: Duration = Duration::from_secs(30);

/// A thread that looks after the writers, since processes come and go while others read. Dropping it ends them all.
pub(crate) struct Crew {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<Result<(), String>>>,
    replaced: Arc<AtomicUsize>,
}

impl Crew {
    /// Starts `size` writers, and replaces the oldest at each `interval`, for a while.
    pub(crate) fn start(folder: PathBuf, size: u64, interval: Duration) -> Self {
        let (stop, stopped) = mpsc::channel();
        let replaced = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&replaced);
        let thread = thread::spawn(move || {
            let mut members = Members::start(folder, size)?;
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(interval) {
                // What they leave behind is read at every turn, however few turns a busy machine has.
                if count.load(Ordering::Relaxed) < MOST_REPLACEMENTS {
                    members.replace_the_oldest()?;
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
            members.end()
        });
        Self {
            stop: Some(stop),
            thread: Some(thread),
            replaced,
        }
    }

    pub(crate) fn replaced(&self) -> usize {
        self.replaced.load(Ordering::Relaxed)
    }

    /// Whether a writer, or the one who looks after them, ended by itself.
    pub(crate) fn is_gone(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Lets all of them finish what they have begun.
    pub(crate) fn stop(&mut self) -> Result<(), String> {
        self.stop = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            _ => Err("the crew's thread panicked".to_owned()),
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        // Whoever did not stop them has a failure of their own to tell.
        let _ = self.stop();
    }
}

struct Members {
    folder: PathBuf,
    number: u64,
    at_work: VecDeque<Child>,
}

impl Members {
    fn start(folder: PathBuf, size: u64) -> Result<Self, String> {
        let mut members = Self {
            folder,
            number: 0,
            at_work: VecDeque::new(),
        };
        for _ in 0..size {
            members.add()?;
        }
        Ok(members)
    }

    fn add(&mut self) -> Result<(), String> {
        let started = Writer::start(&self.folder, self.number);
        self.at_work
            .push_back(started.map_err(|error| format!("a writer cannot be started: {error}"))?);
        self.number += 1;
        Ok(())
    }

    /// Every other one is killed in the middle of what it does.
    fn replace_the_oldest(&mut self) -> Result<(), String> {
        if let Some(mut writer) = self.at_work.pop_front() {
            if let Ok(Some(status)) = writer.try_wait() {
                return Err(format!("a writer ended by itself: {status}"));
            }
            if self.number.is_multiple_of(2) {
                kill(&mut writer);
            } else {
                finish(&mut writer)?;
            }
            mark_dead(&metrics(&self.folder), writer.id()).map_err(|error| error.to_string())?;
        }
        self.add()
    }

    fn end(&mut self) -> Result<(), String> {
        // All are told before the first is waited for.
        self.at_work
            .iter_mut()
            .for_each(|writer| drop(writer.stdin.take()));
        self.at_work.iter_mut().try_for_each(finish)
    }
}

impl Drop for Members {
    fn drop(&mut self) {
        self.at_work.iter_mut().for_each(kill);
    }
}

fn kill(writer: &mut Child) {
    // One that has ended cannot be killed, which is as well.
    let _ = writer.kill();
    let _ = writer.wait();
}

fn finish(writer: &mut Child) -> Result<(), String> {
    drop(writer.stdin.take());
    let give_up_at = Instant::now() + GRACE;
    loop {
        match writer.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("a writer failed: {status}")),
            Ok(None) if Instant::now() < give_up_at => {
                // Sleeps, bounded by give_up_at, between two looks at the process.
                thread::sleep(Duration::from_millis(1));
            }
            _ => {
                kill(writer);
                return Err(format!("a writer did not end in {} s", GRACE.as_secs()));
            }
        }
    }
}
