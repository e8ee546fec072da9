//! Checks of the writers: `truth/readable` and `truth/equals-ledger`.

use counterfoil::check::{Check, Side};
use counterfoil::scenario;

use crate::encoder::{Directory, encode, labelled, padded};
use crate::history::{History, counters};

/// 101 did 3 mails, 102 did 2 and a report that failed.
fn history(files: &crate::encoder::Directory) -> History {
    History::conformant(files)
        .done(101, "mail", 3)
        .done(102, "mail", 2)
        .done(102, "report", 1)
}

#[test]
fn files_that_decode_and_merge_are_readable() {
    assert_eq!(
        history(&counters(&[(101, &[("mail", 3.0)]), (102, &[])])).passes(Check::TruthReadable),
        2
    );
}

#[test]
fn a_file_that_breaks_is_the_writers_fault_and_named_with_its_byte_c6_m13() {
    let files = counters(&[(101, &[("mail", 3.0)])]).with_bytes("counter_102.db", b"");
    let broken = History::new(&files, "").done(101, "mail", 3);
    let finding = broken.fails(Check::TruthReadable);
    let said = finding
        .summary
        .strip_prefix("the files cannot be merged: ")
        .unwrap();
    let (file, cause) = said.split_once("counter_102.db is corrupt at byte 0: ").unwrap();
    assert!(
        file.ends_with('/') && !cause.is_empty() && !cause.contains("counter_102"),
        "{said}"
    );
    assert_eq!(finding.side, Side::Writer);
    assert!(
        broken
            .cannot_tell(Check::TruthEqualsLedger)
            .starts_with("the files cannot be read")
    );
}

#[test]
fn files_that_hold_what_was_acknowledged_equal_the_ledger() {
    let files = counters(&[(101, &[("mail", 3.0)]), (102, &[("mail", 2.0), ("report", 1.0)])]);
    assert_eq!(history(&files).passes(Check::TruthEqualsLedger), 2);
}

#[test]
fn a_sum_of_two_files_may_be_what_the_ledgers_order_does_not_come_to() {
    // 0.1 ten times, one after the other, is 0.9999999999999999; 0.4 and 0.6 are 1.
    let tenths = "op = \"inc\", metric = \"jobs\", labels = { queue = \"mail\" }, value = 0.1";
    let held = |total: f64| {
        let mut history = History::conformant(&counters(&[
            (101, &[("mail", 0.4)]),
            (102, &[("mail", total - 0.4)]),
        ]));
        let text = history.scenario.text.replacen(
            "op = \"inc\", metric = \"jobs\", labels = { queue = \"mail\" }",
            tenths,
            1,
        );
        history.scenario = scenario::parse("counter/by-hand", &text).unwrap();
        history.done(101, "mail", 4).done(102, "mail", 6)
    };
    assert_eq!(held(1.0).passes(Check::TruthEqualsLedger), 1);
    assert_eq!(
        held(0.9).fails(Check::TruthEqualsLedger).differences[0].expected,
        "ledger 0.9999999999999999"
    );
}

#[test]
fn an_increment_that_was_lost_is_the_writers_fault_c32() {
    let files = counters(&[(101, &[("mail", 2.0)]), (102, &[("mail", 2.0), ("report", 1.0)])]);
    let finding = history(&files).fails(Check::TruthEqualsLedger);
    assert_eq!(
        finding.summary,
        "the workers lost something: of 2 series in their files, 1 below"
    );
    assert_eq!(finding.side, Side::Writer);
    let difference = &finding.differences[0];
    assert_eq!(
        (difference.expected.as_str(), difference.got.as_str()),
        ("ledger 5", "truth 4.0")
    );
    assert_eq!(difference.parts.len(), 2);
}

#[test]
fn what_was_counted_twice_and_what_nobody_asked_for_is_too_much() {
    let files = counters(&[
        (101, &[("mail", 5.0), ("spam", 1.0)]),
        (102, &[("mail", 2.0), ("report", 1.0)]),
    ]);
    let finding = history(&files).fails(Check::TruthEqualsLedger);
    let sentence = "the workers counted too much: of 2 series in their files, \
                    1 above what was asked of the workers, 1 that nobody asked for";
    assert_eq!(finding.summary, sentence);
}

#[test]
fn whether_the_workers_lost_or_added_something_is_told() {
    let said = |mail: f64, more: &[(&str, f64)]| {
        let jobs: Vec<_> = [("mail", mail)].into_iter().chain(more.iter().copied()).collect();
        let summary = history(&counters(&[(101, &jobs)]))
            .fails(Check::TruthEqualsLedger)
            .summary;
        summary
            .replace("of 2 series in their files, ", "")
            .replace("the workers ", "")
    };
    let report = ("report", 1.0);
    assert_eq!(
        said(6.0, &[report]),
        "counted too much: 1 above what was asked of the workers"
    );
    assert_eq!(
        said(5.0, &[report, ("spam", 1.0)]),
        "counted too much: 1 that nobody asked for"
    );
    assert_eq!(said(4.0, &[]), "lost something: 1 below, 1 missing");
    assert_eq!(
        said(4.0, &[("report", 2.0)]),
        "wrote something else than was asked: 1 below, 1 above what was asked of the workers"
    );
    assert_eq!(
        said(5.0, &[("spam", 1.0)]),
        "wrote something else than was asked: 1 missing, 1 that nobody asked for"
    );
}

#[test]
fn what_nobody_asked_for_is_shown_by_series_with_its_shares() {
    let files = counters(&[
        (101, &[("mail", 5.0), ("spam", 1.0)]),
        (102, &[("report", 1.0), ("zeal", 2.0), ("spam", 3.0)]),
    ]);
    let differences = history(&files).fails(Check::TruthEqualsLedger).differences;
    let shown: Vec<_> = differences
        .iter()
        .map(|difference| {
            let (series, expected, got) = (&difference.series, &difference.expected, &difference.got);
            (format!("{series}: {expected}, {got}"), difference.parts.len())
        })
        .collect();
    let expected = [
        (
            "jobs_total{queue=\"spam\"}: ledger nothing, truth 4.0".to_owned(),
            2,
        ),
        (
            "jobs_total{queue=\"zeal\"}: ledger nothing, truth 2.0".to_owned(),
            1,
        ),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn a_series_that_was_never_written_is_missing_c14() {
    let finding = history(&counters(&[(101, &[("mail", 5.0)])])).fails(Check::TruthEqualsLedger);
    assert_eq!(
        finding.summary,
        "the workers lost something: of 2 series in their files, 1 missing"
    );
    assert_eq!(finding.differences[0].got, "truth nothing");
}

#[test]
fn a_family_that_the_ledger_does_not_know_is_not_its_business() {
    let files = counters(&[(101, &[("mail", 3.0)]), (102, &[("mail", 2.0), ("report", 1.0)])]);
    let files = files.with("gauge_sum_9.db", &[labelled("other", "other", &[], 7.0)]);
    assert_eq!(history(&files).passes(Check::TruthEqualsLedger), 2);
}

#[test]
fn tasks_that_were_never_acknowledged_cannot_be_judged() {
    let files = counters(&[(101, &[("mail", 3.0)])]);
    let open = History::conformant(&files).done(101, "mail", 3).open("mail", 2);
    assert_eq!(
        open.cannot_tell(Check::TruthEqualsLedger),
        "2 tasks were never acknowledged"
    );
}

#[test]
fn more_indeterminate_tasks_than_the_scenario_allows_cannot_be_judged() {
    let files = counters(&[(101, &[("mail", 3.0)])]);
    let killed = |limit| {
        History::conformant(&files)
            .done(101, "mail", 3)
            .open("mail", 2)
            .killed(102, limit)
    };
    assert_eq!(
        killed(1).cannot_tell(Check::TruthEqualsLedger),
        "2 tasks are indeterminate, the scenario allows 1"
    );
    assert_eq!(killed(2).passes(Check::TruthEqualsLedger), 1);
}

#[test]
fn an_indeterminate_task_may_have_counted_or_not_but_no_more_than_once() {
    for (mails, holds) in [(3.0, true), (4.0, true), (5.0, true), (6.0, false), (2.0, false)] {
        let files = counters(&[(101, &[("mail", mails)])]);
        let history = History::conformant(&files)
            .done(101, "mail", 3)
            .open("mail", 2)
            .killed(102, 2);
        if holds {
            history.passes(Check::TruthEqualsLedger);
        } else {
            assert_eq!(
                history.fails(Check::TruthEqualsLedger).differences[0].expected,
                "ledger 3 to 5",
                "{mails}"
            );
        }
    }
}

/// A histogram of Ruby's client, by its entries: each bound as it is spelled, and how many observations lie below it.
fn sizes_in_ruby(buckets: &[(&str, f64)]) -> History {
    const SCENARIO: &str = r#"
title = "Sizes are counted"
level = "must"
since = "0.1.0"
why = "Written by hand."
fleet = { workers = 1 }

[[metrics]]
name = "size"
type = "histogram"
help = "Help."
buckets = [1.0, 1000000.0]

[[tasks]]
name = "mail"
ops = [{ op = "observe", metric = "size", value = 5 }]

[[steps]]
check = ["truth/equals-ledger"]
"#;
    let sum = (r#"["size","size_sum",[],[]]"#.to_owned(), 5.0, 0.0);
    let count = (r#"["size","size_count",[],[]]"#.to_owned(), 1.0, 0.0);
    let bucket = |(bound, value): &(&str, f64)| {
        let key = format!(r#"["size","size_bucket",["le"],["{bound}"]]"#);
        (key, *value, 0.0)
    };
    let entries: Vec<_> = buckets.iter().map(bucket).chain([sum, count]).collect();
    let files = Directory::new().with_bytes("histogram_101-0.db", &padded(&encode(&entries, 8)));
    let mut history = History::new(&files, "");
    history.scenario = scenario::parse("histogram/by-hand", SCENARIO).unwrap();
    history.done(101, "mail", 1)
}

#[test]
fn a_bound_may_be_spelled_as_the_client_likes_but_once_r13() {
    let spelled = sizes_in_ruby(&[("1", 0.0), ("1000000.0", 1.0), ("+Inf", 1.0)]);
    assert_eq!(spelled.passes(Check::TruthEqualsLedger), 5);
    let lost = sizes_in_ruby(&[("1", 0.0), ("1000000.0", 0.0), ("+Inf", 1.0)]);
    let finding = lost.fails(Check::TruthEqualsLedger);
    assert_eq!(finding.differences[0].series, r#"size_bucket{le="1000000.0"}"#);
    let twice = sizes_in_ruby(&[("1", 0.0), ("1.0", 0.0), ("1000000.0", 1.0), ("+Inf", 1.0)]);
    let finding = twice.fails(Check::TruthEqualsLedger);
    assert_eq!(
        finding.summary,
        "the workers counted too much: of 5 series in their files, 1 that nobody asked for"
    );
}
