//! A thread of its own for what must answer in time, whatever the rest of the run is at.
//!
//! Judging a directory of thousands of series keeps a thread for seconds, in a debug build on a busy machine. A broker on the
//! same threads is silent that long, and a client that gives it up then has lost the task that it was about to be handed.

use std::io;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

/// One thread, and the runtime on it. Dropped, it ends with whatever still runs there.
#[derive(Debug)]
pub(super) struct Apart {
    /// There is none only while it is dropped.
    runtime: Option<Runtime>,
    handle: Handle,
}

impl Apart {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system has no room for one.
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("broker")
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        Ok(Self {
            runtime: Some(runtime),
            handle,
        })
    }

    /// Has `begin` make what waits there, such as a listener, and what is to be done with it run there.
    ///
    /// # Errors
    /// As `begin`'s.
    pub(super) fn run<F>(&self, begin: impl FnOnce() -> io::Result<F>) -> io::Result<JoinHandle<F::Output>>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let _here = self.handle.enter();
        Ok(self.handle.spawn(begin()?))
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        // Whoever drops it may be a task of another runtime, which must not wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
