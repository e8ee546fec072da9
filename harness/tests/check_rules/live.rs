//! Checks of several scrapes: `scrape/bracketed` and `scrape/monotonic`.

use counterfoil::check::{Check, Side};

use crate::encoder::{Directory, labelled};
use crate::history::{History, answer, counters, merged, silence};

fn mails(first: f64, second: f64) -> Directory {
    counters(&[(101, &[("mail", first)]), (102, &[("mail", second)])])
}

fn body(mails: f64) -> String {
    format!("# HELP jobs_total Help.\n# TYPE jobs_total counter\njobs_total{{queue=\"mail\"}} {mails:?}\n")
}

fn at_the_end() -> History {
    History::conformant(&mails(10.0, 20.0))
}

#[test]
fn a_scrape_between_the_files_before_and_after_it_is_inside() {
    for served in [9.0, 12.0, 15.0] {
        let history = at_the_end().scraped(&mails(4.0, 5.0), &body(served), &mails(7.0, 8.0));
        assert_eq!(history.passes(Check::ScrapeBracketed), 2, "{served}");
    }
}

#[test]
fn a_scrape_below_or_above_the_files_around_it_is_outside_c44() {
    for served in [8.0, 16.0] {
        let history = at_the_end().scraped(&mails(4.0, 5.0), &body(served), &mails(7.0, 8.0));
        let finding = history.fails(Check::ScrapeBracketed);
        assert_eq!(
            finding.summary,
            "scrape 1 lies outside the files before and after it in 1 series"
        );
        assert_eq!(
            (finding.differences[0].expected.as_str(), finding.side),
            ("truth 9.0 before, 15.0 after", Side::Server)
        );
        assert_eq!(finding.differences[0].parts.len(), 2);
    }
}

#[test]
fn a_series_may_appear_between_the_reads_but_not_vanish() {
    let none = Directory::new();
    let appears = at_the_end().scraped(&none, "", &mails(1.0, 0.0));
    assert_eq!(appears.passes(Check::ScrapeBracketed), 2);
    let vanishes = at_the_end().scraped(&mails(1.0, 0.0), "", &mails(1.0, 0.0));
    assert_eq!(
        vanishes.fails(Check::ScrapeBracketed).differences[0].got,
        "scrape nothing"
    );
    let invents = at_the_end().scraped(&none, &body(1.0), &none);
    assert_eq!(
        invents.fails(Check::ScrapeBracketed).differences[0].expected,
        "truth nothing"
    );
}

#[test]
fn a_live_gauge_whose_process_came_and_went_in_between_is_not_decided_m8() {
    let around = mails(1.0, 0.0);
    let gauge = |labels: &str| format!("{}# TYPE up gauge\nup{labels} 1.0\n", body(1.0));
    let passing = at_the_end().scraped(&around, &gauge("{pid=\"7\"}"), &around);
    assert_eq!(passing.passes(Check::ScrapeBracketed), 2);
    let invented = at_the_end().scraped(&around, &gauge(""), &around);
    let finding = invented.fails(Check::ScrapeBracketed);
    assert_eq!(finding.differences[0].expected, "truth nothing");
}

#[test]
fn nothing_is_decided_when_a_file_was_removed_in_between() {
    let both = mails(4.0, 5.0);
    let one = counters(&[(101, &[("mail", 4.0)])]);
    assert_eq!(
        at_the_end()
            .scraped(&both, &body(7.0), &one)
            .passes(Check::ScrapeBracketed),
        1
    );
}

#[test]
fn a_gauge_that_moved_and_a_sum_whose_count_moved_are_not_decided() {
    let gauge = |value| Directory::new().with("gauge_sum_1.db", &[labelled("busy", "busy", &[], value)]);
    let served = merged(&gauge(9.0));
    assert_eq!(
        at_the_end()
            .scraped(&gauge(1.0), &served, &gauge(2.0))
            .passes(Check::ScrapeBracketed),
        1
    );
    let summary = |count, sum| {
        let entries = [
            labelled("size", "size_count", &[], count),
            labelled("size", "size_sum", &[], sum),
        ];
        Directory::new().with("summary_1.db", &entries)
    };
    // An observation of 3 and one of -2: the scrape came between them.
    let moved = at_the_end().scraped(
        &summary(1.0, 1.0),
        &merged(&summary(2.0, 4.0)),
        &summary(3.0, 2.0),
    );
    assert_eq!(moved.passes(Check::ScrapeBracketed), 2);
    let still = at_the_end().scraped(
        &summary(1.0, 1.0),
        &merged(&summary(1.0, 4.0)),
        &summary(1.0, 1.0),
    );
    assert_eq!(
        still.fails(Check::ScrapeBracketed).differences[0].series,
        "size_sum"
    );
}

#[test]
fn where_no_scrape_was_answered_none_is_bracketed_nor_monotonic() {
    let history = at_the_end().answered(answer(500, "text/plain", ""));
    assert_eq!(
        history.cannot_tell(Check::ScrapeBracketed),
        "no series could be bracketed (1 scrapes skipped)"
    );
    let history = at_the_end().answered(silence());
    assert_eq!(
        history.cannot_tell(Check::ScrapeMonotonic),
        "no cumulative series was served"
    );
}

#[test]
fn counters_that_grow_or_stay_are_monotonic() {
    let files = mails(1.0, 2.0);
    let history = at_the_end()
        .scraped(&files, &body(3.0), &files)
        .scraped(&files, &body(3.0), &files);
    assert_eq!(history.passes(Check::ScrapeMonotonic), 2);
}

#[test]
fn a_counter_that_falls_or_vanishes_is_not_monotonic_c13_c44() {
    let files = mails(1.0, 2.0);
    let falls = at_the_end().scraped(&files, &body(31.0), &files);
    let finding = falls.fails(Check::ScrapeMonotonic);
    assert_eq!(
        finding.summary,
        "from scrape 1 to scrape 2, 1 series fell or vanished"
    );
    assert_eq!(
        (
            finding.differences[0].expected.as_str(),
            finding.differences[0].got.as_str()
        ),
        ("at least 31.0", "30.0")
    );
    let vanishes = at_the_end()
        .scraped(&files, &body(1.0), &files)
        .scraped(&files, "", &files);
    assert_eq!(
        vanishes.fails(Check::ScrapeMonotonic).differences[0].got,
        "nothing"
    );
}

#[test]
fn the_two_scrapes_between_which_series_fell_are_named() {
    let files = mails(1.0, 2.0);
    let two = format!("{}jobs_total{{queue=\"report\"}} 4.0\n", body(3.0));
    let history = at_the_end()
        .scraped(&files, &body(3.0), &files)
        .scraped(&files, &two, &files)
        .scraped(&files, &body(2.0), &files);
    let finding = history.fails(Check::ScrapeMonotonic);
    assert_eq!(
        finding.summary,
        "from scrape 2 to scrape 3, 2 series fell or vanished"
    );
    let series: Vec<_> = finding
        .differences
        .iter()
        .map(|difference| difference.series.as_str())
        .collect();
    assert_eq!(
        series,
        ["jobs_total{queue=\"mail\"}", "jobs_total{queue=\"report\"}"]
    );
}

#[test]
fn every_series_that_is_seen_again_counts_as_compared() {
    let files = mails(1.0, 2.0);
    let two = format!("{}jobs_total{{queue=\"report\"}} 4.0\n", body(3.0));
    let history = History::new(&files, &two)
        .scraped(&files, &body(2.0), &files)
        .scraped(&files, &two, &files);
    assert_eq!(history.passes(Check::ScrapeMonotonic), 3);
}

#[test]
fn a_gauge_and_a_sum_may_fall() {
    let files = Directory::new();
    let falling =
        |value: f64| format!("# TYPE g gauge\ng {value:?}\n# TYPE s summary\ns_sum {value:?}\ns_count 1.0\n");
    let history = History::new(&files, &falling(1.0)).scraped(&files, &falling(2.0), &files);
    assert_eq!(history.passes(Check::ScrapeMonotonic), 1);
}

#[test]
fn a_scrape_that_failed_in_between_does_not_hide_a_fall() {
    let files = mails(1.0, 2.0);
    let history = at_the_end()
        .scraped(&files, &body(31.0), &files)
        .answered(silence());
    let history = history.scraped(&files, &body(30.0), &files);
    assert!(
        history
            .fails(Check::ScrapeMonotonic)
            .summary
            .contains("1 series fell")
    );
}

#[test]
fn a_fleet_that_leaves_a_process_behind_is_named_with_its_pid() {
    let history = at_the_end();
    assert_eq!(history.cannot_tell(Check::NoOrphans), "nobody ended the fleet");
    let history = history.ended(&[]);
    assert_eq!(history.passes(Check::NoOrphans), 1);
    let finding = history.ended(&[4711, 4712]).fails(Check::NoOrphans);
    assert_eq!(
        finding.summary,
        "the fleet was to end, and left pids 4711, 4712 behind"
    );
}

#[test]
fn a_fleet_that_was_waited_for_in_vain_or_keeps_tasks_to_itself_does_not_work_on() {
    let files = counters(&[(7, &[("mail", 2.0)])]);
    let history = History::conformant(&files);
    assert_eq!(history.cannot_tell(Check::WorksOn), "no task was acknowledged");
    let history = history.done(7, "mail", 2);
    assert_eq!(history.passes(Check::WorksOn), 2);
    let history = history.open("mail", 3);
    assert_eq!(
        history.fails(Check::WorksOn).summary,
        "the fleet does not work on: 3 tasks were taken and never acknowledged"
    );
    let finding = history
        .killed(7, 3)
        .stuck("step 4 (wait): the fleet ended")
        .fails(Check::WorksOn);
    assert_eq!(
        finding.summary,
        "the fleet does not work on: step 4 (wait): the fleet ended"
    );
}
