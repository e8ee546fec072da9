//! The options that the commands have in common which run several releases.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use counterfoil::fleet::FleetKind;
use counterfoil::run::{BaselineUse, RunError, Settings};

/// How many turns a scenario has in all that fails. What is said of several releases is published: a defect is claimed
/// that was there each time.
const CONFIRM: u32 = 3;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Plays the scenarios of this folder, DIR/<family>/<behaviour>.toml, instead of the embedded ones
    #[arg(long, value_name = "DIR")]
    scenarios: Option<PathBuf>,
    /// Plays the scenarios of that requirement set alone
    #[arg(long, value_name = "SET", conflicts_with = "scenarios")]
    requirements: Option<u32>,
    /// auto, embedded, process, container, or redis://HOST:PORT
    #[arg(long, default_value = "auto")]
    broker: String,
    /// process, or container: each fleet in a container of its own, beside a broker in one
    #[arg(long, default_value_t, value_name = "KIND")]
    fleet: FleetKind,
    /// Where runs are kept
    #[arg(long, value_name = "DIR", default_value = "counterfoil.out")]
    out: PathBuf,
    /// The seed of the order in which tasks are dispatched
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Runs every scenario N times; one that passes and fails is flaky
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// Plays what fails, or cannot be judged, again, alone, until it has had N turns; what does not fail each time is flaky
    #[arg(long, value_name = "N", default_value_t = CONFIRM, conflicts_with = "repeat", value_parser = clap::value_parser!(u32).range(1..))]
    confirm: u32,
    /// How many scenarios run at once; as many as there are processors, if nothing is said
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

impl Options {
    /// What a run is asked to do. The exporter is each release's own.
    pub(super) fn settings(self, filters: Vec<String>, no_baseline: bool) -> Result<Settings, RunError> {
        Ok(Settings {
            broker: self.broker.parse()?,
            fleet: self.fleet,
            scenarios: self.scenarios,
            filters,
            requirements: self.requirements,
            out: self.out,
            seed: self.seed,
            repeat: self.repeat,
            confirm: self.confirm,
            jobs: super::jobs(self.jobs),
            baseline: match no_baseline {
                true => BaselineUse::Ignore,
                false => BaselineUse::Judge,
            },
            ..super::of_the_reference()?
        })
    }

    /// Those on which verdicts hang, as they are written in a command.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        let mut say = |name: &str, value: Option<String>| {
            words.extend(value.into_iter().flat_map(|value| [name.to_owned(), value]));
        };
        let dir = self.scenarios.as_ref();
        say("--scenarios", dir.map(|dir| shown(&dir.display().to_string())));
        say("--requirements", self.requirements.map(|set| set.to_string()));
        let is_usual = self.fleet == FleetKind::default();
        say("--fleet", (!is_usual).then(|| self.fleet.to_string()));
        say("--seed", (self.seed != 0).then(|| self.seed.to_string()));
        say("--repeat", (self.repeat != 1).then(|| self.repeat.to_string()));
        say(
            "--confirm",
            (self.confirm != CONFIRM).then(|| self.confirm.to_string()),
        );
        words
    }
}

/// A word of a command that others are to read: of a path from the root, which is one machine's, the last part.
pub(super) fn shown(word: &str) -> String {
    let (before, path) = match word.find('/') {
        Some(at) if at == 0 || matches!(word.as_bytes()[at - 1], b'@' | b'=') => word.split_at(at),
        _ => return word.to_owned(),
    };
    let last = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
    format!("{before}…/{last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_a_machine_is_shown_by_its_last_part() {
        assert_eq!(shown("taskiq@/srv/src/taskiq"), "taskiq@…/taskiq");
        assert_eq!(shown("/srv/acme/manifest.toml"), "…/manifest.toml");
        assert_eq!(shown("acme/manifest.toml"), "acme/manifest.toml");
        assert_eq!(shown("counter/sums"), "counter/sums");
        assert_eq!(shown("taskiq@../taskiq"), "taskiq@../taskiq");
    }
}
