//! Which release is run next.

use std::collections::BTreeMap;

use crate::report::{ScenarioReport, Verdict};
use crate::run::Release;

/// The verdicts that say something of the exporter, by scenario.
pub(super) fn judged(release: &Release) -> BTreeMap<&str, &ScenarioReport> {
    let reports = release.report.iter().flat_map(|report| &report.reports);
    let says_something = |report: &&ScenarioReport| {
        !matches!(
            report.verdict,
            Verdict::NotApplicable | Verdict::Inconclusive | Verdict::Error
        )
    };
    let judged = reports.filter(says_something);
    judged.map(|report| (report.id.as_str(), report)).collect()
}

/// The place of the release to run next; `None`: enough is known. Where there are `few`, each is; otherwise both ends, and
/// whatever is in the middle between two that differ. One that could not be judged leaves its place to its neighbours.
pub(super) fn next(played: &[Option<Release>], few: usize) -> Option<usize> {
    let unplayed = |at: &usize| played[*at].is_none();
    if played.len() <= few {
        return (0..played.len()).find(unplayed);
    }
    let says_something = |at: &usize| {
        let release = played[*at].as_ref();
        release.is_some_and(|release| !judged(release).is_empty())
    };
    let known: Vec<usize> = (0..played.len()).filter(says_something).collect();
    let (Some(first), Some(last)) = (known.first(), known.last()) else {
        return (0..played.len()).find(unplayed);
    };
    let before = (0..*first).find(unplayed);
    let after = (*last + 1..played.len()).rfind(unplayed);
    let between = known.windows(2).filter(|pair| differ(played, pair[0], pair[1]));
    let mut between = between.filter_map(|pair| {
        let middle = usize::midpoint(pair[0], pair[1]);
        (pair[0] + 1..pair[1])
            .filter(unplayed)
            .min_by_key(|at| at.abs_diff(middle))
    });
    before.or(after).or_else(|| between.next())
}

/// Whether a scenario came to another verdict.
fn differ(played: &[Option<Release>], one: usize, other: usize) -> bool {
    let verdicts = |at: usize| played[at].as_ref().map(judged).unwrap_or_default();
    let others = verdicts(other);
    verdicts(one).iter().any(|(id, report)| {
        others
            .get(id)
            .is_some_and(|other| other.verdict != report.verdict)
    })
}

#[cfg(test)]
mod tests {
    use super::super::change::tests::{release, unjudged};
    use super::*;

    /// Runs releases until enough is known; `of` says what each comes to. The places in the order in which they are run.
    fn run(count: usize, few: usize, of: &dyn Fn(usize) -> Release) -> Vec<usize> {
        let mut played: Vec<Option<Release>> = vec![None; count];
        let mut order = Vec::new();
        while let Some(at) = next(&played, few) {
            assert!(played[at].is_none(), "{at} is run twice");
            played[at] = Some(of(at));
            order.push(at);
        }
        order
    }

    fn failing_before(fixed: usize) -> impl Fn(usize) -> Release {
        move |at| {
            release(
                &at.to_string(),
                &[("a/b", if at < fixed { Verdict::Fail } else { Verdict::Pass })],
            )
        }
    }

    #[test]
    fn few_are_run_one_by_one_and_many_by_halves() {
        let fixed = failing_before(3);
        assert_eq!(run(5, 5, &fixed), [0, 1, 2, 3, 4]);
        assert_eq!(run(9, 5, &fixed), [0, 8, 4, 2, 3]);
        assert_eq!(run(1000, 5, &failing_before(600)).len(), 12);
        // The ends agree: nothing is looked for between them.
        assert_eq!(run(9, 5, &failing_before(9)), [0, 8]);
    }

    #[test]
    fn one_that_cannot_be_judged_leaves_its_place_to_its_neighbours() {
        let without = |gone: &'static [usize]| {
            let fixed = failing_before(3);
            move |at: usize| match gone.contains(&at) {
                true => unjudged(&at.to_string()),
                false => fixed(at),
            }
        };
        let order = run(9, 5, &without(&[4]));
        assert!(order.contains(&2) && order.contains(&3), "{order:?}");
        let order = run(9, 5, &without(&[0, 1, 8]));
        assert!(
            order.contains(&2) && order.contains(&3) && order.contains(&7),
            "{order:?}"
        );
        assert_eq!(run(9, 5, &|at| unjudged(&at.to_string())).len(), 9);
    }

    #[test]
    fn two_scenarios_that_change_apart_are_both_found() {
        let of = |at: usize| {
            let verdict = |fails: bool| if fails { Verdict::Fail } else { Verdict::Pass };
            release(
                &at.to_string(),
                &[("a/b", verdict(at < 7)), ("c/d", verdict(at >= 30))],
            )
        };
        let order = run(40, 5, &of);
        for at in [6, 7, 29, 30] {
            assert!(order.contains(&at), "{order:?}");
        }
        assert!(order.len() < 16, "{order:?}");
    }
}
