//! Python's distributions, an environment per lock.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::environment::{
    Environment, Logged, Recipe, absolute, cache_dir, checkout, digest, lock_file, lock_of, obtain,
    of_version, read, unwritten,
};
use super::manifest::Python;
use super::{Adapter, ExporterError};
use crate::fleet::on_path;

const LANGUAGE: &str = "python";

/// The exporter's environment, from the cache or installed now.
pub(super) fn environment(
    adapter: &Adapter,
    wanted: &Python,
    run_dir: &Path,
    progress: &dyn Fn(&str),
) -> Result<Environment, ExporterError> {
    let recipe = recipe(adapter, wanted, run_dir)?;
    let log = run_dir.join("install.log");
    recipe.make(adapter, progress, || {
        build(&recipe, &log).map_err(|error| of_checkout(adapter, wanted, error))
    })
}

/// What failed, in the words of a checkout if the version is one.
fn of_checkout(adapter: &Adapter, wanted: &Python, error: ExporterError) -> ExporterError {
    match (checkout(&adapter.version), error) {
        (Some(checkout), ExporterError::Obtain { what, reason, log }) => ExporterError::ObtainCheckout {
            checkout: checkout.to_owned(),
            lock: lock_of(adapter, &wanted.locks, &adapter.manifest.version),
            reason: format!("{what}: {reason}"),
            log,
        },
        (_, error) => error,
    }
}

/// The interpreter of the environment in `home`.
pub(super) fn interpreter(home: &Path) -> PathBuf {
    home.join("bin/python")
}

/// Whether nothing needs to be installed.
pub(super) fn is_in_the_cache(adapter: &Adapter, wanted: &Python) -> bool {
    checkout(&adapter.version).is_none()
        && recipe(adapter, wanted, Path::new("")).is_ok_and(|recipe| recipe.is_made())
}

fn recipe(adapter: &Adapter, wanted: &Python, run_dir: &Path) -> Result<Recipe, ExporterError> {
    let base = python_for(&adapter.manifest.name)?;
    let requirements = requirements(adapter, wanted)?;
    Ok(Recipe::of(adapter, LANGUAGE, base, requirements, run_dir))
}

fn python_for(name: &str) -> Result<PathBuf, ExporterError> {
    find_python().map_err(|reason| ExporterError::NoPython {
        name: name.to_owned(),
        reason,
    })
}

/// The requirement lines: the lock's, or the manifest's own; a version that is a path is installed on top of
/// the default version's lock, so that only the exporter itself differs.
fn requirements(adapter: &Adapter, wanted: &Python) -> Result<(String, bool), ExporterError> {
    let version = &adapter.version;
    if let Some(checkout) = checkout(version) {
        let path = absolute(checkout)?;
        let distribution = wanted.distribution.as_ref().unwrap_or(&adapter.manifest.name);
        let name = format!("{distribution}==");
        let pinned = read(&lock_of(adapter, &wanted.locks, &adapter.manifest.version))?;
        let others: Vec<&str> = pinned.lines().filter(|line| !line.starts_with(&name)).collect();
        return Ok((format!("{}\n{}\n", others.join("\n"), path.display()), true));
    }
    let lock = lock_of(adapter, &wanted.locks, version);
    if lock.is_file() {
        return Ok((read(&lock)?, true));
    }
    let lines = of_version(&wanted.requirements, version);
    Ok((lines.join("\n") + "\n", false))
}

fn build(recipe: &Recipe, log: &Path) -> Result<String, ExporterError> {
    let Recipe {
        base,
        requirements,
        home,
        ..
    } = recipe;
    let interpreter = interpreter(home);
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
    fs::write(&list, requirements).map_err(unwritten(&list))?;
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
    frozen(&interpreter, log)
}

/// What `pip index versions` prints of a distribution; all that is printed goes to `log`.
pub(super) fn index_versions(name: &str, distribution: &str, log: &Path) -> Result<String, ExporterError> {
    let base = python_for(name)?;
    Command::new(pip(&base, log)?)
        .args(["-m", "pip", "index", "versions", "--disable-pip-version-check"])
        .arg(distribution)
        .printed(log, "pip index versions")
}

/// An interpreter that has pip, which neither a system's nor an environment of uv's needs to have.
fn pip(base: &Path, log: &Path) -> Result<PathBuf, ExporterError> {
    let home = cache_dir(LANGUAGE).join(format!("pip-{:016x}", digest("pip", base)));
    let (interpreter, done) = (interpreter(&home), home.join("complete"));
    fs::create_dir_all(home.parent().unwrap_or(&home)).map_err(unwritten(&home))?;
    let _lock = lock_file(&home.with_extension("lock"))?;
    if !done.is_file() {
        Command::new(base)
            .args(["-m", "venv", "--clear"])
            .arg(&home)
            .logged(log, "python -m venv")?;
        fs::write(&done, "").map_err(unwritten(&home))?;
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
