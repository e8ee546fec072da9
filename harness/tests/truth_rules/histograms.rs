//! M9, M10: buckets and what they come to.

use counterfoil::exposition::text;
use counterfoil::series::MetricType;

use crate::encoder::{Directory, labelled};
use crate::merge::exact;

fn bucket(le: &str, value: f64) -> (String, f64, f64) {
    labelled("h", "h_bucket", &[("le", le), ("q", "a")], value)
}

/// Two processes whose buckets differ.
pub(crate) fn histograms() -> Directory {
    let sum = |value| labelled("h", "h_sum", &[("q", "a")], value);
    Directory::new()
        .with(
            "histogram_1.db",
            &[
                sum(10.0),
                bucket("1.0", 1.0),
                bucket("1000000.0", 2.0),
                bucket("+Inf", 4.0),
            ],
        )
        .with(
            "histogram_2.db",
            &[
                sum(0.5),
                bucket("0.5", 8.0),
                bucket("1", 16.0),
                bucket("+Inf", 32.0),
            ],
        )
}

#[test]
fn buckets_are_summed_by_bound_accumulated_and_rendered_again_m9() {
    let truth = histograms().truth();
    for (le, value) in [("0.5", 8.0), ("1.0", 25.0), ("1e+06", 27.0), ("+Inf", 63.0)] {
        assert_eq!(
            exact(&truth, "h_bucket", &[("le", le), ("q", "a")]),
            Some(value),
            "{le}"
        );
    }
    assert_eq!(exact(&truth, "h_count", &[("q", "a")]), Some(63.0));
    assert_eq!(exact(&truth, "h_sum", &[("q", "a")]), Some(10.5));
    assert_eq!(truth.families[0].outcomes[0].samples.len(), 6);
}

#[test]
fn a_bound_that_is_no_number_fails_the_merge_m9() {
    let directory = Directory::new().with("histogram_1.db", &[bucket("wide", 1.0)]);
    assert!(directory.complaint().contains("bucket bound `wide`"));
}

#[test]
fn a_stored_count_gives_way_to_the_buckets_m9() {
    let stored = labelled("h", "h_count", &[("q", "a")], 99.0);
    let directory = Directory::new().with("histogram_1.db", &[stored.clone(), bucket("+Inf", 1.0)]);
    assert_eq!(exact(&directory.truth(), "h_count", &[("q", "a")]), Some(1.0));
    let directory = Directory::new().with("histogram_1.db", &[stored]);
    assert_eq!(exact(&directory.truth(), "h_count", &[("q", "a")]), Some(99.0));
}

#[test]
fn a_label_set_is_served_as_sum_buckets_count_without_times_and_units_m10_m11_m12() {
    let directory = histograms().with(
        "counter_1.db",
        &[labelled("c", "c_total", &[("b", "\"\\\n"), ("a", "ä")], 60.0)],
    );
    let expected = r#"# HELP c_total Help.
# TYPE c_total counter
c_total{a="ä",b="\"\\\n"} 60.0
# HELP h Help.
# TYPE h histogram
h_sum{q="a"} 10.5
h_bucket{le="0.5",q="a"} 8.0
h_bucket{le="1.0",q="a"} 25.0
h_bucket{le="1e+06",q="a"} 27.0
h_bucket{le="+Inf",q="a"} 63.0
h_count{q="a"} 63.0
"#;
    assert_eq!(text::write(&directory.truth().to_exposition()), expected);
}

#[test]
fn what_else_a_histogram_stores_stands_between_its_sum_and_its_buckets_m9_m10() {
    let of = |name: &str, le: &[(&str, &str)]| labelled("h", name, le, 1.0);
    let entries = [
        of("h_max", &[]),
        of("h_bucket", &[("le", "0.5")]),
        of("h_sum", &[]),
        of("h_count", &[]),
    ];
    let truth = Directory::new().with("histogram_1.db", &entries).truth();
    let text = text::write(&truth.to_exposition());
    let names: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split(['{', ' ']).next())
        .collect();
    assert_eq!(names[2..], ["h_sum", "h_max", "h_bucket", "h_count"]);
}

#[test]
fn buckets_that_gauge_files_hold_are_told_apart_by_pid_m3_m5_m9() {
    let entries = |value| [labelled("h", "h_bucket", &[("le", "1.0")], value)];
    let directory = Directory::new()
        .with("gauge_all_1.db", &entries(1.0))
        .with("gauge_all_2.db", &entries(2.0))
        .with("histogram_3.db", &entries(4.0));
    let family = directory.truth().families.remove(0);
    let mut outcomes = family.outcomes.iter();
    let histogram = outcomes
        .find(|outcome| outcome.kind == MetricType::Histogram)
        .unwrap();
    let served = histogram.samples.iter();
    let mut served: Vec<String> = served
        .map(|(series, value)| format!("{series} {}", value.representative()))
        .collect();
    served.sort();
    let expected = [
        r#"h_bucket{le="1.0",pid="1"} 1"#,
        r#"h_bucket{le="1.0",pid="2"} 2"#,
        r#"h_bucket{le="1.0"} 4"#,
        r#"h_count 4"#,
        r#"h_count{pid="1"} 1"#,
        r#"h_count{pid="2"} 2"#,
    ];
    assert_eq!(served, expected);
}
