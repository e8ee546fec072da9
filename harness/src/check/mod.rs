//! The checks: pure functions over the three accounts.
//!
//! A check says that an exporter is wrong ([`Outcome::Fail`]) or that it cannot tell ([`Outcome::Inconclusive`]);
//! the suite's own errors never come from here.
//!
//! ```
//! use std::time::Duration;
//!
//! use counterfoil::check::{Accounts, Check, Observation, Outcome, Reading, Scraped, Side};
//! use counterfoil::ledger::{Ledger, Prediction};
//! use counterfoil::scrape::{Format, Response};
//! use counterfoil::truth::{Snapshot, Truth};
//!
//! /// A scrape of that body; this check does not look at the files.
//! fn observed(body: &str) -> Observation {
//!     let files = || Reading { snapshot: Snapshot::default(), truth: Truth::default().into() };
//!     let response = Response {
//!         status: 200,
//!         content_type: "text/plain; version=0.0.4".to_owned(),
//!         encoding: String::new(),
//!         raw: body.to_owned().into(),
//!         body: body.to_owned().into(),
//!         elapsed: Duration::from_millis(2),
//!         format: Format::Text,
//!     };
//!     Observation { before: Ok(files()), scrape: Ok(Scraped::of(response)), after: Ok(files()) }
//! }
//!
//! // The endpoint of a process that was restarted in between: its counter begins anew.
//! let accounts = Accounts {
//!     ledger: &Ledger::default(),
//!     prediction: &Prediction::default(),
//!     indeterminate_limit: 0,
//!     scrape_limit: Duration::from_secs(5),
//!     living: None,
//!     names: &[],
//!     stored: None,
//!     on_the_way: &[observed("# TYPE jobs_total counter\njobs_total 30\n")],
//!     last: &observed("# TYPE jobs_total counter\njobs_total 1\n"),
//!     left_over: None,
//!     unrest: None,
//!     stuck: None,
//! };
//! let Outcome::Fail(finding) = Check::ScrapeMonotonic.judge(&accounts) else {
//!     panic!("a counter fell");
//! };
//! assert_eq!(finding.side, Side::Server);
//! let fallen = &finding.differences[0];
//! assert_eq!(format!("{}: {}, got {}", fallen.series, fallen.expected, fallen.got), "jobs_total: at least 30.0, got 1.0");
//! ```

mod accounts;
mod against;
mod bracketed;
mod compare;
mod diagnosis;
mod equals_ledger;
mod equals_truth;
mod finding;
mod latency;
mod live_pids;
mod monotonic;
mod names;
mod no_orphans;
mod prometheus_agrees;
mod scrape_available;
mod scrape_equals_ledger;
mod truth_readable;
mod valid;
mod version;
mod works_on;

pub use accounts::{Accounts, Observation, Reading, Scraped, Stored, StoredSample};
pub use bracketed::{Bracket, bracket};
pub use compare::{Comparison, FamilyProblem, compare};
pub use diagnosis::{Diagnosis, diagnose};
pub use equals_ledger::agrees as agrees_with_ledger;
pub use finding::{Difference, Finding, Part, Side};
pub use scrape_equals_ledger::agrees as serves_the_ledger;

/// What a check found.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It holds, over that many things (series, scrapes): zero is no evidence.
    Pass {
        /// How much was compared.
        exercised: usize,
    },
    /// The exporter is wrong.
    Fail(Box<Finding>),
    /// It cannot be told.
    Inconclusive {
        /// Why.
        reason: String,
    },
}

/// A check by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// `scrape/available`
    ScrapeAvailable,
    /// `exposition/valid`
    ExpositionValid,
    /// `truth/readable`
    TruthReadable,
    /// `scrape/equals-truth`
    ScrapeEqualsTruth,
    /// `truth/equals-ledger`
    TruthEqualsLedger,
    /// `scrape/equals-ledger`
    ScrapeEqualsLedger,
    /// `scrape/bracketed`
    ScrapeBracketed,
    /// `scrape/monotonic`
    ScrapeMonotonic,
    /// `scrape/latency`
    ScrapeLatency,
    /// `scrape/version`
    ScrapeVersion,
    /// `scrape/names`
    ScrapeNames,
    /// `gauge/live-pids`
    LivePids,
    /// `prometheus/agrees`
    PrometheusAgrees,
    /// `fleet/no-orphans`
    NoOrphans,
    /// `fleet/works-on`
    WorksOn,
}

/// Every check.
pub const ALL: [Check; 15] = [
    Check::ScrapeAvailable,
    Check::ExpositionValid,
    Check::TruthReadable,
    Check::ScrapeEqualsTruth,
    Check::TruthEqualsLedger,
    Check::ScrapeEqualsLedger,
    Check::ScrapeBracketed,
    Check::ScrapeMonotonic,
    Check::ScrapeLatency,
    Check::ScrapeVersion,
    Check::ScrapeNames,
    Check::LivePids,
    Check::PrometheusAgrees,
    Check::NoOrphans,
    Check::WorksOn,
];

impl Check {
    /// The check of that id.
    pub fn named(id: &str) -> Option<Self> {
        ALL.into_iter().find(|check| check.id() == id)
    }

    /// Its id, as scenarios and reports name it.
    pub fn id(self) -> &'static str {
        match self {
            Self::ScrapeAvailable => "scrape/available",
            Self::ExpositionValid => "exposition/valid",
            Self::TruthReadable => "truth/readable",
            Self::ScrapeEqualsTruth => "scrape/equals-truth",
            Self::TruthEqualsLedger => "truth/equals-ledger",
            Self::ScrapeEqualsLedger => "scrape/equals-ledger",
            Self::ScrapeBracketed => "scrape/bracketed",
            Self::ScrapeMonotonic => "scrape/monotonic",
            Self::ScrapeLatency => "scrape/latency",
            Self::ScrapeVersion => "scrape/version",
            Self::ScrapeNames => "scrape/names",
            Self::LivePids => "gauge/live-pids",
            Self::PrometheusAgrees => "prometheus/agrees",
            Self::NoOrphans => "fleet/no-orphans",
            Self::WorksOn => "fleet/works-on",
        }
    }

    /// What must hold, as a sentence.
    pub fn title(self) -> &'static str {
        match self {
            Self::ScrapeAvailable => "every scrape is answered with 200, in the format that was asked for",
            Self::ExpositionValid => "every body follows its format to the letter",
            Self::TruthReadable => "the metric files decode and merge",
            Self::ScrapeEqualsTruth => "what is served equals the merged files of all processes",
            Self::TruthEqualsLedger => "the merged files hold what was asked of the workers",
            Self::ScrapeEqualsLedger => "what is served is what was asked of the workers",
            Self::ScrapeBracketed => "a scrape lies between the files before and the files after it",
            Self::ScrapeMonotonic => "cumulative series never fall and never vanish between scrapes",
            Self::ScrapeLatency => "no scrape takes longer than a scraper can wait",
            Self::ScrapeVersion => "what is served is of the version of its format that was asked for",
            Self::ScrapeNames => "a scrape of chosen names serves these, all of them, and nothing else",
            Self::LivePids => {
                "the live gauges of a dead process are gone, from the files and from what is served"
            }
            Self::PrometheusAgrees => "what Prometheus itself has stored is what was asked of the workers",
            Self::NoOrphans => "a fleet that is asked to end leaves no process behind",
            Self::WorksOn => "after whatever it went through, a fleet takes its tasks and acknowledges them",
        }
    }

    /// Judges the accounts.
    pub fn judge(self, accounts: &Accounts<'_>) -> Outcome {
        match self {
            Self::ScrapeAvailable => scrape_available::judge(accounts),
            Self::ExpositionValid => valid::judge(accounts),
            Self::TruthReadable => truth_readable::judge(accounts),
            Self::ScrapeEqualsTruth => equals_truth::judge(accounts),
            Self::TruthEqualsLedger => equals_ledger::judge(accounts),
            Self::ScrapeEqualsLedger => scrape_equals_ledger::judge(accounts),
            Self::ScrapeBracketed => bracketed::judge(accounts),
            Self::ScrapeMonotonic => monotonic::judge(accounts),
            Self::ScrapeLatency => latency::judge(accounts),
            Self::ScrapeVersion => version::judge(accounts),
            Self::ScrapeNames => names::judge(accounts),
            Self::LivePids => live_pids::judge(accounts),
            Self::PrometheusAgrees => prometheus_agrees::judge(accounts),
            Self::NoOrphans => no_orphans::judge(accounts),
            Self::WorksOn => works_on::judge(accounts),
        }
    }
}
