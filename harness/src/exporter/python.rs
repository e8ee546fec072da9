//! Python environments, one per lock, kept in the user's cache and shared by all runs.
//!
//! An environment is built beside its final place and renamed when it is complete, so an interrupted
//! installation is never mistaken for a finished one and two runs at once cannot harm each other.

use std::fs::{self, File};
use std::hash::BuildHasher;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::manifest::Python;
use super::{Adapter, ExporterError};
use crate::fleet::on_path;

pub(super) struct Environment {
    pub(super) interpreter: PathBuf,
    pub(super) installed: Vec<String>,
    pub(super) locked: bool,
}

pub(super) fn environment(
    adapter: &Adapter,
    wanted: &Python,
    run_dir: &Path,
    progress: &dyn Fn(&str),
) -> Result<Environment, ExporterError> {
    let Place {
        base,
        requirements,
        locked,
        home,
    } = Place::of(adapter, wanted, run_dir)?;
    if !home.join("installed.txt").is_file() {
        progress(&format!(
            "installing {} from its package index (once)",
            adapter.title()
        ));
        build(&base, &requirements, &home, &run_dir.join("install.log"))?;
    }
    let installed = read(&home.join("installed.txt"))?;
    Ok(Environment {
        interpreter: home.join("bin/python"),
        installed: installed.lines().map(str::to_owned).collect(),
        locked,
    })
}

/// Whether the environment is complete, so that nothing needs to be installed.
pub(super) fn is_in_the_cache(adapter: &Adapter, wanted: &Python) -> bool {
    checkout(&adapter.version).is_none()
        && Place::of(adapter, wanted, Path::new(""))
            .is_ok_and(|place| place.home.join("installed.txt").is_file())
}

/// What an environment is made from, and where.
struct Place {
    base: PathBuf,
    requirements: String,
    locked: bool,
    home: PathBuf,
}

impl Place {
    fn of(adapter: &Adapter, wanted: &Python, run_dir: &Path) -> Result<Self, ExporterError> {
        let base = find_python().map_err(|reason| ExporterError::NoPython {
            name: adapter.manifest.name.clone(),
            reason,
        })?;
        let (requirements, locked) = requirements(adapter, wanted)?;
        // A checkout changes under the same name, so it is never taken from the cache.
        let home = match checkout(&adapter.version) {
            Some(_) => run_dir.join("python"),
            None => cache_dir().join(format!(
                "{}-{:016x}",
                file_name(&adapter.title()),
                digest(&requirements, &base)
            )),
        };
        Ok(Self {
            base,
            requirements,
            locked,
            home,
        })
    }
}

/// The requirement lines: the lock's, or the manifest's own; a version that is a path is installed on top of
/// the default version's lock, so that only the exporter itself differs.
fn requirements(adapter: &Adapter, wanted: &Python) -> Result<(String, bool), ExporterError> {
    let version = &adapter.version;
    let lock_of = |version: &str| adapter.dir.join(wanted.locks.replace("{version}", version));
    if let Some(checkout) = checkout(version) {
        let path = checkout.canonicalize().map_err(|source| ExporterError::Read {
            path: checkout.into(),
            source,
        })?;
        let distribution = wanted.distribution.as_ref().unwrap_or(&adapter.manifest.name);
        let name = format!("{distribution}==");
        let pinned = read(&lock_of(&adapter.manifest.version))?;
        let others: Vec<&str> = pinned.lines().filter(|line| !line.starts_with(&name)).collect();
        return Ok((format!("{}\n{}\n", others.join("\n"), path.display()), true));
    }
    let lock = lock_of(version);
    if lock.is_file() {
        return Ok((read(&lock)?, true));
    }
    let lines: Vec<String> = wanted
        .requirements
        .iter()
        .map(|line| line.replace("{version}", version))
        .collect();
    Ok((lines.join("\n") + "\n", false))
}

/// The path that a version stands for, if it is one.
fn checkout(version: &str) -> Option<&Path> {
    let path = Path::new(version);
    (version.contains('/') && path.exists()).then_some(path)
}

fn build(base: &Path, requirements: &str, home: &Path, log: &Path) -> Result<(), ExporterError> {
    let io = |path: &Path| {
        let path = path.to_path_buf();
        move |source| ExporterError::Write { path, source }
    };
    let parent = home.parent().unwrap_or(home);
    fs::create_dir_all(parent).map_err(io(parent))?;
    // The environment's scripts carry its absolute path, so it is made in place and marked when complete.
    let _lock = lock_file(&home.with_extension("lock"))?;
    if home.join("installed.txt").is_file() {
        return Ok(());
    }
    if home.exists() {
        fs::remove_dir_all(home).map_err(io(home))?;
    }
    let interpreter = home.join("bin/python");
    let list = home.join("requirements.txt");
    let uv = on_path("uv");
    let venv = match &uv {
        Some(uv) => Command::new(uv)
            .args(["venv", "-q", "--python"])
            .arg(base)
            .arg(home)
            .logged(log, "uv venv"),
        None => Command::new(base)
            .args(["-m", "venv"])
            .arg(home)
            .logged(log, "python -m venv"),
    };
    venv?;
    fs::write(&list, requirements).map_err(io(&list))?;
    match &uv {
        Some(uv) => Command::new(uv)
            .args(["pip", "install", "-q", "--python"])
            .arg(&interpreter)
            .arg("-r")
            .arg(&list)
            .logged(log, "uv pip install")?,
        None => Command::new(&interpreter)
            .args(["-m", "pip", "install", "-q", "--disable-pip-version-check", "-r"])
            .arg(&list)
            .logged(log, "pip install")?,
    }
    let frozen = frozen(&interpreter, log)?;
    let done = home.join("installed.txt");
    let fresh = home.join("installed.txt.new");
    fs::write(&fresh, frozen).map_err(io(&fresh))?;
    fs::rename(&fresh, &done).map_err(io(&done))
}

/// What `pip index versions` prints of a distribution; all else that is printed goes to `log`.
pub(super) fn index_versions(name: &str, distribution: &str, log: &Path) -> Result<String, ExporterError> {
    let base = find_python().map_err(|reason| ExporterError::NoPython {
        name: name.to_owned(),
        reason,
    })?;
    let what = "pip index versions";
    let output = Command::new(pip(&base, log)?)
        .args(["-m", "pip", "index", "versions", "--disable-pip-version-check"])
        .arg(distribution)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| obtain(what, &error.to_string(), log))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    let io = |source| ExporterError::Write {
        path: log.to_path_buf(),
        source,
    };
    let mut file = File::options().create(true).append(true).open(log).map_err(io)?;
    write!(file, "{printed}{said}").map_err(io)?;
    match output.status.success() {
        true => Ok(printed.into_owned()),
        false => {
            let last = said.lines().last().unwrap_or("no output");
            Err(obtain(
                what,
                &format!("{}; its last line: {last}", output.status),
                log,
            ))
        }
    }
}

/// An interpreter that has pip, which neither a system's nor an environment of uv's needs to have.
fn pip(base: &Path, log: &Path) -> Result<PathBuf, ExporterError> {
    let home = cache_dir().join(format!("pip-{:016x}", digest("pip", base)));
    let (interpreter, done) = (home.join("bin/python"), home.join("complete"));
    let io = |source| ExporterError::Write {
        path: home.clone(),
        source,
    };
    fs::create_dir_all(home.parent().unwrap_or(&home)).map_err(io)?;
    let _lock = lock_file(&home.with_extension("lock"))?;
    if !done.is_file() {
        Command::new(base)
            .args(["-m", "venv", "--clear"])
            .arg(&home)
            .logged(log, "python -m venv")?;
        fs::write(&done, "").map_err(io)?;
    }
    Ok(interpreter)
}

/// What is installed, asked of the environment itself.
fn frozen(interpreter: &Path, log: &Path) -> Result<String, ExporterError> {
    let script = "import importlib.metadata as m\n\
                  print('\\n'.join(sorted(d.metadata['Name'] + '==' + d.version for d in m.distributions())))";
    let output = Command::new(interpreter)
        .args(["-c", script])
        .stdin(Stdio::null())
        .output();
    match output {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => Err(obtain("listing the environment", &output.status.to_string(), log)),
        Err(error) => Err(obtain("listing the environment", &error.to_string(), log)),
    }
}

fn obtain(what: &str, reason: &str, log: &Path) -> ExporterError {
    ExporterError::Obtain {
        what: what.to_owned(),
        reason: reason.to_owned(),
        log: log.to_path_buf(),
    }
}

trait Logged {
    fn logged(&mut self, log: &Path, what: &str) -> Result<(), ExporterError>;
}

impl Logged for Command {
    fn logged(&mut self, log: &Path, what: &str) -> Result<(), ExporterError> {
        let io = |source| ExporterError::Write {
            path: log.to_path_buf(),
            source,
        };
        let file = File::options().create(true).append(true).open(log).map_err(io)?;
        let errors = file.try_clone().map_err(io)?;
        let status = self.stdin(Stdio::null()).stdout(file).stderr(errors).status();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => {
                let text = fs::read_to_string(log).unwrap_or_default();
                let last = text
                    .lines()
                    .rev()
                    .find(|line| !line.trim().is_empty())
                    .unwrap_or("no output");
                Err(obtain(what, &format!("{status}; its last line: {last}"), log))
            }
            Err(error) => Err(obtain(what, &error.to_string(), log)),
        }
    }
}

/// An exclusive lock, held until the file is dropped.
fn lock_file(path: &Path) -> Result<File, ExporterError> {
    let io = |source| ExporterError::Write {
        path: path.to_path_buf(),
        source,
    };
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(io)?;
    file.lock().map_err(io)?;
    Ok(file)
}

fn read(path: &Path) -> Result<String, ExporterError> {
    fs::read_to_string(path).map_err(|source| ExporterError::Read {
        path: path.to_path_buf(),
        source,
    })
}

/// The interpreter that environments are made from: `COUNTERFOIL_PYTHON`, else `python3` on PATH.
pub(crate) fn find_python() -> Result<PathBuf, String> {
    if let Some(path) = std::env::var_os("COUNTERFOIL_PYTHON") {
        let path = PathBuf::from(path);
        return if path.is_file() {
            Ok(path)
        } else {
            Err(format!("COUNTERFOIL_PYTHON={} is no file", path.display()))
        };
    }
    on_path("python3").ok_or_else(|| "there is no python3 on PATH".to_owned())
}

fn cache_dir() -> PathBuf {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    base.or_else(home)
        .unwrap_or_else(std::env::temp_dir)
        .join("counterfoil/python")
}

fn digest(requirements: &str, base: &Path) -> u64 {
    foldhash::quality::FixedState::default().hash_one((requirements, base))
}

fn file_name(title: &str) -> String {
    title
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' || c == '-' {
                c
            } else {
                '_'
            }
        })
        .collect()
}
