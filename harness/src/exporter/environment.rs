//! Environments that exporters are installed into, one per lock, kept in the user's cache and shared by all runs.
//!
//! An environment is marked when it is complete, so an interrupted installation is never mistaken for a finished one, and it is
//! built under a lock, so two runs at once cannot harm each other.

use std::fs::{self, File};
use std::hash::BuildHasher;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use super::{Adapter, ExporterError};

/// The file that is there once an environment is complete: what is installed, a line each as `NAME==VERSION`.
const INSTALLED: &str = "installed.txt";

/// An environment that is complete.
pub(super) struct Environment {
    pub(super) home: PathBuf,
    pub(super) installed: Vec<String>,
    pub(super) locked: bool,
}

/// What an environment is made from, and where.
pub(super) struct Recipe {
    /// The program that makes it.
    pub(super) base: PathBuf,
    /// What is installed, in the words of whoever installs it.
    pub(super) requirements: String,
    /// Whether that is a lock.
    pub(super) locked: bool,
    /// Where.
    pub(super) home: PathBuf,
}

impl Recipe {
    /// Of an adapter, in the language's own folder of the cache. A checkout changes under the same name, so it is never taken
    /// from the cache.
    pub(super) fn of(
        adapter: &Adapter,
        language: &str,
        base: PathBuf,
        (requirements, locked): (String, bool),
        run_dir: &Path,
    ) -> Self {
        let home = match checkout(&adapter.version) {
            Some(_) => run_dir.join(language),
            None => cache_dir(language).join(format!(
                "{}-{:016x}",
                file_name(&adapter.title()),
                digest(&requirements, &base)
            )),
        };
        Self {
            base,
            requirements,
            locked,
            home,
        }
    }

    /// Whether it is complete, so that nothing needs to be installed.
    pub(super) fn is_made(&self) -> bool {
        self.home.join(INSTALLED).is_file()
    }

    /// The environment, from the cache or else by `build`, which returns the lines of what it has installed. Scripts in it may
    /// carry its absolute path, so it is made in place.
    pub(super) fn make(
        &self,
        adapter: &Adapter,
        progress: &dyn Fn(&str),
        build: impl FnOnce() -> Result<String, ExporterError>,
    ) -> Result<Environment, ExporterError> {
        if !self.is_made() {
            progress(&format!(
                "installing {} from its package index (once)",
                adapter.title()
            ));
            self.build(build)?;
        }
        let installed = read(&self.home.join(INSTALLED))?;
        Ok(Environment {
            home: self.home.clone(),
            installed: installed.lines().map(str::to_owned).collect(),
            locked: self.locked,
        })
    }

    fn build(&self, build: impl FnOnce() -> Result<String, ExporterError>) -> Result<(), ExporterError> {
        let home = &self.home;
        let parent = home.parent().unwrap_or(home);
        fs::create_dir_all(parent).map_err(unwritten(parent))?;
        let _lock = lock_file(&home.with_extension("lock"))?;
        if self.is_made() {
            return Ok(());
        }
        if home.exists() {
            fs::remove_dir_all(home).map_err(unwritten(home))?;
        }
        let installed = build()?;
        let (done, fresh) = (home.join(INSTALLED), home.join("installed.txt.new"));
        fs::write(&fresh, installed).map_err(unwritten(&fresh))?;
        fs::rename(&fresh, &done).map_err(unwritten(&done))
    }
}

/// The path that a version stands for, if it is one.
pub(super) fn checkout(version: &str) -> Option<&Path> {
    let path = Path::new(version);
    (version.contains('/') && path.exists()).then_some(path)
}

/// That path, as it is found from anywhere.
pub(super) fn absolute(checkout: &Path) -> Result<PathBuf, ExporterError> {
    checkout.canonicalize().map_err(|source| ExporterError::Read {
        path: checkout.into(),
        source,
    })
}

/// The lock of a version, if there is one, by the manifest's template.
pub(super) fn lock_of(adapter: &Adapter, template: &str, version: &str) -> PathBuf {
    adapter.dir.join(template.replace("{version}", version))
}

/// Requirement specifiers of a version.
pub(super) fn of_version(requirements: &[String], version: &str) -> Vec<String> {
    let lines = requirements.iter();
    lines.map(|line| line.replace("{version}", version)).collect()
}

pub(super) fn obtain(what: &str, reason: &str, log: &Path) -> ExporterError {
    ExporterError::Obtain {
        what: what.to_owned(),
        reason: reason.to_owned(),
        log: log.to_path_buf(),
    }
}

/// That a file could not be written.
pub(super) fn unwritten(path: &Path) -> impl Fn(std::io::Error) -> ExporterError + use<> {
    let path = path.to_path_buf();
    move |source| ExporterError::Write {
        path: path.clone(),
        source,
    }
}

pub(super) trait Logged {
    /// Runs it to its end; what it prints goes to `log`.
    fn logged(&mut self, log: &Path, what: &str) -> Result<(), ExporterError>;

    /// The same; what it prints to stdout is returned, too.
    fn printed(&mut self, log: &Path, what: &str) -> Result<String, ExporterError>;
}

impl Logged for Command {
    fn logged(&mut self, log: &Path, what: &str) -> Result<(), ExporterError> {
        let file = appended(log)?;
        let errors = file.try_clone().map_err(unwritten(log))?;
        let status = self.stdin(Stdio::null()).stdout(file).stderr(errors).status();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => {
                let text = fs::read_to_string(log).unwrap_or_default();
                Err(ended_badly(what, status, &text, log))
            }
            Err(error) => Err(obtain(what, &error.to_string(), log)),
        }
    }

    fn printed(&mut self, log: &Path, what: &str) -> Result<String, ExporterError> {
        let output = self
            .stdin(Stdio::null())
            .output()
            .map_err(|error| obtain(what, &error.to_string(), log))?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let said = String::from_utf8_lossy(&output.stderr);
        write!(appended(log)?, "{printed}{said}").map_err(unwritten(log))?;
        match output.status.success() {
            true => Ok(printed.into_owned()),
            false => Err(ended_badly(what, output.status, &said, log)),
        }
    }
}

fn appended(log: &Path) -> Result<File, ExporterError> {
    let file = File::options().create(true).append(true).open(log);
    file.map_err(unwritten(log))
}

fn ended_badly(what: &str, status: ExitStatus, said: &str, log: &Path) -> ExporterError {
    let mut lines = said.lines().rev();
    let last = lines.find(|line| !line.trim().is_empty());
    let last = last.unwrap_or("no output");
    obtain(what, &format!("{status}; its last line: {last}"), log)
}

/// An exclusive lock, held until the file is dropped.
pub(super) fn lock_file(path: &Path) -> Result<File, ExporterError> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(unwritten(path))?;
    file.lock().map_err(unwritten(path))?;
    Ok(file)
}

pub(super) fn read(path: &Path) -> Result<String, ExporterError> {
    fs::read_to_string(path).map_err(|source| ExporterError::Read {
        path: path.to_path_buf(),
        source,
    })
}

/// Where the environments of a language are kept.
pub(super) fn cache_dir(language: &str) -> PathBuf {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    base.or_else(home)
        .unwrap_or_else(std::env::temp_dir)
        .join("counterfoil")
        .join(language)
}

pub(super) fn digest(requirements: &str, base: &Path) -> u64 {
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
