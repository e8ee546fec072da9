//! What the reference says to whoever watches it: lines on stderr.

use std::fmt;
use std::io::Write;

/// Writes one line to stderr. Nothing depends on anyone reading it, so a failure is not one.
pub(crate) fn notice(text: impl fmt::Display) {
    let line = format!("counterfoil reference: {text}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
}
