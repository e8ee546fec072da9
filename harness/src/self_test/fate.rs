//! How a mutant is to die, and how it did.

use serde::Serialize;

use crate::check::Finding;
use crate::report::{Judgement, ScenarioReport, Verdict};

/// How a mutant is to die.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Death {
    /// The mutant.
    pub mutant: String,
    /// The scenario that kills it.
    pub scenario: String,
    /// The check of that scenario that must fail.
    pub check: String,
    /// Words of what the check must say.
    pub because: String,
    /// The checks that may fail with it; every other one must hold.
    pub also: Vec<String>,
}

/// How it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fate", rename_all = "kebab-case")]
pub enum Fate {
    /// As declared.
    Killed,
    /// Every check holds.
    Survived,
    /// Something fails, but not what is declared, or not for that reason.
    OtherReason {
        /// What is otherwise.
        why: String,
    },
    /// The scenario could not be judged.
    NotJudged {
        /// Why.
        why: String,
    },
}

impl Fate {
    /// What came of it, by the report of the scenario that it was to die in.
    pub fn of(death: &Death, report: &ScenarioReport) -> Self {
        match report.verdict {
            Verdict::Fail | Verdict::Warn => {}
            Verdict::Pass | Verdict::KnownFail => return Self::Survived,
            Verdict::NotApplicable | Verdict::Inconclusive | Verdict::Flaky | Verdict::Error => {
                let reason = report.reason.clone().or_else(|| inconclusive(report));
                let why = format!("{}: {}", report.verdict, reason.unwrap_or_default());
                return Self::NotJudged { why };
            }
        }
        let failed = failures(report);
        let Some((_, finding)) = failed.iter().find(|(check, _)| *check == death.check) else {
            let others: Vec<String> = failed
                .iter()
                .map(|(check, finding)| said(check, finding))
                .collect();
            let why = format!("{} holds; {}", death.check, others.join("; "));
            return Self::OtherReason { why };
        };
        if !words(finding).contains(&death.because) {
            let why = format!(
                "not because of {:?}; {}",
                death.because,
                said(&death.check, finding)
            );
            return Self::OtherReason { why };
        }
        let is_declared = |check: &str| check == death.check || death.also.iter().any(|also| also == check);
        match failed.iter().find(|(check, _)| !is_declared(check)) {
            None => Self::Killed,
            Some((check, finding)) => Self::OtherReason {
                why: format!("it is not alone; {}", said(check, finding)),
            },
        }
    }
}

/// The checks that failed, and what they say, in the order of the scenario.
fn failures(report: &ScenarioReport) -> Vec<(&str, &Finding)> {
    let failed = report.checks.iter().filter_map(|check| match &check.judgement {
        Judgement::Fail { finding } => Some((check.check.as_str(), finding)),
        Judgement::Pass { .. } | Judgement::Inconclusive { .. } => None,
    });
    failed.collect()
}

fn inconclusive(report: &ScenarioReport) -> Option<String> {
    report.checks.iter().find_map(|check| match &check.judgement {
        Judgement::Inconclusive { reason } => Some(format!("{}: {reason}", check.check)),
        Judgement::Pass { .. } | Judgement::Fail { .. } => None,
    })
}

fn said(check: &str, finding: &Finding) -> String {
    format!("{check} says: {}", finding.summary)
}

/// All that a finding says.
fn words(finding: &Finding) -> String {
    let mut words = vec![finding.summary.clone()];
    for difference in &finding.differences {
        words.push(format!(
            "{}: {}, got {}",
            difference.series, difference.expected, difference.got
        ));
    }
    words.extend(finding.notes.iter().cloned());
    words.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn death() -> Death {
        Death {
            mutant: "serves-own-process".to_owned(),
            scenario: "counter/sums-across-workers".to_owned(),
            check: "scrape/equals-truth".to_owned(),
            because: "one process of 2".to_owned(),
            also: Vec::new(),
        }
    }

    fn why(fate: Fate) -> String {
        match fate {
            Fate::OtherReason { why } | Fate::NotJudged { why } => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_mutant_is_killed_by_the_declared_check_for_the_declared_reason() {
        let report = sample::failed("counter/sums-across-workers");
        assert_eq!(Fate::of(&death(), &report), Fate::Killed);
        let by_series = Death {
            because: "jobs_total{queue=\"mail\"}: truth 20.0, got scrape 9.0".to_owned(),
            ..death()
        };
        assert_eq!(Fate::of(&by_series, &report), Fate::Killed);
    }

    #[test]
    fn a_mutant_that_passes_survives() {
        let report = sample::report("counter/sums-across-workers", Verdict::Pass);
        assert_eq!(Fate::of(&death(), &report), Fate::Survived);
    }

    #[test]
    fn a_mutant_that_another_check_kills_died_for_another_reason() {
        let mut report = sample::failed("counter/sums-across-workers");
        report.checks = vec![sample::failing_check("truth/equals-ledger", "nothing adds up")];
        let why = why(Fate::of(&death(), &report));
        assert_eq!(
            why,
            "scrape/equals-truth holds; truth/equals-ledger says: nothing adds up"
        );
    }

    #[test]
    fn a_mutant_of_which_the_check_says_something_else_died_for_another_reason() {
        let report = sample::failed("counter/sums-across-workers");
        let other = Death {
            because: "twice".to_owned(),
            ..death()
        };
        let why = why(Fate::of(&other, &report));
        assert!(
            why.starts_with("not because of \"twice\"; scrape/equals-truth says: the endpoint serves"),
            "{why}"
        );
    }

    #[test]
    fn what_fails_with_it_must_be_declared_too() {
        let mut report = sample::failed("counter/sums-across-workers");
        report
            .checks
            .push(sample::failing_check("exposition/valid", "no end"));
        let alone = why(Fate::of(&death(), &report));
        assert_eq!(alone, "it is not alone; exposition/valid says: no end");
        let both = Death {
            also: vec!["exposition/valid".to_owned()],
            ..death()
        };
        assert_eq!(Fate::of(&both, &report), Fate::Killed);
    }

    #[test]
    fn what_could_not_be_judged_is_no_death() {
        let mut report = sample::failed("counter/sums-across-workers");
        report.verdict = Verdict::Inconclusive;
        report.reason = Some("no process acknowledged".to_owned());
        assert_eq!(
            why(Fate::of(&death(), &report)),
            "inconclusive: no process acknowledged"
        );
    }
}
