//! What is just right and what is just wrong, and what is read of a body that is wrong.

use counterfoil::exposition::{openmetrics, text};
use counterfoil::series::MetricType;

use crate::found;

/// The findings in a body as text 0.0.4.
fn as_text(body: &str) -> Vec<String> {
    found(&text::parse(body.as_bytes()))
}

/// The findings in a body as OpenMetrics, which `# EOF` is added to.
fn as_openmetrics(body: &str) -> Vec<String> {
    found(&openmetrics::parse(format!("{body}# EOF\n").as_bytes()))
}

#[test]
fn of_metadata_that_comes_twice_the_first_counts() {
    let body = "# TYPE a gauge\n# TYPE a counter\n# HELP a x\n# HELP a y\na 1\n";
    let family = text::parse(body.as_bytes()).exposition.families.remove(0);
    assert_eq!(
        (family.kind, family.help.as_deref()),
        (MetricType::Gauge, Some("x"))
    );
    let body = "# UNIT a_s s\n# UNIT a_s a_s\na_s 1\n# EOF\n";
    let parsed = openmetrics::parse(body.as_bytes());
    assert_eq!(found(&parsed), ["2:1 duplicate-unit"]);
    assert_eq!(parsed.exposition.families[0].unit.as_deref(), Some("s"));
}

#[test]
fn a_type_comes_too_late_only_for_samples_that_no_other_has_claimed() {
    // In text, `wait_sum` is a gauge of its own, typed before anybody spoke of `wait`.
    assert_eq!(
        as_text("# TYPE wait_sum gauge\nwait_sum 1\n# TYPE wait summary\n"),
        [""; 0]
    );
    // A family that has no samples yet has none that came too early.
    assert_eq!(
        as_text("# HELP wait_sum x\n# TYPE wait summary\nwait_sum 1\nwait_count 1\n"),
        [""; 0]
    );
    assert_eq!(as_text("wait 1\n# TYPE wait_more gauge\n"), [""; 0]);
}

#[test]
fn a_suffix_that_no_type_asks_for_makes_another_family() {
    for body in ["# TYPE up gauge\nup 1\nup_sum 1\n", "up 1\nup_sum 1\n"] {
        let parsed = text::parse(body.as_bytes());
        assert_eq!(found(&parsed), [""; 0], "{body}");
        assert_eq!(parsed.exposition.families.len(), 2, "{body}");
    }
    // In OpenMetrics only where the first has no type.
    assert_eq!(as_openmetrics("up 1\nup_sum 1\n"), [""; 0]);
    assert_eq!(
        as_openmetrics("# TYPE up gauge\nup 1\nup_sum 1\n"),
        ["3:1 invalid-sample-name"]
    );
}

#[test]
fn a_name_that_is_wrong_line_after_line_is_told_once() {
    let body = "# TYPE up gauge\nup_total{a=\"1\"} 1\nup_total{a=\"2\"} 2\nup_total{a=\"3\"} 3\n";
    assert_eq!(as_openmetrics(body), ["2:1 invalid-sample-name"]);
}

#[test]
fn bounds_counts_and_quantiles_at_their_limits_are_right() {
    for body in [
        "# TYPE h histogram\nh_bucket{le=\"0\"} 0\nh_bucket{le=\"+Inf\"} 0\nh_sum 0\nh_count 0\n",
        "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 2\nh_sum 1\nh_count 2\n",
        "# TYPE h histogram\nh_bucket{le=\"+Inf\"} +Inf\nh_sum 1\nh_count +Inf\n",
        "# TYPE s summary\ns{quantile=\"0\"} 0\ns{quantile=\"1\"} 0\ns_sum 0\ns_count 0\n",
    ] {
        assert_eq!((as_text(body), as_openmetrics(body)), (vec![], vec![]), "{body}");
    }
    for quantile in ["-0.1", "1.1"] {
        let body = format!("# TYPE s summary\ns{{quantile=\"{quantile}\"}} 1\ns_sum 1\ns_count 1\n");
        assert_eq!(as_text(&body), ["2:1 summary-quantile"]);
        assert_eq!(as_openmetrics(&body), ["2:1 summary-quantile"]);
    }
    let again = "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns{quantile=\"0.50\"} 1\ns_sum 1\ns_count 1\n";
    assert_eq!(as_text(again), ["3:1 quantile-order"]);
    let half = "# TYPE s summary\ns_sum 1\ns_count 1.5\n";
    assert_eq!(
        as_text(half),
        [""; 0],
        "text has no rule against half an observation"
    );
    assert_eq!(
        as_text("# TYPE s summary\ns_sum 1\ns_count -1\n"),
        ["3:1 count-value"]
    );
}

#[test]
fn a_count_is_that_of_the_infinite_bucket_though_neither_is_a_number() {
    let body = |bucket: &str, count: &str| {
        format!("# TYPE h histogram\nh_bucket{{le=\"+Inf\"}} {bucket}\nh_sum 1\nh_count {count}\n")
    };
    assert_eq!(
        as_text(&body("NaN", "NaN")),
        ["2:1 count-value", "4:1 count-value"]
    );
    assert_eq!(
        as_text(&body("NaN", "1")),
        ["2:1 count-value", "4:1 count-differs"]
    );
    assert_eq!(
        as_text(&body("1", "NaN")),
        ["4:1 count-value", "4:1 count-differs"]
    );
}

#[test]
fn a_label_set_of_buckets_that_are_none_is_told_of_them_alone() {
    assert_eq!(
        as_text("# TYPE h histogram\nh_bucket 1\n"),
        ["2:1 bucket-without-le"]
    );
    assert_eq!(
        as_openmetrics("# TYPE h histogram\nh_bucket{le=\"x\"} 1\n"),
        ["2:1 bucket-bound"]
    );
}

#[test]
fn two_negative_bounds_are_negative_bounds() {
    let body = "# TYPE h histogram\nh_bucket{le=\"-2\"} 1\nh_bucket{le=\"-1\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n";
    assert_eq!(as_openmetrics(body), ["2:1 sum-with-negative-bounds"]);
    let lowest = "# TYPE h histogram\nh_bucket{le=\"-Inf\"} 0\nh_bucket{le=\"+Inf\"} 1\n";
    assert_eq!(as_openmetrics(lowest), [""; 0]);
}

#[test]
fn in_text_samples_of_several_times_are_one_histogram() {
    let body = "# TYPE h histogram\nh_bucket{le=\"1\"} 1 1000\nh_bucket{le=\"+Inf\"} 1 2000\nh_sum 1 3000\nh_count 1\n";
    assert_eq!(as_text(body), [""; 0]);
}

#[test]
fn label_sets_that_take_turns_are_each_judged_by_all_their_samples() {
    let body = "# TYPE s summary\ns{q=\"a\",quantile=\"0.5\"} 1\ns{q=\"b\",quantile=\"0.1\"} 1\n\
                s{q=\"a\",quantile=\"0.2\"} 1\ns_sum{q=\"a\"} 1\ns_sum{q=\"b\"} 1\ns_count{q=\"b\"} 1\n";
    assert_eq!(as_text(body), ["2:1 missing-count", "4:1 quantile-order"]);
}

#[test]
fn when_something_was_created_may_be_any_number() {
    assert_eq!(
        as_openmetrics("# TYPE a counter\na_total 0\na_created -5\n"),
        [""; 0]
    );
    assert_eq!(
        as_openmetrics("# TYPE a counter\na_total -0.5\na_created 5\n"),
        ["2:1 counter-value"]
    );
    assert_eq!(
        as_openmetrics("# TYPE a stateset\na{a=\"x\"} 0\na{a=\"y\"} 1\na{a=\"z\"} NaN\n"),
        ["4:1 stateset-value"]
    );
}

#[test]
fn of_a_long_word_sixty_characters_are_shown() {
    let message = |length: usize| {
        let word = "é".repeat(length);
        text::parse(format!("up {word}\n").as_bytes())
            .findings
            .remove(0)
            .message
    };
    assert_eq!(message(60), format!("`{}` is no value", "é".repeat(60)));
    assert_eq!(message(61), format!("`{}…` is no value", "é".repeat(60)));
}

#[test]
fn around_a_finding_forty_bytes_of_its_line_are_shown_on_either_side() {
    let line = format!("up{{a=\"{}\"}} x{}", "1".repeat(50), "2".repeat(50));
    let body = format!("before 1\n{line}\nbehind 1\n");
    let finding = text::parse(body.as_bytes()).findings.remove(0);
    let at = line.find('x').unwrap();
    assert_eq!((finding.line, finding.column), (2, at + 1));
    assert_eq!(finding.context, line[at - 40..at + 40]);
    let short = text::parse(b"before 1\nup x\nbehind 1\n").findings.remove(0);
    assert_eq!(short.context, "up x");
}

#[test]
fn bytes_that_are_not_utf8_do_not_move_what_is_behind_them_out_of_its_line() {
    // Three bytes are replaced by three characters of three bytes each.
    let parsed = text::parse(b"a 1\nup{z=\"\xff\xff\xff\"} x y\nb 2\n");
    assert_eq!(found(&parsed), ["2:7 invalid-utf8", "2:16 invalid-value"]);
    let names: Vec<_> = parsed.exposition.samples().map(|sample| sample.line).collect();
    assert_eq!(names, [1, 3]);
    let parsed = text::parse(b"a 1\nup{z=\"\xff\"} 2\r\nup{z=\"\xfe\"} 3\n");
    assert_eq!(
        found(&parsed),
        [
            "2:7 invalid-utf8",
            "2:12 carriage-return",
            "3:1 duplicate-series",
            "3:7 invalid-utf8"
        ]
    );
}

#[test]
fn every_line_knows_its_number_whether_it_is_read_at_once_or_strictly() {
    let parsed = text::parse(b"\na 1\n# x\n a{b=\"1\"} 2\na{b=\"2\"} 3\n\nb 4\n");
    assert_eq!(found(&parsed), [""; 0]);
    let lines: Vec<_> = parsed
        .exposition
        .samples()
        .map(|sample| (sample.line, sample.value))
        .collect();
    assert_eq!(lines, [(2, 1.0), (4, 2.0), (5, 3.0), (7, 4.0)]);
}

#[test]
fn what_belongs_to_one_metric_stays_together_whatever_tells_its_samples_apart() {
    let summary = "# TYPE s summary\ns_sum 1\ns{quantile=\"0.5\"} 1\ns{quantile=\"0.9\"} 1\ns_count 1\n";
    assert_eq!(as_openmetrics(summary), [""; 0]);
    let states = "# TYPE light stateset\nlight{light=\"on\",room=\"a\"} 1\nlight{light=\"on\",room=\"b\"} 1\n\
                  light{light=\"off\",room=\"a\"} 0\n";
    assert_eq!(as_openmetrics(states), ["4:1 interleaved-metrics"]);
    // Nothing tells the points of one info from another info.
    let infos =
        "# TYPE build info\nbuild_info{v=\"1\"} 1 1\nbuild_info{v=\"2\"} 1 2\nbuild_info{v=\"1\"} 1 3\n";
    assert_eq!(as_openmetrics(infos), [""; 0]);
}
