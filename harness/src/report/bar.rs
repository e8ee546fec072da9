//! The line on a terminal's stderr that says how far something is.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::printable;

/// How far something is: at first only that it goes on and for how long it has, then, once it is known how many parts there
/// are, how many of them are over.
#[derive(Debug)]
pub struct Bar(ProgressBar);

impl Bar {
    /// Drawn on stderr, or nowhere.
    pub fn new(is_drawn: bool) -> Self {
        let target = match is_drawn {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let style = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
        Self(ProgressBar::with_draw_target(None, target).with_style(style))
    }

    /// Drawn where stderr is a terminal.
    pub fn for_people() -> Self {
        Self::new(io::stderr().is_terminal())
    }

    /// From now on it counts, from none to so many.
    pub fn count(&self, parts: usize) {
        let style = ProgressStyle::with_template("{spinner} {pos}/{len} {bar:24} {elapsed} {wide_msg}");
        self.0
            .set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        self.0.set_length(parts as u64);
        self.0.set_position(0);
    }

    /// One more is over.
    pub fn advance(&self) {
        self.0.inc(1);
    }

    /// What is going on, which may be anybody's text.
    pub fn show(&self, what: &str) {
        if self.0.is_hidden() {
            return;
        }
        // From the first time on it moves; nothing is drawn before there is something to say.
        if self.0.message().is_empty() {
            self.0.enable_steady_tick(Duration::from_millis(120));
        }
        self.0.set_message(printable(what));
    }

    /// Does what writes to the terminal, with nothing drawn meanwhile.
    pub fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.0.suspend(write)
    }

    /// Takes it away.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }
}
