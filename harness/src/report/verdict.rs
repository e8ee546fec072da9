//! The verdict on one scenario.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a scenario ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every check holds.
    Pass,
    /// A `should` does not hold.
    Warn,
    /// Fails as the baseline says.
    KnownFail,
    /// A capability that it needs is not declared.
    NotApplicable,
    /// Could not be judged.
    Inconclusive,
    /// Passed and failed in turn.
    Flaky,
    /// A check does not hold.
    Fail,
    /// The suite's own fault.
    Error,
}

impl Verdict {
    /// Every verdict, the best first.
    pub const ALL: [Self; 8] = [
        Self::Pass,
        Self::Warn,
        Self::KnownFail,
        Self::NotApplicable,
        Self::Inconclusive,
        Self::Flaky,
        Self::Fail,
        Self::Error,
    ];

    /// Its name, as reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::KnownFail => "known-fail",
            Self::NotApplicable => "not-applicable",
            Self::Inconclusive => "inconclusive",
            Self::Flaky => "flaky",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }

    /// Whether a reader has to do something about it.
    pub fn needs_attention(self) -> bool {
        matches!(
            self,
            Self::Warn | Self::Inconclusive | Self::Flaky | Self::Fail | Self::Error
        )
    }

    /// Whether a control may come to it: what the machine lacks, it lacks for whoever is under test, too.
    pub fn is_sound(self) -> bool {
        matches!(self, Self::Pass | Self::NotApplicable)
    }

    /// The text in the verdict's colour, for a terminal.
    pub(crate) fn paint(self, text: &str) -> String {
        let code = match self {
            Self::Pass => 32,
            Self::Warn | Self::KnownFail | Self::Inconclusive => 33,
            Self::NotApplicable => 2,
            Self::Flaky | Self::Fail | Self::Error => 31,
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// Of several runs of one scenario: what they all say, or flaky where some passed and others did not.
    ///
    /// ```
    /// use counterfoil::report::Verdict;
    ///
    /// // A retry that passes does not make a pass.
    /// assert_eq!(Verdict::of_repeats(&[Verdict::Fail, Verdict::Pass]), Verdict::Flaky);
    /// assert_eq!(Verdict::of_repeats(&[Verdict::Fail, Verdict::Fail]), Verdict::Fail);
    /// // Nor does a pass make up for a run that could not be judged, nor nothing for a run.
    /// assert_eq!(Verdict::of_repeats(&[Verdict::Pass, Verdict::Inconclusive]), Verdict::Inconclusive);
    /// assert_eq!(Verdict::of_repeats(&[]), Verdict::Error);
    /// ```
    pub fn of_repeats(verdicts: &[Self]) -> Self {
        let worst = verdicts.iter().copied().max().unwrap_or(Self::Error);
        let all_same = verdicts.iter().all(|verdict| *verdict == worst);
        if all_same || worst != Self::Fail {
            worst
        } else {
            Self::Flaky
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_that_passes_and_fails_in_turn_is_flaky() {
        assert_eq!(
            Verdict::of_repeats(&[Verdict::Pass, Verdict::Fail]),
            Verdict::Flaky
        );
        assert_eq!(
            Verdict::of_repeats(&[Verdict::Fail, Verdict::Fail]),
            Verdict::Fail
        );
        assert_eq!(
            Verdict::of_repeats(&[Verdict::Pass, Verdict::Pass]),
            Verdict::Pass
        );
        assert_eq!(
            Verdict::of_repeats(&[Verdict::Pass, Verdict::Inconclusive]),
            Verdict::Inconclusive
        );
        assert_eq!(Verdict::of_repeats(&[]), Verdict::Error);
    }
}
