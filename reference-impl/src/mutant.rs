//! Mutants: one deliberate defect each, chosen by `COUNTERFOIL_MUTANT`, to prove that the suite
//! finds it.

use std::env;

use thiserror::Error;

/// The environment variable that selects a mutant.
pub const VARIABLE: &str = "COUNTERFOIL_MUTANT";

/// Declares every mutant in a line: its variant, its name, what it stands for, and what it does.
macro_rules! mutants {
    ($($variant:ident = $name:literal, $stands_for:literal, $description:literal;)+) => {
        /// A deliberate defect.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Mutant {
            $(#[doc = $description] $variant,)+
        }

        /// Every mutant.
        pub const ALL: [Mutant; [$($name),+].len()] = [$(Mutant::$variant),+];

        impl Mutant {
            /// The name that selects it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it does, in a line.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $description,)+ }
            }

            /// The rule that it breaks or the bug that it imitates.
            #[must_use]
            pub const fn stands_for(self) -> &'static str {
                match self { $(Self::$variant => $stands_for,)+ }
            }
        }
    };
}

mutants! {
    ServesOwnProcess = "serves-own-process", "C1", "the endpoint serves the files of one process only";
    DropsAProcess = "drops-a-process", "M1", "where several processes have files, those of one are not read";
    CountsAProcessTwice = "counts-a-process-twice", "C5", "the files of one process are read twice";
    LosesAnIncrement = "loses-an-increment", "C32",
        "a worker skips every 7th inc or observe and acknowledges it";
    DoublesAnIncrement = "doubles-an-increment", "C32", "a worker executes every 7th inc or observe twice";
    BucketsNotAccumulated = "buckets-not-accumulated", "M9",
        "histogram buckets are served as they are stored";
    EscapesMissing = "escapes-missing", "C36", "label values are served without escapes";
    DuplicateSeries = "duplicate-series", "M14", "the first sample of each family is served twice";
    TypeMissing = "type-missing", "M3", "no TYPE line is served";
    HelpOfAnotherFamily = "help-of-another-family", "M3", "each family has the HELP of the one after it";
    StaleCache = "stale-cache", "C14", "the first scrape that is not empty is served for ever";
    WrongContentType = "wrong-content-type", "C26", "the text format is served as application/json";
    Status500 = "status-500", "M13", "the right body is served with status 500";
    AnswersGarbage = "answers-garbage", "scrape/available", "what is answered is not HTTP";
    ServesAPage = "serves-a-page", "exposition/valid", "a web page is served as the text format";
    AnswersWithoutEnd = "answers-without-end", "C31", "behind the right body come comments for ever";
    Drips = "drips", "C29", "the right body is served, ten bytes a second";
    Redirects = "redirects", "scrape/available", "scrapes are sent elsewhere, with status 302";
    ClaimsGzip = "claims-gzip", "scrape/available", "the body is declared to be compressed, and is not";
    ServesProtobuf = "serves-protobuf", "scrape/available",
        "protobuf is served to those who ask for text";
    ResetsOnRestart = "resets-on-restart", "C13", "all files of a dead worker are removed, so counters fall";
    ForgetsNewFiles = "forgets-new-files", "C30",
        "the first listing of the directory that is not empty is kept for ever";
    KeepsDeadLiveGauges = "keeps-dead-live-gauges", "C16", "dead workers are not marked dead";
    SumModeAsMax = "sum-mode-as-max", "M8", "sum and livesum gauges are merged as max";
    ValuesAsF32 = "values-as-f32", "M4", "values are rounded to 32-bit floats before they are merged";
    EndpointDiesWithFirstWorker = "endpoint-dies-with-first-worker", "T4",
        "when a worker dies, the endpoint goes with it and stays away";
    GoesBackwards = "goes-backwards", "C44", "every other scrape serves the files of one process only";
    OutlivesItsSupervisor = "outlives-its-supervisor", "fleet/no-orphans",
        "the workers ignore SIGTERM, and the supervisor ends without them";
    LeavesAnEmptyFile = "leaves-an-empty-file", "C6",
        "a worker leaves an empty counter_0.db, as one does that is killed before it sizes its file";
}

/// A name that no mutant has.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{VARIABLE}={name:?} names no mutant; there are: {}", names().join(", "))]
pub struct UnknownMutant {
    /// The name.
    pub name: String,
}

impl Mutant {
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
