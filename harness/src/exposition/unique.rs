//! No series comes twice, as it does where a registry holds what its collector merges (M14).

use std::collections::HashMap;

use super::dialect::Dialect;
use super::document::Draft;
use super::finding::Findings;
use crate::series::Series;

/// Looks for series that come twice in any family. In OpenMetrics one with a time may: those are points, whose order
/// is checked elsewhere, and two at what seems to be one time differ by less than the time's last digit.
pub(super) fn check(drafts: &[Draft], dialect: Dialect, findings: &mut Findings) {
    let count = drafts.iter().map(|draft| draft.starts.len()).sum();
    let mut first_lines: HashMap<&Series, usize, foldhash::fast::RandomState> =
        HashMap::with_capacity_and_hasher(count, foldhash::fast::RandomState::default());
    for (start, _, sample) in drafts.iter().flat_map(Draft::samples) {
        if dialect == Dialect::OpenMetrics && sample.timestamp.is_some() {
            continue;
        }
        let first = *first_lines.entry(&sample.series).or_insert(sample.line);
        if first != sample.line {
            findings.push(start, "duplicate-series", || {
                let series = super::sample_line::shortened(&sample.series.to_string());
                format!("`{series}` is on line {first} already")
            });
        }
    }
}
