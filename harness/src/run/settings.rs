//! What a run is asked to do.

use std::fmt;
use std::hash::BuildHasher;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::{Measure, RunError};
use crate::broker::Choice;
use crate::exporter::{REFERENCE, Selector};
use crate::fleet::FleetKind;
use crate::scenario::{Catalogue, CatalogueError, Scenario};

/// What a run is asked to do.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The system under test.
    pub exporter: Selector,
    /// The text of the reference's manifest.
    pub reference_manifest: &'static str,
    /// What a manifest's placeholders stand for, on top of the protocol's: name and value.
    pub placeholders: Vec<(String, String)>,
    /// The executable that also serves as reaper and as the reference.
    pub program: PathBuf,
    /// Which broker.
    pub broker: Choice,
    /// Where the fleets run.
    pub fleet: FleetKind,
    /// The folder that the scenarios are read from; `None`: those that are embedded.
    pub scenarios: Option<PathBuf>,
    /// Which of them: those whose id contains one of these, or all.
    pub filters: Vec<String>,
    /// The requirement set that is judged by, and no scenario beyond it is played; `None`: by the newest, and what is
    /// beyond it warns.
    pub requirements: Option<u32>,
    /// Which share of them.
    pub shard: Option<Shard>,
    /// So many generated programs in place of scenarios.
    pub property: Option<NonZeroU32>,
    /// Below which folder runs are kept.
    pub out: PathBuf,
    /// The seed of the dispatch order, and of the programs.
    pub seed: u64,
    /// How often each scenario runs.
    pub repeat: u32,
    /// How many scenarios run at once.
    pub jobs: usize,
    /// Whether the first failure ends the run.
    pub fail_fast: bool,
    /// The reference's defect, if it is to have one.
    pub mutant: Option<String>,
    /// What becomes of what the exporter is known to fail.
    pub baseline: BaselineUse,
}

/// What becomes of the baseline beside an exporter's manifest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BaselineUse {
    /// What it lists must fail.
    #[default]
    Judge,
    /// The same, and in the end it is brought up to date.
    Update,
    /// It is not read.
    Ignore,
}

/// Share `index` of `count`, from 1: each scenario is in one share of N, and stays there when others are added.
///
/// ```
/// use counterfoil::run::Shard;
///
/// assert_eq!("2/3".parse::<Shard>()?.to_string(), "2/3");
/// let error = "0/3".parse::<Shard>().expect_err("shares are counted from 1");
/// assert_eq!(error, "\"0/3\" is no shard: use K/N with 1 <= K <= N");
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text
            .split_once('/')
            .and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match parsed {
            Some((index, count)) if index >= 1 && index <= count => Ok(Self { index, count }),
            _ => Err(format!("{text:?} is no shard: use K/N with 1 <= K <= N")),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl Shard {
    /// Whether a scenario belongs to it. Goes by the id alone, so adding a scenario moves no other.
    fn holds(self, id: &str) -> bool {
        let hash = foldhash::quality::FixedState::with_seed(0).hash_one(id);
        hash % u64::from(self.count) == u64::from(self.index - 1)
    }
}

impl Settings {
    /// Whether the fleets can reach the broker that is chosen.
    ///
    /// # Errors
    /// They cannot.
    pub(super) fn agree(&self) -> Result<(), RunError> {
        match (self.fleet, &self.broker) {
            (FleetKind::Process, _) | (_, Choice::Auto | Choice::Container) => Ok(()),
            (FleetKind::Container, Choice::Embedded | Choice::Process | Choice::Url(_)) => {
                Err(RunError::OtherNetwork)
            }
        }
    }

    /// The scenarios that there are.
    fn catalogue(&self) -> Result<Catalogue, CatalogueError> {
        self.scenarios
            .as_deref()
            .map_or_else(Catalogue::embedded, Catalogue::read)
    }

    /// The scenarios that a baseline may list: the embedded ones, and those of the folder.
    pub(super) fn known_scenarios(&self) -> Result<Vec<Scenario>, CatalogueError> {
        let mut known = Catalogue::embedded()?.scenarios().to_vec();
        if self.scenarios.is_some() {
            // Where both have an id, the folder's is played.
            known.splice(0..0, self.catalogue()?.scenarios().to_vec());
        }
        Ok(known)
    }

    /// The folder that they are read from, as it is found from anywhere.
    pub(super) fn scenarios_dir(&self) -> Option<String> {
        let dir = self.scenarios.as_ref()?;
        let dir = dir.canonicalize().unwrap_or_else(|_| dir.clone());
        Some(dir.display().to_string())
    }

    /// The chosen scenarios, by id; `None` where programs are generated, for which the exporter has to be known.
    pub(super) fn scenarios(&self, measure: &Measure) -> Result<Option<Vec<Scenario>>, RunError> {
        if self.property.is_some() {
            return Ok(None);
        }
        let mut catalogue = self.catalogue()?;
        if self.requirements.is_some() {
            catalogue.retain(|id| measure.has(id));
        }
        self.choose(&catalogue).map(Some)
    }

    fn choose(&self, catalogue: &Catalogue) -> Result<Vec<Scenario>, RunError> {
        if let Some((filters, remedy)) = catalogue.unmatched(&self.filters) {
            return Err(RunError::NothingMatches { filters, remedy });
        }
        let chosen = catalogue.select(&self.filters);
        let Some(shard) = self.shard else {
            return Ok(chosen.into_iter().cloned().collect());
        };
        let mine = chosen.iter().filter(|scenario| shard.holds(&scenario.id));
        let mine: Vec<Scenario> = mine.copied().cloned().collect();
        match mine.is_empty() {
            true => Err(RunError::EmptyShard {
                shard,
                chosen: chosen.len(),
            }),
            false => Ok(mine),
        }
    }

    /// The command that runs one scenario of a folder, or an embedded one, alone, on a reference with that defect if it is to
    /// have one.
    pub(super) fn rerun(&self, id: &str, scenarios: Option<&Path>, mutant: Option<&str>) -> String {
        let mut command = format!("counterfoil run {id}");
        if let Some(dir) = scenarios {
            command.push_str(&format!(" --scenarios {}", quoted(&dir.display().to_string())));
        }
        if self.exporter.name != REFERENCE {
            command.push_str(&format!(" --exporter {}", quoted(&self.exporter.to_string())));
        }
        if self.baseline == BaselineUse::Ignore {
            command.push_str(" --no-baseline");
        }
        if let Some(set) = self.requirements {
            command.push_str(&format!(" --requirements {set}"));
        }
        if self.fleet != FleetKind::default() {
            command.push_str(&format!(" --fleet {}", self.fleet));
        }
        if let Some(mutant) = mutant {
            command.push_str(&format!(" --mutant {mutant}"));
        }
        if self.seed != 0 {
            command.push_str(&format!(" --seed {}", self.seed));
        }
        command
    }
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    // Only a NUL cannot be quoted, and no argument holds one.
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shards_of_a_catalogue_are_disjoint_and_complete() {
        let shards: Vec<Shard> = (1..=3).map(|index| Shard { index, count: 3 }).collect();
        for id in (0..100).map(|n| format!("family/scenario-{n}")) {
            assert_eq!(shards.iter().filter(|shard| shard.holds(&id)).count(), 1);
        }
    }

    #[test]
    fn a_shard_counts_from_one() {
        assert_eq!("2/3".parse(), Ok(Shard { index: 2, count: 3 }));
        for wrong in ["0/3", "4/3", "1", "a/b", "1/0"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
