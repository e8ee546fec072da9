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

    /// Of several runs of one scenario: what they all say, or flaky where some passed and others did not. Runs that could not be
    /// judged take nothing from a failure that was there twice.
    ///
    /// ```
    /// use counterfoil::report::Verdict::{self, Error, Fail, Flaky, Inconclusive, Pass};
    ///
    /// // A retry that passes does not make a pass.
    /// assert_eq!(Verdict::of_repeats(&[Fail, Pass]), Flaky);
    /// assert_eq!(Verdict::of_repeats(&[Fail, Fail]), Fail);
    /// assert_eq!(Verdict::of_repeats(&[Fail, Inconclusive, Fail]), Fail);
    /// // What failed once, and could not be judged again, is neither sure to fail nor known to pass.
    /// assert_eq!(Verdict::of_repeats(&[Fail, Inconclusive]), Inconclusive);
    /// // Nor does a pass make up for a run that could not be judged, nor nothing for a run.
    /// assert_eq!(Verdict::of_repeats(&[Pass, Inconclusive]), Inconclusive);
    /// assert_eq!(Verdict::of_repeats(&[]), Error);
    /// ```
    pub fn of_repeats(verdicts: &[Self]) -> Self {
        let worst = verdicts.iter().copied().max().unwrap_or(Self::Error);
        let count = |meant: Self| verdicts.iter().filter(|verdict| **verdict == meant).count();
        let (failed, unjudged) = (count(Self::Fail), count(Self::Inconclusive));
        match worst {
            Self::Fail if failed + unjudged < verdicts.len() => Self::Flaky,
            Self::Fail if failed == 1 && unjudged > 0 => Self::Inconclusive,
            worst => worst,
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
        let of = Verdict::of_repeats;
        assert_eq!(of(&[Verdict::Pass, Verdict::Fail]), Verdict::Flaky);
        assert_eq!(of(&[Verdict::Fail, Verdict::Fail]), Verdict::Fail);
        assert_eq!(of(&[Verdict::Pass, Verdict::Pass]), Verdict::Pass);
        assert_eq!(of(&[Verdict::Pass, Verdict::Inconclusive]), Verdict::Inconclusive);
        let mixed = [Verdict::Fail, Verdict::Inconclusive, Verdict::Pass];
        assert_eq!(of(&mixed), Verdict::Flaky);
        assert_eq!(of(&mixed[..2]), Verdict::Inconclusive);
        assert_eq!(
            of(&[Verdict::Inconclusive, Verdict::Fail, Verdict::Fail]),
            Verdict::Fail
        );
        assert_eq!(of(&mixed[..1]), Verdict::Fail);
        assert_eq!(of(&[]), Verdict::Error);
    }
}
