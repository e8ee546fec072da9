//! Mutants: one deliberate defect each, chosen by `COUNTERFOIL_MUTANT`, to prove that the suite
//! finds it.

use std::env;

use thiserror::Error;

/// The environment variable that selects a mutant.
pub const VARIABLE: &str = "COUNTERFOIL_MUTANT";

/// A deliberate defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "`description` says what each does")]
pub enum Mutant {
    ServesOwnProcess,
    DropsAProcess,
    CountsAProcessTwice,
    LosesAnIncrement,
    DoublesAnIncrement,
    BucketsNotAccumulated,
    EscapesMissing,
    DuplicateSeries,
    TypeMissing,
    HelpOfAnotherFamily,
    StaleCache,
    WrongContentType,
    Status500,
    ResetsOnRestart,
    ForgetsNewFiles,
    KeepsDeadLiveGauges,
    SumModeAsMax,
    ValuesAsF32,
    EndpointDiesWithFirstWorker,
    GoesBackwards,
    LeavesAnEmptyFile,
    OutlivesItsSupervisor,
}

/// Every mutant.
pub const ALL: [Mutant; 22] = [
    Mutant::ServesOwnProcess,
    Mutant::DropsAProcess,
    Mutant::CountsAProcessTwice,
    Mutant::LosesAnIncrement,
    Mutant::DoublesAnIncrement,
    Mutant::BucketsNotAccumulated,
    Mutant::EscapesMissing,
    Mutant::DuplicateSeries,
    Mutant::TypeMissing,
    Mutant::HelpOfAnotherFamily,
    Mutant::StaleCache,
    Mutant::WrongContentType,
    Mutant::Status500,
    Mutant::ResetsOnRestart,
    Mutant::ForgetsNewFiles,
    Mutant::KeepsDeadLiveGauges,
    Mutant::SumModeAsMax,
    Mutant::ValuesAsF32,
    Mutant::EndpointDiesWithFirstWorker,
    Mutant::GoesBackwards,
    Mutant::LeavesAnEmptyFile,
    Mutant::OutlivesItsSupervisor,
];

/// A name that no mutant has.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{VARIABLE}={name:?} names no mutant; there are: {}", names().join(", "))]
pub struct UnknownMutant {
    /// The name.
    pub name: String,
}

impl Mutant {
    /// The name that selects it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// What it does, in a line.
    #[must_use]
    pub const fn description(self) -> &'static str {
        self.row().1
    }

    /// The rule that it breaks or the bug that it imitates.
    #[must_use]
    pub const fn stands_for(self) -> &'static str {
        self.row().2
    }

    /// The mutant of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        ALL.into_iter().find(|mutant| mutant.name() == name)
    }

    /// The mutant that the environment selects; to be asked once, when a process starts.
    ///
    /// # Errors
    /// If the name is unknown.
    pub fn from_environment() -> Result<Option<Self>, UnknownMutant> {
        let Some(name) = env::var_os(VARIABLE).filter(|name| !name.is_empty()) else {
            return Ok(None);
        };
        let name = name.to_string_lossy().into_owned();
        Self::parse(&name).map(Some).ok_or(UnknownMutant { name })
    }

    /// Name, description, and what it stands for.
    const fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::ServesOwnProcess => (
                "serves-own-process",
                "the endpoint serves the files of one process only",
                "C1",
            ),
            Self::DropsAProcess => (
                "drops-a-process",
                "where several processes have files, those of one are not read",
                "M1",
            ),
            Self::CountsAProcessTwice => (
                "counts-a-process-twice",
                "the files of one process are read twice",
                "C5",
            ),
            Self::LosesAnIncrement => (
                "loses-an-increment",
                "a worker skips every 7th inc or observe and acknowledges it",
                "C32",
            ),
            Self::DoublesAnIncrement => (
                "doubles-an-increment",
                "a worker executes every 7th inc or observe twice",
                "C32",
            ),
            Self::BucketsNotAccumulated => (
                "buckets-not-accumulated",
                "histogram buckets are served as they are stored",
                "M9",
            ),
            Self::EscapesMissing => (
                "escapes-missing",
                "label values are served without escapes",
                "C36",
            ),
            Self::DuplicateSeries => (
                "duplicate-series",
                "the first sample of each family is served twice",
                "M14",
            ),
            Self::TypeMissing => ("type-missing", "no TYPE line is served", "M3"),
            Self::HelpOfAnotherFamily => (
                "help-of-another-family",
                "each family has the HELP of the one after it",
                "M3",
            ),
            Self::StaleCache => (
                "stale-cache",
                "the first scrape that is not empty is served for ever",
                "C14",
            ),
            Self::WrongContentType => (
                "wrong-content-type",
                "the text format is served as application/json",
                "C26",
            ),
            Self::Status500 => ("status-500", "the right body is served with status 500", "M13"),
            Self::ResetsOnRestart => (
                "resets-on-restart",
                "all files of a dead worker are removed, so counters fall",
                "C13",
            ),
            Self::ForgetsNewFiles => (
                "forgets-new-files",
                "the first listing of the directory that is not empty is kept for ever",
                "C30",
            ),
            Self::KeepsDeadLiveGauges => (
                "keeps-dead-live-gauges",
                "dead workers are not marked dead",
                "C16",
            ),
            Self::SumModeAsMax => (
                "sum-mode-as-max",
                "sum and livesum gauges are merged as max",
                "M8",
            ),
            Self::ValuesAsF32 => (
                "values-as-f32",
                "values are rounded to 32-bit floats before they are merged",
                "M4",
            ),
            Self::EndpointDiesWithFirstWorker => (
                "endpoint-dies-with-first-worker",
                "when a worker dies, the endpoint goes with it and stays away",
                "T4",
            ),
            Self::GoesBackwards => (
                "goes-backwards",
                "every other scrape serves the files of one process only",
                "C44",
            ),
            Self::OutlivesItsSupervisor => (
                "outlives-its-supervisor",
                "the workers ignore SIGTERM, and the supervisor ends without them",
                "fleet/no-orphans",
            ),
            Self::LeavesAnEmptyFile => (
                "leaves-an-empty-file",
                "a worker leaves an empty counter_0.db, as one does that is killed before it sizes its file",
                "C6",
            ),
        }
    }
}

fn names() -> Vec<&'static str> {
    ALL.into_iter().map(Mutant::name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mutant_is_found_by_its_name() {
        for mutant in ALL {
            assert_eq!(Mutant::parse(mutant.name()), Some(mutant));
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = UnknownMutant { name: "typo".into() }.to_string();
        assert!(ALL.iter().all(|mutant| error.contains(mutant.name())));
    }
}
