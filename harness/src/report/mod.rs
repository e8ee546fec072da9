//! Reports: events first, everything else derives from them.
//!
//! A run tells a [`Listener`] what happens as [`Event`]s; [`Terminal`] draws them for people, [`JsonLines`]
//! prints them as they are, [`junit`] and [`github`] turn the finished run into what CI systems show. What it came to is kept as a [`RunReport`], and several are [`join`]ed to one.

mod bar;
mod event;
mod failure;
mod fixture;
mod fold;
pub mod github;
mod join;
mod json;
pub mod junit;
mod kept_report;
mod program;
mod run_report;
#[cfg(test)]
pub(crate) mod sample;
mod summary;
mod terminal;
mod terms;
mod third_party;
mod verdict;

pub use bar::Bar;
pub use event::{CheckReport, Event, Judgement, SCHEMA_VERSION, ScenarioReport};
pub(crate) use failure::headline;
pub use failure::render_failure;
pub use fixture::FixtureReport;
pub(crate) use github::cell as markdown_cell;
pub(crate) use join::refuse_differing;
pub use join::{JoinError, join};
pub use json::JsonLines;
pub use kept_report::{KeptReport, KeptReportError, find, read};
pub use program::{ProgramReport, SmallestPlan};
pub use run_report::{Conditions, RunPart, RunReport};
pub use summary::{ExitStatus, Summary};
pub use terminal::Terminal;
pub use terms::{KnownFailure, Terms};
pub use third_party::{clip, printable};
pub use verdict::Verdict;

/// Who is told what happens.
pub trait Listener: Send {
    /// Something happened. Called from one thread at a time, in order.
    fn on(&mut self, event: &Event);

    /// Something that takes long has begun; shown on a terminal while it lasts.
    fn progress(&mut self, _what: &str) {}
}

/// Tells nobody.
#[derive(Debug, Default)]
pub struct Silent;

impl Listener for Silent {
    fn on(&mut self, _event: &Event) {}
}
