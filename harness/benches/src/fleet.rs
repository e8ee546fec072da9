//! Fleets: how soon every worker works.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use counterfoil::exporter::{Adapter, Expansion, QueueSpec, Selector};
use counterfoil::task::Task;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::broker::{push, task};
use crate::contender::{Contender, Failure, Here};
use crate::redis::Redis;
use crate::rounds::Rounds;
use crate::site::Site;
use crate::table::Limit::AtLeast;
use crate::table::{Row, Scale, Section, Times};

const ROUNDS: usize = 7;
const WORKERS: usize = 8;
/// More than the first workers finish before the last one has begun.
const TASKS: usize = 20_000;
/// How long a fleet may take.
const LIMIT: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_micros(200);

const OWN: &str = "counterfoil reference fleet";
const PEER: &str = "taskiq";

/// Eight workers, from the start of the fleet until each has done a task, on a queue that is full already.
pub(crate) fn section(site: &Site, rounds: Option<usize>) -> anyhow::Result<Section> {
    let redis = Redis::start()?;
    let reference = Exporter::reference(site)?;
    let taskiq = Exporter::taskiq(site)?;
    let title = taskiq.adapter.title();
    let contender = |name: &str, exporter: Exporter| -> Box<dyn Contender + '_> {
        let redis = &redis;
        Here::new(name, move || first_tasks(&exporter, redis))
    };
    let measured = Rounds::of(
        vec![contender(OWN, reference), contender(PEER, taskiq)],
        rounds.unwrap_or(ROUNDS),
    );
    Ok(Section {
        title: "Fleet".to_owned(),
        rows: vec![Row::ratio(
            format!("{WORKERS} workers until each has done a task, against {title}"),
            &measured,
            PEER,
            OWN,
            (AtLeast(100.0), AtLeast(200.0)),
        )],
        times: vec![Times {
            what: format!("{WORKERS} workers until each has done a task"),
            rounds: measured,
            scale: Scale::Milliseconds,
        }],
    })
}

fn first_tasks(exporter: &Exporter, redis: &Redis) -> Result<f64, Failure> {
    const QUEUE: &str = "bench:first";
    let broken = |error: anyhow::Error| Failure::Broken(format!("{error:#}"));
    let tasks: Vec<Task> = (0..TASKS).map(task).collect();
    redis.command(&["DEL", QUEUE])?;
    let QueueSpec::List(format) = exporter.adapter.manifest.queue else {
        return Err(Failure::Broken(
            "the exporter takes no tasks from a list".to_owned(),
        ));
    };
    push(&redis.url(), QUEUE, format, &tasks).map_err(broken)?;
    let began = Instant::now();
    let fleet = Fleet::start(exporter, redis, WORKERS, QUEUE).map_err(broken)?;
    fleet.wait_for(|acknowledgements| {
        let pids: HashSet<&Value> = acknowledgements.iter().map(|line| &line["pid"]).collect();
        pids.len() >= WORKERS
    })?;
    Ok(began.elapsed().as_nanos() as f64)
}

/// An exporter that is ready to be started.
pub(crate) struct Exporter {
    adapter: Adapter,
    counterfoil: PathBuf,
    /// Holds the adapter's files.
    _dir: TempDir,
}

impl Exporter {
    pub(crate) fn reference(site: &Site) -> anyhow::Result<Self> {
        Self::obtain("reference", site)
    }

    fn taskiq(site: &Site) -> anyhow::Result<Self> {
        Self::obtain("taskiq", site)
    }

    fn obtain(name: &str, site: &Site) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let selector = Selector {
            name: name.to_owned(),
            version: None,
        };
        let manifest = counterfoil_reference::MANIFEST;
        let adapter = Adapter::obtain(&selector, manifest, &[], dir.path(), &|what| eprintln!("{what}"))?;
        Ok(Self {
            adapter,
            counterfoil: site.counterfoil(),
            _dir: dir,
        })
    }
}

/// A fleet that runs until it is dropped.
pub(crate) struct Fleet {
    child: Child,
    port: u16,
    acks: PathBuf,
    _dir: TempDir,
}

impl Fleet {
    pub(crate) fn start(
        exporter: &Exporter,
        redis: &Redis,
        workers: usize,
        queue: &str,
    ) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let (metrics, acks, program) = (
            dir.path().join("metrics"),
            dir.path().join("acks.jsonl"),
            dir.path().join("program.json"),
        );
        fs::create_dir(&metrics)?;
        fs::write(&program, document().to_string())?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let Adapter { manifest, .. } = &exporter.adapter;
        let expansion = Expansion::of(&exporter.adapter, &exporter.counterfoil)
            .with("workers", workers.to_string())
            .with("broker_url", redis.url())
            .with("queue", queue)
            .with("metrics_dir", metrics.display().to_string())
            .with("metrics_host", "127.0.0.1")
            .with("metrics_port", port.to_string());
        let mut command = manifest.workers.command.iter().map(|part| expansion.apply(part));
        let log = File::create(dir.path().join("log"))?;
        let child = Command::new(command.next().context("the manifest has no command")?)
            .args(command)
            .envs(
                manifest
                    .workers
                    .env
                    .iter()
                    .map(|(name, value)| (name, expansion.apply(value))),
            )
            .env("COUNTERFOIL_PROGRAM", &program)
            .env("COUNTERFOIL_ACKS", &acks)
            .current_dir(expansion.apply(&manifest.workers.cwd))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()?;
        Ok(Self {
            child,
            port,
            acks,
            _dir: dir,
        })
    }

    /// Waits until it listens.
    pub(crate) fn wait_until_served(&self) -> anyhow::Result<()> {
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            anyhow::ensure!(began.elapsed() < LIMIT, "the fleet does not listen");
            // Sleeps, bounded by `LIMIT`, between two looks.
            thread::sleep(LOOK_AGAIN);
        }
        Ok(())
    }

    /// What was acknowledged so far.
    pub(crate) fn acknowledgements(&self) -> Result<Vec<Value>, Failure> {
        let mut lines = Vec::new();
        self.read_on(&mut 0, &mut lines)?;
        Ok(lines)
    }

    /// Adds what was acknowledged behind byte `at`, and moves that.
    fn read_on(&self, at: &mut u64, lines: &mut Vec<Value>) -> Result<(), Failure> {
        let mut file = match File::open(&self.acks) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            file => file?,
        };
        file.seek(SeekFrom::Start(*at))?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        // The last line may be half written.
        let Some((whole, _)) = text.rsplit_once('\n') else {
            return Ok(());
        };
        *at += whole.len() as u64 + 1;
        for line in whole.lines() {
            let line = serde_json::from_str(line);
            lines.push(
                line.map_err(|error| Failure::Broken(format!("an acknowledgement is malformed: {error}")))?,
            );
        }
        Ok(())
    }

    /// Waits until the acknowledgements are what is wanted. Each is read once: whoever waits must not take the
    /// processor from what is waited for.
    pub(crate) fn wait_for(&self, wanted: impl Fn(&[Value]) -> bool) -> Result<(), Failure> {
        let began = Instant::now();
        let (mut at, mut lines) = (0, Vec::new());
        loop {
            self.read_on(&mut at, &mut lines)?;
            if wanted(&lines) {
                return Ok(());
            }
            if began.elapsed() > LIMIT {
                return Err(Failure::Deadline { limit: LIMIT });
            }
            // Sleeps, bounded by `LIMIT`, between two looks.
            thread::sleep(LOOK_AGAIN);
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        let Ok(pid) = i32::try_from(self.child.id()) else {
            return;
        };
        let Some(group) = Pid::from_raw(pid) else { return };
        // What has ended already needs no signal.
        let _ = kill_process(group, Signal::TERM);
        let began = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && began.elapsed() < Duration::from_secs(10) {
            // Sleeps, bounded by the ten seconds that the fleet has to end.
            thread::sleep(Duration::from_millis(5));
        }
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.child.wait();
    }
}

/// One counter and one task.
fn document() -> Value {
    let metric = json!({"name": "jobs", "type": "counter", "help": "Jobs.", "labels": ["queue"]});
    json!({"protocol": 1, "tasks": ["mail"], "metrics": [metric]})
}
