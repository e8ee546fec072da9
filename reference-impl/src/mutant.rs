//! Mutants: one deliberate defect each, chosen by `COUNTERFOIL_MUTANT`, to prove that the suite finds it.
//!
//! [`catalogue`](self::ALL) declares them, each with the scenario and check that kill it and the words in which that
//! check says why. What they do is done at a few seams: which files are read (`files`), how values are folded (`merge`),
//! what is made of the families and of their text (`families`, `lines`, `label_set`), how it is sent (`unruly`), what workers
//! execute (`ops`), whether they can do without the broker (`broker`) and keep to themselves on a host (`host`), what their
//! supervisor does. Without a mutant a seam costs a comparison.

pub(crate) mod broker;
mod catalogue;
mod declare;
pub(crate) mod families;
pub(crate) mod files;
pub(crate) mod host;
pub(crate) mod label_set;
pub(crate) mod lines;
pub(crate) mod ops;
mod scenarios;

use std::env;

use thiserror::Error;

pub use catalogue::{ALL, Mutant};

/// The environment variable that selects a mutant.
pub const VARIABLE: &str = "COUNTERFOIL_MUTANT";

/// How a mutant is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Death {
    /// The scenario that kills it.
    pub scenario: &'static str,
    /// The check of that scenario that does not hold.
    pub check: &'static str,
    /// Words of what the check says: it must be this that is wrong, not just anything.
    pub because: &'static str,
    /// The checks that may fail with it. Every other one of the scenario must hold.
    pub also: &'static [&'static str],
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

    /// Of a mutant that mistakes a gauge's mode for another: the mode, and what it is taken for, both without `live`.
    pub(crate) fn mistaken_mode(self) -> Option<(&'static str, &'static str)> {
        self.name().strip_prefix("gauge-")?.split_once("-as-")
    }
}

fn names() -> Vec<&'static str> {
    ALL.into_iter().map(Mutant::name).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::file_name::Mode;

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

    #[test]
    fn every_mode_is_mistaken_for_every_other_one_m5_to_m7() {
        let base = Mode::ALL.into_iter().filter(|mode| !mode.is_live());
        let base: Vec<&str> = base.map(Mode::name).collect();
        let mistaken: HashSet<_> = ALL.iter().filter_map(|mutant| mutant.mistaken_mode()).collect();
        for of in &base {
            for taken_for in base.iter().filter(|mode| *mode != of) {
                assert!(mistaken.contains(&(*of, *taken_for)), "{of} as {taken_for}");
            }
        }
        assert_eq!(mistaken.len(), base.len() * (base.len() - 1));
    }
}
