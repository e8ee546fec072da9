//! Files that need no series, one type after the other.

use super::*;

#[test]
fn gauges_are_merged_as_their_mode_says_m5_m6_m7() {
    let at = |queue: &str, value, time| -> Entry {
        let labels = [("q".to_owned(), queue.to_owned())];
        ("g".to_owned(), "", labels.into(), value, time)
    };
    for mode in ["all", "min", "max", "sum", "mostrecent"] {
        // A sum that is no number is left to the merge of series.
        let nan = if mode == "sum" { 8.0 } else { f64::NAN };
        let files = [
            vec![
                at("a", 0.0, 1.0),
                at("b", nan, 0.0),
                at("c", 1.0, 2.0),
                at("d", 3.0, 0.0),
                at("c", 4.0, 2.0),
                at("f", -0.0, 1.0),
            ],
            vec![
                at("a", -0.0, 1.0),
                at("b", 2.0, 3.0),
                at("c", 2.0, 1.0),
                at("d", 5.0, 0.0),
                at("e", -0.0, -1.0),
                at("c", 7.0, 3.0),
                at("f", 0.0, 1.0),
            ],
            vec![
                at("b", nan, 3.0),
                at("c", -1.0, 3.0),
                at("a", -0.0, 1.0),
                at("d", -7.0, 0.0),
            ],
        ];
        let names = [7, 8, 9].map(|pid| format!("gauge_{mode}_{pid}.db"));
        let named = names.iter().map(String::as_str).zip(files);
        assert!(is_streamed(&named.collect::<Vec<_>>()), "{mode}");
    }
}

#[test]
fn samples_and_label_sets_of_several_families_are_told_apart_m4_m10() {
    let of = |family, suffix, queue, value| entry(family, suffix, &[("q", queue)], value);
    let one = |family| {
        vec![
            of(family, "_sum", "b", 1.5),
            of(family, "_count", "a", -0.0),
            of(family, "_sum", "a", 3.0),
        ]
    };
    let other = |family| {
        vec![
            of(family, "_count", "b", 1.0),
            of(family, "_count", "a", 2.0),
            entry(family, "_sum", &[], 1.0),
            of(family, "_sum", "b", 0.25),
        ]
    };
    assert!(is_streamed(&[
        ("counter_7.db", [one("c"), other("d"), one("c_total")].concat()),
        ("counter_8.db", [other("c"), one("e")].concat()),
        ("summary_7.db", [one("s"), one("t")].concat()),
        ("summary_8.db", [other("t"), other("s")].concat()),
    ]));
}

#[test]
fn buckets_are_accumulated_label_set_by_label_set_m9_m10() {
    let bucket = |queue, le, value| entry("h", "_bucket", &[("a", "1"), ("le", le), ("q", queue)], value);
    let sum = |queue, value| entry("h", "_sum", &[("a", "1"), ("q", queue)], value);
    assert!(is_streamed(&[
        (
            "histogram_7.db",
            vec![
                sum("x", 2.5),
                bucket("x", "0.5", 1.0),
                bucket("x", "+Inf", 2.0),
                sum("only", 1.0),
                bucket("y", "10.0", 4.0),
            ]
        ),
        (
            "histogram_8.db",
            vec![
                bucket("y", "2.0", 8.0),
                bucket("x", "+Inf", 16.0),
                bucket("x", "10.0", 32.0),
                sum("x", -0.5),
                entry("i", "_bucket", &[("le", "+Inf")], 3.0),
            ]
        ),
    ]));
}
