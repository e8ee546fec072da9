//! `gauge/live-pids`.

use counterfoil::check::{Check, Side};
use counterfoil::scenario;

use crate::encoder::{Directory, labelled};
use crate::history::{History, counters, merged, silence};

const SCENARIO: &str = r#"
title = "Live gauges end with their processes"
level = "must"
since = "0.1.0"
why = "Written by hand."
fleet = { workers = 2 }
metrics = [{ name = "depth", type = "gauge", mode = "liveall", help = "Help.", labels = ["queue"] }]
steps = [{ check = ["gauge/live-pids"] }]
"#;

/// A live gauge of each of these ids.
fn depths(ids: &[&str]) -> Directory {
    ids.iter().fold(Directory::new(), |files, id| {
        let entry = labelled("depth", "depth", &[("queue", "mail")], 3.0);
        files.with(&format!("gauge_liveall_{id}.db"), &[entry])
    })
}

fn history(files: &Directory, served: &Directory) -> History {
    let mut history = History::new(files, &merged(served));
    history.scenario = scenario::parse("gauge/by-hand", SCENARIO).unwrap();
    history
}

#[test]
fn live_gauges_of_the_living_are_as_they_should_be() {
    let files = depths(&["101", "102"]);
    // Two files, and two series of what is served.
    assert_eq!(
        history(&files, &files)
            .alive(&[101, 102, 103])
            .passes(Check::LivePids),
        4
    );
}

#[test]
fn where_nothing_is_left_of_who_was_killed_that_counts_m8() {
    let (none, files) = (depths(&[]), depths(&["102"]));
    assert_eq!(
        history(&none, &none)
            .alive(&[])
            .killed(101, 0)
            .passes(Check::LivePids),
        1
    );
    assert_eq!(
        history(&files, &files)
            .alive(&[102])
            .killed(101, 0)
            .passes(Check::LivePids),
        3
    );
}

#[test]
fn a_file_that_outlives_its_process_is_the_supervisors_fault_m8() {
    let files = depths(&["101", "102"]);
    let finding = history(&files, &files).alive(&[101]).fails(Check::LivePids);
    assert_eq!(
        finding.summary,
        "live gauges outlive their processes: there is still gauge_liveall_102.db"
    );
    assert_eq!(finding.side, Side::Supervisor);
}

#[test]
fn a_series_that_outlives_its_file_is_the_servers_fault_m8() {
    let finding = history(&depths(&["101"]), &depths(&["101", "102"]))
        .alive(&[101])
        .fails(Check::LivePids);
    assert_eq!(
        finding.summary,
        "live gauges of dead processes are served, 1 series"
    );
    assert_eq!(finding.side, Side::Server);
    let dead = &finding.differences[0];
    assert_eq!(
        (dead.series.as_str(), dead.expected.as_str(), dead.got.as_str()),
        (
            r#"depth{pid="102",queue="mail"}"#,
            "nothing, for pid 102 is dead",
            "scrape 3.0"
        )
    );
}

#[test]
fn where_nothing_is_left_of_who_was_scaled_away_that_counts_as_well_m8() {
    let files = depths(&["102"]);
    let mut history = history(&files, &files).alive(&[102]).killed(101, 0);
    history.ledger.departed(103);
    history.ledger.departed(104);
    assert_eq!(history.passes(Check::LivePids), 5);
}

#[test]
fn an_id_that_is_no_pid_cannot_be_dead() {
    let files = depths(&["web-1"]);
    assert_eq!(history(&files, &files).alive(&[101]).passes(Check::LivePids), 2);
}

#[test]
fn without_live_gauges_or_without_a_fleet_nothing_is_told() {
    let files = counters(&[(101, &[("mail", 1.0)])]);
    let none = History::conformant(&files).alive(&[7]).answered(silence());
    assert_eq!(
        none.cannot_tell(Check::LivePids),
        "there is no live gauge, neither in the files nor in what is served"
    );
    assert_eq!(
        history(&depths(&["101"]), &files).cannot_tell(Check::LivePids),
        "the fleet was ended, so no process is left to live"
    );
}
