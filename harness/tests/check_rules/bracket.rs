//! How a scrape lies to the files before and after it, series by series.

use counterfoil::check::{Bracket, Check, Reading, bracket};
use counterfoil::exposition::text;

use crate::encoder::{Directory, labelled};
use crate::history::{History, answer, counters};

fn held(before: &Directory, body: &str, after: &Directory) -> Bracket {
    let reading = |files: &Directory| Reading::take(files.path()).unwrap();
    let served = text::parse(body.as_bytes()).exposition;
    bracket(&reading(before), &served, &reading(after))
}

fn jobs(mails: f64) -> String {
    format!("jobs_total{{queue=\"mail\"}} {mails:?}\n")
}

/// Gauges by name, in one file.
fn gauges(values: &[(&str, f64)]) -> Directory {
    let entries: Vec<_> = values
        .iter()
        .map(|(name, value)| labelled(name, name, &[], *value))
        .collect();
    Directory::new().with("gauge_sum_1.db", &entries)
}

fn series(bracket: &Bracket) -> Vec<&str> {
    let outside = bracket.outside.iter();
    outside.map(|difference| difference.series.as_str()).collect()
}

#[test]
fn what_lies_inside_is_counted_with_what_is_equal_and_the_largest_distance() {
    let before = counters(&[(1, &[("mail", 9.0), ("report", 2.0)])]);
    let after = counters(&[(1, &[("mail", 15.0), ("report", 2.0), ("spam", 4.0)])]);
    let body = format!("{}jobs_total{{queue=\"report\"}} 2.0\n", jobs(12.0));
    let bracket = held(&before, &body, &after);
    assert_eq!((bracket.inside, bracket.exact, bracket.width), (3, 1, 6.0));
    assert!(bracket.outside.is_empty() && bracket.undecided.is_empty() && !bracket.files_removed);

    // A gauge goes down as well, and one that is not a number stays what it is.
    let (before, after) = (
        gauges(&[("busy", 9.0), ("odd", f64::NAN)]),
        gauges(&[("busy", 1.0), ("odd", f64::NAN)]),
    );
    let bracket = held(&before, "busy 1.0\nodd NaN\n", &after);
    assert_eq!((bracket.inside, bracket.exact, bracket.width), (2, 1, 8.0));
}

#[test]
fn a_gauge_is_decided_only_where_it_is_as_before_or_as_after() {
    let (before, after) = (gauges(&[("busy", 1.0)]), gauges(&[("busy", 3.0)]));
    for (served, inside) in [(1.0, 1), (2.0, 0), (3.0, 1), (4.0, 0)] {
        let bracket = held(&before, &format!("busy {served:?}\n"), &after);
        assert_eq!(
            (bracket.inside, bracket.undecided.len()),
            (inside, 1 - inside),
            "{served}"
        );
        assert!(bracket.outside.is_empty(), "{served}");
    }
    assert_eq!(
        series(&held(&before, "", &after)),
        ["busy"],
        "and where it is missing"
    );
}

#[test]
fn a_counter_that_appears_in_between_counts_up_from_0() {
    let (before, after) = (Directory::new(), counters(&[(1, &[("mail", 5.0)])]));
    for served in [0.0, 3.0, 5.0] {
        assert_eq!(held(&before, &jobs(served), &after).inside, 1, "{served}");
    }
    for served in [-1.0, 6.0] {
        let bracket = held(&before, &jobs(served), &after);
        assert_eq!(bracket.outside[0].expected, "truth nothing before, 5.0 after");
        assert_eq!(bracket.outside[0].got, format!("scrape {served:?}"));
    }
    let still = held(&after, &jobs(6.0), &after);
    assert_eq!(still.outside[0].expected, "truth 5.0");
}

#[test]
fn a_sum_of_doubles_lies_inside_by_its_last_digits() {
    let parts = |last: f64| {
        counters(&[
            (1, &[("mail", 0.1)]),
            (2, &[("mail", 0.2)]),
            (3, &[("mail", last)]),
        ])
    };
    let (before, after) = (parts(0.3), parts(0.7));
    for served in ["0.6", "0.6000000000000001", "0.8", "1.0", "0.9999999999999999"] {
        let bracket = held(
            &before,
            &format!("jobs_total{{queue=\"mail\"}} {served}\n"),
            &after,
        );
        assert_eq!(bracket.inside, 1, "{served}");
    }
    for served in ["0.599", "1.001"] {
        let bracket = held(
            &before,
            &format!("jobs_total{{queue=\"mail\"}} {served}\n"),
            &after,
        );
        assert_eq!(bracket.outside.len(), 1, "{served}");
    }
}

#[test]
fn what_tells_most_comes_first() {
    let histogram = [
        labelled("h", "h_bucket", &[("le", "+Inf")], 1.0),
        labelled("h", "h_sum", &[], 1.0),
    ];
    let files = counters(&[(1, &[("mail", 1.0)])])
        .with("histogram_1.db", &histogram)
        .with(
            "gauge_sum_1.db",
            &[labelled("busy", "busy", &[], 1.0), labelled("up", "up", &[], 1.0)],
        );
    assert_eq!(
        series(&held(&files, "", &files)),
        [
            "jobs_total{queue=\"mail\"}",
            "busy",
            "h_count",
            "up",
            "h_sum",
            "h_bucket{le=\"+Inf\"}"
        ]
    );
}

#[test]
fn only_a_live_gauge_that_neither_read_knows_may_have_passed_m8() {
    let file = "gauge_liveall_7.db";
    let held_it = Directory::new().with(file, &[labelled("up", "up", &[], 1.0)]);
    let lost_it = Directory::new().with(file, &[]);
    let served = "# TYPE up gauge\nup{pid=\"7\"} 1.0\n";
    assert_eq!(held(&lost_it, served, &lost_it).undecided.len(), 1);
    assert_eq!(series(&held(&held_it, served, &lost_it)), ["up{pid=\"7\"}"]);
    let counter = "# TYPE up_total counter\nup_total{pid=\"7\"} 1.0\n";
    assert_eq!(
        series(&held(&lost_it, counter, &lost_it)),
        ["up_total{pid=\"7\"}"]
    );
}

#[test]
fn a_file_that_is_removed_leaves_everything_undecided() {
    let both = counters(&[(1, &[("mail", 4.0)]), (2, &[("mail", 5.0)])]);
    let one = counters(&[(1, &[("mail", 4.0)])]);
    let bracket = held(&both, &jobs(20.0), &one);
    assert!(bracket.files_removed && bracket.outside.is_empty());
    assert_eq!(bracket.undecided.len(), 1);
    assert_eq!(
        series(&held(&one, &jobs(20.0), &both)),
        ["jobs_total{queue=\"mail\"}"]
    );
}

#[test]
fn scrapes_that_cannot_be_held_against_anything_are_counted() {
    let files = counters(&[(1, &[("mail", 1.0)])]);
    let broken = counters(&[]).with_bytes("counter_1.db", b"");
    let history = History::conformant(&files)
        .scraped(&broken, &jobs(1.0), &files)
        .scraped(&files, &jobs(1.0), &broken)
        .answered(answer(500, "text/plain", ""));
    assert_eq!(
        history.cannot_tell(Check::ScrapeBracketed),
        "no series could be bracketed (3 scrapes skipped)"
    );
}

#[test]
fn of_several_scrapes_the_one_that_lies_outside_is_named() {
    let files = counters(&[(1, &[("mail", 1.0)])]);
    let history = History::conformant(&files)
        .scraped(&files, &jobs(1.0), &files)
        .scraped(&files, &jobs(2.0), &files);
    assert_eq!(
        history.fails(Check::ScrapeBracketed).summary,
        "scrape 2 lies outside the files before and after it in 1 series"
    );
}
