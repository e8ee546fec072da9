//! Events as JSON lines.

use std::io::Write;

use super::{Event, Listener};

/// Prints every event as one line of JSON.
#[derive(Debug)]
pub struct JsonLines<W> {
    out: W,
}

impl<W: Write + Send> JsonLines<W> {
    /// Prints to `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write + Send> Listener for JsonLines<W> {
    fn on(&mut self, event: &Event) {
        let line = serde_json::to_string(event).expect("an event holds nothing that JSON cannot");
        // A reader that went away (`| head`) has seen what it wanted.
        let _ = writeln!(self.out, "{line}").and_then(|()| self.out.flush());
    }
}
