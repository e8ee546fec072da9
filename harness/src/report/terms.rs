//! By what a scenario is judged: its level, and the requirement set that it is of.

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
}

impl Terms {
    /// Those that the scenario itself declares.
    pub(crate) fn declared(scenario: &Scenario) -> Self {
        Self {
            level: scenario.level,
            set: None,
            beyond: Vec::new(),
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
        }
    }

    /// What the checks of a scenario come to.
    pub(crate) fn judge(&self, checks: &[CheckReport]) -> Verdict {
        let (beyond, required): (Vec<&CheckReport>, Vec<_>) = checks
            .iter()
            .partition(|check| self.beyond.iter().any(|other| other == check.check));
        match (verdict(self.level, &required), verdict(Level::Should, &beyond)) {
            (Verdict::Pass, Verdict::Warn) => Verdict::Warn,
            (required, _) => required,
        }
    }
}

fn verdict(level: Level, checks: &[&CheckReport]) -> Verdict {
    let any = |is: &dyn Fn(&Judgement) -> bool| checks.iter().any(|check| is(&check.judgement));
    if any(&|judgement| matches!(judgement, Judgement::Fail { .. })) {
        match level {
            Level::Must => Verdict::Fail,
            Level::Should => Verdict::Warn,
        }
    } else if any(&|judgement| matches!(judgement, Judgement::Inconclusive { .. })) {
        Verdict::Inconclusive
    } else {
        Verdict::Pass
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

    fn verdict(terms: &Terms, checks: &[CheckReport]) -> Verdict {
        terms.judge(checks)
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
    fn a_set_has_the_last_word_on_level_and_checks() {
        let scenario = &crate::scenario::Catalogue::embedded().unwrap().select(&[])[0].clone();
        let text = format!(
            "[scenarios]\n\"{}\" = {{ level = \"should\", checks = [\"scrape/available\"] }}",
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
