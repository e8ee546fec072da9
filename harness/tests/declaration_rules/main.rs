//! What people declare: scenarios and manifests. Any text is read or refused with a place in it, never a panic.

#![allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]

mod fault_flaws;
mod flaws;
mod manifest_flaws;
mod page;
mod properties;
mod schema;

use counterfoil::exporter::Manifest;
use counterfoil::scenario;
use miette::Diagnostic;

/// A scenario that uses every part of the format.
const SCENARIO: &str = include_str!("whole-scenario.toml");
/// taskiq's, which uses every part of a manifest.
const MANIFEST: &str = include_str!("../../exporters/taskiq/manifest.toml");

/// What is said about a text that is refused, and the byte it points at.
struct Refusal {
    message: String,
    remedy: Option<String>,
    at: usize,
}

impl Refusal {
    fn of(error: &(dyn Diagnostic + 'static)) -> Self {
        let at = error
            .labels()
            .and_then(|mut labels| labels.next())
            .map(|label| label.offset());
        let remedy = error.help().map(|help| help.to_string());
        Self {
            message: error.to_string(),
            remedy,
            at: at.expect("a refusal has a place"),
        }
    }

    /// The line that it points at.
    fn line<'a>(&self, text: &'a str) -> &'a str {
        let from = text[..self.at].rfind('\n').map_or(0, |newline| newline + 1);
        text[from..].lines().next().unwrap_or_default()
    }
}

fn scenario(text: &str) -> Result<scenario::Scenario, Refusal> {
    scenario::parse("family/by-hand", text).map_err(|error| Refusal::of(error.as_ref()))
}

fn manifest(text: &str) -> Result<Manifest, Refusal> {
    Manifest::parse("manifest.toml", text).map_err(|error| Refusal::of(&error))
}
