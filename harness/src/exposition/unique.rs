//! No series comes twice, as it does where a registry holds what its collector merges (M14).

use std::collections::HashMap;

use super::dialect::Dialect;
use super::document::Draft;
use super::finding::Findings;
use crate::series::Series;

/// Looks for series that come twice in any family. In OpenMetrics one may, at another time.
pub(super) fn check(drafts: &[Draft], dialect: Dialect, findings: &mut Findings) {
    type Point<'draft> = (&'draft Series, Option<u64>);
    let count = drafts.iter().map(|draft| draft.starts.len()).sum();
    let mut first_lines: HashMap<Point<'_>, usize, foldhash::fast::RandomState> =
        HashMap::with_capacity_and_hasher(count, foldhash::fast::RandomState::default());
    for (start, _, sample) in drafts.iter().flat_map(Draft::samples) {
        let time = sample
            .timestamp
            .filter(|_| dialect == Dialect::OpenMetrics)
            .map(f64::to_bits);
        let first = *first_lines.entry((&sample.series, time)).or_insert(sample.line);
        if first != sample.line {
            findings.push(start, "duplicate-series", || {
                let series = super::sample_line::shortened(&sample.series.to_string());
                format!("`{series}` is on line {first} already")
            });
        }
    }
}
