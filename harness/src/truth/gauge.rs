//! How the values of one gauge series become one value (M5 to M8).

use super::merge::Contribution;
use super::sum::Sum;
use super::{Admissible, Mode};

/// What `mode` makes of the contributions to one series, which are in the order of file and entry; `None` where
/// it is not served.
pub(super) fn fold(mode: Mode, contributions: &[Contribution]) -> Option<Admissible> {
    match mode {
        Mode::All => last_read(contributions),
        Mode::Min => extreme(contributions, |best, next| next < best),
        Mode::Max => extreme(contributions, |best, next| next > best),
        Mode::Sum => Some(Sum::of(contributions.iter().map(|one| one.value)).admissible()),
        Mode::MostRecent => most_recent(contributions),
    }
}

/// M5: the client assigns. Within a file the last entry stays, of several files any file's may.
fn last_read(contributions: &[Contribution]) -> Option<Admissible> {
    let files = contributions.chunk_by(|one, next| one.file == next.file);
    Admissible::one_of(files.rev().filter_map(|file| file.last()).map(|one| one.value))
}

/// M6: what is not strictly better does not replace the first, be it a NaN or the other zero. A NaN that is read
/// first stays, one that is read later is ignored. The zeros that a construction (F7) and a fork (F9) leave are
/// compared like any other value.
fn extreme(contributions: &[Contribution], is_better: fn(f64, f64) -> bool) -> Option<Admissible> {
    let numbers = contributions
        .iter()
        .map(|one| one.value)
        .filter(|value| !value.is_nan());
    let best = numbers.reduce(|best, next| if is_better(best, next) { next } else { best });
    let firsts = contributions
        .chunk_by(|one, next| one.file == next.file)
        .map(|file| file[0].value);
    Admissible::one_of(firsts.map(|first| {
        if first.is_nan() {
            first
        } else {
            best.unwrap_or(first)
        }
    }))
}

/// M7: the greatest timestamp, if it is more than 0; of a tie the first that is read.
fn most_recent(contributions: &[Contribution]) -> Option<Admissible> {
    let latest = contributions.iter().map(|one| one.timestamp).fold(0.0, f64::max);
    let files = contributions.chunk_by(|one, next| one.file == next.file);
    let candidates = files.filter_map(|file| file.iter().find(|one| one.timestamp == latest && latest > 0.0));
    Admissible::one_of(candidates.map(|one| one.value))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::*;

    /// One contribution a file.
    fn files(values: &[(f64, f64)]) -> Vec<Contribution> {
        let numbered = (0..).zip(values);
        numbered
            .map(|(file, (value, timestamp))| Contribution {
                file,
                at: 0,
                value: *value,
                timestamp: *timestamp,
            })
            .collect()
    }

    #[test]
    fn a_nan_read_first_stays_and_one_read_later_is_ignored_m6() {
        let mixed = files(&[(f64::NAN, 0.0), (2.0, 0.0), (1.0, 0.0)]);
        let least = fold(Mode::Min, &mixed).unwrap();
        assert!(least.admits(f64::NAN) && least.admits(1.0) && !least.admits(2.0));
        let greatest = fold(Mode::Max, &mixed).unwrap();
        assert!(greatest.admits(f64::NAN) && greatest.admits(2.0) && !greatest.admits(1.0));
        let all_nan = fold(Mode::Min, &files(&[(f64::NAN, 0.0); 2])).unwrap();
        assert!(matches!(all_nan, Admissible::Exact(value) if value.is_nan()));
    }

    #[test]
    fn of_two_zeros_the_first_stays_m6() {
        for mode in [Mode::Min, Mode::Max] {
            for (first, second) in [(0.0, -0.0), (-0.0_f64, 0.0)] {
                let zero = fold(mode, &files(&[(first, 0.0), (second, 0.0)])).unwrap();
                assert_eq!(zero.representative().to_bits(), first.to_bits());
            }
        }
    }

    #[test]
    fn a_nan_that_no_file_begins_with_never_stays_m6() {
        let one = |at, value| Contribution {
            file: 0,
            at,
            value,
            timestamp: 0.0,
        };
        let least = fold(Mode::Min, &[one(0, 3.0), one(1, f64::NAN), one(2, 2.0)]).unwrap();
        assert!(matches!(least, Admissible::Exact(2.0)));
    }

    #[test]
    fn mostrecent_serves_the_latest_and_nothing_that_was_never_set_m7() {
        assert!(matches!(
            fold(Mode::MostRecent, &files(&[(1.0, 10.0), (2.0, 20.0), (3.0, 0.0)])),
            Some(Admissible::Exact(2.0))
        ));
        for timestamp in [0.0, -1.0, f64::NAN] {
            assert!(fold(Mode::MostRecent, &files(&[(1.0, timestamp)])).is_none());
        }
    }

    #[test]
    fn a_tie_in_mostrecent_admits_the_first_of_each_file_m7() {
        let mut tied = files(&[(1.0, 10.0), (2.0, 10.0), (9.0, 5.0)]);
        tied.insert(
            1,
            Contribution {
                file: 0,
                at: 1,
                value: 8.0,
                timestamp: 10.0,
            },
        );
        let tie = fold(Mode::MostRecent, &tied).unwrap();
        assert!(tie.admits(1.0) && tie.admits(2.0) && !tie.admits(8.0) && !tie.admits(9.0));
    }
}
