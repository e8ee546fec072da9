//! What a fleet is started with, and the command that this comes to.

use std::path::{Path, PathBuf};

use super::Place;
use crate::exporter::{Adapter, Expansion, QueueSpec};

/// What a fleet is started with.
#[derive(Clone, Debug)]
pub struct FleetPlan<'a> {
    /// The exporter.
    pub adapter: &'a Adapter,
    /// Where it is to run.
    pub place: &'a Place,
    /// Whether it has a namespace of pids to itself on this machine, too, as root may give it.
    pub own_pids: bool,
    /// How many worker processes.
    pub workers: u32,
    /// The broker's URL, as the fleet reaches it.
    pub broker_url: String,
    /// The queue that the workers consume.
    pub queue: String,
    /// The scenario's own folder.
    pub dir: PathBuf,
    /// Where the workers put their metric files.
    pub metrics_dir: PathBuf,
    /// Environment on top of the manifest's.
    pub env: Vec<(String, String)>,
    /// What the manifest's placeholders stand for, on top of the protocol's.
    pub placeholders: &'a [(String, String)],
}

/// The exporter's command, every placeholder expanded.
#[derive(Debug)]
pub(super) struct Launch {
    /// Program and arguments.
    pub(super) command: Vec<String>,
    pub(super) env: Vec<(String, String)>,
    pub(super) cwd: PathBuf,
    /// Where the fleet is scraped, according to its manifest.
    pub(super) url: String,
    /// Where tasks are posted to, if they are.
    pub(super) task_url: Option<String>,
}

impl FleetPlan<'_> {
    /// Where a fleet of the folder `dir` has its metric files.
    pub fn metrics_below(dir: &Path) -> PathBuf {
        dir.join("metrics")
    }

    /// The same fleet in a folder of its own, with the metric files there.
    #[must_use]
    pub fn beside(&self, dir: PathBuf) -> Self {
        Self {
            metrics_dir: Self::metrics_below(&dir),
            dir,
            ..self.clone()
        }
    }

    /// Where they acknowledge tasks.
    pub fn acks(&self) -> PathBuf {
        self.dir.join("acks.jsonl")
    }

    /// Where they read what to construct.
    pub fn program(&self) -> PathBuf {
        self.dir.join("program.json")
    }

    /// Their TMPDIR.
    pub(super) fn scratch(&self) -> PathBuf {
        self.dir.join("tmp")
    }

    /// Where what they print goes.
    pub(super) fn log(&self) -> PathBuf {
        self.dir.join("workers.log")
    }

    /// The command with `port` to listen on; `program` is the executable that also serves as the reference.
    pub(super) fn launch(&self, program: &Path, port: u16) -> Launch {
        let manifest = &self.adapter.manifest;
        let own = Expansion::of(self.adapter, program);
        let own = self
            .placeholders
            .iter()
            .fold(own, |own, (name, value)| own.with(name, value));
        let expansion = own
            .with("workers", self.workers.to_string())
            .with("broker_url", &self.broker_url)
            .with("queue", &self.queue)
            .with("metrics_dir", self.metrics_dir.display().to_string())
            .with("metrics_host", self.place.listens_on())
            .with("metrics_port", port.to_string());
        let command = manifest.workers.command.iter();
        Launch {
            command: command.map(|part| expansion.apply(part)).collect(),
            env: self.environment(&expansion),
            cwd: PathBuf::from(expansion.apply(&manifest.workers.cwd)),
            url: expansion.apply(&manifest.scrape.url),
            task_url: match &manifest.queue {
                QueueSpec::Http { url } => Some(expansion.apply(url)),
                QueueSpec::List(_) => None,
            },
        }
    }

    fn environment(&self, expansion: &Expansion) -> Vec<(String, String)> {
        let own = [
            ("COUNTERFOIL_PROGRAM", self.program()),
            ("COUNTERFOIL_ACKS", self.acks()),
        ];
        let own = own
            .into_iter()
            .map(|(name, path)| (name.to_owned(), path.display().to_string()));
        let theirs = &self.adapter.manifest.workers.env;
        let theirs = theirs
            .iter()
            .map(|(name, value)| (name.clone(), expansion.apply(value)));
        own.chain(theirs).chain(self.env.iter().cloned()).collect()
    }
}
