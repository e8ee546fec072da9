//! Bucket bounds: the `le` label as a number (M9).

use crate::exposition::go_float;

/// What Python's `float` makes of `le`; `None` where it refuses, and for NaN, which has no place among bounds.
pub(super) fn parse(le: &str) -> Option<f64> {
    let trimmed = le.trim();
    let digits = if trimmed.contains('_') {
        without_separators(trimmed)?
    } else {
        trimmed.to_owned()
    };
    digits.parse().ok().filter(|bound: &f64| !bound.is_nan())
}

/// The label that is served for a bound whose stored label is `le`. It is rendered again, by the client that
/// serves it, as that client renders bounds: from 1e10 on, releases before 0.26 write `1e+010` (M12). Who stored it so
/// is taken to serve it so.
pub(super) fn render(bound: f64, le: &str) -> String {
    let text = go_float(bound);
    match (text.split_once("e+"), le.split_once("e+0")) {
        (Some((mantissa, exponent)), Some(stored))
            if (1e10..1e16).contains(&bound) && stored == (mantissa, exponent) =>
        {
            le.to_owned()
        }
        _ => text,
    }
}

/// Python allows single underscores between digits.
fn without_separators(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let misplaced =
        |(at, byte): (usize, &u8)| *byte == b'_' && !(digit(at.checked_sub(1)) && digit(Some(at + 1)));
    (!bytes.iter().enumerate().any(misplaced)).then(|| text.replace('_', ""))
}

/// An integer that sorts as the bound does. The two zeros are one bound.
pub(super) fn rank(bound: f64) -> i64 {
    let bits = (bound + 0.0).to_bits().cast_signed();
    if bits.is_negative() {
        !(bits & i64::MAX)
    } else {
        bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_read_as_python_floats_m9() {
        for (le, bound) in [
            ("0.25", 0.25),
            (" 1e+06\n", 1e6),
            ("+Inf", f64::INFINITY),
            ("infinity", f64::INFINITY),
            ("1_000", 1e3),
        ] {
            assert_eq!(parse(le), Some(bound), "{le}");
        }
        for le in ["", "wide", "NaN", "_1", "1__0", "1_.5", "0x10"] {
            assert_eq!(parse(le), None, "{le}");
        }
    }

    #[test]
    fn a_large_bound_is_rendered_as_the_release_does_that_stored_it_m12() {
        for (le, rendered) in [
            ("1e+010", "1e+010"),
            ("1.5e+015", "1.5e+015"),
            ("1e+10", "1e+10"),
            ("10000000000", "1e+10"),
            ("1e+016", "1e+16"),
            ("1e+09", "1e+09"),
            ("1e+009", "1e+09"),
            ("1", "1.0"),
        ] {
            assert_eq!(render(parse(le).unwrap_or(f64::NAN), le), rendered);
        }
    }

    #[test]
    fn bounds_are_ranked_by_value_m9() {
        let ascending = [f64::NEG_INFINITY, -2.0, -1.0, 0.0, 1e-300, 1.0, f64::INFINITY];
        assert!(ascending.windows(2).all(|pair| rank(pair[0]) < rank(pair[1])));
        assert_eq!(rank(-0.0), rank(0.0));
    }
}
