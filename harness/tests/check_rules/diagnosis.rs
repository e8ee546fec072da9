//! Whose share is missing from a scrape, or counted twice, told from the numbers alone.

use counterfoil::check::Check;

use crate::encoder::{Directory, labelled};
use crate::history::{History, counters, merged};

/// What is said when `served` is served for `files`.
fn said(files: &Directory, served: &str) -> String {
    History::new(files, served)
        .fails(Check::ScrapeEqualsTruth)
        .summary
}

/// `count` processes, each with a number of mails that no sum of others has.
fn processes(count: i32, served: impl Fn(i32) -> bool) -> Directory {
    let jobs: Vec<(i32, [(&str, f64); 1])> = (0..count)
        .filter(|at| served(*at))
        .map(|at| (200 + at, [("mail", f64::from(1 << at))]))
        .collect();
    let jobs: Vec<(i32, &[(&str, f64)])> = jobs.iter().map(|(pid, jobs)| (*pid, &jobs[..])).collect();
    counters(&jobs)
}

#[test]
fn of_up_to_ten_processes_any_that_are_missing_are_found() {
    let summary = |count| {
        said(
            &processes(count, |_| true),
            &merged(&processes(count, |at| (3..6).contains(&at))),
        )
    };
    assert_eq!(
        summary(10),
        "the endpoint serves 3 processes of 10: pids 203, 204 and 205 are served, \
         pids 200, 201, 202, 206, 207, 208 and 209 are missing"
    );
    assert!(summary(11).starts_with("what is served is not what the files hold"));
}

#[test]
fn a_share_that_is_small_beside_the_others_is_missed_all_the_same() {
    let files = counters(&[
        (1, &[("mail", 4000.0)]),
        (2, &[("mail", 0.5)]),
        (3, &[("mail", 20.0)]),
    ]);
    let served = counters(&[(1, &[("mail", 4000.0)]), (3, &[("mail", 20.0)])]);
    assert_eq!(
        said(&files, &merged(&served)),
        "the endpoint serves 2 processes of 3: pids 1 and 3 are served, pid 2 is missing"
    );
}

#[test]
fn the_last_digits_of_a_large_sum_hide_nobody() {
    let files = counters(&[
        (1, &[("mail", 1e6), ("report", 1.0)]),
        (2, &[("mail", 0.3)]),
        (3, &[("report", 5.0)]),
    ]);
    let body = merged(&files).replace(" 6.0\n", " 1.0\n");
    let (sum, in_another_order) = ("1.0000003e+06", "1.000000300000001e+06");
    assert!(body.contains(sum), "{body}");
    let without_3 = "the endpoint serves 2 processes of 3: pids 1 and 2 are served, pid 3 is missing";
    assert_eq!(said(&files, &body), without_3);
    assert_eq!(said(&files, &body.replace(sum, in_another_order)), without_3);
}

#[test]
fn a_process_whose_shares_are_0_is_neither_served_nor_missing() {
    let files = counters(&[
        (1, &[("mail", 4.0)]),
        (2, &[("mail", 0.0)]),
        (3, &[("mail", 20.0)]),
    ]);
    let served = counters(&[(3, &[("mail", 20.0)])]);
    assert_eq!(
        said(&files, &merged(&served)),
        "the endpoint serves one process of 2: pid 3 is served, pid 1 is missing"
    );
}

#[test]
fn gauges_tell_nothing_of_the_processes_that_are_served() {
    let busy = |pid: i32, value| {
        (
            format!("gauge_max_{pid}.db"),
            [labelled("busy", "busy", &[], value)],
        )
    };
    let with = |files: Directory, (name, entries): (String, [_; 1])| files.with(&name, &entries);
    let files = with(with(processes(2, |_| true), busy(200, 5.0)), busy(201, 9.0));
    let body = merged(&files)
        .replace(" 3.0\n", " 2.0\n")
        .replace(" 9.0\n", " 7.0\n");
    assert_eq!(
        said(&files, &body),
        "the endpoint serves one process of 2: pid 201 is served, pid 200 is missing"
    );
    let only_the_gauge = merged(&files).replace(" 9.0\n", " 5.0\n");
    assert_eq!(
        said(&files, &only_the_gauge),
        "what is served is not what the files hold: 1 series served with another value"
    );
}

#[test]
fn where_one_is_missing_here_and_another_there_nobody_is_named() {
    let files = counters(&[
        (1, &[("mail", 1.0), ("report", 10.0)]),
        (2, &[("mail", 2.0), ("report", 20.0)]),
    ]);
    let body = merged(&files)
        .replace(" 3.0\n", " 1.0\n")
        .replace(" 30.0\n", " 20.0\n");
    assert_eq!(
        said(&files, &body),
        "what is served is not what the files hold: 2 series served with another value"
    );
    let twice = merged(&files)
        .replace(" 3.0\n", " 5.0\n")
        .replace(" 30.0\n", " 40.0\n");
    assert!(said(&files, &twice).starts_with("what is served is not"));
}

#[test]
fn of_processes_that_would_each_explain_it_the_first_is_taken_to_be_served() {
    let files = counters(&[
        (1, &[("mail", 5.0)]),
        (2, &[("mail", 5.0)]),
        (3, &[("mail", 7.0)]),
    ]);
    assert_eq!(
        said(&files, &merged(&counters(&[(2, &[("mail", 5.0)])]))),
        "the endpoint serves one process of 3: pid 1 is served, pids 2 and 3 are missing"
    );
}
