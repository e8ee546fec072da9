//! The manifest of an adapter, as `exporters/PROTOCOL.md` defines it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use miette::NamedSource;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use toml::Spanned;

use super::{ExporterError, FileLayout, Files, Hook, ManifestError, PROTOCOL, QueueSpec, Releases};
use crate::declaration::Complaint;
use crate::scenario::{Capability, Scenario};

/// Where an author finds more.
const DESCRIBED: &str =
    "PROTOCOL.md, in harness/exporters and beside an adapter that `init` began, describes every key";

/// What an adapter's author declares.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The protocol version; anything but [`PROTOCOL`] is refused.
    pub protocol: Spanned<u32>,
    /// The exporter's name.
    pub name: String,
    /// Where it lives.
    pub homepage: String,
    /// The version that the name alone stands for.
    pub version: String,
    /// How a Python exporter is installed.
    pub python: Option<Python>,
    /// How an exporter of Node's is installed.
    pub node: Option<Node>,
    /// What must be on the machine, because nobody installs it.
    pub programs: Option<Programs>,
    /// How the workers are started.
    pub workers: Workers,
    /// How tasks reach them.
    pub queue: QueueSpec,
    /// Where they are scraped.
    pub scrape: Scrape,
    /// What they leave on disk.
    pub files: Files,
    /// What the exporter can do.
    #[serde(default)]
    pub capabilities: Vec<Capability>,
    /// How it is scaled, where it can be.
    #[serde(default)]
    pub scale: Scale,
    /// The series it adds per task by itself.
    #[serde(default)]
    pub hooks: Vec<Hook>,
    /// What is different about some releases.
    #[serde(default)]
    pub releases: Vec<Releases>,
    /// The text that it was read from.
    #[serde(skip)]
    pub text: String,
}

/// Python distributions and their pins.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Python {
    /// Requirement specifiers, `{version}` expanded; used where no lock exists.
    pub requirements: Vec<String>,
    /// The lock's path below the adapter, `{version}` expanded.
    pub locks: String,
    /// The distribution whose version is the exporter's, if it is not called as the exporter is.
    pub distribution: Option<String>,
}

/// Packages of Node's and their pins.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Packages as npm takes them, `{version}` expanded; used where no lock exists.
    pub requirements: Vec<String>,
    /// The lock's path below the adapter, `{version}` expanded: a `package-lock.json`.
    pub locks: String,
    /// The package whose version is the exporter's, if it is not called as the exporter is.
    pub package: Option<String>,
}

/// What must be on the machine before a fleet is started.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programs {
    /// A command that prints what is there, a line each as `NAME==VERSION`, and fails where something is missing, with words
    /// that say what.
    #[serde(deserialize_with = "command")]
    pub installed: Vec<String>,
    /// How what is missing is had.
    pub remedy: String,
}

/// The command that starts all workers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workers {
    /// Program and arguments.
    #[serde(deserialize_with = "command")]
    pub command: Vec<String>,
    /// Working directory.
    #[serde(default = "adapter_dir")]
    pub cwd: String,
    /// The signal that asks for a graceful end.
    #[serde(default)]
    pub stop: StopSignal,
    /// Until the endpoint answers.
    #[serde(default = "thirty_seconds")]
    pub ready_deadline_ms: u64,
    /// From the request to end until what is left is killed.
    #[serde(default = "fifteen_seconds")]
    pub stop_deadline_ms: u64,
    /// Environment on top of the protocol's.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
}

fn command<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let command = Vec::deserialize(deserializer)?;
    match command.is_empty() {
        true => Err(D::Error::invalid_length(0, &"a program and its arguments")),
        false => Ok(command),
    }
}

fn adapter_dir() -> String {
    "{adapter_dir}".to_owned()
}

fn thirty_seconds() -> u64 {
    30_000
}

fn fifteen_seconds() -> u64 {
    15_000
}

/// How a fleet is asked to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum StopSignal {
    /// SIGTERM.
    #[default]
    Term,
    /// SIGINT.
    Int,
}

/// The signals to the process that `workers.command` starts which ask it for one worker more, or one fewer; those of gunicorn
/// and Puma, if nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scale {
    /// One worker more.
    pub up: ScaleSignal,
    /// One worker fewer.
    pub down: ScaleSignal,
}

impl Default for Scale {
    fn default() -> Self {
        let (up, down) = (ScaleSignal::Ttin, ScaleSignal::Ttou);
        Self { up, down }
    }
}

/// A signal that means nothing to whoever does not expect it, but for its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ScaleSignal {
    /// SIGTTIN.
    Ttin,
    /// SIGTTOU.
    Ttou,
    /// SIGUSR1.
    Usr1,
    /// SIGUSR2.
    Usr2,
}

impl ScaleSignal {
    /// Its name in full.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ttin => "SIGTTIN",
            Self::Ttou => "SIGTTOU",
            Self::Usr1 => "SIGUSR1",
            Self::Usr2 => "SIGUSR2",
        }
    }
}

/// Where the exporter is scraped.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scrape {
    /// The URL, `{metrics_port}` expanded.
    pub url: String,
}

/// How a task ended, as its worker acknowledged it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Every op was executed.
    Ok,
    /// A `fail` op ended it.
    Failed,
    /// The worker did not understand it and executed nothing.
    Refused,
}

impl Manifest {
    /// What `scenario` needs and the exporter does not declare: then the scenario is not applicable to it.
    pub fn lacks(&self, scenario: &Scenario) -> Option<Capability> {
        let mut needs = scenario.needs.iter().copied();
        needs.find(|need| !self.capabilities.contains(need))
    }

    /// Why it cannot be asked to play `scenario`, whatever its capabilities are, if it cannot.
    pub fn beyond(&self, scenario: &Scenario) -> Option<&'static str> {
        let without_files = || match self.files.layout {
            FileLayout::None => scenario.beyond_no_files(),
            FileLayout::Of(_) => None,
        };
        match self.queue {
            QueueSpec::Http { .. } => scenario.beyond_http(),
            QueueSpec::List(_) => None,
        }
        .or_else(without_files)
    }

    /// The scenario as this exporter is asked to play it: where it has no files, its checks are others.
    pub fn asked<'a>(&self, scenario: &'a Scenario) -> Cow<'a, Scenario> {
        match self.files.layout {
            FileLayout::Of(_) => Cow::Borrowed(scenario),
            FileLayout::None => Cow::Owned(scenario.without_files()),
        }
    }

    /// Whether another version is another thing: one is installed, or the command names one.
    pub fn depends_on_version(&self) -> bool {
        let Workers {
            command, cwd, env, ..
        } = &self.workers;
        let texts = command.iter().chain([cwd]).chain(env.values());
        self.python.is_some()
            || self.node.is_some()
            || texts.into_iter().any(|text| text.contains("{version}"))
    }

    /// Where its locks are below the adapter, `{version}` not expanded, if anything is installed for it.
    pub fn locks(&self) -> Option<&str> {
        let python = self.python.as_ref().map(|python| python.locks.as_str());
        python.or(self.node.as_ref().map(|node| node.locks.as_str()))
    }

    /// Reads a manifest; `path` names it in errors.
    ///
    /// # Errors
    /// What is malformed, with its place; a protocol version that this release does not speak.
    ///
    /// ```
    /// use counterfoil::exporter::Manifest;
    /// use miette::Diagnostic;
    ///
    /// let text = r#"
    /// protocol = 1
    /// name = "acme"
    /// homepage = "https://acme.example"
    /// version = "2.0.0"
    /// workers = { command = ["acme", "--workers", "{workers}", "--metrics", "{metrics_dir}"] }
    /// queue = { format = "plain-list" }
    /// scrape = { url = "http://127.0.0.1:{metrics_port}/metrics" }
    /// files = { layout = "python-16" }
    /// capabilities = ["counter", "gauge"]
    /// "#;
    /// let manifest = Manifest::parse("acme/manifest.toml", text)?;
    /// assert_eq!(manifest.workers.stop_deadline_ms, 15_000);
    ///
    /// // A manifest of a protocol to come is not guessed at.
    /// let newer = text.replace("protocol = 1", "protocol = 2");
    /// let error = Manifest::parse("acme/manifest.toml", &newer).expect_err("version 1 is spoken");
    /// let place = error.labels().and_then(|mut labels| labels.next()).expect("it points at the number");
    /// assert_eq!(&newer[place.offset()..][..place.len()], "2");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse(path: &str, text: &str) -> Result<Self, ExporterError> {
        let source = || NamedSource::new(path, text.to_owned()).with_language("toml");
        refuse_other_protocols(path, text, source())?;
        let flaw = |at: Range<usize>, message: String, remedy: String| ManifestError {
            path: path.to_owned(),
            message,
            text: source(),
            at: at.into(),
            remedy: Some(format!("{remedy}\n{DESCRIBED}")),
        };
        let mut manifest: Self = toml::from_str(text).map_err(|error| {
            let Complaint { at, message, remedy } = Complaint::of(&error, text);
            let remedy = remedy.replace("`protocol = …`", &format!("`protocol = {PROTOCOL}`"));
            flaw(at, message, remedy)
        })?;
        if let Some((at, message, remedy)) = manifest.files.flaw() {
            return Err(flaw(at, message.to_owned(), remedy.to_owned()).into());
        }
        text.clone_into(&mut manifest.text);
        Ok(manifest)
    }
}

/// The version is read before the rest: a later protocol may have keys that this release would call unknown.
fn refuse_other_protocols(path: &str, text: &str, source: NamedSource<String>) -> Result<(), ExporterError> {
    #[derive(Deserialize)]
    struct OnlyProtocol {
        protocol: Spanned<u32>,
    }
    let Ok(OnlyProtocol { protocol }) = toml::from_str(text) else {
        return Ok(());
    };
    if *protocol.get_ref() == PROTOCOL {
        return Ok(());
    }
    Err(ManifestError {
        path: path.to_owned(),
        message: format!("protocol {} is not spoken here", protocol.get_ref()),
        text: source,
        at: protocol.span().into(),
        remedy: Some(format!(
            "this release speaks protocol {PROTOCOL}: use the release of counterfoil that the adapter was written \
             for, or write `protocol = {PROTOCOL}` once the adapter does what that says\n{DESCRIBED}"
        )),
    }
    .into())
}
