//! The rules of the two text formats, one by one, and what holds for any text.

#![allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]

mod edges;
mod facts;
mod openmetrics;
mod properties;
mod table;
mod text;
mod writing;

use counterfoil::exposition::Parsed;

/// Each finding as `line:column rule`.
fn found(parsed: &Parsed) -> Vec<String> {
    parsed
        .findings
        .iter()
        .map(|finding| format!("{}:{} {}", finding.line, finding.column, finding.rule))
        .collect()
}
