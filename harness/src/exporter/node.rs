//! Node's packages, an environment per lock: a folder with `node_modules`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

use super::environment::{
    Environment, Logged, Recipe, absolute, checkout, lock_of, obtain, of_version, read, unwritten,
};
use super::manifest::Node;
use super::{Adapter, ExporterError};
use crate::fleet::on_path;

/// Nothing of an exporter runs while it is installed, and nobody is asked but for the packages.
const QUIETLY: [&str; 4] = [
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
];
const LANGUAGE: &str = "node";

/// The exporter's environment, from the cache or installed now.
pub(super) fn environment(
    adapter: &Adapter,
    wanted: &Node,
    run_dir: &Path,
    progress: &dyn Fn(&str),
) -> Result<Environment, ExporterError> {
    let recipe = recipe(adapter, wanted, run_dir)?;
    let log = run_dir.join("install.log");
    recipe.make(adapter, progress, || build(adapter, wanted, &recipe, &log))
}

/// Whether nothing needs to be installed.
pub(super) fn is_in_the_cache(adapter: &Adapter, wanted: &Node) -> bool {
    checkout(&adapter.version).is_none()
        && recipe(adapter, wanted, Path::new("")).is_ok_and(|recipe| recipe.is_made())
}

/// The lock, or the manifest's own requirements, a line each. A version that is a path is installed on top of the default
/// version's lock.
fn recipe(adapter: &Adapter, wanted: &Node, run_dir: &Path) -> Result<Recipe, ExporterError> {
    let base = find_npm().map_err(|reason| ExporterError::NoNode {
        name: adapter.manifest.name.clone(),
        reason,
    })?;
    let locked = match checkout(&adapter.version) {
        Some(_) => &adapter.manifest.version,
        None => &adapter.version,
    };
    let lock = lock_of(adapter, &wanted.locks, locked);
    let requirements = match lock.is_file() || locked != &adapter.version {
        true => (read(&lock)?, true),
        false => {
            let lines = of_version(&wanted.requirements, &adapter.version);
            (lines.join("\n") + "\n", false)
        }
    };
    Ok(Recipe::of(adapter, LANGUAGE, base, requirements, run_dir))
}

fn build(adapter: &Adapter, wanted: &Node, recipe: &Recipe, log: &Path) -> Result<String, ExporterError> {
    let home = &recipe.home;
    fs::create_dir_all(home).map_err(unwritten(home))?;
    let put = |name: &str, text: &str| {
        let path = home.join(name);
        fs::write(&path, text).map_err(unwritten(&path))
    };
    let npm = |arguments: &[String], what: &str| {
        let (verb, rest) = arguments.split_first().expect("each of them has a verb");
        Command::new(&recipe.base)
            .arg(verb)
            .args(QUIETLY)
            .args(rest)
            .current_dir(home)
            .logged(log, what)
    };
    if recipe.locked {
        put("package-lock.json", &recipe.requirements)?;
        let asked = dependencies(&recipe.requirements).ok_or_else(|| {
            let reason = "its lock is no package-lock.json of version 2 or 3";
            obtain("npm ci", reason, log)
        })?;
        put(
            "package.json",
            &json!({"private": true, "dependencies": asked}).to_string(),
        )?;
        npm(&["ci".to_owned()], "npm ci")?;
    } else {
        put("package.json", "{\"private\": true}\n")?;
        let asked = of_version(&wanted.requirements, &adapter.version);
        npm(
            &[&["install".to_owned()], asked.as_slice()].concat(),
            "npm install",
        )?;
    }
    if let Some(path) = checkout(&adapter.version) {
        let path = absolute(path)?.display().to_string();
        let install = ["install", "--no-save", "--install-links", &path].map(str::to_owned);
        npm(&install, "npm install")?;
    }
    let hidden = read(&home.join("node_modules/.package-lock.json"))?;
    let node = Command::new(LANGUAGE)
        .arg("--version")
        .printed(log, "node --version")?;
    let packages = packages(&hidden).into_iter();
    let lines = [format!("node=={}", node.trim().trim_start_matches('v'))];
    Ok(lines
        .into_iter()
        .chain(packages)
        .map(|line| line + "\n")
        .collect())
}

/// What a lock was made for: name and version of each package that was asked for.
fn dependencies(lock: &str) -> Option<Map<String, Value>> {
    let lock: Value = serde_json::from_str(lock).ok()?;
    lock["packages"][""]["dependencies"].as_object().cloned()
}

/// The packages that a lock names, as `NAME==VERSION`, by name.
fn packages(lock: &str) -> Vec<String> {
    let lock: Value = serde_json::from_str(lock).unwrap_or_default();
    let packages = lock["packages"].as_object().into_iter().flatten();
    let named = packages.filter_map(|(place, package)| {
        let (_, name) = place.rsplit_once("node_modules/")?;
        Some(format!("{name}=={}", package["version"].as_str()?))
    });
    let mut named: Vec<String> = named.collect();
    named.sort();
    named.dedup();
    named
}

/// The versions that the registry has of a package, without pre-releases; what else is printed goes to `log`.
pub(super) fn registry_versions(name: &str, package: &str, log: &Path) -> Result<Vec<String>, ExporterError> {
    let npm = find_npm().map_err(|reason| ExporterError::NoNode {
        name: name.to_owned(),
        reason,
    })?;
    let printed = Command::new(npm)
        .args(["view", package, "versions", "--json"])
        .printed(log, "npm view")?;
    Ok(releases(&printed))
}

/// The releases in a list of versions; what has a hyphen comes before a release.
fn releases(printed: &str) -> Vec<String> {
    let versions: Value = serde_json::from_str(printed).unwrap_or_default();
    let versions = versions.as_array().into_iter().flatten();
    let versions = versions.filter_map(|version| version.as_str());
    versions
        .filter(|version| !version.contains('-'))
        .map(str::to_owned)
        .collect()
}

/// npm, where Node is, too.
pub(crate) fn find_npm() -> Result<PathBuf, String> {
    let missing = |program: &str| format!("there is no {program} on PATH");
    on_path(LANGUAGE).ok_or_else(|| missing(LANGUAGE))?;
    on_path("npm").ok_or_else(|| missing("npm"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::*;

    const LOCK: &str = r#"{"lockfileVersion": 3, "packages": {
        "": {"dependencies": {"acme": "2.0.0"}},
        "node_modules/acme": {"version": "2.0.0"},
        "node_modules/@of/acme": {"version": "1.1.0"},
        "node_modules/acme/node_modules/deep": {"version": "0.1.0"},
        "node_modules/deep": {"version": "0.1.0"}
    }}"#;

    #[test]
    fn what_is_installed_is_named_once_wherever_it_lies() {
        assert_eq!(packages(LOCK), ["@of/acme==1.1.0", "acme==2.0.0", "deep==0.1.0"]);
    }

    #[test]
    fn a_lock_says_what_was_asked_for() {
        let asked = dependencies(LOCK).unwrap();
        assert_eq!(
            asked.into_iter().collect::<Vec<_>>(),
            [("acme".to_owned(), json!("2.0.0"))]
        );
        assert!(dependencies("acme==2.0.0").is_none() && dependencies("{}").is_none());
    }

    #[test]
    fn what_the_registry_has_is_listed_without_pre_releases() {
        assert_eq!(
            releases(r#"["1.0.0-1", "1.0.0", "1.10.0-rc.1", "1.9.0"]"#),
            ["1.0.0", "1.9.0"]
        );
        assert!(releases("no such package").is_empty());
    }
}
