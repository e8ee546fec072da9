//! The matrix: exporters × versions, each a run of its own, after one control.
//!
//! [`Plan::of`] says which; [`matrix`] runs them and comes to a [`Matrix`], which is kept as `matrix.json` and, for people, as
//! pages ([`Matrix::pages`]). Shares of a matrix are [`join`]ed to the whole.

mod draw;
mod join;
mod pages;
mod plan;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::{Deserialize, Serialize};

pub use join::join;
pub use pages::FIRST_PAGE;
pub use plan::{Plan, PlanError};

use crate::fleet::FleetKind;
use crate::report::{Conditions, ExitStatus, RunReport, Verdict};
use crate::run::{Interrupt, Release, ReleaseListener, Releases, RunError, Settings, Shard};

/// The version of `matrix.json`.
pub const SCHEMA: u32 = 1;

/// What several releases came to.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Matrix {
    /// The version of this document.
    pub schema: u32,
    /// RFC 3339, UTC.
    pub started: String,
    /// The command that makes it, without what is of one machine.
    pub command: String,
    /// Which shares it is of; none, where it is undivided.
    pub shards: Vec<Shard>,
    /// `name@version` of all releases, those of other shares among them.
    pub planned: Vec<String>,
    /// The chosen scenarios on the reference: one run for each environment.
    pub controls: Vec<RunReport>,
    /// The releases, in the order in which they are planned.
    pub cells: Vec<Release>,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
}

/// Runs what is planned.
///
/// # Errors
/// What keeps everything from being judged; what concerns one release is its cell's reason.
pub async fn matrix(
    interrupt: Interrupt,
    settings: &Settings,
    plan: &Plan,
    command: String,
    listener: &mut dyn ReleaseListener,
) -> Result<(Matrix, PathBuf), RunError> {
    let began = Instant::now();
    let releases = Releases::open(settings, interrupt)?;
    let mine = plan.mine();
    let of = mine.len() + 1;
    let mut matrix = Matrix {
        schema: SCHEMA,
        started: jiff::Timestamp::now().to_string(),
        command,
        shards: plan.shard.into_iter().collect(),
        planned: plan.titles(),
        controls: vec![releases.control(of, listener).await?],
        cells: Vec::new(),
        elapsed_ms: 0,
    };
    for (at, cell) in mine.into_iter().enumerate() {
        let (name, place) = ((cell.name.as_str(), cell.version.as_str()), (at + 2, of));
        matrix.cells.push(match matrix.control_failed() {
            true => unplayed(name),
            false => releases.play(&cell.selector, name, place, listener).await?,
        });
    }
    matrix.elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    releases.keep(Path::new("matrix.json"), &matrix.json())?;
    for (path, page) in matrix.pages() {
        releases.keep(&path, page.as_bytes())?;
    }
    Ok((matrix, releases.folder().to_path_buf()))
}

fn unplayed((exporter, version): (&str, &str)) -> Release {
    Release {
        exporter: exporter.to_owned(),
        version: version.to_owned(),
        report: None,
        reason: Some("the control failed".to_owned()),
        remedy: None,
    }
}

impl Matrix {
    /// Whether the reference does not pass in an environment.
    pub fn control_failed(&self) -> bool {
        self.controls.iter().any(|control| control.summary.control_failed)
    }

    /// As `matrix.json` holds it.
    pub fn json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("a report holds nothing that JSON cannot")
    }

    /// As people look at it in a terminal.
    pub fn draw(&self, colour: bool) -> String {
        draw::draw(self, colour)
    }

    /// As pages of Markdown, without a path of the machine, by their own paths beside each other: [`FIRST_PAGE`], and
    /// `exporters/NAME.md` for each exporter of which a release was run.
    pub fn pages(&self) -> BTreeMap<PathBuf, String> {
        pages::pages(self)
    }

    /// Under what it came about, but for exporter and defect: as the control did.
    fn conditions(&self) -> Option<&Conditions> {
        self.controls.first().map(|control| &control.conditions)
    }

    /// Where the fleets were.
    fn fleet(&self) -> FleetKind {
        self.conditions().map_or(FleetKind::Process, |of| of.fleet)
    }

    /// The exit status; where several hold, 70 > 5 > 4 > 1 > 3 > 0.
    pub fn exit(&self) -> ExitStatus {
        if self.control_failed() {
            return ExitStatus::ControlFailed;
        }
        let worst = self.cells.iter().map(exit_of_cell);
        let worst = worst.fold(ExitStatus::Conformant, ExitStatus::worst);
        let reports = || self.cells.iter().filter_map(|cell| cell.report.as_ref());
        let judged: usize = reports().map(|report| report.summary.judged).sum();
        match reports().next() {
            Some(_) if judged == 0 => worst.worst(ExitStatus::Nothing),
            _ => worst,
        }
    }
}

/// A release to which no scenario applies has failed nothing, as long as others were judged.
fn exit_of_cell(cell: &Release) -> ExitStatus {
    let Some(report) = &cell.report else {
        return ExitStatus::NotJudged;
    };
    let applies = |verdict| verdict != Verdict::NotApplicable;
    let mut reports = report.reports.iter();
    match reports.any(|report| applies(report.verdict)) {
        false if !report.reports.is_empty() => ExitStatus::Conformant,
        _ => report.summary.exit(),
    }
}
