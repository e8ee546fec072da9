//! Several releases, each with a run of its own, after one control that stands for all of them.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Control, Interrupt, RunError, Settings, kept, run_until};
use crate::exporter::{REFERENCE, Selector};
use crate::fleet::RunId;
use crate::report::{ExitStatus, Listener, RunReport};

/// One release, and what its run came to.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Release {
    /// The exporter's name.
    pub exporter: String,
    /// The version.
    pub version: String,
    /// What its run came to; `None`: there was none.
    pub report: Option<RunReport>,
    /// Why there was none.
    pub reason: Option<String>,
    /// What a reader can do about that.
    pub remedy: Option<String>,
}

impl Release {
    /// `name@version`, as reports call it.
    pub fn title(&self) -> String {
        format!("{}@{}", self.exporter, self.version)
    }
}

/// Who is told of the runs and of what they come to.
pub trait ReleaseListener: Listener {
    /// The run of one of them begins, which is the control where it is `None`: the `at`th of `of`, from 1.
    fn begun(&mut self, title: Option<&str>, at: usize, of: usize);
    /// It is over.
    fn over(&mut self, release: &Release);
}

/// The folder in which they are kept, and how they are run.
pub(crate) struct Releases {
    settings: Settings,
    interrupt: Interrupt,
    folder: PathBuf,
}

impl Releases {
    /// Makes the folder, below that of the settings.
    pub(crate) fn open(settings: &Settings, interrupt: Interrupt) -> Result<Self, RunError> {
        settings.agree()?;
        let folder = settings.out.join(RunId::fresh().as_str());
        kept::create_dir(&folder)?;
        Ok(Self {
            settings: settings.clone(),
            interrupt,
            folder,
        })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps a document of all of them, by its path in the folder.
    pub(crate) fn keep(&self, path: &Path, bytes: &[u8]) -> Result<(), RunError> {
        let file = self.folder.join(path);
        if let Some(folder) = file.parent() {
            kept::create_dir(folder)?;
        }
        kept::write(&file, bytes)
    }

    /// The chosen scenarios on the reference, in the environment that all of them run in. Whatever it does not pass, no
    /// release can be judged by.
    pub(crate) async fn control(
        &self,
        of: usize,
        listener: &mut dyn ReleaseListener,
    ) -> Result<RunReport, RunError> {
        listener.begun(None, 1, of);
        let reference = Selector {
            name: REFERENCE.to_owned(),
            version: None,
        };
        let settings = self.settings_for(&reference, "control");
        let finished = run_until(self.interrupt.clone(), &settings, listener).await?;
        let mut report = finished.report;
        let failures = report.reports.iter().filter(|report| !report.verdict.is_sound());
        report.control_failures = failures.cloned().collect();
        report.summary.control_failed = !report.control_failures.is_empty();
        Ok(report)
    }

    /// Runs one. What keeps it alone from being judged, such as an installation that fails, is its reason.
    pub(crate) async fn play(
        &self,
        selector: &Selector,
        (exporter, version): (&str, &str),
        (at, of): (usize, usize),
        listener: &mut dyn ReleaseListener,
    ) -> Result<Release, RunError> {
        let mut release = Release {
            exporter: exporter.to_owned(),
            version: version.to_owned(),
            report: None,
            reason: None,
            remedy: None,
        };
        let title = release.title();
        listener.begun(Some(&title), at, of);
        let settings = self.settings_for(selector, &folder_name(&title));
        match run_until(self.interrupt.clone(), &settings, listener).await {
            Ok(finished) => release.report = Some(finished.report),
            Err(error) if concerns_one(&error) => {
                release.reason = Some(error.with_causes());
                release.remedy = error.remedy();
            }
            Err(error) => return Err(error),
        }
        listener.over(&release);
        Ok(release)
    }

    fn settings_for(&self, selector: &Selector, folder: &str) -> Settings {
        Settings {
            exporter: selector.clone(),
            out: self.folder.join(folder),
            shard: None,
            control: Control::Over,
            ..self.settings.clone()
        }
    }
}

/// Whether the others may still be judged.
fn concerns_one(error: &RunError) -> bool {
    let is_interrupt = matches!(error, RunError::Interrupted { .. });
    error.exit() == ExitStatus::NotJudged && !is_interrupt
}

/// A title as a folder or a file is called.
pub(crate) fn folder_name(title: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "@.-_".contains(c);
    title.chars().map(|c| if harmless(c) { c } else { '_' }).collect()
}
