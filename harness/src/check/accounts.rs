//! What a check sees: the three accounts at one moment, and the scrapes on the way to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::exporter::Pid;
use crate::exposition::{self, Parsed};
use crate::ledger::{Ledger, Prediction};
use crate::scrape::{Format, Response, ScrapeError};
use crate::truth::{RawSnapshot, Snapshot, Truth, TruthError};

/// The files at one moment, decoded and merged.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The files.
    pub snapshot: Snapshot,
    /// Their merge.
    pub truth: Arc<Truth>,
}

impl Reading {
    /// Reads and merges a directory.
    ///
    /// # Errors
    /// A file cannot be read or decoded.
    pub fn take(dir: &std::path::Path) -> Result<Self, TruthError> {
        Snapshot::read(dir).and_then(Self::of)
    }

    /// Merges files.
    ///
    /// # Errors
    /// A file cannot be decoded.
    pub fn of(snapshot: Snapshot) -> Result<Self, TruthError> {
        let truth = snapshot.merge()?.into();
        Ok(Self { snapshot, truth })
    }

    /// Files that were read later. What is as it was is merged already.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn later(&self, files: RawSnapshot) -> Result<Self, TruthError> {
        let snapshot = self.snapshot.later(files);
        match snapshot.is_same(&self.snapshot) {
            true => Ok(Self {
                snapshot,
                truth: Arc::clone(&self.truth),
            }),
            false => Self::of(snapshot),
        }
    }
}

/// One scrape with its body parsed.
#[derive(Debug)]
pub struct Scraped {
    /// What was served.
    pub response: Response,
    /// The body, parsed strictly in the format that was asked for; `None` where it is [`Response::unreadable`].
    pub parsed: Option<Parsed>,
}

impl Scraped {
    /// Parses what was served.
    pub fn of(response: Response) -> Self {
        let parsed = response.unreadable().is_none().then(|| match response.format {
            Format::Text => exposition::text::parse_shared(&response.body),
            Format::OpenMetrics => exposition::openmetrics::parse_shared(&response.body),
        });
        Self { response, parsed }
    }
}

/// A scrape between two reads of the files.
#[derive(Debug)]
pub struct Observation {
    /// The files before it (T0).
    pub before: Result<Reading, TruthError>,
    /// The scrape (S).
    pub scrape: Result<Scraped, ScrapeError>,
    /// The files after it (T1).
    pub after: Result<Reading, TruthError>,
}

/// What Prometheus has stored of a fleet that it scraped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// How many scrapes it made.
    pub scrapes: usize,
    /// How many of them failed, by its `up`.
    pub failed: usize,
    /// Every series of the fleet, as of the last scrape.
    pub samples: Vec<StoredSample>,
    /// What should only grow and fell; the value says how often.
    pub fell: Vec<StoredSample>,
}

/// A sample that Prometheus has stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSample {
    /// Its name.
    pub name: String,
    /// Its labels, without the job and the instance.
    pub labels: BTreeMap<String, String>,
    /// The number, as Prometheus writes it: `30`, `+Inf`, `NaN`.
    pub value: String,
}

/// The three accounts, as a check step found them.
#[derive(Debug)]
pub struct Accounts<'a> {
    /// Ledger: the tasks.
    pub ledger: &'a Ledger,
    /// Ledger: what they must come to.
    pub prediction: &'a Prediction,
    /// How many tasks may be indeterminate.
    pub indeterminate_limit: usize,
    /// Truth and scrape, taken at rest by the check step itself.
    pub last: &'a Observation,
    /// Scrapes that earlier steps took, in order.
    pub on_the_way: &'a [Observation],
    /// How long a scrape may take.
    pub scrape_limit: Duration,
    /// The names of the samples that every scrape asks for; none, if it asks for everything.
    pub names: &'a [String],
    /// What Prometheus has stored of the fleet, if it scrapes it.
    pub stored: Option<&'a Stored>,
    /// The processes of the fleet when the last observation was made, as long as there is a fleet.
    pub living: Option<&'a BTreeSet<Pid>>,
    /// The processes that outlived the fleet's end, once a step has ended it.
    pub left_over: Option<&'a BTreeSet<Pid>>,
    /// Why the accounts did not come to rest, if they did not.
    pub unrest: Option<&'a str>,
    /// What the fleet did not do that an earlier step waited for; the steps between that one and this were left out.
    pub stuck: Option<&'a str>,
}

impl Accounts<'_> {
    /// Every scrape, in order, the last one included.
    pub fn observations(&self) -> impl Iterator<Item = &Observation> {
        self.on_the_way.iter().chain([self.last])
    }
}
