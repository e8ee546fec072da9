//! What can be wrong with a scenario file, with the place.

use std::ops::Range;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

use crate::declaration::Complaint;

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
    pub(super) fn new(
        id: &str,
        text: &str,
        at: Range<usize>,
        message: String,
        remedy: Option<String>,
    ) -> Box<Self> {
        Box::new(Self {
            id: id.to_owned(),
            message,
            source_code: NamedSource::new(format!("scenarios/{id}.toml"), text.to_owned())
                .with_language("toml"),
            at: at.into(),
            label: "here".to_owned(),
            remedy,
        })
    }

    pub(super) fn from_toml(id: &str, text: &str, error: &toml::de::Error) -> Box<Self> {
        let Complaint { at, message, remedy } = Complaint::of(error, text);
        Self::new(id, text, at, message, Some(remedy))
    }
}
