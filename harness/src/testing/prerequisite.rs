//! What a machine must have for some tests: decided when they are collected, so that a test which cannot run is
//! ignored with the reason, and is never shown as passed.
//!
//! nextest lists a test program twice and then starts it once per test, so what is slow to find out (Python, the
//! package index, programs) is remembered for ten minutes beside the program.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::broker::{docker_answers, redis_image};
use crate::exporter::{Adapter, Manifest, find_npm, find_python};
use crate::fleet::{fleet_images, on_path};

/// Each of these names, comma-separated in this variable, turns an absence into a failure.
const REQUIRE: &str = "COUNTERFOIL_REQUIRE";
const REMEMBERED_FOR: Duration = Duration::from_secs(600);
const INDEX_DEADLINE: Duration = Duration::from_secs(5);

/// Something that not every machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Prerequisite {
    /// A Docker engine that answers and has the images of Redis (`COUNTERFOIL_REDIS_IMAGE`) and of fleets
    /// (`COUNTERFOIL_FLEET_IMAGE`, `COUNTERFOIL_PYTHON_IMAGE`).
    Docker,
    /// Python 3 with what environments are made of.
    Python,
    /// The package index, or every environment that is needed, installed before.
    Network,
    /// Node with npm.
    Node,
    /// Ruby with prometheus-client-mmap 0.16, as Debian 12 has it.
    Ruby,
    /// What the manifests of the exporters ask for (`[programs]`).
    Programs,
    /// Prometheus' own tool, which checks a text.
    Promtool,
    /// Prometheus itself.
    Prometheus,
}

impl Prerequisite {
    const ALL: [Self; 8] = [
        Self::Docker,
        Self::Python,
        Self::Network,
        Self::Node,
        Self::Ruby,
        Self::Programs,
        Self::Promtool,
        Self::Prometheus,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Python => "python",
            Self::Network => "network",
            Self::Node => "node",
            Self::Ruby => "ruby",
            Self::Programs => "programs",
            Self::Promtool => "promtool",
            Self::Prometheus => "prometheus",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|prerequisite| prerequisite.name() == name)
    }
}

/// `COUNTERFOIL_REQUIRE` holds a name that is none: it would require nothing, and nobody would notice.
#[derive(Debug, Error)]
#[error(
    "{REQUIRE}: there is no {name:?}; use docker, python, network, node, ruby, programs, promtool, prometheus"
)]
pub struct UnknownPrerequisite {
    /// The name.
    pub name: String,
}

/// What this machine lacks, and what of it must not be lacking.
#[derive(Clone, Debug)]
pub struct Prerequisites {
    absent: BTreeMap<Prerequisite, String>,
    required: Vec<Prerequisite>,
}

impl Prerequisites {
    /// Looks at the machine: at Docker, and at what `exporters` need.
    ///
    /// # Errors
    /// [`UnknownPrerequisite`].
    pub fn detect(exporters: &[Adapter]) -> Result<Self, UnknownPrerequisite> {
        let required = required(&std::env::var(REQUIRE).unwrap_or_default())?;
        let mut absent = remembered(exporters);
        absent.extend(docker().err().map(|reason| (Prerequisite::Docker, reason)));
        Ok(Self { absent, required })
    }

    /// A trial that runs where everything it needs is there. Elsewhere it is ignored and says what is missing,
    /// or fails if that is required.
    pub fn trial(
        &self,
        name: &str,
        needs: &[Prerequisite],
        body: impl FnOnce() -> Result<(), Failed> + Send + 'static,
    ) -> Trial {
        let mut lacking = needs
            .iter()
            .filter_map(|need| Some((need, self.absent.get(need)?.clone())));
        let required = lacking.clone().find(|(need, _)| self.required.contains(need));
        if let Some((need, reason)) = required {
            let message = format!("{} is required by {REQUIRE}, and {reason}", need.name());
            return Trial::test(name, move || Err(Failed::from(message)));
        }
        match lacking.next() {
            Some((_, reason)) => Trial::test(name, body)
                .with_ignored_flag(true)
                .with_kind(format!("ignored: {reason}")),
            None => Trial::test(name, body),
        }
    }
}

fn required(names: &str) -> Result<Vec<Prerequisite>, UnknownPrerequisite> {
    let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
    let known = |name: &str| {
        Prerequisite::named(name).ok_or_else(|| UnknownPrerequisite {
            name: name.to_owned(),
        })
    };
    names.map(known).collect()
}

/// What was found out about all but Docker not long ago, else now.
fn remembered(exporters: &[Adapter]) -> BTreeMap<Prerequisite, String> {
    let asked = Memory {
        path: std::env::var("PATH").unwrap_or_default(),
        exporters: exporters.iter().map(Adapter::title).collect(),
        absent: BTreeMap::new(),
    };
    let Ok(program) = std::env::current_exe() else {
        return absences(exporters);
    };
    let file = program.with_extension("prerequisites.json");
    if let Some(memory) = Memory::read(&file).filter(|memory| memory.answers(&asked)) {
        return memory.absent;
    }
    let found = Memory {
        absent: absences(exporters),
        ..asked
    };
    found.write(file);
    found.absent
}

fn absences(exporters: &[Adapter]) -> BTreeMap<Prerequisite, String> {
    let python = python().err().map(|reason| (Prerequisite::Python, reason));
    let network = network(exporters)
        .err()
        .map(|reason| (Prerequisite::Network, reason));
    let node = find_npm().err().map(|reason| (Prerequisite::Node, reason));
    let ruby = ruby().err().map(|reason| (Prerequisite::Ruby, reason));
    let programs = exporters.iter().find_map(|exporter| exporter.programs().err());
    let programs = programs.map(|missing| (Prerequisite::Programs, missing.to_string()));
    let by_name = [Prerequisite::Promtool, Prerequisite::Prometheus];
    let by_name = by_name
        .into_iter()
        .filter(|program| on_path(program.name()).is_none());
    let by_name = by_name.map(|program| (program, format!("no {} on PATH", program.name())));
    python
        .into_iter()
        .chain(network)
        .chain(node)
        .chain(ruby)
        .chain(programs)
        .chain(by_name)
        .collect()
}

/// What was found, for which question.
#[derive(Serialize, Deserialize)]
struct Memory {
    path: String,
    exporters: Vec<String>,
    absent: BTreeMap<Prerequisite, String>,
}

impl Memory {
    fn read(file: &PathBuf) -> Option<Self> {
        let age = fs::metadata(file).ok()?.modified().ok()?.elapsed().ok()?;
        if age > REMEMBERED_FOR {
            return None;
        }
        serde_json::from_slice(&fs::read(file).ok()?).ok()
    }

    fn answers(&self, asked: &Self) -> bool {
        self.path == asked.path && self.exporters == asked.exporters
    }

    /// Several processes of nextest may come here at once: each puts a whole file in place, or none.
    fn write(&self, file: PathBuf) {
        let fresh = file.with_extension(std::process::id().to_string());
        let text = serde_json::to_vec(self).expect("names and texts are JSON");
        let _ = fs::write(&fresh, text).and_then(|()| fs::rename(&fresh, file));
    }
}

fn docker() -> Result<(), String> {
    let socket = Path::new("/var/run/docker.sock");
    if std::env::var_os("DOCKER_HOST").is_none() && !socket.exists() {
        return Err("no Docker engine".to_owned());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(async {
        docker_answers()
            .await
            .map_err(|_| "no Docker engine answers".to_owned())?;
        let engine = bollard::Docker::connect_with_defaults().map_err(|error| error.to_string())?;
        for image in fleet_images().into_iter().chain([redis_image()]) {
            let known = engine.inspect_image(&image).await;
            known.map_err(|_| format!("Docker has no image {image}"))?;
        }
        Ok(())
    })
}

fn python() -> Result<(), String> {
    let python = find_python()?;
    if on_path("uv").is_some() {
        return Ok(());
    }
    match quiet(Command::new(&python).args(["-c", "import ensurepip, venv"]))
        .and_then(|mut child| child.wait())
    {
        Ok(status) if status.success() => Ok(()),
        _ => Err("python3 has no venv with pip".to_owned()),
    }
}

/// Its rules are those of one release, so another one does not do.
fn ruby() -> Result<(), String> {
    const RELEASE: &str = "0.16.2";
    let ruby = on_path("ruby").ok_or_else(|| "no ruby on PATH".to_owned())?;
    let script = "require 'prometheus/client/version'; print Prometheus::Client::VERSION";
    let output = Command::new(ruby)
        .args(["-e", script])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("ruby cannot be started: {error}"))?;
    match String::from_utf8_lossy(&output.stdout).as_ref() {
        RELEASE => Ok(()),
        "" => Err(format!("ruby has no prometheus-client-mmap {RELEASE}")),
        other => Err(format!(
            "ruby's prometheus-client is {other}, not prometheus-client-mmap {RELEASE}"
        )),
    }
}

/// Whether the indexes answer that exporters come from which are not in the cache. That Node is missing is told elsewhere.
fn network(exporters: &[Adapter]) -> Result<(), String> {
    let missing: Vec<&Manifest> = exporters
        .iter()
        .filter(|exporter| !exporter.is_in_the_cache())
        .map(|exporter| &exporter.manifest)
        .collect();
    if missing.iter().any(|manifest| manifest.python.is_some()) {
        answered(ask_the_index(&find_python()?))?;
    }
    match find_npm() {
        Ok(npm) if missing.iter().any(|manifest| manifest.node.is_some()) => {
            answered(quiet(Command::new(npm).args(["view", "npm", "version"])))
        }
        _ => Ok(()),
    }
}

fn answered(question: std::io::Result<Child>) -> Result<(), String> {
    let unreachable = || "no package index answers".to_owned();
    let mut question = question.map_err(|_| unreachable())?;
    let deadline = Instant::now() + INDEX_DEADLINE;
    loop {
        match question.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(None) if Instant::now() < deadline => {
                // Sleeps, bounded by the deadline at which the child is killed, between two looks at it.
                std::thread::sleep(Duration::from_millis(20));
            }
            _ => {
                let _ = question.kill();
                let _ = question.wait();
                return Err(unreachable());
            }
        }
    }
}

/// Asks the index that installations come from for the one package that every index of Python's has.
fn ask_the_index(python: &Path) -> std::io::Result<Child> {
    if let Some(uv) = on_path("uv") {
        let mut child = Command::new(uv)
            .args(["pip", "compile", "--quiet", "--no-cache", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        // Dropped at once: uv reads to the end of it.
        if let Some(mut requirements) = child.stdin.take() {
            std::io::Write::write_all(&mut requirements, b"pip\n")?;
        }
        return Ok(child);
    }
    let arguments = [
        "-m",
        "pip",
        "index",
        "versions",
        "pip",
        "--timeout",
        "4",
        "--retries",
        "0",
    ];
    quiet(Command::new(python).args(arguments))
}

fn quiet(command: &mut Command) -> std::io::Result<Child> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}
