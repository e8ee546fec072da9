//! Bisection: where over the releases of an exporter the verdict changes, which may be more than once.
//!
//! Where the releases are few, each is run. Otherwise the ends are, and the middle between two that differ, again and again: then
//! nothing is known of what lies between two that agree, which is said.

mod change;
mod draw;
mod error;
mod range;
mod search;

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;

pub use change::{Change, ScenarioChange, Smallest};
pub use error::BisectError;
pub use range::Range;

use crate::exporter::{Adapter, Selector};
use crate::report::{ExitStatus, RunReport, Verdict};
use crate::run::{Interrupt, Release, ReleaseListener, Releases, Settings};

/// So many releases at most are run one by one.
pub const FEW: usize = 30;

/// What the releases came to.
#[derive(Clone, Debug, Serialize)]
pub struct Bisection {
    /// The version of this document.
    pub schema: u32,
    /// RFC 3339, UTC.
    pub started: String,
    /// The exporter's name.
    pub exporter: String,
    /// The releases in question, the oldest first.
    pub versions: Vec<String>,
    /// The chosen scenarios on the reference.
    pub control: RunReport,
    /// The releases that were run, the oldest first.
    pub releases: Vec<Release>,
    /// Where the verdict changes.
    pub changes: Vec<Change>,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
}

/// Runs the releases, as far as it takes, without baseline: a known failure is a failure.
///
/// # Errors
/// There are no releases to compare, or something keeps everything from being judged.
pub async fn bisect(
    interrupt: Interrupt,
    settings: &Settings,
    exporter: &Selector,
    range: &Range,
    listener: &mut dyn ReleaseListener,
) -> Result<(Bisection, PathBuf), BisectError> {
    let began = Instant::now();
    let started = jiff::Timestamp::now().to_string();
    let folder = tempfile::tempdir()?;
    let adapter = Adapter::declare(exporter, settings.reference_manifest, folder.path())?;
    let catalogue = settings.catalogue().map_err(crate::run::RunError::from)?;
    let name = adapter.manifest.name.clone();
    let releases = Releases::open(settings, interrupt)?;
    let versions = range.versions(&adapter, &releases.folder().join("index.log"))?;
    let of = versions.len() + 1;
    let control = releases.control(of, listener).await?;
    let mut played: Vec<Option<Release>> = vec![None; versions.len()];
    while let Some(at) = search::next(&played, FEW).filter(|_| !control.summary.control_failed) {
        let selector = Selector {
            name: exporter.name.clone(),
            version: Some(versions[at].clone()),
        };
        let place = (played.iter().flatten().count() + 2, of);
        let release = releases.play(&selector, (&name, &versions[at]), place, listener);
        played[at] = Some(release.await?);
    }
    let bisection = Bisection {
        schema: 1,
        started,
        exporter: name,
        changes: change::changes(&versions, &played, &catalogue),
        versions,
        control,
        releases: played.into_iter().flatten().collect(),
        elapsed_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    };
    let json = serde_json::to_vec_pretty(&bisection).expect("a report holds nothing that JSON cannot");
    releases.keep(Path::new("bisect.json"), &json)?;
    Ok((bisection, releases.folder().to_path_buf()))
}

impl Bisection {
    /// As people look at it in a terminal.
    pub fn draw(&self, colour: bool) -> String {
        draw::draw(self, colour)
    }

    /// The releases that were not run, because those on both sides of them agree.
    fn assumed(&self) -> Vec<&str> {
        let is_run = |version: &&String| self.releases.iter().any(|release| release.version == **version);
        let versions = self.versions.iter();
        versions
            .filter(|version| !is_run(version))
            .map(String::as_str)
            .collect()
    }

    /// 0 where it could tell: at least two releases were judged.
    pub fn exit(&self) -> ExitStatus {
        let reports = || self.releases.iter().filter_map(|release| release.report.as_ref());
        let is_error = |report: &RunReport| {
            report
                .reports
                .iter()
                .any(|report| report.verdict == Verdict::Error)
        };
        if reports().any(is_error) {
            ExitStatus::Internal
        } else if self.control.summary.control_failed {
            ExitStatus::ControlFailed
        } else if reports().filter(|report| report.summary.judged > 0).count() < 2 {
            ExitStatus::NotJudged
        } else {
            ExitStatus::Conformant
        }
    }
}
