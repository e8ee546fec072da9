//! Floats as text: how the Python client renders them, and what Prometheus reads.

use std::fmt::Write;

/// A float as prometheus_client 0.26 renders it (M12): `60.0`, `1e+06`, `1e+10`, `0.25`, `+Inf`, `NaN`.
///
/// The shortest digits that read back the same; from a million on, positive values carry an exponent
/// (as Go writes them), negative ones only from 1e16 on (as Python writes them).
pub fn go_float(value: f64) -> String {
    let mut text = String::new();
    push_go_float(&mut text, value);
    text
}

/// Appends what [`go_float`] makes of `value`.
pub(crate) fn push_go_float(text: &mut String, value: f64) {
    // Most values are counts, and shorter to write down.
    let count = value as u32;
    if f64::from(count).to_bits() == value.to_bits() && count < 1_000_000 {
        text.push_str(itoa::Buffer::new().format(count));
        return text.push_str(".0");
    }
    if value.is_nan() {
        return text.push_str("NaN");
    }
    if value.is_infinite() {
        return text.push_str(if value.is_sign_positive() { "+Inf" } else { "-Inf" });
    }
    let mut buffer = zmij::Buffer::new();
    let shortest = buffer.format_finite(value);
    if (1e-4..1e6).contains(&value.abs()) {
        return text.push_str(shortest);
    }
    match shortest.bytes().position(|byte| byte == b'e') {
        Some(at) => {
            let (mantissa, exponent) = (&shortest[..at], &shortest[at + 1..]);
            let (sign, digits) = exponent.split_at(1);
            write!(text, "{mantissa}e{sign}{digits:0>2}").expect("a String takes everything");
        }
        None if value == 0.0 || value <= -1e6 => text.push_str(shortest),
        None => push_scientific(text, shortest),
    }
}

/// `1234567.5` as `1.2345675e+06`, `-0.000025` as `-2.5e-05`.
fn push_scientific(text: &mut String, positional: &str) {
    let unsigned = positional.trim_start_matches('-');
    let (whole, behind) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let leading_zeros = behind.len() - behind.trim_start_matches('0').len();
    let digits = match whole {
        "0" => behind[leading_zeros..].to_owned(),
        _ => format!("{whole}{behind}"),
    };
    let digits = digits.trim_end_matches('0');
    let (first, more) = digits.split_at(1);
    let point = if more.is_empty() { "" } else { "." };
    let sign = &positional[..positional.len() - unsigned.len()];
    let (sign_of_exponent, exponent) = match whole {
        "0" => ('-', leading_zeros + 1),
        _ => ('+', whole.len() - 1),
    };
    write!(text, "{sign}{first}{point}{more}e{sign_of_exponent}{exponent:02}")
        .expect("a String takes everything");
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
            (-0.0000254, "-2.54e-05"),
            (9.999e-6, "9.999e-06"),
            (1.5e-7, "1.5e-07"),
            (1e15, "1e+15"),
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
