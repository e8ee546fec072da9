//! SIGINT and SIGTERM: a run that is told to stop ends what it started before it returns.

use std::future::pending;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Whether, and by which signal, the run was told to stop.
#[derive(Clone, Debug)]
pub struct Interrupt {
    raised: watch::Receiver<Option<&'static str>>,
}

impl Interrupt {
    /// One that never comes.
    pub fn never() -> Self {
        // Without a sender nothing can ever be sent, which is what `raised` waits for in vain.
        Self {
            raised: watch::channel(None).1,
        }
    }

    /// The first SIGINT or SIGTERM that this process gets. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// The signals cannot be listened for.
    pub fn on_signals() -> std::io::Result<Self> {
        let (mut int, mut term) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let (tell, raised) = watch::channel(None);
        tokio::spawn(async move {
            let name = tokio::select! {
                _ = int.recv() => "SIGINT",
                _ = term.recv() => "SIGTERM",
            };
            tell.send(Some(name))
        });
        Ok(Self { raised })
    }

    /// Waits for the signal, and names it.
    pub(super) async fn raised(&mut self) -> &'static str {
        match self.raised.wait_for(Option::is_some).await.map(|name| *name) {
            Ok(Some(name)) => name,
            _ => pending().await,
        }
    }

    /// The signal, if it came.
    pub(super) fn seen(&self) -> Option<&'static str> {
        *self.raised.borrow()
    }
}
