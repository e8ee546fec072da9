//! What is judged of every round, and what is remembered of those before it.

use std::collections::HashMap;

use counterfoil::check::{Difference, bracket};
use counterfoil::exposition::Exposition;
use counterfoil::series::{MetricType, Series};
use counterfoil::truth::{Entry, MetricFile, Snapshot};
use counterfoil_reference::file_name::Mode;

use crate::evidence::Evidence;
use crate::scene::Round;
use crate::written::Bounds;

pub(crate) struct Watch {
    pub(crate) evidence: Evidence,
    /// Before any value was written, in UNIX seconds.
    began: f64,
    /// The values of a cumulative file, in the order of its entries, which stay where they are.
    files: HashMap<String, Vec<f64>>,
    served: HashMap<Series, f64>,
}

impl Watch {
    pub(crate) fn new(began: f64) -> Self {
        Self {
            evidence: Evidence::default(),
            began,
            files: HashMap::new(),
            served: HashMap::new(),
        }
    }

    /// Every sentence of this test's first paragraph. Words of a fault that the endpoint has begin with "the scrape".
    pub(crate) fn judge(&mut self, round: &Round) -> Result<(), String> {
        for reading in [&round.before, &round.after] {
            self.judge_files(&reading.snapshot, round)?;
            self.evidence.reads += 1;
        }
        let served = exposition(round)?;
        self.judge_served(served, round)?;
        self.evidence.scrapes += 1;
        let bracket = bracket(&round.before, served, &round.after);
        if !bracket.outside.is_empty() {
            let outside: Vec<String> = bracket.outside.iter().take(5).map(sentence).collect();
            let count = bracket.outside.len();
            return Err(format!(
                "the scrape lies outside in {count} series: {}",
                outside.join("; ")
            ));
        }
        self.evidence.moved += bracket.inside - bracket.exact;
        let [before, after] = [&round.before, &round.after].map(|reading| label_sets(&reading.snapshot));
        self.evidence.label_sets += after.saturating_sub(before);
        Ok(())
    }

    fn judge_files(&mut self, snapshot: &Snapshot, round: &Round) -> Result<(), String> {
        for file in snapshot.files() {
            let pid = file.name.pid.as_deref().unwrap_or_default();
            let bounds = Bounds {
                steps: round.done.of_pid(pid)..=round.begun.of_pid(pid),
                processes: 1,
            };
            // The first read may be older than what was done when the second began, but not than `done`.
            for entry in &file.entries {
                let series = Series::new(entry.key.sample.clone(), entry.key.labels.clone());
                if !bounds.admit(&series, entry.value) || !self.admits_time(file, entry, round.now) {
                    let (name, at) = (&file.name.text, entry.timestamp);
                    return Err(format!(
                        "{name}: {series} {} at {at} was never written, of {:?} steps",
                        entry.value, bounds.steps
                    ));
                }
            }
            self.evidence.values += file.entries.len();
            self.judge_growth(file)?;
        }
        Ok(())
    }

    /// A mostrecent gauge's time is one at which someone wrote, and any other's is none (F8).
    fn admits_time(&self, file: &MetricFile, entry: &Entry, now: f64) -> bool {
        let mode = file.name.mode.as_deref().and_then(Mode::parse);
        let is_recent = mode.is_some_and(Mode::is_most_recent);
        entry.timestamp == 0.0 || (is_recent && (self.began..=now).contains(&entry.timestamp))
    }

    fn judge_growth(&mut self, file: &MetricFile) -> Result<(), String> {
        if file.name.kind == Some(MetricType::Gauge) {
            return Ok(());
        }
        let values: Vec<f64> = file.entries.iter().map(|entry| entry.value).collect();
        let before = self
            .files
            .insert(file.name.text.clone(), values)
            .unwrap_or_default();
        if file.entries.len() < before.len() {
            return Err(format!("{} has lost entries", file.name.text));
        }
        let fallen = before
            .iter()
            .zip(&file.entries)
            .find(|(before, now)| now.value < **before);
        match fallen {
            None => Ok(()),
            Some((before, now)) => Err(format!(
                "{}: {:?} fell from {before} to {}",
                file.name.text, now.key, now.value
            )),
        }
    }

    fn judge_served(&mut self, served: &Exposition, round: &Round) -> Result<(), String> {
        let bounds = Bounds {
            steps: round.done.sum()..=round.begun.sum(),
            processes: round.begun.processes(),
        };
        for family in &served.families {
            for sample in &family.samples {
                let (series, value) = (&sample.series, sample.value);
                if !bounds.admit(series, value) {
                    let steps = &bounds.steps;
                    return Err(format!(
                        "the scrape has {series} {value}, which nobody wrote, of {steps:?} steps"
                    ));
                }
                if family.kind != MetricType::Gauge
                    && let Some(before) = self.served.insert(series.clone(), value)
                    && value < before
                {
                    return Err(format!("the scrape has {series} {value}, which was {before}"));
                }
            }
            self.evidence.values += family.samples.len();
        }
        Ok(())
    }
}

fn exposition(round: &Round) -> Result<&Exposition, String> {
    let response = &round.scraped.response;
    if !response.format.is_served_as(&response.content_type) {
        return Err(format!("the scrape is served as {:?}", response.content_type));
    }
    match &round.scraped.parsed {
        None => Err(format!("the scrape cannot be read: status {}", response.status)),
        Some(parsed) => match parsed.findings.first() {
            None => Ok(&parsed.exposition),
            Some(finding) => Err(format!("the scrape is malformed: {finding:?}")),
        },
    }
}

fn sentence(difference: &Difference) -> String {
    let Difference {
        series,
        expected,
        got,
        ..
    } = difference;
    format!("{series}: {expected}, {got}")
}

/// How many label sets there are in all files.
fn label_sets(snapshot: &Snapshot) -> usize {
    let entries = snapshot.files().iter().flat_map(|file| &file.entries);
    let sample =
        entries.filter(|entry| matches!(&*entry.key.sample, "writers_born_total" | "writers_wait_sum"));
    sample.count()
}
