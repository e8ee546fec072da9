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
fn a_header_is_written_whole_even_where_it_is_longer_than_all_lines_m7_m11() {
    let dir = tempfile::tempdir().unwrap();
    for (name, help) in [("a", r"\n".repeat(500)), ("b", String::new())] {
        let name = name.repeat(500);
        let key = format!(r#"["{name}", "g", {{}}, "{help}"]"#);
        // Its time is zero, so there is no line of it.
        let entry = encoded(Layout::Python16, &key, 5.0, 0.0);
        write_entries(
            dir.path(),
            &format!("gauge_mostrecent_{}.db", &name[..1]),
            &[entry],
        );
    }
    let text = by_stream(dir.path(), 1).unwrap();
    assert_eq!(text.lines().count(), 4);
    assert_eq!(Ok(text), by_series(dir.path()));
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

#[test]
fn what_lies_behind_the_used_bytes_is_not_read_f2() {
    let [dir, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let name = "counter_1.db";
    write(
        Layout::Python16,
        dir.path(),
        name,
        &[entry("kept", "_total", &[], 1.0)],
    );
    write(
        Layout::Python16,
        other.path(),
        name,
        &[entry("early", "_total", &[], 1.0)],
    );
    // As it is before a writer publishes what it has written: an entry, and zeros.
    let [used, behind] = [&dir, &other].map(|dir| fs::read(dir.path().join(name)).unwrap());
    fs::write(
        dir.path().join(name),
        [&used[..], &behind[8..], &[0; 4096]].concat(),
    )
    .unwrap();
    let text = by_stream(dir.path(), 1);
    assert_eq!(text, by_series(dir.path()).ok());
    assert!(text.is_some_and(|text| text.contains("kept_total 1.0") && !text.contains("early")));
}

#[test]
fn label_sets_that_begin_otherwise_are_in_the_order_of_their_texts_m10() {
    let sets = [("b", "1"), ("a", "2"), ("b", "0"), ("a", "3")];
    let entries = sets.map(|label| entry("c", "_total", &[label], 1.0));
    assert!(is_streamed(&[("counter_1.db", entries.to_vec())]));
}
