//! The sum of a run, and the exit code that follows from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ScenarioReport, Verdict};

/// The documented exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// Everything that was judged holds.
    Conformant,
    /// Fail, flaky, or a stale baseline.
    Nonconformant,
    /// The command line is wrong.
    Usage,
    /// The environment, a required prerequisite, an inconclusive scenario.
    NotJudged,
    /// Nothing matched, or nothing was exercised.
    Nothing,
    /// The reference failed in this environment.
    ControlFailed,
    /// The suite's own fault.
    Internal,
}

impl ExitStatus {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Conformant => 0,
            Self::Nonconformant => 1,
            Self::Usage => 2,
            Self::NotJudged => 3,
            Self::Nothing => 4,
            Self::ControlFailed => 5,
            Self::Internal => 70,
        }
    }
}

impl ExitStatus {
    /// Of two that hold, the one that counts: 70 > 5 > 4 > 1 > 3 > 0.
    #[must_use]
    pub fn worst(self, other: Self) -> Self {
        let rank = |status: Self| match status {
            Self::Conformant => 0,
            Self::NotJudged => 1,
            Self::Nonconformant => 2,
            Self::Nothing => 3,
            Self::ControlFailed => 4,
            Self::Usage => 5,
            Self::Internal => 6,
        };
        if rank(self) >= rank(other) { self } else { other }
    }
}

impl From<ExitStatus> for std::process::ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}

/// What a run came to. Planned, judged and exercised add up, or the run is not believed.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Summary {
    /// Scenarios that were to run.
    pub planned: usize,
    /// Scenarios with a verdict of pass, warn, known-fail, flaky or fail.
    pub judged: usize,
    /// Judged scenarios that compared something.
    pub exercised: usize,
    /// How many of each verdict.
    pub verdicts: BTreeMap<Verdict, usize>,
    /// Whether the control failed.
    pub control_failed: bool,
    /// The exit code.
    pub exit_code: u8,
    /// How long the run took, in milliseconds.
    pub elapsed_ms: u64,
}

impl Summary {
    /// Adds up the reports of a run in which `planned` scenarios were to run.
    pub fn of(planned: usize, reports: &[ScenarioReport], control_failed: bool, elapsed_ms: u64) -> Self {
        let count = |is: &dyn Fn(&ScenarioReport) -> bool| reports.iter().filter(|report| is(report)).count();
        let judged = |report: &ScenarioReport| {
            !matches!(
                report.verdict,
                Verdict::NotApplicable | Verdict::Inconclusive | Verdict::Error
            )
        };
        let verdicts = Verdict::ALL.map(|verdict| (verdict, count(&|report| report.verdict == verdict)));
        let mut summary = Self {
            planned,
            judged: count(&judged),
            exercised: count(&|report| judged(report) && report.exercised > 0),
            verdicts: verdicts.into_iter().collect(),
            control_failed,
            exit_code: 0,
            elapsed_ms,
        };
        summary.exit_code = summary.exit().code();
        summary
    }

    /// The exit status; where several hold, 70 > 5 > 4 > 1 > 3 > 0.
    pub fn exit(&self) -> ExitStatus {
        let count = |verdict: Verdict| self.verdicts.get(&verdict).copied().unwrap_or_default();
        let total: usize = self.verdicts.values().sum();
        if count(Verdict::Error) > 0 || (total != self.planned && !self.control_failed) {
            ExitStatus::Internal
        } else if self.control_failed {
            ExitStatus::ControlFailed
        } else if self.planned == 0 || self.exercised < self.judged {
            ExitStatus::Nothing
        } else if count(Verdict::Fail) + count(Verdict::Flaky) > 0 {
            ExitStatus::Nonconformant
        } else if count(Verdict::Inconclusive) > 0 {
            ExitStatus::NotJudged
        } else if self.judged == 0 {
            ExitStatus::Nothing
        } else {
            ExitStatus::Conformant
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn report(verdict: Verdict, exercised: usize) -> ScenarioReport {
        ScenarioReport {
            exercised,
            ..sample::report("family/behaviour", verdict)
        }
    }

    fn exit(verdicts: &[(Verdict, usize)]) -> ExitStatus {
        let reports: Vec<_> = verdicts
            .iter()
            .map(|(verdict, exercised)| report(*verdict, *exercised))
            .collect();
        Summary::of(reports.len(), &reports, false, 0).exit()
    }

    #[test]
    fn the_worst_of_several_decides_the_exit_code() {
        let (pass, fail) = ((Verdict::Pass, 1), (Verdict::Fail, 1));
        assert_eq!(exit(&[pass, pass]), ExitStatus::Conformant);
        assert_eq!(
            exit(&[pass, fail, (Verdict::Inconclusive, 0)]),
            ExitStatus::Nonconformant
        );
        assert_eq!(exit(&[pass, (Verdict::Inconclusive, 0)]), ExitStatus::NotJudged);
        assert_eq!(exit(&[fail, (Verdict::Error, 0)]), ExitStatus::Internal);
        assert_eq!(exit(&[pass, (Verdict::Flaky, 1)]), ExitStatus::Nonconformant);
    }

    #[test]
    fn what_could_not_be_judged_hides_no_failure() {
        use ExitStatus::{Conformant, Nonconformant, NotJudged};
        assert_eq!(Conformant.worst(NotJudged), NotJudged);
        assert_eq!(Nonconformant.worst(NotJudged), Nonconformant);
    }

    #[test]
    fn no_evidence_is_never_green() {
        assert_eq!(exit(&[]), ExitStatus::Nothing);
        assert_eq!(exit(&[(Verdict::Pass, 0)]), ExitStatus::Nothing);
        assert_eq!(exit(&[(Verdict::NotApplicable, 0)]), ExitStatus::Nothing);
    }

    #[test]
    fn counts_that_do_not_add_up_are_the_suites_own_fault() {
        assert_eq!(
            Summary::of(2, &[report(Verdict::Pass, 1)], false, 0).exit(),
            ExitStatus::Internal
        );
        assert_eq!(Summary::of(2, &[], true, 0).exit(), ExitStatus::ControlFailed);
    }
}
