//! What the reference says to whoever watches it: lines on stderr.

use std::fmt;
use std::io::Write;

/// Writes one line to stderr. Nothing depends on anyone reading it, so a failure is not one.
///
/// A file's name may hold anything: what would end the line, or steer a terminal, becomes `?`.
pub(crate) fn notice(text: impl fmt::Display) {
    let text = text.to_string().replace(char::is_control, "?");
    let line = format!("counterfoil reference: {text}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
}
