//! Tasks that are posted to the workers themselves, each on a connection of its own, so that every worker is given some.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use reqwest::{StatusCode, Url};
use tokio::sync::{Mutex, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::{BrokerError, wire};
use crate::cause::root;
use crate::exporter::ListFormat;
use crate::task::Task;

/// How many requests are under way at once for each worker: who has done one task finds another, and a worker that is killed
/// leaves few in doubt.
const AT_ONCE: u32 = 4;
/// Longer than any step waits for quiet.
const ANSWER_DEADLINE: Duration = Duration::from_secs(120);
/// Between two tries to reach somebody.
const NEXT_TRY: Duration = Duration::from_millis(20);
/// How much of an answer is read, which says nothing: the acknowledgement does.
const ANSWER_LIMIT: usize = 1024 * 1024;

/// The way to the workers of a fleet.
///
/// Whoever refuses a connection has been sent nothing, and is tried again as long as the fleet is there. A connection that breaks
/// later leaves its task in doubt, unless the worker has acknowledged it: none is sent twice.
#[derive(Debug)]
pub struct Requests {
    tasks: mpsc::UnboundedSender<Bytes>,
    to: watch::Sender<Option<Url>>,
    account: Arc<Account>,
    /// They end with it.
    _senders: JoinSet<()>,
}

/// What became of the tasks.
#[derive(Debug, Default)]
struct Account {
    /// Handed in, and neither answered nor given up.
    left: AtomicU64,
    /// Sent, and not answered to the end.
    unanswered: AtomicU64,
    /// The first answer that is none of a task's.
    refusal: OnceLock<(Url, StatusCode)>,
}

impl Requests {
    /// To a fleet of so many workers, which is not there yet.
    ///
    /// # Errors
    /// The HTTP client cannot be set up.
    pub fn to_workers(workers: u32) -> Result<Self, BrokerError> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(0)
            .timeout(ANSWER_DEADLINE)
            .build();
        let client = client.map_err(|error| BrokerError::Client { reason: root(&error) })?;
        let (tasks, waiting) = mpsc::unbounded_channel();
        let waiting = Arc::new(Mutex::new(waiting));
        let to = watch::Sender::new(None);
        let account = Arc::new(Account::default());
        let mut senders = JoinSet::new();
        for _ in 0..workers.max(1) * AT_ONCE {
            let sender = Sender {
                client: client.clone(),
                to: to.subscribe(),
                account: Arc::clone(&account),
            };
            senders.spawn(sender.send(Arc::clone(&waiting)));
        }
        Ok(Self {
            tasks,
            to,
            account,
            _senders: senders,
        })
    }

    pub(super) fn lead_to(&self, url: &str) -> Result<(), BrokerError> {
        let parsed = Url::parse(url).map_err(|error| BrokerError::TaskUrl {
            url: url.to_owned(),
            reason: error.to_string(),
        })?;
        self.to.send_replace(Some(parsed));
        Ok(())
    }

    pub(super) fn lead_nowhere(&self) {
        self.to.send_replace(None);
    }

    pub(super) fn push(&self, tasks: &[Task]) {
        for task in tasks {
            let mut body = Vec::new();
            // Nothing that is written to memory fails.
            let _ = wire::write(ListFormat::PlainList, task, &mut body);
            self.account.left.fetch_add(1, Ordering::SeqCst);
            // Its receivers live as long as the senders, and these as long as this.
            let _ = self.tasks.send(body.into());
        }
    }

    pub(super) fn waiting(&self) -> u64 {
        self.account.left.load(Ordering::SeqCst)
    }

    pub(super) fn unanswered(&self) -> u64 {
        self.account.unanswered.load(Ordering::SeqCst)
    }

    pub(super) fn leads_to_workers(&self) -> Result<(), BrokerError> {
        match self.account.refusal.get() {
            Some((url, status)) => Err(BrokerError::NoTask {
                url: url.to_string(),
                status: status.to_string(),
            }),
            None => Ok(()),
        }
    }
}

/// One connection at a time.
struct Sender {
    client: reqwest::Client,
    to: watch::Receiver<Option<Url>>,
    account: Arc<Account>,
}

impl Sender {
    async fn send(mut self, tasks: Arc<Mutex<mpsc::UnboundedReceiver<Bytes>>>) {
        loop {
            let next = tasks.lock().await.recv().await;
            let Some(task) = next else { return };
            let Some((url, answer)) = self.post(task).await else {
                return;
            };
            match answer {
                // How a task ended is acknowledged; a framework answers 500 where it failed.
                Some(status) if status.is_success() || status == StatusCode::INTERNAL_SERVER_ERROR => {}
                // The first says enough.
                Some(status) => drop(self.account.refusal.set((url, status))),
                None => drop(self.account.unanswered.fetch_add(1, Ordering::SeqCst)),
            }
            self.account.left.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// Where the task went, and the status that it was answered with, if it was; `None`: the queue is gone.
    async fn post(&mut self, task: Bytes) -> Option<(Url, Option<StatusCode>)> {
        loop {
            let url = self.to.wait_for(Option::is_some).await.ok()?.clone()?;
            let request = self.client.post(url.clone()).body(task.clone());
            let request = request
                .header("connection", "close")
                .header("content-type", "application/json");
            match request.send().await {
                Ok(response) => return Some((url, read(response).await)),
                // Sleeps, bounded by the queue's own life: its fleet's start, restart or end is under way.
                Err(error) if error.is_connect() => sleep(NEXT_TRY).await,
                Err(_) => return Some((url, None)),
            }
        }
    }
}

/// The status of an answer that comes to its end.
async fn read(mut response: reqwest::Response) -> Option<StatusCode> {
    let mut length = 0;
    while length <= ANSWER_LIMIT {
        match response.chunk().await.ok()? {
            Some(piece) => length += piece.len(),
            None => return Some(response.status()),
        }
    }
    None
}

#[cfg(test)]
mod tests;
