//! Which releases a matrix is of.

use miette::Diagnostic;
use thiserror::Error;

use crate::exporter::{Adapter, ExporterError, REFERENCE, Selector};
use crate::report::ExitStatus;
use crate::run::Shard;

/// Which releases, and which share of them.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) cells: Vec<Planned>,
    pub(super) shard: Option<Shard>,
}

/// A release that is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Planned {
    pub(super) selector: Selector,
    /// The exporter's name, as its manifest has it.
    pub(super) name: String,
    pub(super) version: String,
}

/// Why there is no plan.
#[derive(Debug, Error, Diagnostic)]
pub enum PlanError {
    /// An exporter that there is not, or not of that version.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Exporter(#[from] ExporterError),
    /// A folder for the adapters' files cannot be had.
    #[error("cannot make a temporary folder")]
    #[diagnostic(help("name a place that this user can write to with TMPDIR"))]
    Folder(#[from] std::io::Error),
    /// Versions of no exporter of the matrix.
    #[error("--versions {text:?} is of no exporter of this matrix")]
    #[diagnostic(help("write EXPORTER=A,B, or A,B alone where there is one exporter"))]
    NoExporter {
        /// As it was given.
        text: String,
    },
    /// More shares than releases.
    #[error("none of the releases ({planned}) belongs to shard {shard}")]
    #[diagnostic(help("divide them among fewer shards"))]
    EmptyShard {
        /// The share.
        shard: Shard,
        /// How many are divided.
        planned: usize,
    },
}

impl PlanError {
    /// The exit status of a command that ends with it.
    pub fn exit(&self) -> ExitStatus {
        match self {
            Self::Exporter(_) | Self::NoExporter { .. } => ExitStatus::Usage,
            Self::EmptyShard { .. } => ExitStatus::Nothing,
            Self::Folder(_) => ExitStatus::NotJudged,
        }
    }
}

impl Plan {
    /// These exporters, or all that are embedded; each in the versions that are given, or else in those that it has a lock
    /// for. `versions` are `EXPORTER=A,B`, or `A,B` where there is one exporter.
    ///
    /// # Errors
    /// There is no such exporter or version, or nothing in the share.
    pub fn of(
        exporters: &[Selector],
        versions: &[String],
        shard: Option<Shard>,
        reference_manifest: &str,
    ) -> Result<Self, PlanError> {
        let exporters = match exporters.is_empty() {
            true => embedded(),
            false => exporters.to_vec(),
        };
        let given = given(&exporters, versions)?;
        let folder = tempfile::tempdir()?;
        let mut cells: Vec<Planned> = Vec::new();
        for (exporter, given) in exporters.iter().zip(given) {
            let declare = |selector: &Selector| Adapter::declare(selector, reference_manifest, folder.path());
            let adapter = declare(exporter)?;
            let versions = match (given.is_empty(), &exporter.version) {
                (false, _) => given,
                (true, Some(version)) => vec![version.clone()],
                (true, None) => adapter.locked_versions(),
            };
            for version in versions {
                let selector = Selector {
                    name: exporter.name.clone(),
                    version: Some(version.clone()),
                };
                declare(&selector)?;
                let cell = Planned {
                    selector,
                    name: adapter.manifest.name.clone(),
                    version,
                };
                if !cells.contains(&cell) {
                    cells.push(cell);
                }
            }
        }
        let plan = Self { cells, shard };
        match (plan.mine().is_empty(), shard) {
            (true, Some(shard)) => Err(PlanError::EmptyShard {
                shard,
                planned: plan.cells.len(),
            }),
            _ => Ok(plan),
        }
    }

    /// `name@version` of all.
    pub(super) fn titles(&self) -> Vec<String> {
        let title = |cell: &Planned| format!("{}@{}", cell.name, cell.version);
        self.cells.iter().map(title).collect()
    }

    /// Those of the share.
    pub(super) fn mine(&self) -> Vec<&Planned> {
        let is_mine = |at: &usize| self.shard.is_none_or(|shard| shard.deals(*at));
        let cells = self.cells.iter().enumerate();
        cells
            .filter(|(at, _)| is_mine(at))
            .map(|(_, cell)| cell)
            .collect()
    }
}

/// Every embedded adapter but the reference's, which is the control.
fn embedded() -> Vec<Selector> {
    let names = Adapter::known().into_iter().filter(|name| name != REFERENCE);
    names.map(|name| Selector { name, version: None }).collect()
}

/// The versions that are given for each of the exporters.
fn given(exporters: &[Selector], versions: &[String]) -> Result<Vec<Vec<String>>, PlanError> {
    let mut given = vec![Vec::new(); exporters.len()];
    for text in versions {
        let of_no_exporter = || PlanError::NoExporter { text: text.clone() };
        let (at, list) = match text.split_once('=') {
            Some((name, list)) => {
                let at = exporters.iter().position(|exporter| exporter.name == name);
                (at.ok_or_else(of_no_exporter)?, list)
            }
            None if exporters.len() == 1 => (0, text.as_str()),
            None => return Err(of_no_exporter()),
        };
        let listed = list
            .split(',')
            .map(str::trim)
            .filter(|version| !version.is_empty());
        given[at].extend(listed.map(str::to_owned));
        if given[at].is_empty() {
            return Err(of_no_exporter());
        }
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(exporters: &[&str], versions: &[&str], shard: Option<&str>) -> Result<Vec<String>, String> {
        let selectors: Vec<Selector> = exporters.iter().map(|text| text.parse().unwrap()).collect();
        let versions: Vec<String> = versions.iter().map(|&text| text.to_owned()).collect();
        let shard = shard.map(|text| text.parse().unwrap());
        let plan = Plan::of(&selectors, &versions, shard, "");
        let title = |cell: &Planned| format!("{}@{}", cell.name, cell.version);
        plan.map(|plan| plan.mine().into_iter().map(title).collect())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_word_every_adapter_is_planned_with_every_version_that_it_has_a_lock_for() {
        let all = plan(&[], &[], None).unwrap();
        let of = |name: &'static str| all.iter().filter_map(move |title| title.strip_prefix(name));
        assert!(
            of("taskiq@").eq(["0.11.20", "0.12.1", "0.12.2", "0.13.0"]),
            "{all:?}"
        );
        // Locks that two adapters share lie beside one of them.
        assert!(
            of("prometheus_client-wsgi@").eq(of("prometheus_client@")),
            "{all:?}"
        );
        assert_eq!(of("prometheus_client@").count(), 5, "{all:?}");
        assert_eq!(of("reference@").count(), 0);
    }

    #[test]
    fn versions_are_of_the_exporter_that_is_named_or_of_the_only_one() {
        let titles = plan(&["taskiq"], &["0.12.0, 0.11.20", "0.12.0"], None).unwrap();
        assert_eq!(titles, ["taskiq@0.12.0", "taskiq@0.11.20"]);
        let two = ["taskiq", "prometheus_client@0.26.0"];
        let titles = plan(&two, &["taskiq=0.12.2"], None).unwrap();
        assert_eq!(titles, ["taskiq@0.12.2", "prometheus_client@0.26.0"]);
        for wrong in ["0.12.2", "celery=5", "taskiq=", "taskiq=,"] {
            let error = plan(&two, &[wrong], None).unwrap_err();
            assert!(
                error.contains("is of no exporter of this matrix"),
                "{wrong}: {error}"
            );
        }
        assert!(
            plan(&["taskik"], &[], None)
                .unwrap_err()
                .contains("there is no exporter")
        );
    }

    #[test]
    fn the_shards_of_a_matrix_are_disjoint_and_complete_and_none_is_empty_without_a_word() {
        let all = plan(&["taskiq"], &[], None).unwrap();
        let mut parts: Vec<String> = ["1/3", "2/3", "3/3"]
            .iter()
            .flat_map(|shard| plan(&["taskiq"], &[], Some(shard)).unwrap())
            .collect();
        parts.sort_unstable();
        assert_eq!(parts, all);
        let error = plan(&["taskiq"], &[], Some("5/5")).unwrap_err();
        assert_eq!(error, "none of the releases (4) belongs to shard 5/5");
    }
}
