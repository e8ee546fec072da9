//! When a child of the fleet is to stop: on a signal, or when its supervisor is gone.

use std::io::{self, PipeReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};

use crate::notice::notice;

/// Becomes true on SIGTERM or SIGINT.
///
/// # Errors
/// If the system does not let signals be handled.
pub(crate) fn on_signal() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}

/// Watches the lifeline, which ends when the supervisor does. Then `gone` is called, and whoever is still there after the
/// grace is ended.
///
/// # Errors
/// If there is no room for a thread.
pub(crate) fn when_supervisor_is_gone(
    mut lifeline: PipeReader,
    grace: Duration,
    gone: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    thread::Builder::new().name("lifeline".into()).spawn(move || {
        // Nothing is ever written: the read returns when the last writer is gone.
        while let Err(error) = lifeline.read(&mut [0]) {
            if error.kind() != io::ErrorKind::Interrupted {
                notice(format_args!("the lifeline cannot be read: {error}"));
                break;
            }
        }
        gone();
        // Sleeps, bounded by the grace, which the end of the process cuts short.
        thread::sleep(grace);
        std::process::exit(1);
    })?;
    Ok(())
}

/// Whether the flag is up.
pub(crate) fn is_up(stop: &AtomicBool) -> bool {
    stop.load(Ordering::Relaxed)
}
