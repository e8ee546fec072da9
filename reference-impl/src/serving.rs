//! A process that serves: from its socket to its end.

use std::future::pending;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::Context;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;

use crate::endpoint::Endpoint;
use crate::stop;

/// How a process that serves comes to its end.
#[derive(Debug)]
pub(crate) struct Ending {
    /// Whether it was asked for before anybody listened.
    pub(crate) asked: Arc<AtomicBool>,
    /// How long responses that were begun may take, which a slow client may take up.
    pub(crate) grace: Duration,
    /// Whether a second signal cuts the grace short. A fleet's group and its supervisor may both pass one on, so
    /// there it says nothing new.
    pub(crate) hurries: bool,
}

/// Serves until SIGTERM, SIGINT or `gone`, and then as the ending says.
pub(crate) fn serve(
    listener: TcpListener,
    endpoint: Endpoint,
    gone: &Notify,
    ending: &Ending,
) -> anyhow::Result<()> {
    let runtime: Runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let served = runtime.block_on(async {
        let mut signals = Signals::new()?;
        let end = Arc::new(Notify::new());
        let ending_begins = Arc::clone(&end);
        let serving = endpoint.serve(listener, async move { ending_begins.notified().await });
        let asked = async {
            if !stop::is_up(&ending.asked) {
                tokio::select! {
                    () = signals.next() => {}
                    () = gone.notified() => {}
                }
            }
            end.notify_one();
            let again = async {
                match ending.hurries {
                    true => signals.next().await,
                    false => pending().await,
                }
            };
            tokio::select! {
                () = again => {}
                // Sleeps, bounded by the grace, which the end of the serving cuts short.
                () = tokio::time::sleep(ending.grace) => {}
            }
        };
        tokio::select! {
            served = serving => served,
            () = asked => Ok(()),
        }
    });
    runtime.shutdown_background();
    served.context("cannot serve")
}

/// SIGTERM and SIGINT, which mean the same.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
