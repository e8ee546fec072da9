//! Floats as the Go and the Python client write them (M12).
//!
//! ```
//! use counterfoil_reference::float::float_text;
//!
//! assert_eq!(float_text(60.0), "60.0");
//! // An exponent comes as early as Go's, and with two digits, but for positive values alone.
//! assert_eq!(float_text(1e6), "1e+06");
//! assert_eq!(float_text(-1e6), "-1000000.0");
//! assert_eq!(float_text(f64::INFINITY), "+Inf");
//! ```

use std::fmt::Write;

/// Appends a float as prometheus_client's `floatToGoString` gives it: `60.0`, `1e+06`, `+Inf`.
pub fn write_float(out: &mut String, value: f64) {
    if (0.0..1e6).contains(&value) && value.fract() == 0.0 && !value.is_sign_negative() {
        let mut digits = [b'0'; 6];
        let mut rest = value as u32;
        let mut first = digits.len();
        while first == digits.len() || rest > 0 {
            first -= 1;
            digits[first] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        out.extend(digits[first..].iter().map(|digit| char::from(*digit)));
        out.push_str(".0");
        return;
    }
    if value.is_nan() {
        out.push_str("NaN");
    } else if value.is_infinite() {
        out.push_str(if value > 0.0 { "+Inf" } else { "-Inf" });
    } else {
        write_finite(out, value);
    }
}

/// The text of a float, as [`write_float`] writes it.
#[must_use]
pub fn float_text(value: f64) -> String {
    let mut text = String::new();
    write_float(&mut text, value);
    text
}

fn write_finite(out: &mut String, value: f64) {
    let start = out.len();
    write!(out, "{value:?}").expect("a string takes everything");
    let text = &out[start..];
    if let Some(e) = text.find('e') {
        // Rust says 1e-7 and 1e16 where Python says 1e-07 and 1e+16.
        let exponent: i32 = text[e + 1..].parse().expect("an exponent is a number");
        out.truncate(start + e);
        let sign = if exponent < 0 { '-' } else { '+' };
        write!(out, "e{sign}{:02}", exponent.abs()).expect("a string takes everything");
        return;
    }
    let dot = text.find('.').expect("a float without exponent has a point");
    if value > 0.0 && dot > 6 {
        // Go takes to exponents sooner; only positive values are so rendered.
        let mut mantissa = format!("{}.{}{}", &text[..1], &text[1..dot], &text[dot + 1..]);
        mantissa.truncate(mantissa.trim_end_matches(['0', '.']).len());
        out.truncate(start);
        write!(out, "{mantissa}e+{:02}", dot - 1).expect("a string takes everything");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m12_floats_are_rendered_as_go_does() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (60.0, "60.0"),
            (0.25, "0.25"),
            (999_999.0, "999999.0"),
            (1e6, "1e+06"),
            (1_234_567.5, "1.2345675e+06"),
            (1e10, "1e+10"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (-1e6, "-1000000.0"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (5e-324, "5e-324"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(float_text(value), text);
        }
    }
}
