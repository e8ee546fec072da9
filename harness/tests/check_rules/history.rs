//! Histories written by hand: tasks, metric files, and what was served for them, for the checks to judge.

use std::collections::BTreeSet;
use std::time::Duration;

use counterfoil::check::{Accounts, Check, Observation, Outcome, Reading, Scraped, Stored};
use counterfoil::exporter::Outcome as TaskOutcome;
use counterfoil::exposition::text;
use counterfoil::ledger::{Ack, Ledger};
use counterfoil::scenario::{self, Scenario};
use counterfoil::scrape::{Format, Response, ScrapeError};
use counterfoil::task::Task;

use crate::encoder::{Directory, labelled};

/// Two tasks: `mail` counts a job of its queue, `report` counts one of its own and fails behind it.
const SCENARIO: &str = r#"
title = "The counters of all workers are served"
level = "must"
since = "0.1.0"
why = "Written by hand."

[fleet]
workers = 3

[[metrics]]
name = "jobs"
type = "counter"
help = "Help."
labels = ["queue"]

[[tasks]]
name = "mail"
ops = [{ op = "inc", metric = "jobs", labels = { queue = "mail" } }]

[[tasks]]
name = "report"
ops = [
    { op = "inc", metric = "jobs", labels = { queue = "report" } },
    { op = "fail" },
    { op = "inc", metric = "jobs", labels = { queue = "mail" } },
]

[[steps]]
check = ["scrape/equals-truth"]
"#;

/// How long a scrape may take in these histories.
pub(crate) const SCRAPE_LIMIT: Duration = Duration::from_secs(2);

/// What happened, as far as a check step sees it.
pub(crate) struct History {
    pub(crate) scenario: Scenario,
    pub(crate) ledger: Ledger,
    limit: usize,
    on_the_way: Vec<Observation>,
    last: Observation,
    stored: Option<Stored>,
    living: Option<BTreeSet<i32>>,
    left_over: Option<BTreeSet<i32>>,
    unrest: Option<&'static str>,
    stuck: Option<&'static str>,
}

impl History {
    /// Files at rest, and the text that is served for them.
    pub(crate) fn new(files: &Directory, body: &str) -> Self {
        Self {
            scenario: scenario::parse("counter/by-hand", SCENARIO).unwrap(),
            ledger: Ledger::default(),
            limit: 0,
            on_the_way: Vec::new(),
            last: observation(files, answer(200, "text/plain; version=0.0.4", body), files),
            stored: None,
            living: None,
            left_over: None,
            unrest: None,
            stuck: None,
        }
    }

    /// Prometheus has stored this.
    pub(crate) fn stored(mut self, stored: Stored) -> Self {
        self.stored = Some(stored);
        self
    }

    /// These are the fleet's processes at the end.
    pub(crate) fn alive(mut self, pids: &[i32]) -> Self {
        self.living = Some(pids.iter().copied().collect());
        self
    }

    /// The fleet was asked to end, and these processes outlived it.
    pub(crate) fn ended(mut self, left_over: &[i32]) -> Self {
        self.left_over = Some(left_over.iter().copied().collect());
        self
    }

    /// Files at rest, and their merge is served.
    pub(crate) fn conformant(files: &Directory) -> Self {
        Self::new(files, &merged(files))
    }

    /// What came instead of the last scrape.
    pub(crate) fn answered(mut self, scrape: Result<Scraped, ScrapeError>) -> Self {
        self.last.scrape = scrape;
        self
    }

    /// A scrape before the last, between two states of the files.
    pub(crate) fn scraped(mut self, before: &Directory, body: &str, after: &Directory) -> Self {
        self.on_the_way.push(observation(
            before,
            answer(200, "text/plain; version=0.0.4", body),
            after,
        ));
        self
    }

    /// The files moved during the last scrape.
    pub(crate) fn restless(mut self) -> Self {
        self.unrest = Some("they changed during each of 5 scrapes");
        self
    }

    /// A step waited for the fleet in vain.
    pub(crate) fn stuck(mut self, what: &'static str) -> Self {
        self.stuck = Some(what);
        self
    }

    /// `count` tasks of that name that `pid` acknowledged.
    pub(crate) fn done(mut self, pid: i32, name: &str, count: usize) -> Self {
        let outcome = if name == "report" {
            TaskOutcome::Failed
        } else {
            TaskOutcome::Ok
        };
        for id in self.dispatch(name, count) {
            self.ledger
                .acknowledge(Ack {
                    task: id,
                    pid,
                    outcome,
                    reason: None,
                })
                .unwrap();
        }
        self
    }

    /// Tasks that nobody has acknowledged.
    pub(crate) fn open(mut self, name: &str, count: usize) -> Self {
        self.dispatch(name, count);
        self
    }

    /// `pid` was killed, and whatever is open will stay so; the scenario allows `limit` such tasks.
    pub(crate) fn killed(mut self, pid: i32, limit: usize) -> Self {
        self.ledger.killed(pid);
        self.ledger.give_up_open_tasks();
        self.limit = limit;
        self
    }

    fn dispatch(&mut self, name: &str, count: usize) -> Vec<String> {
        let spec = self.scenario.task(name).unwrap().clone();
        let from = self.ledger.entries().len();
        let ids: Vec<String> = (from..from + count)
            .map(|number| format!("by-hand#{number}"))
            .collect();
        self.ledger
            .dispatch(ids.iter().map(|id| Task::expand(id.clone(), &spec)));
        ids
    }

    pub(crate) fn judge(&self, check: Check) -> Outcome {
        check.judge(&Accounts {
            ledger: &self.ledger,
            prediction: &self.ledger.predict(&self.scenario, &[]),
            indeterminate_limit: self.limit,
            last: &self.last,
            on_the_way: &self.on_the_way,
            scrape_limit: SCRAPE_LIMIT,
            names: &self.scenario.names,
            stored: self.stored.as_ref(),
            living: self.living.as_ref(),
            left_over: self.left_over.as_ref(),
            unrest: self.unrest,
            stuck: self.stuck,
        })
    }

    /// How many things the check compared, where it passes.
    pub(crate) fn passes(&self, check: Check) -> usize {
        match self.judge(check) {
            Outcome::Pass { exercised } => exercised,
            other => panic!("{} does not pass: {other:#?}", check.id()),
        }
    }

    /// What it finds, where it fails.
    pub(crate) fn fails(&self, check: Check) -> counterfoil::check::Finding {
        match self.judge(check) {
            Outcome::Fail(finding) => *finding,
            other => panic!("{} does not fail: {other:#?}", check.id()),
        }
    }

    /// Why it cannot tell.
    pub(crate) fn cannot_tell(&self, check: Check) -> String {
        match self.judge(check) {
            Outcome::Inconclusive { reason } => reason,
            other => panic!("{} can tell: {other:#?}", check.id()),
        }
    }
}

/// An HTTP answer.
pub(crate) fn answer(status: u16, content_type: &str, body: &str) -> Result<Scraped, ScrapeError> {
    answer_after(Duration::ZERO, status, content_type, body)
}

/// One that took its time.
pub(crate) fn answer_after(
    elapsed: Duration,
    status: u16,
    content_type: &str,
    body: &str,
) -> Result<Scraped, ScrapeError> {
    Ok(Scraped::of(Response {
        status,
        content_type: content_type.to_owned(),
        encoding: String::new(),
        raw: body.to_owned().into(),
        body: body.to_owned().into(),
        elapsed,
        format: Format::Text,
    }))
}

/// Nobody answers.
pub(crate) fn silence() -> Result<Scraped, ScrapeError> {
    Err(ScrapeError::Http {
        url: "http://127.0.0.1:9/metrics".to_owned(),
        reason: "connection refused".to_owned(),
    })
}

fn observation(before: &Directory, scrape: Result<Scraped, ScrapeError>, after: &Directory) -> Observation {
    Observation {
        before: Reading::take(before.path()),
        scrape,
        after: Reading::take(after.path()),
    }
}

/// The merge of all files, as text.
pub(crate) fn merged(files: &Directory) -> String {
    text::write(&files.truth().to_exposition())
}

/// Counter files: for each process its jobs by queue.
pub(crate) fn counters(processes: &[(i32, &[(&str, f64)])]) -> Directory {
    processes.iter().fold(Directory::new(), |files, (pid, jobs)| {
        let entries: Vec<_> = jobs
            .iter()
            .map(|(queue, value)| labelled("jobs", "jobs_total", &[("queue", queue)], *value))
            .collect();
        files.with(&format!("counter_{pid}.db"), &entries)
    })
}
