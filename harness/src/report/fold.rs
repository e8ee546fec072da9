//! Differences that say the same: the many buckets of one histogram's label set.

use std::collections::BTreeMap;

use crate::check::Difference;

/// One difference, standing for `more` others.
#[derive(Debug, PartialEq)]
pub(super) struct Fold<'a> {
    pub(super) first: &'a Difference,
    pub(super) more: usize,
}

impl Fold<'_> {
    /// How many series it stands for.
    pub(super) fn series(&self) -> usize {
        self.more + 1
    }
}

/// Folds the buckets of a histogram's label set into the first of them; everything else stays as it is.
pub(super) fn fold(differences: &[Difference]) -> Vec<Fold<'_>> {
    let mut folds: Vec<Fold<'_>> = Vec::new();
    let mut buckets: BTreeMap<String, usize> = BTreeMap::new();
    for first in differences {
        let known =
            histogram(&first.series).map(|histogram| *buckets.entry(histogram).or_insert(folds.len()));
        match known.and_then(|at| folds.get_mut(at)) {
            Some(fold) => fold.more += 1,
            None => folds.push(Fold { first, more: 0 }),
        }
    }
    folds
}

/// The series of a bucket without its `le`; `None` for any other series. Quotes in label values are escaped,
/// so `le="` can be nothing but the label.
fn histogram(series: &str) -> Option<String> {
    let (sample, labels) = series.split_once('{')?;
    if !sample.ends_with("_bucket") {
        return None;
    }
    let start = if labels.starts_with("le=\"") {
        0
    } else {
        labels.find(",le=\"")? + 1
    };
    let (before, bound) = labels.split_at(start);
    let (_, after) = bound.strip_prefix("le=\"")?.split_once('"')?;
    Some(format!("{sample}{{{before}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(series: &str) -> Difference {
        Difference {
            series: series.to_owned(),
            expected: "truth 2.0".to_owned(),
            got: "scrape 1.0".to_owned(),
            parts: Vec::new(),
        }
    }

    #[test]
    fn the_buckets_of_one_label_set_become_one_line() {
        let differences = [
            r#"wait_count{queue="a"}"#,
            r#"wait_bucket{le="0.5",queue="a"}"#,
            r#"wait_bucket{le="1.0",queue="a"}"#,
            r#"wait_bucket{le="+Inf",queue="a"}"#,
            r#"wait_bucket{le="+Inf",queue="b"}"#,
            r#"wait_bucket{a="x",le="1.0"}"#,
            r#"wait_bucket{a="x",le="2.0"}"#,
            r#"jobs_total{le="1.0"}"#,
            r#"jobs_total{le="2.0"}"#,
        ];
        let differences = differences.map(difference);
        let folds: Vec<usize> = fold(&differences).iter().map(|fold| fold.more).collect();
        assert_eq!(folds, [0, 2, 0, 1, 0, 0]);
        assert_eq!(
            fold(&differences).iter().map(Fold::series).sum::<usize>(),
            differences.len()
        );
    }

    #[test]
    fn a_label_value_that_looks_like_a_bound_is_no_bound() {
        let odd = difference(r#"wait_bucket{a="x,le=\"1",le="2.0"}"#);
        assert_eq!(
            histogram(&odd.series).as_deref(),
            Some(r#"wait_bucket{a="x,le=\"1","#.to_owned() + "}").as_deref()
        );
        assert_eq!(histogram("line 3, column 5"), None);
        assert_eq!(histogram(r#"wait_bucket{queue="a"}"#), None);
    }
}
