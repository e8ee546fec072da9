//! What wakes the supervisor: a child's end, a request to stop or to scale, or the time.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use signal_hook::consts::{SIGCHLD, SIGINT, SIGTERM, SIGTTIN, SIGTTOU};
use signal_hook::low_level::{pipe, unregister};
use signal_hook::{SigId, flag};

use crate::stop;

/// Signals, turned into something that can be waited for together with a deadline.
pub(super) struct Wake {
    stop: Arc<AtomicBool>,
    grow: Arc<AtomicBool>,
    shrink: Arc<AtomicBool>,
    signals: UnixStream,
    /// The handlers that only a supervisor needs.
    handlers: Vec<SigId>,
}

impl Wake {
    /// Installs the handlers; to be done before the first child is started.
    pub(super) fn new() -> io::Result<Self> {
        let stop = stop::on_signal()?;
        let (grow, shrink) = (Arc::default(), Arc::default());
        // Before those that wake: whoever is woken finds the flag up.
        let mut handlers = vec![
            flag::register(SIGTTIN, Arc::clone(&grow))?,
            flag::register(SIGTTOU, Arc::clone(&shrink))?,
        ];
        let (signals, written) = UnixStream::pair()?;
        signals.set_nonblocking(true)?;
        for signal in [SIGCHLD, SIGTERM, SIGINT, SIGTTIN, SIGTTOU] {
            handlers.push(pipe::register(signal, written.try_clone()?)?);
        }
        Ok(Self {
            stop,
            grow,
            shrink,
            signals,
            handlers,
        })
    }

    /// What is left of it to a child, whose signals are not to wake its supervisor: what becomes true on SIGTERM or SIGINT.
    pub(super) fn into_stop(self) -> Arc<AtomicBool> {
        self.handlers.into_iter().for_each(|handler| {
            unregister(handler);
        });
        self.stop
    }

    pub(super) fn is_to_stop(&self) -> bool {
        stop::is_up(&self.stop)
    }

    /// Whether one worker more was asked for since the last time.
    pub(super) fn is_to_grow(&self) -> bool {
        self.grow.swap(false, Ordering::Relaxed)
    }

    /// Whether one worker fewer was asked for since the last time.
    pub(super) fn is_to_shrink(&self) -> bool {
        self.shrink.swap(false, Ordering::Relaxed)
    }

    /// Waits for a signal, at most until the deadline.
    pub(super) fn wait(&self, deadline: Option<Instant>) -> io::Result<()> {
        let timeout = deadline.map(|deadline| {
            let rest = deadline.saturating_duration_since(Instant::now());
            Timespec::try_from(rest).unwrap_or(Timespec {
                tv_sec: i64::MAX,
                tv_nsec: 0,
            })
        });
        let mut descriptors = [PollFd::new(&self.signals, PollFlags::IN)];
        match poll(&mut descriptors, timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        // Many signals are one wake-up.
        let _ = (&self.signals).read(&mut [0; 64]);
        Ok(())
    }
}
