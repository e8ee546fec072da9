//! Checks of one scrape: `scrape/available`, `exposition/valid`, `scrape/equals-truth`, and its diagnosis.

use counterfoil::check::{Check, Side, compare};

use crate::encoder::{Directory, encode, key, labelled};
use crate::history::{History, answer, counters, merged, silence};

const TEXT: &str = "text/plain; version=0.0.4";

fn three() -> Directory {
    counters(&[
        (101, &[("mail", 11.0)]),
        (102, &[("mail", 10.0)]),
        (103, &[("mail", 9.0), ("report", 2.0)]),
    ])
}

#[test]
fn a_scrape_with_status_200_and_the_right_type_is_available() {
    let files = three();
    let history = History::conformant(&files).scraped(&files, "", &files);
    assert_eq!(history.passes(Check::ScrapeAvailable), 2);
}

#[test]
fn a_scrape_that_is_refused_failing_or_of_another_type_is_not_available() {
    let files = three();
    let finding = |scrape| {
        History::conformant(&files)
            .answered(scrape)
            .fails(Check::ScrapeAvailable)
    };
    assert_eq!(
        finding(silence()).summary,
        "scrape 1 failed: http://127.0.0.1:9/metrics: connection refused"
    );
    assert!(
        finding(answer(500, TEXT, "boom\n"))
            .summary
            .contains("status 500"),
        "M13"
    );
    assert!(
        finding(answer(200, "text/html", ""))
            .summary
            .contains("\"text/html\"")
    );
    assert_eq!(finding(silence()).side, Side::Server);
}

#[test]
fn another_version_than_was_asked_for_is_available_and_found_by_its_own_check() {
    let files = three();
    let served =
        |content_type| History::conformant(&files).answered(answer(200, content_type, &merged(&files)));
    assert_eq!(served(TEXT).passes(Check::ScrapeVersion), 1);
    assert_eq!(served("text/plain").passes(Check::ScrapeVersion), 1);
    let newer = served("text/plain; version=1.0.0");
    newer.passes(Check::ScrapeAvailable);
    let finding = newer.fails(Check::ScrapeVersion);
    assert_eq!(
        finding.summary,
        "scrape 1 is of another version: \"text/plain; version=1.0.0\""
    );
    assert_eq!(finding.side, Side::Server);
}

#[test]
fn what_is_not_available_has_no_version() {
    let files = three();
    for nothing in [
        silence(),
        answer(500, TEXT, "boom\n"),
        answer(200, "text/html", ""),
    ] {
        let history = History::conformant(&files).answered(nothing);
        history.cannot_tell(Check::ScrapeVersion);
    }
}

#[test]
fn of_several_scrapes_the_one_that_failed_is_named_with_the_beginning_of_its_body() {
    let files = three();
    let summary = |body: &str| {
        let history = History::conformant(&files).scraped(&files, "", &files);
        let history = history.answered(answer(500, TEXT, body));
        history.fails(Check::ScrapeAvailable).summary
    };
    assert_eq!(
        summary("boom"),
        "scrape 2 failed: it is answered with status 500: \"boom\""
    );
    let (just, long) = ("x".repeat(300), "x".repeat(301));
    assert!(summary(&just).ends_with(&format!("{just:?}")));
    assert!(summary(&long).ends_with(&format!("{just:?}")));
}

#[test]
fn protobuf_is_refused_by_its_name() {
    let files = three();
    let types = [
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
        "application/vnd.google.protobuf",
        "application/openmetrics-protobuf; version=1.0.0",
    ];
    for content_type in types {
        let history = History::conformant(&files).answered(answer(200, content_type, "\u{8}"));
        let summary = history.fails(Check::ScrapeAvailable).summary;
        assert!(
            summary.contains(&format!("protobuf ({content_type})")),
            "{summary}"
        );
        assert!(
            summary.ends_with("text 0.0.4 and OpenMetrics 1.0 text only"),
            "nobody could read the body: {summary}"
        );
        assert!(
            history
                .fails(Check::ScrapeEqualsTruth)
                .summary
                .contains("protobuf")
        );
        assert_eq!(
            history.cannot_tell(Check::ExpositionValid),
            "no exposition was served"
        );
    }
}

#[test]
fn a_body_that_follows_its_format_is_valid() {
    let files = three();
    assert_eq!(History::conformant(&files).passes(Check::ExpositionValid), 1);
}

#[test]
fn a_series_that_is_served_twice_is_malformed_and_shown_with_its_line_m14() {
    let files = three();
    let body = format!("{}jobs_total{{queue=\"mail\"}} 30.0\n", merged(&files));
    let finding = History::new(&files, &body).fails(Check::ExpositionValid);
    assert!(
        finding
            .summary
            .starts_with("body 1 is malformed at line 5, column 1"),
        "{}",
        finding.summary
    );
    assert_eq!((finding.side, finding.differences.len()), (Side::Server, 1));
}

#[test]
fn a_malformed_body_is_named_with_its_first_finding_and_how_many_there_are() {
    let files = three();
    let finding = |body: &str| {
        let history = History::new(&files, body).scraped(&files, &merged(&files), &files);
        history.fails(Check::ExpositionValid)
    };
    let one = "body 2 is malformed at line 2, column 1: `1a` is no metric name";
    assert_eq!(finding("up 1\n1a 1\n").summary, one);
    let three = finding("up 1\n1a 1\nb x\nc\n");
    assert_eq!(three.summary, format!("{one} (and 2 more)"));
    let shown: Vec<_> = three
        .differences
        .iter()
        .map(|difference| {
            let (at, rule, got) = (&difference.series, &difference.expected, &difference.got);
            format!("{at} | {rule} | {got}")
        })
        .collect();
    let expected = [
        "line 2, column 1 | invalid-metric-name | `1a` is no metric name: 1a 1",
        "line 3, column 3 | invalid-value | `x` is no value: b x",
        "line 4, column 2 | invalid-value | `` is no value: c",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn every_body_that_is_valid_counts() {
    let files = three();
    let history =
        History::conformant(&files)
            .scraped(&files, "", &files)
            .scraped(&files, &merged(&files), &files);
    assert_eq!(history.passes(Check::ExpositionValid), 3);
}

#[test]
fn where_no_body_was_served_none_is_valid() {
    let history = History::conformant(&three()).answered(answer(500, TEXT, ""));
    assert_eq!(
        history.cannot_tell(Check::ExpositionValid),
        "no exposition was served"
    );
}

#[test]
fn the_merge_of_all_files_equals_the_truth_m1_m4() {
    assert_eq!(History::conformant(&three()).passes(Check::ScrapeEqualsTruth), 2);
}

#[test]
fn a_scrape_of_moving_files_or_unreadable_ones_cannot_be_compared() {
    let files = three();
    assert!(
        History::conformant(&files)
            .restless()
            .cannot_tell(Check::ScrapeEqualsTruth)
            .contains("did not rest")
    );
    let broken = three().with_bytes("counter_104.db", b"");
    assert!(
        History::new(&broken, "")
            .cannot_tell(Check::ScrapeEqualsTruth)
            .contains("counter_104.db"),
        "M13"
    );
}

#[test]
fn an_endpoint_that_serves_nothing_is_at_fault() {
    let history = |scrape| {
        History::conformant(&three())
            .answered(scrape)
            .fails(Check::ScrapeEqualsTruth)
    };
    assert!(history(silence()).summary.starts_with("nothing is served"));
    assert_eq!(
        history(answer(503, TEXT, "")).summary,
        "no exposition is served, but status 503"
    );
}

#[test]
fn one_process_of_three_is_named_with_those_that_are_missing_c1() {
    let finding = History::new(&three(), &merged(&counters(&[(102, &[("mail", 10.0)])])))
        .fails(Check::ScrapeEqualsTruth);
    let sentence = "the endpoint serves one process of 3: pid 102 is served, pids 101 and 103 are missing";
    assert_eq!((finding.summary.as_str(), finding.side), (sentence, Side::Server));
    // What is missing altogether leads.
    let [report, mail] = &finding.differences[..] else {
        panic!("{:#?}", finding.differences);
    };
    assert_eq!(
        (report.expected.as_str(), report.got.as_str()),
        ("truth 2.0", "scrape nothing")
    );
    assert_eq!(
        (mail.expected.as_str(), mail.got.as_str()),
        ("truth 30.0", "scrape 10.0")
    );
    let parts: Vec<_> = mail
        .parts
        .iter()
        .map(|part| (part.pid.as_str(), part.value.as_str(), part.served))
        .collect();
    assert_eq!(
        parts,
        [
            ("101", "11.0", Some(false)),
            ("102", "10.0", Some(true)),
            ("103", "9.0", Some(false))
        ]
    );
}

#[test]
fn two_processes_of_three_and_none_of_three_are_told_apart() {
    let two = counters(&[(101, &[("mail", 11.0)]), (103, &[("mail", 9.0), ("report", 2.0)])]);
    let finding = History::new(&three(), &merged(&two)).fails(Check::ScrapeEqualsTruth);
    let sentence = "the endpoint serves 2 processes of 3: pids 101 and 103 are served, pid 102 is missing";
    assert_eq!(finding.summary, sentence);
    let finding = History::new(&three(), "").fails(Check::ScrapeEqualsTruth);
    assert_eq!(finding.summary, "the endpoint serves none of 3 processes");
}

#[test]
fn a_process_that_is_counted_twice_is_named_c5() {
    let body = merged(&three()).replace("30.0", "39.0").replace("2.0", "4.0");
    let finding = History::new(&three(), &body).fails(Check::ScrapeEqualsTruth);
    assert_eq!(finding.summary, "the endpoint counts pid 103 twice");
}

#[test]
fn of_more_processes_than_subsets_can_be_tried_one_alone_and_all_but_one_are_found() {
    let jobs: Vec<(i32, [(&str, f64); 1])> = (0..12)
        .map(|pid| (200 + pid, [("mail", f64::from(1 << pid))]))
        .collect();
    let all: Vec<(i32, &[(&str, f64)])> = jobs.iter().map(|(pid, jobs)| (*pid, &jobs[..])).collect();
    let summary = |served: &[(i32, &[(&str, f64)])]| {
        History::new(&counters(&all), &merged(&counters(served)))
            .fails(Check::ScrapeEqualsTruth)
            .summary
    };
    assert!(summary(&all[4..5]).starts_with("the endpoint serves one process of 12: pid 204 is served"));
    assert!(summary(&all[..11]).ends_with("pid 211 is missing"));
    assert!(summary(&all[3..6]).starts_with("what is served is not what the files hold"));
}

#[test]
fn a_number_that_no_known_defect_explains_is_only_counted() {
    let body = merged(&three()).replace("30.0", "31.0");
    let finding = History::new(&three(), &body).fails(Check::ScrapeEqualsTruth);
    assert_eq!(
        finding.summary,
        "what is served is not what the files hold: 1 series served with another value"
    );
    assert!(
        finding.differences[0]
            .parts
            .iter()
            .all(|part| part.served.is_none())
    );
}

#[test]
fn a_series_in_no_file_is_named_m15() {
    let body = format!("{}process_open_fds 7.0\n", merged(&three()));
    let finding = History::new(&three(), &body).fails(Check::ScrapeEqualsTruth);
    assert_eq!(
        finding.summary,
        "what is served is not what the files hold: 1 series in no file"
    );
    assert_eq!(
        finding.notes,
        ["1 series are served that no file knows: process_open_fds"]
    );
}

#[test]
fn a_timestamp_or_a_unit_which_no_file_has_is_a_difference_m11() {
    let timed = merged(&three()).replacen(" 30.0\n", " 30.0 1700000000000\n", 1);
    let finding = History::new(&three(), &timed).fails(Check::ScrapeEqualsTruth);
    assert_eq!(
        finding.summary,
        "jobs is served with timestamps (1), and no file has one (M11)"
    );
    let files = Directory::new().with("gauge_sum_1.db", &[labelled("wait_s", "wait_s", &[], 1.0)]);
    let mut served = files.truth().to_exposition();
    assert!(compare(&files.truth(), &served).is_clean());
    served.families[0].unit = Some("s".to_owned());
    let problems = compare(&files.truth(), &served).families;
    assert_eq!(
        problems[0].message,
        "is served with UNIT \"s\", and no file has one (M11)"
    );
}

#[test]
fn another_type_or_help_than_the_files_say_is_a_difference_m3() {
    let served = merged(&three());
    let summary = |body: &str| {
        History::new(&three(), body)
            .fails(Check::ScrapeEqualsTruth)
            .summary
    };
    assert!(summary(&served.replace("Help.", "Other.")).contains("HELP \"Other.\""));
    assert!(summary(&served.replace("# HELP jobs_total Help.\n", "")).contains("without HELP"));
    let files = Directory::new().with("gauge_sum_1.db", &[labelled("busy", "busy", &[], 1.0)]);
    let body = merged(&files).replace("gauge", "untyped");
    let finding = History::new(&files, &body).fails(Check::ScrapeEqualsTruth);
    assert_eq!(finding.summary, "busy is served as untyped, the files say gauge");
}

#[test]
fn where_files_conflict_any_help_of_theirs_may_be_served_m3() {
    let entry = |help: &str| (key("jobs", "jobs_total", &[], help), 1.0, 0.0);
    let files = Directory::new()
        .with("counter_1.db", &[entry("Old.")])
        .with("counter_2.db", &[entry("New.")]);
    for help in ["Old.", "New."] {
        let body = format!("# HELP jobs_total {help}\n# TYPE jobs_total counter\njobs_total 2.0\n");
        assert_eq!(History::new(&files, &body).passes(Check::ScrapeEqualsTruth), 1);
    }
}

#[test]
fn two_counters_that_openmetrics_gives_one_name_are_held_against_their_own_lines_r4() {
    let entry = |name: &str, value| (format!(r#"["{name}","{name}",["q"],["a"]]"#), value, 0.0);
    let entries = [entry("jobs", 1.0), entry("jobs_total", 2.0)];
    let files = Directory::new().with_bytes("counter_7-0.db", &encode(&entries, 8));
    let judge = |body: &str| History::conformant(&files).answered(answer(200, TEXT, body));
    let body = merged(&files);
    assert_eq!(judge(&body).passes(Check::ScrapeEqualsTruth), 2);
    let swapped = body.replace("} 1.0", "} 2.0");
    let finding = judge(&swapped).fails(Check::ScrapeEqualsTruth);
    assert_eq!(finding.differences[0].series, "jobs{q=\"a\"}");
    let without = body.split("# HELP jobs_total").next().unwrap();
    let finding = judge(without).fails(Check::ScrapeEqualsTruth);
    assert_eq!(finding.differences[0].series, "jobs_total{q=\"a\"}");
}
