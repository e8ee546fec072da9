//! The texts and numbers of programs: ordinary ones, and those that exporters get wrong.

use proptest::prelude::*;
use proptest::sample::select;

/// Label values, and help texts: what needs an escape, what lies beyond ASCII, what looks like something else.
const TEXTS: &[&str] = &[
    "",
    "a",
    "mail",
    "two words",
    "  padded  ",
    "C:\\new\\table\\",
    "say \"hello\"",
    "one\ntwo\n",
    "tab\tand\rreturn",
    "{a=\"b\",c='d'} # e",
    "# TYPE jobs counter",
    "\\n \\\" \\\\",
    "Grüße",
    "日本語",
    "שלום",
    "🧾 👩\u{200d}🚀",
    "e\u{301}",
    "+Inf",
    "NaN",
    "null",
    "0.5",
];

/// A text that an exporter must bring through as it is.
pub(super) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => select(TEXTS).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
    ]
}

/// An amount of 0 or more whose sums are exact in any order: eighths below 2^31, so that a judge needs no tolerance.
pub(super) fn amount() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => select(vec![1.0, 2.0, 3.0, 2.5, 0.125, 0.0, 10.0]),
        1 => select(vec![16_777_217.0, 16_777_216.125, 1_073_741_824.125]),
        1 => (0_u32..1 << 20).prop_map(|eighths| f64::from(eighths) / 8.0),
    ]
}

/// The same, of any sign.
pub(super) fn signed() -> impl Strategy<Value = f64> {
    (amount(), any::<bool>()).prop_map(|(amount, negative)| if negative { 0.0 - amount } else { amount })
}

/// What a gauge may be set to where no two values are added: the infinities, too.
pub(super) fn level() -> impl Strategy<Value = f64> {
    prop_oneof![
        5 => signed(),
        1 => select(vec![f64::INFINITY, f64::NEG_INFINITY]),
    ]
}

/// What a gauge may be set to where one value is served as it is: any double that equals itself.
pub(super) fn any_level() -> impl Strategy<Value = f64> {
    prop_oneof![
        3 => level(),
        1 => select(vec![0.1, 1e300, -1e-300, 5e-324, f64::MAX, 123_456_789.987_654_32]),
    ]
}

/// Upper bounds of buckets, ascending.
pub(super) fn buckets() -> impl Strategy<Value = Vec<f64>> {
    let bounds = vec![0.005, 0.1, 0.125, 0.5, 1.0, 2.5, 10.0, 1_000.0, 1e6, 1e10];
    proptest::sample::subsequence(bounds, 1..=4)
}
