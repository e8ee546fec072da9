//! Floats as text: how the Python client renders them, and what Prometheus reads.

/// A float as prometheus_client 0.26 renders it (M12): `60.0`, `1e+06`, `1e+10`, `0.25`, `+Inf`, `NaN`.
///
/// The shortest digits that read back the same; from a million on, positive values carry an exponent
/// (as Go writes them), negative ones only from 1e16 on (as Python writes them).
pub fn go_float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = shortest(value);
    let (mantissa, exponent) = scientific.split_once('e').expect("`{:e}` writes an exponent");
    let exponent: i32 = exponent.parse().expect("`{:e}` writes an integer exponent");
    let positional_below = if value > 0.0 { 6 } else { 16 };
    if value != 0.0 && (exponent < -4 || exponent >= positional_below) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    positional(mantissa, exponent)
}

/// Digits with a point in their place, and at least one behind it.
fn positional(mantissa: &str, exponent: i32) -> String {
    let (sign, unsigned) = mantissa
        .strip_prefix('-')
        .map_or(("", mantissa), |unsigned| ("-", unsigned));
    let digits = unsigned.replace('.', "");
    let Ok(whole) = usize::try_from(exponent) else {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        return format!("{sign}0.{zeros}{digits}");
    };
    let (before, behind) = digits.split_at(digits.len().min(whole + 1));
    let behind = if behind.is_empty() { "0" } else { behind };
    format!("{sign}{before:0<0$}.{behind}", whole + 1)
}

/// The fewest digits that read back the same, and of those the nearest to the value. Where two are as near
/// (1000000000000000.25 has .2 and .3), Python and Go take the even one, `{:e}` the upper one.
fn shortest(value: f64) -> String {
    let upper = format!("{value:e}");
    let digits = upper
        .bytes()
        .take_while(|byte| *byte != b'e')
        .filter(u8::is_ascii_digit)
        .count();
    if digits <= f64::DIGITS as usize {
        return upper; // Of decimals this short no two are the same double.
    }
    let even = format!("{value:.0$e}", digits - 1);
    if even.parse() == Ok(value) { even } else { upper }
}

/// A value as Prometheus reads it: decimal, with or without exponent, or an infinity or NaN in any case.
/// Hexadecimal floats and digit separators are refused, as is what a double cannot hold.
pub(super) fn parse_value(token: &str) -> Option<f64> {
    let value: f64 = token.parse().ok()?;
    let digits = token.trim_start_matches(['+', '-']);
    let spelled_out = digits.starts_with(|c: char| c.is_ascii_alphabetic());
    let refused = match (value.is_finite(), spelled_out) {
        (true, _) => false,
        (false, false) => true,
        (false, true) => value.is_nan() && digits.len() != token.len(),
    };
    (!refused).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_render_as_the_python_client_renders_them_m12() {
        for (value, text) in [
            (60.0, "60.0"),
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (999999.0, "999999.0"),
            (1e6, "1e+06"),
            (1234567.5, "1.2345675e+06"),
            (1e10, "1e+10"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (-1e6, "-1000000.0"),
            (-1e15, "-1000000000000000.0"),
            (1e15 + 0.25, "1.0000000000000002e+15"),
            (-1e15 - 0.25, "-1000000000000000.2"),
            (2f64.powi(53), "9.007199254740992e+15"),
            (-1e16, "-1e+16"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (5e-324, "5e-324"),
            (0.1 + 0.2, "0.30000000000000004"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(go_float(value), text);
        }
    }

    #[test]
    fn values_are_read_as_prometheus_reads_them() {
        for (token, value) in [
            ("1", 1.0),
            ("+1.5e3", 1500.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("+inf", f64::INFINITY),
        ] {
            assert_eq!(parse_value(token), Some(value), "{token}");
        }
        assert!(parse_value("nan").is_some_and(f64::is_nan));
        for token in ["", ".", "0x1p3", "1_000", "1e999", "+NaN", "1 ", "one", "١"] {
            assert_eq!(parse_value(token), None, "{token}");
        }
    }
}
