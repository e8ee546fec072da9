//! By what a scenario is judged: its level, the requirement set that it is of, and what is known to fail.

use serde::{Deserialize, Serialize};

use super::{CheckReport, Judgement, Verdict};
use crate::requirements::RequirementSet;
use crate::scenario::{Level, Scenario};

/// By what a scenario is judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// How binding it is.
    pub level: Level,
    /// The requirement set that has it and that it is judged by. Without one it is judged as it declares, or, if it is
    /// beyond the set of the run, as a `should`.
    pub set: Option<u32>,
    /// The checks that it asks for beyond its set: these warn at most.
    pub beyond: Vec<String>,
    /// The checks that are known to fail.
    pub known: Vec<KnownFailure>,
}

/// A check that a baseline says fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownFailure {
    /// The check.
    pub check: String,
    /// Why it fails.
    pub reason: String,
    /// Where that is reported.
    pub url: Option<String>,
    /// What shows it without the suite: the path or address of a script, or of files with the expected text.
    #[serde(default)]
    pub reproducer: Option<String>,
}

/// What the checks of a scenario come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    pub(crate) reason: Option<String>,
    pub(crate) remedy: Option<String>,
}

impl Terms {
    /// Those that the scenario itself declares.
    pub(crate) fn declared(scenario: &Scenario) -> Self {
        Self {
            level: scenario.level,
            set: None,
            beyond: Vec::new(),
            known: Vec::new(),
        }
    }

    /// Those of a requirement set.
    pub(crate) fn of_set(set: &RequirementSet, scenario: &Scenario) -> Self {
        let Some(requirement) = set.requirement(&scenario.id) else {
            return Self {
                level: Level::Should,
                ..Self::declared(scenario)
            };
        };
        let is_beyond = |check: &&str| !requirement.checks().any(|other| other == *check);
        let beyond = scenario.checks().into_iter().filter(is_beyond);
        Self {
            level: requirement.level,
            set: Some(set.number),
            beyond: beyond.map(str::to_owned).collect(),
            known: Vec::new(),
        }
    }

    /// What the checks of a scenario come to.
    pub(crate) fn judge(&self, checks: &[CheckReport]) -> Judged {
        let stale = self.stale(checks);
        if !stale.is_empty() {
            return Judged {
                verdict: Verdict::Fail,
                reason: Some(format!("stale baseline: it lists as failing what holds: {}", stale.join(", "))),
                remedy: Some(
                    "take the scenario out of that entry of baseline.toml, which `--update-baseline` does, or narrow its \
                     `versions`"
                        .to_owned(),
                ),
            };
        }
        let (beyond, required): (Vec<&CheckReport>, Vec<_>) = checks
            .iter()
            .partition(|check| self.beyond.contains(&check.check));
        let verdict = match (
            self.verdict(self.level, &required),
            self.verdict(Level::Should, &beyond),
        ) {
            (Verdict::Pass | Verdict::KnownFail, Verdict::Warn) => Verdict::Warn,
            (Verdict::Pass, Verdict::KnownFail) => Verdict::KnownFail,
            (required, _) => required,
        };
        Judged {
            verdict,
            reason: (verdict == Verdict::KnownFail).then(|| self.reasons()),
            remedy: None,
        }
    }

    /// The listed checks that hold wherever the scenario asks for them.
    pub(crate) fn stale(&self, checks: &[CheckReport]) -> Vec<&str> {
        let holds = |known: &&KnownFailure| {
            let mut of_it = checks
                .iter()
                .filter(|check| check.check == known.check)
                .peekable();
            of_it.peek().is_some() && of_it.all(|check| matches!(check.judgement, Judgement::Pass { .. }))
        };
        let mut names: Vec<&str> = self
            .known
            .iter()
            .filter(holds)
            .map(|known| known.check.as_str())
            .collect();
        names.dedup();
        names
    }

    fn verdict(&self, level: Level, checks: &[&CheckReport]) -> Verdict {
        let is_known = |check: &CheckReport| self.known.iter().any(|known| known.check == check.check);
        let mut failed = checks
            .iter()
            .filter(|check| matches!(check.judgement, Judgement::Fail { .. }))
            .peekable();
        let inconclusive = |check: &&CheckReport| matches!(check.judgement, Judgement::Inconclusive { .. });
        if failed.peek().is_none() {
            return match checks.iter().copied().any(|check| inconclusive(&check)) {
                true => Verdict::Inconclusive,
                false => Verdict::Pass,
            };
        }
        match (failed.all(|check| is_known(check)), level) {
            (true, _) => Verdict::KnownFail,
            (false, Level::Must) => Verdict::Fail,
            (false, Level::Should) => Verdict::Warn,
        }
    }

    fn reasons(&self) -> String {
        let mut reasons: Vec<&str> = Vec::new();
        for known in &self.known {
            if !reasons.contains(&known.reason.as_str()) {
                reasons.push(&known.reason);
            }
        }
        reasons.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    const PLAIN: Terms = Terms {
        level: Level::Must,
        set: Some(1),
        beyond: Vec::new(),
        known: Vec::new(),
    };

    fn failing(check: &'static str) -> CheckReport {
        sample::failing_check(check, "it does not hold")
    }

    fn holding(check: &'static str) -> CheckReport {
        let judgement = Judgement::Pass { exercised: 3 };
        CheckReport {
            judgement,
            ..failing(check)
        }
    }

    fn doubtful(check: &'static str) -> CheckReport {
        let reason = "nothing was served".to_owned();
        CheckReport {
            judgement: Judgement::Inconclusive { reason },
            ..failing(check)
        }
    }

    fn known(checks: &[&str]) -> Terms {
        let known = |check: &&str| KnownFailure {
            check: (*check).to_owned(),
            reason: "it was always so".to_owned(),
            url: None,
            reproducer: None,
        };
        Terms {
            known: checks.iter().map(known).collect(),
            ..PLAIN
        }
    }

    fn verdict(terms: &Terms, checks: &[CheckReport]) -> Verdict {
        terms.judge(checks).verdict
    }

    #[test]
    fn a_failure_counts_by_the_level() {
        let should = Terms {
            level: Level::Should,
            ..PLAIN
        };
        let checks = [holding("scrape/available"), failing("scrape/monotonic")];
        assert_eq!(verdict(&PLAIN, &checks), Verdict::Fail);
        assert_eq!(verdict(&should, &checks), Verdict::Warn);
        assert_eq!(verdict(&PLAIN, &checks[..1]), Verdict::Pass);
        assert_eq!(
            verdict(
                &PLAIN,
                &[doubtful("scrape/available"), failing("scrape/monotonic")]
            ),
            Verdict::Fail
        );
        assert_eq!(
            verdict(
                &PLAIN,
                &[doubtful("scrape/available"), holding("scrape/monotonic")]
            ),
            Verdict::Inconclusive
        );
    }

    #[test]
    fn a_check_beyond_the_set_warns_and_hides_nothing() {
        let beyond = Terms {
            beyond: vec!["scrape/monotonic".to_owned()],
            ..PLAIN
        };
        let (good, bad) = (holding("scrape/available"), failing("scrape/available"));
        assert_eq!(
            verdict(&beyond, &[good.clone(), failing("scrape/monotonic")]),
            Verdict::Warn
        );
        assert_eq!(
            verdict(&beyond, &[good, doubtful("scrape/monotonic")]),
            Verdict::Pass
        );
        assert_eq!(
            verdict(&beyond, &[bad, failing("scrape/monotonic")]),
            Verdict::Fail
        );
        assert_eq!(
            verdict(
                &beyond,
                &[doubtful("scrape/available"), failing("scrape/monotonic")]
            ),
            Verdict::Inconclusive
        );
    }

    #[test]
    fn only_what_is_listed_whole_is_a_known_failure() {
        let listed = known(&["scrape/available"]);
        let judged = listed.judge(&[failing("scrape/available"), doubtful("exposition/valid")]);
        assert_eq!(
            (judged.verdict, judged.reason.as_deref()),
            (Verdict::KnownFail, Some("it was always so"))
        );
        assert_eq!(
            verdict(
                &listed,
                &[failing("scrape/available"), failing("exposition/valid")]
            ),
            Verdict::Fail
        );
        let should = Terms {
            level: Level::Should,
            ..listed.clone()
        };
        assert_eq!(
            verdict(&should, &[failing("scrape/available")]),
            Verdict::KnownFail
        );
        let beyond = Terms {
            beyond: vec!["scrape/available".to_owned()],
            ..listed
        };
        assert_eq!(
            verdict(
                &beyond,
                &[failing("scrape/available"), holding("exposition/valid")]
            ),
            Verdict::KnownFail
        );
    }

    #[test]
    fn what_is_listed_and_holds_is_stale_and_fails_also_a_should() {
        let listed = Terms {
            level: Level::Should,
            ..known(&["scrape/available", "exposition/valid"])
        };
        let judged = listed.judge(&[holding("scrape/available"), failing("exposition/valid")]);
        assert_eq!(judged.verdict, Verdict::Fail);
        let reason = judged.reason.unwrap();
        assert_eq!(
            reason,
            "stale baseline: it lists as failing what holds: scrape/available"
        );
        assert!(judged.remedy.unwrap().contains("--update-baseline"));
        // What fails at one step and holds at another is not stale, nor is what cannot be told.
        let twice = [
            holding("scrape/available"),
            failing("scrape/available"),
            failing("exposition/valid"),
        ];
        assert_eq!(verdict(&listed, &twice), Verdict::KnownFail);
        let doubt = [doubtful("scrape/available"), doubtful("exposition/valid")];
        assert_eq!(verdict(&listed, &doubt), Verdict::Inconclusive);
    }

    #[test]
    fn a_set_has_the_last_word_on_level_and_checks() {
        let scenario = &crate::scenario::Catalogue::embedded().unwrap().select(&[])[0].clone();
        let text = format!(
            "[scenarios]\n\"{}\" = {{ level = \"should\", checks = [\"scrape/available\"], content = \"0\" }}",
            scenario.id
        );
        let terms = Terms::of_set(&RequirementSet::parse(7, &text).unwrap(), scenario);
        assert_eq!((terms.level, terms.set), (Level::Should, Some(7)));
        assert_eq!(
            terms.beyond,
            scenario
                .checks()
                .into_iter()
                .filter(|check| *check != "scrape/available")
                .collect::<Vec<_>>()
        );
        let none = RequirementSet::parse(7, "[scenarios]").unwrap();
        let beyond = Terms::of_set(&none, scenario);
        assert_eq!(
            (beyond.level, beyond.set, beyond.beyond.len()),
            (Level::Should, None, 0)
        );
        assert_eq!(Terms::declared(scenario).level, Level::Must);
    }
}
