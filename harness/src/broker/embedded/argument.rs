//! Numbers and words among a command's arguments.

use std::time::Duration;

use bytes::Bytes;

use super::refusal::Refusal;
use super::request::decimal;

/// An integer, or Redis' error for what is none.
pub(super) fn integer(argument: &[u8]) -> Result<i64, Refusal> {
    decimal(argument).ok_or(Refusal::NotInteger)
}

/// A count that may not be negative.
pub(super) fn positive(argument: &[u8]) -> Result<usize, Refusal> {
    decimal(argument)
        .and_then(|count| usize::try_from(count).ok())
        .ok_or(Refusal::Line("ERR value is out of range, must be positive"))
}

/// A float as a score may be written: any float but NaN, and none too large for one.
pub(super) fn float(argument: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(argument).ok()?;
    let number: f64 = text.parse().ok()?;
    let has_overflowed = number.is_infinite() && text.bytes().any(|byte| byte.is_ascii_digit());
    (!number.is_nan() && !has_overflowed).then_some(number)
}

/// How long a blocking pop waits; `None` is for ever.
pub(super) fn timeout(argument: &[u8]) -> Result<Option<Duration>, Refusal> {
    let seconds = float(argument).ok_or(Refusal::Line("ERR timeout is not a float or out of range"))?;
    wait_ms((seconds * 1000.0).ceil())
}

/// How long a stream read waits, given in milliseconds; `None` is for ever.
pub(super) fn block(argument: &[u8]) -> Result<Option<Duration>, Refusal> {
    let ms = decimal(argument).ok_or(Refusal::Line("ERR timeout is not an integer or out of range"))?;
    #[expect(
        clippy::cast_precision_loss,
        reason = "a timeout of more than 2^53 ms is for ever to anyone"
    )]
    wait_ms(ms as f64)
}

fn wait_ms(ms: f64) -> Result<Option<Duration>, Refusal> {
    // Redis 7.0 takes a sum that does not fit for a negative one.
    if !(0.0..9.3e18).contains(&ms) {
        Err(Refusal::Line("ERR timeout is negative"))
    } else if ms > 9.2e18 {
        Err(Refusal::Line("ERR timeout is out of range"))
    } else if ms == 0.0 {
        Ok(None)
    } else {
        // Far beyond any clock: an instant that cannot be reached anyway must not overflow.
        Ok(Some(Duration::from_secs_f64((ms / 1000.0).min(1.0e9))))
    }
}

/// Whether an argument is the given option, in any case.
pub(super) fn is(argument: &Bytes, option: &str) -> bool {
    argument.eq_ignore_ascii_case(option.as_bytes())
}

/// The index range `start..end` that Redis' inclusive bounds, negative ones from the end, mean in a row of `length`.
pub(super) fn range(start: i64, stop: i64, length: usize) -> std::ops::Range<usize> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let from_end = |index: i64| {
        if index < 0 {
            index.saturating_add(length).max(-1)
        } else {
            index
        }
    };
    let start = from_end(start).max(0);
    let stop = from_end(stop).min(length - 1);
    if start > stop {
        return 0..0;
    }
    let index = |index: i64| usize::try_from(index).unwrap_or(0);
    index(start)..index(stop) + 1
}

/// A score as RESP2 shows it: C's `%.17g`.
pub(super) fn score_text(score: f64) -> String {
    if score.is_infinite() {
        return if score > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{score:.16e}");
    let (mantissa, exponent) = scientific.split_once('e').expect("the e format has an exponent");
    let exponent: i32 = exponent.parse().expect("the exponent is a number");
    if (-4..17).contains(&exponent) {
        let decimals = usize::try_from(16 - exponent).unwrap_or(0);
        without_trailing_zeros(&format!("{score:.decimals$}")).to_owned()
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", without_trailing_zeros(mantissa), exponent.abs())
    }
}

fn without_trailing_zeros(number: &str) -> &str {
    if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_shown_as_c_shows_them() {
        for (score, shown) in [
            (0.0, "0"),
            (1.5, "1.5"),
            (0.1, "0.10000000000000001"),
            (-3.0, "-3"),
            (1e17, "1e+17"),
            (1.23e-5, "1.2300000000000001e-05"),
            (1_700_000_000_123.0, "1700000000123"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(score_text(score), shown);
        }
    }

    #[test]
    fn bounds_outside_a_row_are_clamped() {
        assert_eq!(range(0, -1, 3), 0..3);
        assert_eq!(range(-100, 1, 3), 0..2);
        assert_eq!(range(2, 1, 3), 0..0);
        assert_eq!(range(5, 9, 3), 0..0);
        assert_eq!(range(0, -9, 3), 0..0);
        assert_eq!(range(0, -1, 0), 0..0);
    }
}
