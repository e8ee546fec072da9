//! What a machine must have for some trials: decided when they are collected.
//!
//! nextest lists this binary twice and then starts it once per test, so what is slow to find out (Python, the
//! package index) is remembered for ten minutes below the target's temporary folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use counterfoil::broker::docker_answers;
use counterfoil::fleet::on_path;
use libtest_mimic::{Failed, Trial};
use serde::{Deserialize, Serialize};

use crate::{container, taskiq};

/// Each of these names, comma-separated in this variable, turns an absence into a failure.
const REQUIRE: &str = "COUNTERFOIL_REQUIRE";
const REMEMBERED_FOR: Duration = Duration::from_secs(600);
const INDEX_DEADLINE: Duration = Duration::from_secs(5);

/// Something that not every machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Prerequisite {
    /// A Docker engine that answers and has the image of Redis (`COUNTERFOIL_REDIS_IMAGE`).
    Docker,
    /// Python 3 with what environments are made of.
    Python,
    /// The package index, or environments that were installed before.
    Network,
}

impl Prerequisite {
    const ALL: [Self; 3] = [Self::Docker, Self::Python, Self::Network];

    fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Python => "python",
            Self::Network => "network",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|prerequisite| prerequisite.name() == name)
    }

    /// Why it is not there, if it is not.
    fn absence(self) -> Option<String> {
        match self {
            Self::Docker => docker().err(),
            Self::Python => python().err(),
            Self::Network => network().err(),
        }
    }
}

/// What this machine lacks, and what of it must not be lacking.
pub(crate) struct Prerequisites {
    absent: BTreeMap<Prerequisite, String>,
    required: Vec<Prerequisite>,
}

impl Prerequisites {
    /// Looks at the machine.
    ///
    /// # Errors
    /// `COUNTERFOIL_REQUIRE` holds a name that is none: it would require nothing, and nobody would notice.
    pub(crate) fn detect() -> Result<Self, String> {
        let required = required(&std::env::var(REQUIRE).unwrap_or_default())?;
        let (mut absent, docker) = (remembered(), Prerequisite::Docker);
        absent.extend(docker.absence().map(|reason| (docker, reason)));
        Ok(Self { absent, required })
    }

    /// A trial that runs where everything it needs is there. Elsewhere it is ignored and says what is missing,
    /// or fails if that is required.
    pub(crate) fn trial(
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

fn required(names: &str) -> Result<Vec<Prerequisite>, String> {
    let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
    let known =
        |name: &str| Prerequisite::named(name).ok_or_else(|| format!("{REQUIRE}: there is no {name:?}"));
    names.map(known).collect()
}

/// What was found out about Python and the index not long ago, else now.
fn remembered() -> BTreeMap<Prerequisite, String> {
    let memory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("prerequisites.json");
    let age = fs::metadata(&memory)
        .and_then(|metadata| metadata.modified())
        .map(|at| at.elapsed());
    if matches!(age, Ok(Ok(age)) if age < REMEMBERED_FOR) {
        let known = fs::read(&memory)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Memory>(&bytes).ok());
        if let Some(memory) = known.filter(|memory| memory.path == search_path()) {
            return memory.absent;
        }
    }
    let slow = [Prerequisite::Python, Prerequisite::Network];
    let absent = slow
        .into_iter()
        .filter_map(|what| Some((what, what.absence()?)))
        .collect();
    let found = Memory {
        path: search_path(),
        absent,
    };
    // Several processes of nextest may come here at once: each puts a whole file in place, or none.
    let fresh = memory.with_extension(format!("{}", std::process::id()));
    let written = fs::write(
        &fresh,
        serde_json::to_vec(&found).expect("names and texts are JSON"),
    );
    let _ = written.and_then(|()| fs::rename(&fresh, &memory));
    found.absent
}

/// What was found, and with which PATH.
#[derive(Serialize, Deserialize)]
struct Memory {
    path: String,
    absent: BTreeMap<Prerequisite, String>,
}

fn search_path() -> String {
    std::env::var("PATH").unwrap_or_default()
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
        let engine = bollard::Docker::connect_with_local_defaults().map_err(|error| error.to_string())?;
        let image = container::image();
        let known = engine.inspect_image(&image).await;
        known
            .map(drop)
            .map_err(|_| format!("Docker has no image {image}"))
    })
}

fn python3() -> Result<PathBuf, String> {
    let chosen = std::env::var_os("COUNTERFOIL_PYTHON").map(PathBuf::from);
    chosen
        .or_else(|| on_path("python3"))
        .ok_or_else(|| "no python3 on PATH".to_owned())
}

fn python() -> Result<(), String> {
    let python = python3()?;
    if on_path("uv").is_some() {
        return Ok(());
    }
    let imports = Command::new(&python)
        .args(["-c", "import ensurepip, venv"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match imports {
        Ok(status) if status.success() => Ok(()),
        _ => Err("python3 has no venv with pip".to_owned()),
    }
}

fn network() -> Result<(), String> {
    if taskiq::VERSIONS.iter().all(|version| is_installed(version)) {
        return Ok(());
    }
    let unreachable = || "no package index answers".to_owned();
    let mut pip = Command::new(python3()?)
        .args([
            "-m",
            "pip",
            "index",
            "versions",
            "taskiq",
            "--timeout",
            "4",
            "--retries",
            "0",
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|_| unreachable())?;
    let deadline = Instant::now() + INDEX_DEADLINE;
    loop {
        match pip.try_wait() {
            Ok(Some(status)) => {
                return if status.success() {
                    Ok(())
                } else {
                    Err(unreachable())
                };
            }
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(20)),
            _ => {
                let _ = pip.kill();
                let _ = pip.wait();
                return Err(unreachable());
            }
        }
    }
}

/// Whether a complete environment of today's lock is in the cache.
fn is_installed(version: &str) -> bool {
    let lock = format!(
        "{}/exporters/taskiq/locks/{version}.txt",
        env!("CARGO_MANIFEST_DIR")
    );
    let Ok(lock) = fs::read(lock) else { return false };
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache"));
    let Some(cache) = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(home)
    else {
        return false;
    };
    let Ok(environments) = fs::read_dir(cache.join("counterfoil/python")) else {
        return false;
    };
    environments.flatten().any(|environment| {
        let (list, complete) = (
            environment.path().join("requirements.txt"),
            environment.path().join("installed.txt"),
        );
        complete.is_file() && fs::read(list).is_ok_and(|have| have == lock)
    })
}
