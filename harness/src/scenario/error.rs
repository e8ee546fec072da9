//! What can be wrong with scenarios: with a file, at a place in it, or with the folder that they are in.

use std::io;
use std::ops::Range;
use std::path::PathBuf;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

use crate::declaration::Complaint;

/// There is no set of scenarios.
#[derive(Debug, Error, Diagnostic)]
pub enum CatalogueError {
    /// A scenario is wrong.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Scenario(#[from] Box<ScenarioError>),
    /// The folder, or one in it, cannot be listed.
    #[error("cannot list the folder of scenarios {}", dir.display())]
    #[diagnostic(help("--scenarios takes a folder that holds files <family>/<behaviour>.toml"))]
    Folder {
        /// The folder.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder holds none.
    #[error("there is no scenario in {}", dir.display())]
    #[diagnostic(help("put one at {}/<family>/<behaviour>.toml", dir.display()))]
    Empty {
        /// The folder.
        dir: PathBuf,
    },
    /// A file lies where no scenario is looked for.
    #[error("{} does not lie where a scenario does", path.display())]
    #[diagnostic(help("move it to {}/<family>/<behaviour>.toml, or out of this folder", dir.display()))]
    Depth {
        /// The file.
        path: PathBuf,
        /// The folder of scenarios.
        dir: PathBuf,
    },
    /// A file's place is no id.
    #[error("the path of {} is no scenario's id", path.display())]
    #[diagnostic(help(
        "name family and behaviour with lowercase letters, digits and -, as in counter/sums-up.toml"
    ))]
    Name {
        /// The file.
        path: PathBuf,
    },
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    #[diagnostic(help("a scenario is a text file that this user may read"))]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not UTF-8.
    #[error("{} is not UTF-8: line {line} holds the byte 0x{byte:02x}", path.display())]
    #[diagnostic(help("save it as UTF-8"))]
    NotText {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The first byte that belongs to no character.
        byte: u8,
    },
}

/// A scenario file that cannot be used. Renders with the offending line.
#[derive(Debug, Error, Diagnostic)]
#[error("scenario {id}: {message}")]
pub struct ScenarioError {
    /// The scenario's id.
    pub id: String,
    message: String,
    #[source_code]
    source_code: NamedSource<String>,
    #[label("{label}")]
    at: SourceSpan,
    label: String,
    #[help]
    remedy: Option<String>,
}

impl ScenarioError {
    /// `name` is the file's, as it is shown.
    pub(super) fn new(
        id: &str,
        name: &str,
        text: &str,
        at: Range<usize>,
        message: String,
        remedy: Option<String>,
    ) -> Box<Self> {
        Box::new(Self {
            id: id.to_owned(),
            message,
            source_code: NamedSource::new(name, text.to_owned()).with_language("toml"),
            at: at.into(),
            label: "here".to_owned(),
            remedy,
        })
    }

    pub(super) fn from_toml(id: &str, name: &str, text: &str, error: &toml::de::Error) -> Box<Self> {
        let Complaint { at, message, remedy } = Complaint::of(error, text);
        Self::new(id, name, text, at, message, Some(remedy))
    }
}
