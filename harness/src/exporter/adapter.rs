//! An adapter that is ready to be started: a manifest, a version, the programs in place.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use include_dir::{Dir, include_dir};
use pep440_rs::Version;

use super::environment::Environment;
use super::manifest::Workers;
use super::placeholder::refuse_slips;
use super::{ExporterError, Manifest, node, python};
use crate::spelling::suggestion;

pub(super) static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/exporters");

/// The name under which the reference is known.
pub const REFERENCE: &str = "reference";

/// `NAME`, `NAME@VERSION`, `NAME@PATH`, or a manifest's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    /// The adapter's name or its manifest's path.
    pub name: String,
    /// A release, or the path of a checkout or wheel; `None`: the manifest's own.
    pub version: Option<String>,
}

impl FromStr for Selector {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.split_once('@') {
            Some((name, version)) if !name.is_empty() && !version.is_empty() => Self {
                name: name.to_owned(),
                version: Some(version.to_owned()),
            },
            _ => Self {
                name: text.to_owned(),
                version: None,
            },
        })
    }
}

impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        self.version
            .as_ref()
            .map_or(Ok(()), |version| write!(f, "@{version}"))
    }
}

/// A manifest with a version chosen and its programs on disk.
#[derive(Clone, Debug)]
pub struct Adapter {
    /// What the author declared.
    pub manifest: Manifest,
    /// The version under test.
    pub version: String,
    /// The folder with the worker program.
    pub dir: PathBuf,
    /// The interpreter of its environment, for a Python exporter.
    pub python: Option<PathBuf>,
    /// The packages of its environment, for an exporter of Node's.
    pub node_modules: Option<PathBuf>,
    /// Every installed distribution with its version, as the environment or the programs report it; empty for the reference.
    pub installed: Vec<String>,
    /// Whether the versions came from a lock.
    pub locked: bool,
}

impl Adapter {
    /// Finds the manifest and installs what it asks for (from the cache, if it was installed before).
    ///
    /// `placeholders` are those of the caller, on top of the protocol's: name and value.
    ///
    /// # Errors
    /// As [`Self::declare`]'s, a name in braces that is only like one that is expanded, and an installation that fails.
    pub fn obtain(
        selector: &Selector,
        reference_manifest: &str,
        placeholders: &[(String, String)],
        run_dir: &Path,
        progress: &dyn Fn(&str),
    ) -> Result<Self, ExporterError> {
        let mut adapter = Self::declare(selector, reference_manifest, run_dir)?;
        let path = match Path::new(&selector.name).is_file() {
            true => selector.name.clone(),
            false => adapter.dir.join("manifest.toml").display().to_string(),
        };
        refuse_slips(&adapter.manifest, &path, placeholders)?;
        if let Some(wanted) = adapter.manifest.python.clone() {
            let environment = python::environment(&adapter, &wanted, run_dir, progress)?;
            adapter.python = Some(python::interpreter(&environment.home));
            adapter.has(environment);
        }
        if let Some(wanted) = adapter.manifest.node.clone() {
            let environment = node::environment(&adapter, &wanted, run_dir, progress)?;
            adapter.node_modules = Some(environment.home.join("node_modules"));
            adapter.has(environment);
        }
        Ok(adapter)
    }

    fn has(&mut self, environment: Environment) {
        self.installed.extend(environment.installed);
        self.locked &= environment.locked;
    }

    /// Finds the manifest and installs nothing; an embedded adapter's files are put below `run_dir`.
    ///
    /// `reference_manifest` is the text of the reference's own manifest: this module does not depend on it.
    ///
    /// # Errors
    /// An unknown name, a malformed manifest.
    pub fn declare(
        selector: &Selector,
        reference_manifest: &str,
        run_dir: &Path,
    ) -> Result<Self, ExporterError> {
        let (manifest, dir) = locate(selector, reference_manifest, run_dir)?;
        if let Some(asked) = &selector.version {
            refuse_unless_it_can_be_had(asked, &manifest)?;
        }
        let version = selector.version.as_ref().unwrap_or(&manifest.version).clone();
        Ok(Self {
            manifest: manifest.of_version(&version),
            version,
            dir,
            python: None,
            node_modules: None,
            installed: Vec::new(),
            locked: true,
        })
    }

    /// Whether [`Self::obtain`] would find everything in the cache.
    pub fn is_in_the_cache(&self) -> bool {
        let Manifest { python, node, .. } = &self.manifest;
        let has_python = python
            .as_ref()
            .is_none_or(|wanted| python::is_in_the_cache(self, wanted));
        has_python
            && node
                .as_ref()
                .is_none_or(|wanted| node::is_in_the_cache(self, wanted))
    }

    /// Its folder, and those beside it that its manifest names as `{adapter_dir}/../FOLDER`: what a fleet reads.
    pub fn folders(&self) -> BTreeSet<PathBuf> {
        const BESIDE: &str = "{adapter_dir}/../";
        let Workers {
            command, cwd, env, ..
        } = &self.manifest.workers;
        let texts = command.iter().chain([cwd]).chain(env.values());
        let named = texts.flat_map(|text| text.split(BESIDE).skip(1));
        let names = named.filter_map(|rest| rest.split(['/', ':']).next());
        let beside = self.dir.parent().unwrap_or(&self.dir);
        let folders = names
            .map(|name| beside.join(name))
            .filter(|folder| folder.is_dir());
        folders.chain([self.dir.clone()]).collect()
    }

    /// `name@version`, as reports call it.
    pub fn title(&self) -> String {
        format!("{}@{}", self.manifest.name, self.version)
    }

    /// The names of the embedded adapters, the reference first.
    pub fn known() -> Vec<String> {
        let mut names = vec![REFERENCE.to_owned()];
        names.extend(
            EMBEDDED
                .dirs()
                .map(|dir| dir.path().to_string_lossy().into_owned())
                .filter(|name| is_embedded(name)),
        );
        names
    }
}

/// A version that changes nothing would be a name in reports that says what was not judged.
fn refuse_unless_it_can_be_had(asked: &str, manifest: &Manifest) -> Result<(), ExporterError> {
    if asked.contains('/') && !Path::new(asked).exists() {
        return Err(ExporterError::NoCheckout { path: asked.into() });
    }
    if !asked.contains('/') && Version::from_str(asked).is_err() && Path::new(asked).exists() {
        return Err(ExporterError::PathAsVersion {
            name: manifest.name.clone(),
            asked: asked.to_owned(),
        });
    }
    if asked == manifest.version || manifest.depends_on_version() {
        return Ok(());
    }
    Err(ExporterError::OneVersion {
        name: manifest.name.clone(),
        has: manifest.version.clone(),
        asked: asked.to_owned(),
    })
}

/// There must be an adapter of that name.
pub(super) fn refuse_unless_it_is_known(name: &str) -> Result<(), ExporterError> {
    let known = Adapter::known();
    if known.iter().any(|one| one == name) {
        return Ok(());
    }
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    Err(ExporterError::Unknown {
        name: name.to_owned(),
        remedy: suggestion(name, &known, "known"),
    })
}

/// Whether there is an adapter of that name; a folder without a manifest is what several share.
fn is_embedded(name: &str) -> bool {
    EMBEDDED.get_file(Path::new(name).join("manifest.toml")).is_some()
}

fn locate(
    selector: &Selector,
    reference_manifest: &str,
    run_dir: &Path,
) -> Result<(Manifest, PathBuf), ExporterError> {
    let name = selector.name.as_str();
    if name == REFERENCE {
        let dir = run_dir.to_path_buf();
        return Ok((
            Manifest::parse("reference-impl/manifest.toml", reference_manifest)?,
            dir,
        ));
    }
    if is_embedded(name) {
        // What adapters share lies beside them, here as there.
        let all = run_dir.join("adapters");
        unpack(&EMBEDDED, &all)?;
        let dir = all.join(name);
        let path = dir.join("manifest.toml");
        return Ok((
            Manifest::parse(&format!("exporters/{name}/manifest.toml"), &read(&path)?)?,
            dir,
        ));
    }
    let path = PathBuf::from(name);
    let path = if path.is_dir() {
        path.join("manifest.toml")
    } else {
        path
    };
    if !path.is_file() {
        refuse_unless_it_is_known(name)?;
    }
    let manifest = Manifest::parse(&path.display().to_string(), &read(&path)?)?;
    let dir = path.canonicalize().map_err(|source| ExporterError::Read {
        path: path.clone(),
        source,
    })?;
    Ok((
        manifest,
        dir.parent().map_or_else(PathBuf::new, Path::to_path_buf),
    ))
}

fn read(path: &Path) -> Result<String, ExporterError> {
    fs::read_to_string(path).map_err(|source| ExporterError::Read {
        path: path.to_path_buf(),
        source,
    })
}

fn unpack(folder: &Dir<'_>, into: &Path) -> Result<(), ExporterError> {
    let io = |source| ExporterError::Write {
        path: into.to_path_buf(),
        source,
    };
    fs::create_dir_all(into).map_err(io)?;
    for file in folder.files() {
        fs::write(
            into.join(file.path().file_name().unwrap_or_default()),
            file.contents(),
        )
        .map_err(io)?;
    }
    for below in folder.dirs() {
        unpack(below, &into.join(below.path().file_name().unwrap_or_default()))?;
    }
    Ok(())
}

/// The values that a manifest's placeholders stand for.
#[derive(Clone, Debug)]
pub struct Expansion {
    pairs: Vec<(String, String)>,
}

impl Expansion {
    /// Starts with what the adapter itself fixes.
    pub fn of(adapter: &Adapter, program: &Path) -> Self {
        let python = adapter.python.as_deref().unwrap_or(Path::new("python3"));
        let node_modules = adapter
            .node_modules
            .as_deref()
            .unwrap_or(Path::new("node_modules"));
        Self { pairs: Vec::new() }
            .with("adapter_dir", adapter.dir.display().to_string())
            .with("counterfoil", program.display().to_string())
            .with("python", python.display().to_string())
            .with("node_modules", node_modules.display().to_string())
            .with("version", &adapter.version)
    }

    /// Adds a name.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.pairs.push((name.to_owned(), value.into()));
        self
    }

    /// `text` with every `{name}` that is known replaced; an unknown one stays as it is.
    pub fn apply(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for (name, value) in &self.pairs {
            out = out.replace(&format!("{{{name}}}"), value);
        }
        out
    }
}
