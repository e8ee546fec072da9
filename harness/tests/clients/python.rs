//! Releases of prometheus_client, one of each change to its files or to its merge.

use std::fs;
use std::path::{Path, PathBuf};

use counterfoil::exporter::{Adapter, ExporterError, Selector};
use counterfoil::testing::Prerequisite::{Network, Python};
use counterfoil::testing::Prerequisites;
use counterfoil::truth::{Layout, Snapshot};
use libtest_mimic::{Failed, Trial};
use serde::Deserialize;

use crate::answer::Served;
use crate::client::{Client, Request};
use crate::difference::{Order, agree, bare, count};
use crate::harm::KEYS_OF_PYTHON;
use crate::merged_text;
use crate::program::Program;
use crate::property::{self, Counts, Share};
use crate::scope::{IDS, MODES, MODES_TO_0_17, NAMES, Scope};
use crate::strategy::programs;

/// A release, and what it writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Release {
    pub(crate) version: &'static str,
    layout: Layout,
    modes: &'static [&'static str],
}

/// The last one of each layout, the first one with timestamps, the last one before the order of samples changed
/// (M10), and the newest.
const RELEASES: [Release; 5] = [
    Release {
        version: "0.15.0",
        layout: Layout::Python3Key,
        modes: MODES_TO_0_17,
    },
    Release {
        version: "0.17.1",
        layout: Layout::Python8,
        modes: MODES_TO_0_17,
    },
    Release {
        version: "0.18.0",
        layout: Layout::Python16,
        modes: MODES,
    },
    Release {
        version: "0.23.1",
        layout: Layout::Python16,
        modes: MODES,
    },
    NEWEST,
];

/// The release whose rules F*, M* are.
pub(crate) const NEWEST: Release = Release {
    version: "0.26.0",
    layout: Layout::Python16,
    modes: MODES,
};

/// In how many orders the files are merged, the one of their names included.
const ORDERS: usize = 4;

/// What the releases need of the machine.
pub(crate) fn adapters() -> Result<Vec<Adapter>, ExporterError> {
    let declare = |release: &Release| {
        Adapter::declare(
            &release.selector(),
            counterfoil_reference::MANIFEST,
            Path::new("."),
        )
    };
    RELEASES.iter().map(declare).collect()
}

pub(crate) fn trials(prerequisites: &Prerequisites) -> Vec<Trial> {
    let trial = |release: Release| {
        let name = format!("clients/{}", release.title("-"));
        prerequisites.trial(&name, &[Python, Network], move || compare(release))
    };
    RELEASES.into_iter().map(trial).collect()
}

impl Release {
    fn selector(&self) -> Selector {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/manifest.toml");
        Selector {
            name: manifest.to_owned(),
            version: Some(self.version.to_owned()),
        }
    }

    pub(crate) fn title(&self, separator: &str) -> String {
        format!("prometheus_client{separator}{}", self.version)
    }

    /// Its process, in an environment of its own.
    pub(crate) fn start(&self) -> Result<Client, Failed> {
        let folder = tempfile::tempdir()?;
        let adapter = Adapter::obtain(
            &self.selector(),
            counterfoil_reference::MANIFEST,
            &[],
            folder.path(),
            &|_| {},
        )?;
        let wanted = self.title("==");
        // Releases differ in how they write their own name.
        let is_wanted = |installed: &String| installed.replace('-', "_") == wanted;
        if !adapter.installed.iter().any(is_wanted) {
            return Err(Failed::from(format!("no {wanted}, but {:?}", adapter.installed)));
        }
        let python = adapter.python.ok_or("the environment has no interpreter")?;
        Ok(Client::start(&python, "client.py")?)
    }

    /// Any program that it can execute.
    pub(crate) fn scope(&self) -> Scope {
        Scope {
            modes: self.modes,
            any_label_value: false,
            conflicts: true,
            own_pid: true,
            harm: Some(KEYS_OF_PYTHON),
            names: NAMES,
            ids: IDS,
            tame: false,
        }
    }
}

fn compare(release: Release) -> Result<(), Failed> {
    let mut client = release.start()?;
    let counts = property::holds(
        &release.title(" "),
        &release.title("-"),
        Share::All,
        programs(release.scope()),
        |program, dir, counts| {
            client.record(program, dir)?;
            merged_alike(&mut client, release, program, dir, counts)
        },
    )?;
    let rare = [
        ("series with several answers", counts.sets),
        ("sums that round", counts.near),
        ("conflicting families", counts.conflicts),
        ("directories refused by both", counts.refused),
    ];
    property::must_have_come(&counts, &rare)
}

#[derive(Deserialize)]
struct Answers {
    answers: Vec<Answer>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Merged {
        families: Vec<Served>,
        text: Option<String>,
    },
    Refused {
        error: String,
    },
}

/// The client merges what is in `dir` as the truth does, in several orders of the files.
pub(crate) fn merged_alike(
    client: &mut Client,
    release: Release,
    program: &Program,
    dir: &Path,
    counts: &mut Counts,
) -> Result<(), String> {
    let io = |error: std::io::Error| error.to_string();
    if let Some(harm) = &program.harm {
        harm.strike(dir, &names(dir).map_err(io)?).map_err(io)?;
    }
    let orders = program.orders(&names(dir).map_err(io)?, ORDERS);
    let Answers { answers } = client.ask(&Request::Merge { dir, orders: &orders })?;
    let snapshot = Snapshot::read(dir);
    if let Ok(snapshot) = &snapshot {
        let layout = snapshot.layout().unwrap_or(release.layout);
        if layout != release.layout {
            return Err(format!("recognised as {layout}"));
        }
    }
    let truth = snapshot.and_then(|snapshot| snapshot.merge());
    for (at, answer) in answers.iter().enumerate() {
        let order = if at == 0 { Order::ByName } else { Order::Any };
        match (&truth, answer) {
            (Ok(truth), Answer::Merged { families, text }) => {
                agree(truth, families, bare, order)
                    .map_err(|difference| format!("{order:?}: {difference}"))?;
                if let Some(text) = text.as_ref().filter(|_| release.version == NEWEST.version) {
                    counts.texts += usize::from(merged_text::alike(dir, truth, families, text)?);
                }
            }
            (Err(_), Answer::Refused { .. }) => {}
            (Err(error), Answer::Merged { .. }) => {
                return Err(format!("{order:?}: the client serves it, but: {error:?}"));
            }
            (Ok(_), Answer::Refused { error }) => {
                return Err(format!("{order:?}: merges, but the client fails: {error}"));
            }
        }
    }
    match truth {
        Ok(truth) => count(&truth, counts),
        Err(_) => counts.refused += 1,
    }
    Ok(())
}

/// The metric files, by name.
fn names(dir: &Path) -> std::io::Result<Vec<String>> {
    let paths: Result<Vec<PathBuf>, _> = fs::read_dir(dir)?
        .map(|file| file.map(|file| file.path()))
        .collect();
    let mut names: Vec<String> = paths?
        .iter()
        .filter_map(|path| path.file_name()?.to_str().map(str::to_owned))
        .collect();
    names.sort();
    Ok(names)
}
