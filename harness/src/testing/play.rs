//! One run of a test, and its folder, which stays when the test fails.

use libtest_mimic::Failed;
use tempfile::TempDir;

use crate::report::{Event, Judgement, Listener, ScenarioReport, Verdict, render_failure};
use crate::run::{Finished, Settings, run};

/// A run that is over.
#[derive(Debug)]
pub struct Played {
    /// What came of it.
    pub finished: Finished,
    /// The run's id.
    pub run: String,
    folder: TempDir,
}

impl Played {
    /// Runs to the end, in a folder of its own in place of the settings' one.
    ///
    /// # Errors
    /// What kept the run from judging; its folder stays.
    pub(super) fn to_the_end(mut settings: Settings) -> Result<Self, Failed> {
        let folder = tempfile::tempdir()?;
        folder.path().clone_into(&mut settings.out);
        let mut witness = Witness::default();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        match runtime.block_on(run(&settings, &mut witness)) {
            Ok(finished) => Ok(Self {
                finished,
                run: witness.run,
                folder,
            }),
            Err(error) => Err(Failed::from(format!(
                "{}\nkept: {}",
                error.with_causes(),
                folder.keep().display()
            ))),
        }
    }

    /// The report of one scenario.
    ///
    /// # Errors
    /// There is none, because the control failed.
    pub fn report(&self, scenario: &str) -> Result<&ScenarioReport, Failed> {
        let mut reports = self.finished.report.reports.iter();
        reports
            .find(|report| report.id == scenario)
            .ok_or_else(|| Failed::from(format!("there is no report of {scenario}: the control failed")))
    }

    /// How a check of that scenario judged.
    ///
    /// # Errors
    /// It was not judged.
    pub fn judgement(&self, scenario: &str, check: &str) -> Result<&Judgement, Failed> {
        let mut checks = self.report(scenario)?.checks.iter();
        checks
            .find(|judged| judged.check == check)
            .map(|judged| &judged.judgement)
            .ok_or_else(|| Failed::from(format!("{check} was not judged")))
    }

    /// A test that passes if every verdict of the run does, and at least one scenario was judged. What concerns a
    /// `should` is printed, and passes.
    ///
    /// # Errors
    /// The reports of what does not; the folder stays.
    pub fn must_pass(self) -> Result<(), Failed> {
        if self.finished.report.summary.control_failed {
            return Err(self.failure("the control failed: the reference does not pass here either"));
        }
        let (mut good, mut bad) = (0, 0);
        for report in &self.finished.report.reports {
            match report.verdict {
                Verdict::Pass | Verdict::KnownFail => good += 1,
                Verdict::NotApplicable => {}
                Verdict::Warn => {
                    good += 1;
                    println!("{}", render_failure(report));
                }
                Verdict::Inconclusive | Verdict::Flaky | Verdict::Fail | Verdict::Error => bad += 1,
            }
        }
        if bad == 0 && good > 0 {
            return Ok(());
        }
        Err(self.failure(&format!("{bad} scenarios do not pass, {good} do")))
    }

    /// The failure of a test, with all reports that need attention; the folder stays.
    pub fn failure(self, why: &str) -> Failed {
        let texts: Vec<String> = self
            .finished
            .report
            .all()
            .filter(|report| report.verdict.needs_attention())
            .map(render_failure)
            .collect();
        Failed::from(format!(
            "{why}\n{}kept: {}",
            texts.join("\n"),
            self.folder.keep().display()
        ))
    }
}

/// Remembers which run it was.
#[derive(Default)]
struct Witness {
    run: String,
}

impl Listener for Witness {
    fn on(&mut self, event: &Event) {
        if let Event::RunStarted { run, .. } = event {
            self.run.clone_from(run);
        }
    }
}
