//! What metrics are fed with and called: numbers, bounds, label values, HELP.

use proptest::prelude::*;
use proptest::sample::select;

use crate::program::{Double, LabelValue};
use crate::scope::Scope;

/// Which numbers the metrics of a program are fed with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Numbers {
    /// Multiples of a quarter, whose sums are exact.
    Plain,
    /// Those whose sums depend on the order.
    Rounding,
    /// NaN, infinities, subnormals, negative zero, integers above 2^53 among plain ones.
    Odd,
    /// Any double.
    Any,
    /// Multiples of a quarter that are not negative.
    Tame,
}

pub(crate) fn label_value(scope: Scope) -> BoxedStrategy<LabelValue> {
    let few = select(vec!["", "a", "b"]).prop_map(str::to_owned);
    let text = prop_oneof![4 => few, 2 => odd_text(), 1 => any_text()].prop_map(LabelValue::Text);
    if scope.any_label_value {
        let other = prop_oneof![
            (-2..3_i32).prop_map(LabelValue::Number),
            any::<bool>().prop_map(LabelValue::Truth),
            Just(LabelValue::Nothing(())),
        ];
        prop_oneof![6 => text, 1 => other].boxed()
    } else {
        text.boxed()
    }
}

/// What escaping, padding, sorting and decoding stumble over.
fn odd_text() -> impl Strategy<Value = String> {
    select(vec![
        "ä",
        "ключ",
        "値",
        "😀",
        "𐀀",
        "\u{10ffff}",
        "q\"uote",
        "back\\slash",
        "\\n",
        "new\nline",
        "\ttab",
        "\r",
        "\u{0}",
        "\u{1}\u{7f}",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        " blanks  ",
        "{a=\"b\"} # e",
        "1.0",
        "null",
        "#",
        "e\u{301}",
    ])
    .prop_map(str::to_owned)
}

/// Any Unicode: a `String` holds no lone surrogates.
fn any_text() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<char>(), 0..6).prop_map(String::from_iter)
}

/// Never empty: the Ruby client asks for some.
pub(crate) fn help(scope: Scope) -> impl Strategy<Value = String> {
    let known = select(vec![
        "Plain.",
        "With \\ and\nnewline",
        "A \"quoted\" one",
        "Größe 😀",
        " leading",
        "tab\t\r",
    ]);
    let any = prop_oneof![3 => known.prop_map(str::to_owned), 1 => odd_text(), 1 => any_text()];
    any.prop_map(move |help| {
        let blank = |c: char| c.is_whitespace() || c.is_control();
        let help = if scope.tame {
            help.trim_matches(blank)
        } else {
            &help
        };
        if help.is_empty() {
            "?".to_owned()
        } else {
            help.to_owned()
        }
    })
}

pub(crate) fn buckets(scope: Scope) -> impl Strategy<Value = Vec<Double>> {
    let known = select(vec![
        vec![0.25, 1.0, 4.0],
        vec![1.0, 2.0],
        vec![0.005, 1e6, 1e10],
        vec![-1.0, 0.0, 1.0],
        vec![0.1, 0.3, 123_456_789.5, 1e15, 1e16],
    ]);
    let finite = any::<f64>().prop_filter_map("finite", |bound| {
        // Two zeros are one bound, which either may give its name to.
        bound
            .is_finite()
            .then_some(if bound == 0.0 { 0.0 } else { bound })
    });
    let random = prop::collection::vec(finite, 1..5).prop_map(|mut bounds| {
        bounds.sort_by(f64::total_cmp);
        bounds.dedup();
        bounds
    });
    prop_oneof![3 => known, 1 => random].prop_map(move |bounds| {
        let allowed = bounds.into_iter().filter(|bound| !scope.tame || *bound >= 0.0);
        let allowed: Vec<Double> = allowed.map(Double).collect();
        if allowed.is_empty() {
            vec![Double(1.0)]
        } else {
            allowed
        }
    })
}

pub(crate) fn number(numbers: Numbers) -> BoxedStrategy<Double> {
    let plain = (-400..4_000_000_i32).prop_map(|quarters| f64::from(quarters) / 4.0);
    let above_2_53 = 9_007_199_254_740_992.0;
    let strategy: BoxedStrategy<f64> = match numbers {
        Numbers::Plain => plain.boxed(),
        Numbers::Rounding => select(vec![
            0.1,
            0.3,
            0.7,
            1.0,
            1e16,
            1e15 + 0.3,
            123_456.789,
            -0.1,
            above_2_53 + 2.0,
        ])
        .boxed(),
        Numbers::Odd => {
            let odd = select(vec![
                f64::NAN,
                f64::INFINITY,
                f64::NEG_INFINITY,
                -0.0,
                0.0,
                5e-324,
                -5e-324,
                f64::MIN_POSITIVE / 3.0,
                above_2_53 + 2.0,
                1e308,
                -1e308,
                1e10,
            ]);
            prop_oneof![2 => plain, 1 => odd].boxed()
        }
        Numbers::Tame => plain.prop_map(f64::abs).boxed(),
        Numbers::Any => any::<u64>().prop_map(f64::from_bits).boxed(),
    };
    // A NaN's payload is not part of any text.
    let strategy = strategy.prop_map(|value| if value.is_nan() { f64::NAN } else { value });
    strategy.prop_map(Double).boxed()
}
