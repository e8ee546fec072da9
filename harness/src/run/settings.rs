//! What a run is asked to do.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use super::{Measure, RunError, Shard};
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
    /// How many turns a scenario has in all that fails beside others, or cannot be judged: all but the first alone.
    pub confirm: u32,
    /// How many scenarios run at once.
    pub jobs: usize,
    /// Whether the first failure ends the run.
    pub fail_fast: bool,
    /// The reference's defect, if it is to have one.
    pub mutant: Option<String>,
    /// What becomes of what the exporter is known to fail.
    pub baseline: BaselineUse,
    /// Whether a third party's exporter comes after the reference in the same environment.
    pub control: Control,
}

/// Whether a run has a control of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Control {
    /// It begins with one.
    #[default]
    Own,
    /// One was run before, for several runs.
    Over,
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

/// The scenarios that are to be played.
#[derive(Clone, Debug)]
pub(super) struct Chosen {
    pub(super) scenarios: Vec<Scenario>,
    /// The ids of all that were chosen, those of other shares among them.
    pub(super) of: Vec<String>,
}

impl Chosen {
    pub(super) fn all(scenarios: Vec<Scenario>) -> Self {
        let of = scenarios.iter().map(|scenario| scenario.id.clone()).collect();
        Self { scenarios, of }
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

    /// How many turns a scenario has in all that fails beside others, or cannot be judged. What is repeated has turns already, and
    /// the first failure may be to end the run.
    pub(super) fn turns_in_doubt(&self) -> u32 {
        match self.repeat > 1 || self.fail_fast {
            true => 1,
            false => self.confirm,
        }
    }

    /// The scenarios that there are.
    pub(crate) fn catalogue(&self) -> Result<Catalogue, CatalogueError> {
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
    pub(super) fn scenarios(&self, measure: &Measure) -> Result<Option<Chosen>, RunError> {
        if self.property.is_some() {
            return Ok(None);
        }
        let mut catalogue = self.catalogue()?;
        if self.requirements.is_some() {
            catalogue.retain(|id| measure.has(id));
        }
        self.choose(&catalogue).map(Some)
    }

    fn choose(&self, catalogue: &Catalogue) -> Result<Chosen, RunError> {
        if let Some((filters, remedy)) = catalogue.unmatched(&self.filters) {
            return Err(RunError::NothingMatches { filters, remedy });
        }
        let selected = catalogue.select(&self.filters).into_iter().cloned();
        let mut chosen = Chosen::all(selected.collect());
        if let Some(shard) = self.shard {
            chosen.scenarios.retain(|scenario| shard.holds(&scenario.id));
            if chosen.scenarios.is_empty() {
                let chosen = chosen.of.len();
                return Err(RunError::EmptyShard { shard, chosen });
            }
        }
        Ok(chosen)
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
        if self.broker != Choice::Auto {
            command.push_str(&format!(" --broker {}", quoted(&self.broker.to_string())));
        }
        command
    }
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    // Only a NUL cannot be quoted, and no argument holds one.
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), std::borrow::Cow::into_owned)
}
