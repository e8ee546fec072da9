//! OpenMetrics 1.0.

use counterfoil::exposition::{Exposition, openmetrics, text};
use counterfoil::series::MetricType;

use crate::found;

/// The findings in a body that `# EOF` is added to.
fn rules(lines: &str) -> Vec<String> {
    found(&openmetrics::parse(format!("{lines}# EOF\n").as_bytes()))
}

fn exposition(lines: &str) -> Exposition {
    let parsed = openmetrics::parse(format!("{lines}# EOF\n").as_bytes());
    assert_eq!(found(&parsed), [""; 0], "{lines}");
    parsed.exposition
}

const FLAWLESS: &str = r#"# TYPE jobs counter
# HELP jobs Jobs "done" \\ \"so far\".
jobs_total{queue="a"} 3 1700000000.5 # {trace_id="7f"} 1.0 1700000000.25
jobs_created{queue="a"} 1690000000.0 1700000000.5
jobs_total{queue="b"} 1
# TYPE wait_seconds histogram
# UNIT wait_seconds seconds
# HELP wait_seconds
wait_seconds_bucket{le="0.5"} 0 # {} 0.25
wait_seconds_bucket{le="+Inf"} 2
wait_seconds_sum 7.5
wait_seconds_count 2
# TYPE build info
build_info{version="1"} 1
# TYPE light stateset
light{light="on"} 1
light{light="off"} 0
# TYPE queue gaugehistogram
queue_bucket{le="+Inf"} 3
queue_gcount 3
queue_gsum 1.5
# TYPE size summary
size_count 1
size_sum 2
# TYPE odd unknown
odd -Inf
"#;

#[test]
fn a_flawless_exposition_has_no_findings() {
    let exposition = exposition(&FLAWLESS.replace("# HELP wait_seconds\n", "# HELP wait_seconds \n"));
    let names: Vec<_> = exposition
        .families
        .iter()
        .map(|family| (family.name.as_str(), family.samples.len()))
        .collect();
    let expected = [
        ("jobs", 3),
        ("wait_seconds", 4),
        ("build", 1),
        ("light", 2),
        ("queue", 3),
        ("size", 2),
        ("odd", 1),
    ];
    assert_eq!(names, expected);
    let jobs = &exposition.families[0];
    assert_eq!(
        (jobs.family_name(), jobs.help.as_deref()),
        ("jobs", Some(r#"Jobs "done" \ "so far"."#))
    );
    let exemplar = jobs.samples[0].exemplar.as_ref().unwrap();
    assert_eq!(
        (exemplar.labels.get("trace_id"), exemplar.value),
        (Some("7f"), 1.0)
    );
    assert_eq!(
        (jobs.samples[0].timestamp, exemplar.timestamp),
        (Some(1_700_000_000.5), Some(1_700_000_000.25))
    );
    assert_eq!(exposition.families[1].unit.as_deref(), Some("seconds"));
    assert_eq!(exposition.families[4].kind, MetricType::GaugeHistogram);
}

#[test]
fn a_body_ends_in_eof() {
    for (body, expected) in [
        ("", "1:1 missing-eof"),
        ("a 1\n", "2:1 missing-eof"),
        ("a 1\n# EOF\nb 1\n", "3:1 text-after-eof"),
        ("a 1\n#EOF\n# EOF\n", "2:1 stray-comment"),
    ] {
        assert_eq!(found(&openmetrics::parse(body.as_bytes())), [expected], "{body}");
    }
    assert!(
        found(&openmetrics::parse(b"a 1\n# EOF")).is_empty(),
        "the last line feed may be missing"
    );
}

#[test]
fn bytes_that_are_not_utf8_are_found_wherever_they_stand() {
    for (lines, expected) in [
        (&b"up{zone=\"\xfe\"} 1\n# EOF\n"[..], vec!["1:10 invalid-utf8"]),
        (
            b"up{\xff=\"a\"} 1\n# EOF\n",
            vec!["1:4 invalid-utf8", "1:4 invalid-label-name"],
        ),
        (b"# HELP up \xff\n# EOF\n", vec!["1:11 invalid-utf8"]),
    ] {
        assert_eq!(found(&openmetrics::parse(lines)), expected);
    }
}

#[test]
fn lines_and_blanks_are_as_the_grammar_has_them() {
    for (lines, expected) in [
        ("\na 1\n", "1:1 blank-line"),
        ("# a comment\n", "1:1 stray-comment"),
        ("# HELP a\n", "1:9 malformed-metadata"),
        ("# TYPE  a gauge\n", "1:8 invalid-metric-name"),
        ("# TYPE a untyped\n", "1:10 unknown-type"),
        ("# TYPE a gauge \n", "1:10 unknown-type"),
        ("a  1\n", "1:2 separator"),
        ("a\t1\n", "1:2 separator"),
        (" a 1\n", "1:1 invalid-metric-name"),
        ("a 1 \n", "1:5 invalid-timestamp"),
        ("a{b=\"1\",} 1\n", "1:9 malformed-labels"),
        ("a{b=\"1\", c=\"1\"} 1\n", "1:9 invalid-label-name"),
        ("a 1 NaN\n", "1:5 invalid-timestamp"),
        ("a 1 1 1\n", "1:6 trailing-text"),
    ] {
        assert_eq!(
            rules(lines).first().map(String::as_str),
            Some(expected),
            "{lines:?}"
        );
    }
    let odd_escapes = exposition("a{b=\"\\d\"} 1\n");
    assert_eq!(
        odd_escapes.families[0].samples[0].series.labels.get("b"),
        Some("\\d")
    );
}

#[test]
fn metadata_comes_once_and_before_the_samples() {
    for (lines, expected) in [
        ("# UNIT a_s s\n# UNIT a_s s\na_s 1\n", "2:1 duplicate-unit"),
        ("a_s 1\n# UNIT a_s s\n", "2:1 misplaced-unit"),
        ("a 1\n# TYPE a gauge\n", "2:1 type-after-samples"),
        ("# TYPE a gauge\n# UNIT a s\na 1\n", "2:1 unit-not-in-name"),
        (
            "# TYPE a_s info\n# UNIT a_s s\na_s_info 1\n",
            "2:1 unit-not-allowed",
        ),
    ] {
        assert_eq!(rules(lines), [expected], "{lines}");
    }
}

#[test]
fn a_sample_is_named_as_its_familys_type_has_it() {
    assert_eq!(rules("# TYPE a counter\na 1\n"), ["2:1 invalid-sample-name"]);
    assert_eq!(rules("# TYPE a gauge\na_total 1\n"), ["2:1 invalid-sample-name"]);
    assert_eq!(rules("# TYPE a info\na 1\n"), ["2:1 invalid-sample-name"]);
    assert_eq!(
        rules("# TYPE a counter\na_total 1\n# TYPE a_total gauge\na_total 2\n").len(),
        2
    );
}

#[test]
fn values_are_what_the_type_allows() {
    for (lines, expected) in [
        ("# TYPE a counter\na_total -1\n", "2:1 counter-value"),
        ("# TYPE a info\na_info 2\n", "2:1 info-value"),
        ("# TYPE a stateset\na{a=\"x\"} 2\n", "2:1 stateset-value"),
        ("# TYPE a stateset\na{b=\"x\"} 1\n", "2:1 stateset-label"),
        (
            "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1.5\n",
            "2:1 count-value",
        ),
        ("# TYPE a histogram\na_bucket{le=\"Inf\"} 1\n", "2:1 bucket-bound"),
        (
            "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 1\n",
            "2:1 missing-sum",
        ),
        (
            "# TYPE a histogram\na_bucket{le=\"-1\"} 1\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
            "2:1 sum-with-negative-bounds",
        ),
        (
            "# TYPE a summary\na{quantile=\"1.5\"} 1\n",
            "2:1 summary-quantile",
        ),
    ] {
        assert_eq!(rules(lines), [expected], "{lines}");
    }
    assert!(
        rules("# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\n").is_empty(),
        "sum and count are optional"
    );
}

#[test]
fn exemplars_stand_where_they_are_allowed_and_are_short() {
    assert_eq!(rules("# TYPE a gauge\na 1 # {} 1\n"), ["2:1 misplaced-exemplar"]);
    let long = format!("# TYPE a counter\na_total 1 # {{t=\"{}\"}} 1\n", "ä".repeat(128));
    assert_eq!(rules(&long), ["2:13 exemplar-too-long"]);
    let just = format!("# TYPE a counter\na_total 1 # {{t=\"{}\"}} 1\n", "ä".repeat(127));
    assert!(rules(&just).is_empty());
    assert_eq!(
        rules("# TYPE a counter\na_total 1 # x\n"),
        ["2:13 malformed-exemplar"]
    );
}

#[test]
fn the_samples_of_a_metric_stay_together_and_go_forward_in_time() {
    let counter = |lines: &str| rules(&format!("# TYPE a counter\n{lines}"));
    let interleaved = "a_total{q=\"1\"} 1\na_total{q=\"2\"} 1\na_created{q=\"1\"} 1\n";
    assert_eq!(counter(interleaved), ["4:1 interleaved-metrics"]);
    assert_eq!(counter("a_total 1 2\na_total 2 1\n"), ["3:1 timestamp-order"]);
    assert_eq!(counter("a_total 1 2\na_total 2\n"), ["3:1 timestamp-order"]);
    assert!(
        counter("a_total 1 1\na_total 2 2\n").is_empty(),
        "points of one series, at two times"
    );
    assert_eq!(counter("a_total 1\na_total 2\n"), ["3:1 duplicate-series"]);
    assert_eq!(
        rules("# TYPE a gauge\na{x=\"1\"} 1\nb 1\na{x=\"2\"} 1\n"),
        ["4:1 interleaved-families"]
    );
}

#[test]
fn families_do_not_clash_over_a_name() {
    let clash = "# TYPE a counter\na_total 1\n# TYPE a_created gauge\na_created{q=\"1\"} 1\n";
    assert!(rules(clash).contains(&"3:1 name-clash".to_owned()));
    assert_eq!(
        rules("# TYPE a_created gauge\n# TYPE a counter\n"),
        ["2:1 name-clash"],
        "without samples, too"
    );
}

#[test]
fn the_clashes_of_one_family_come_in_the_order_of_the_names() {
    let body = "h_sum 1\nh_gsum 1\nh_count 1\nh_bucket 1\n# TYPE h histogram\n# EOF\n";
    for _ in 0..20 {
        let findings = openmetrics::parse(body.as_bytes()).findings;
        let clashes = findings.iter().filter(|finding| finding.rule == "name-clash");
        let names: Vec<_> = clashes
            .filter_map(|finding| finding.message.split('`').nth(1))
            .collect();
        assert_eq!(names, ["h_bucket", "h_count", "h_sum"]);
    }
}

#[test]
fn a_counter_of_text_gets_its_total() {
    let parsed = text::parse(b"# TYPE a counter\na{q=\"1\"} 1\n# TYPE b_total counter\nb_total 2\n");
    let expected = "# TYPE a counter\na_total{q=\"1\"} 1.0\n# TYPE b counter\nb_total 2.0\n# EOF\n";
    assert_eq!(openmetrics::write(&parsed.exposition), expected);
    assert!(found(&openmetrics::parse(expected.as_bytes())).is_empty());
}
