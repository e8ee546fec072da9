//! Text 0.0.4.

use counterfoil::exposition::{Exposition, Family, MAX_FINDINGS, text};
use counterfoil::series::MetricType;

use crate::found;

fn rules(body: &str) -> Vec<String> {
    found(&text::parse(body.as_bytes()))
}

fn families(body: &str) -> Vec<Family> {
    let parsed = text::parse(body.as_bytes());
    assert_eq!(found(&parsed), [""; 0], "{body}");
    parsed.exposition.families
}

#[test]
fn a_flawless_exposition_has_no_findings() {
    let body = r#"# A comment. # TYPE x gauge
#
# HELP jobs_total Jobs \\ done.\nIn all.
# TYPE jobs_total counter
jobs_total{queue="a"} 3
jobs_total{queue="b \"\\\n",} 1e+06 1700000000123

   # TYPE   wait	histogram
wait_bucket { le = "0.5" , q = "1" }	0
wait_bucket{q="1",le="+Inf"} 2
wait_sum{q="1"} 7.5
wait_count{q="1"} 2
# TYPE size summary
size{quantile="0.5"} NaN
size{quantile="0.9"} 4
size_sum 8
size_count 2
loose{le="x"} -Inf
"#;
    let families = families(body);
    let names: Vec<_> = families
        .iter()
        .map(|family| (family.name.as_str(), family.kind, family.samples.len()))
        .collect();
    assert_eq!(
        names,
        [
            ("jobs_total", MetricType::Counter, 2),
            ("wait", MetricType::Histogram, 4),
            ("size", MetricType::Summary, 4),
            ("loose", MetricType::Unknown, 1),
        ]
    );
    assert_eq!(families[0].family_name(), "jobs");
    assert_eq!(families[0].help.as_deref(), Some("Jobs \\ done.\nIn all."));
    let sample = &families[0].samples[1];
    assert_eq!(sample.series.labels.get("queue"), Some("b \"\\\n"));
    assert_eq!(
        (sample.value, sample.timestamp, sample.line),
        (1e6, Some(1_700_000_000.123), 6)
    );
}

#[test]
fn an_empty_body_is_an_exposition() {
    assert_eq!(text::parse(b"").exposition, Exposition::default());
    assert!(rules("").is_empty());
}

#[test]
fn metadata_comes_once_and_before_the_samples() {
    for (body, expected) in [
        ("# TYPE a gauge\n# TYPE a gauge\na 1\n", "2:1 duplicate-type"),
        ("# HELP a x\n# HELP a x\na 1\n", "2:1 duplicate-help"),
        ("a 1\n# TYPE a gauge\n", "2:1 type-after-samples"),
        ("a 1\n# HELP a x\n", "2:1 misplaced-help"),
        ("a_sum 1\na_count 1\n# TYPE a summary\n", "3:1 type-after-samples"),
        ("# TYPE a gouge\na 1\n", "1:10 unknown-type"),
        ("# TYPE a\na 1\n", "1:9 unknown-type"),
        ("# TYPE a Counter\na 1\n", "1:10 unknown-type"),
        ("# TYPE a gauge x\na 1\n", "1:15 trailing-text"),
        ("# TYPE 1a gauge\n", "1:8 invalid-metric-name"),
        ("# HELP\n", "1:7 invalid-metric-name"),
        ("# HELP a \\t\na 1\n", "1:10 invalid-escape"),
    ] {
        assert_eq!(rules(body), [expected], "{body}");
    }
}

#[test]
fn a_whole_second_copy_of_a_family_is_found_line_by_line_m14() {
    let once = "# HELP a x\n# TYPE a counter\na{q=\"1\"} 1\n";
    let expected = ["4:1 duplicate-help", "5:1 duplicate-type", "6:1 duplicate-series"];
    assert_eq!(rules(&once.repeat(2)), expected);
}

#[test]
fn the_lines_of_a_family_are_one_group() {
    assert_eq!(
        rules("# TYPE a gauge\na{l=\"1\"} 1\nb 1\na{l=\"2\"} 1\n"),
        ["4:1 interleaved-families"]
    );
    assert_eq!(
        rules("# TYPE a gauge\n# TYPE b gauge\na 1\nb 1\n"),
        ["3:1 interleaved-families", "4:1 interleaved-families"]
    );
    let histogram = "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nx 1\nh_count 1\n";
    assert_eq!(rules(histogram), ["5:1 interleaved-families"]);
}

#[test]
fn a_series_comes_once_whatever_the_order_of_its_labels() {
    let parsed = text::parse(b"a{x=\"1\",y=\"2\"} 1\n  a{y=\"2\",x=\"1\"} 2\na{x=\"1\"} 1\n");
    assert_eq!(found(&parsed), ["2:3 duplicate-series"]);
    let message = &parsed.findings[0].message;
    assert!(
        message.contains(r#"a{x=\"1\",y=\"2\"}"#) && message.contains("line 1"),
        "{message}"
    );
    assert_eq!(rules("a 1 1\na 1 2\n"), ["2:1 duplicate-series"]);
}

#[test]
fn names_labels_and_values_are_judged_where_they_stand() {
    for (body, expected) in [
        ("1a 1\n", "1:1 invalid-metric-name"),
        ("a.b 1\n", "1:1 invalid-metric-name"),
        ("{a=\"1\"} 1\n", "1:1 invalid-metric-name"),
        ("<html>\n", "1:1 invalid-metric-name"),
        ("a\0b 1\n", "1:1 invalid-metric-name"),
        ("a{b.c=\"1\"} 1\n", "1:3 invalid-label-name"),
        ("a{é=\"1\"} 1\n", "1:3 invalid-label-name"),
        ("a{b=\"1\",1=\"1\"} 1\n", "1:9 invalid-label-name"),
        ("a{__name__=\"b\"} 1\n", "1:3 reserved-label-name"),
        ("a{b=\"1\",b=\"2\"} 1\n", "1:2 duplicate-label"),
        ("a{b=\"\\t\"} 1\n", "1:6 invalid-escape"),
        ("a{b=\"1\" 1\n", "1:9 malformed-labels"),
        ("a{b} 1\n", "1:4 malformed-labels"),
        ("a{b=1} 1\n", "1:5 malformed-labels"),
        ("a{b=\"1} 1\n", "1:5 unterminated-label-value"),
        ("a{b=\"1\\\n", "1:5 unterminated-label-value"),
        ("a\n", "1:2 invalid-value"),
        ("a  x\n", "1:4 invalid-value"),
        ("a 0x10\n", "1:3 invalid-value"),
        ("a 1e999\n", "1:3 invalid-value"),
        ("a 1 1.5\n", "1:5 invalid-timestamp"),
        ("a 1 99999999999999999999\n", "1:5 invalid-timestamp"),
        ("a 1 5 x\n", "1:7 trailing-text"),
        ("a 1 # {x=\"y\"} 1\n", "1:5 invalid-timestamp"),
        ("a 1\r\n", "1:4 carriage-return"),
    ] {
        assert_eq!(
            rules(body).first().map(String::as_str),
            Some(expected),
            "{body:?}"
        );
    }
}

#[test]
fn a_line_with_a_finding_does_not_hide_the_next_one() {
    let parsed = text::parse(b"a{ 1\nb 2\nc x\nd 4\n");
    assert_eq!(
        found(&parsed),
        [
            "1:4 invalid-label-name",
            "1:5 malformed-labels",
            "3:3 invalid-value"
        ]
    );
    let names: Vec<_> = parsed
        .exposition
        .families
        .iter()
        .map(|family| family.name.as_str())
        .collect();
    assert_eq!(names, ["b", "d"]);
}

#[test]
fn the_last_line_ends_in_a_line_feed() {
    let parsed = text::parse(b"a 1\nb 2");
    assert_eq!(found(&parsed), ["2:4 missing-final-newline"]);
    assert_eq!(parsed.exposition.families.len(), 2);
}

#[test]
fn bytes_that_are_not_utf8_are_found_and_read_on() {
    let parsed = text::parse(b"a{b=\"x\xff\xfe\"} 1\nc 2\n");
    assert_eq!(found(&parsed), ["1:7 invalid-utf8"]);
    assert_eq!(parsed.exposition.families.len(), 2);
}

#[test]
fn counters_are_neither_negative_nor_nan() {
    let body = "# TYPE a counter\na{l=\"1\"} -1\na{l=\"2\"} NaN\na{l=\"3\"} +Inf\na{l=\"4\"} -0.0\n";
    assert_eq!(rules(body), ["2:1 counter-value", "3:1 counter-value"]);
}

/// A histogram `h` of those lines.
fn histogram(lines: &[&str]) -> Vec<String> {
    rules(&format!("# TYPE h histogram\n{}\n", lines.join("\n")))
}

#[test]
fn a_histogram_is_consistent_m9() {
    let (first, second, infinite) = (
        "h_bucket{le=\"1\"} 1",
        "h_bucket{le=\"2\"} 2",
        "h_bucket{le=\"+Inf\"} 3",
    );
    let (sum, count) = ("h_sum 1", "h_count 3");
    assert!(histogram(&[first, second, infinite, sum, count]).is_empty());
    assert!(
        histogram(&[sum, first, second, infinite, count]).is_empty(),
        "the client's order, M10"
    );
    for (lines, expected) in [
        (vec![first, second, sum, count], "2:1 missing-inf-bucket"),
        (vec![sum, count], "2:1 missing-inf-bucket"),
        (vec![infinite, count], "2:1 missing-sum"),
        (vec![infinite, sum], "2:1 missing-count"),
        (vec![infinite, sum, "h_count 4"], "4:1 count-differs"),
        (vec![second, first, infinite, sum, count], "3:1 bucket-order"),
        (
            vec![first, "h_bucket{le=\"2\"} 0", infinite, sum, count],
            "3:1 bucket-not-cumulative",
        ),
        (vec!["h_bucket 1", infinite, sum, count], "2:1 bucket-without-le"),
        (
            vec!["h_bucket{le=\"wide\"} 1", infinite, sum, count],
            "2:1 bucket-bound",
        ),
        (
            vec!["h_bucket{le=\"NaN\"} 1", infinite, sum, count],
            "2:1 bucket-bound",
        ),
        (
            vec!["h_bucket{le=\"1\"} -1", infinite, sum, count],
            "2:1 count-value",
        ),
    ] {
        assert_eq!(histogram(&lines), [expected], "{lines:?}");
    }
}

#[test]
fn each_label_set_of_a_histogram_is_judged_by_itself() {
    let lines = [
        "h_bucket{le=\"+Inf\",q=\"a\"} 1",
        "h_bucket{le=\"+Inf\",q=\"b\"} 2",
        "h_sum{q=\"a\"} 1",
        "h_sum{q=\"b\"} 1",
        "h_count{q=\"b\"} 2",
        "h_count{q=\"a\"} 3",
    ];
    assert_eq!(histogram(&lines), ["7:1 count-differs"]);
}

#[test]
fn a_bound_that_comes_twice_is_out_of_order_though_it_is_another_series() {
    let lines = [
        "h_bucket{le=\"1\"} 1",
        "h_bucket{le=\"1.0\"} 1",
        "h_bucket{le=\"+Inf\"} 1",
        "h_sum 1",
        "h_count 1",
    ];
    assert_eq!(histogram(&lines), ["3:1 bucket-order"]);
}

#[test]
fn a_summary_is_consistent() {
    let of = |lines: &str| rules(&format!("# TYPE s summary\n{lines}"));
    assert!(of("s_sum 1\ns_count 1\n").is_empty());
    assert_eq!(
        of("s{quantile=\"2\"} 1\ns_sum 1\ns_count 1\n"),
        ["2:1 summary-quantile"]
    );
    assert_eq!(of("s 1\ns_sum 1\ns_count 1\n"), ["2:1 summary-quantile"]);
    assert_eq!(
        of("s{quantile=\"0.5\"} 1\ns{quantile=\"0.1\"} 1\ns_sum 1\ns_count 1\n"),
        ["3:1 quantile-order"]
    );
    assert_eq!(of("s_sum 1\n"), ["2:1 missing-count"]);
    assert_eq!(of("s_count 1\n"), ["2:1 missing-sum"]);
    assert_eq!(of("s_count NaN\ns_sum NaN\n"), ["2:1 count-value"]);
}

#[test]
fn findings_are_bounded_however_bad_the_text() {
    let parsed = text::parse("?\n".repeat(5 * MAX_FINDINGS).as_bytes());
    assert_eq!(parsed.findings.len(), MAX_FINDINGS + 1);
    assert_eq!(
        parsed.findings.last().map(|last| last.rule),
        Some("too-many-findings")
    );
}

#[test]
fn a_long_text_of_many_families_is_read_in_linear_time() {
    // Quadratic work on this would take minutes.
    let mut body = String::new();
    for at in 0..60_000 {
        body.push_str(&format!("# TYPE f{at} counter\nf{at}{{l=\"{at}\"}} 1\n"));
    }
    let parsed = text::parse(body.as_bytes());
    assert!(parsed.findings.is_empty());
    assert_eq!(parsed.exposition.families.len(), 60_000);
}

#[test]
fn what_text_has_no_words_for_is_written_as_gauges() {
    let body =
        "# HELP a x\n# TYPE a counter\na_total 1\na_created 2\n# TYPE i info\ni_info{v=\"1\"} 1\n# EOF\n";
    let parsed = counterfoil::exposition::openmetrics::parse(body.as_bytes());
    assert_eq!(found(&parsed), [""; 0]);
    let expected = "# HELP a_total x\n# TYPE a_total counter\na_total 1.0\n# HELP a_created x\n# TYPE a_created gauge\n\
                    a_created 2.0\n# TYPE i_info gauge\ni_info{v=\"1\"} 1.0\n";
    assert_eq!(text::write(&parsed.exposition), expected);
    assert_eq!(rules(expected), [""; 0]);
}
