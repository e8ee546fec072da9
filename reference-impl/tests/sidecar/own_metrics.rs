//! What a sidecar says about itself.

use std::io::{Read, Write};

use counterfoil_reference::record::{Description, Registry};

use crate::{Sidecar, count, eventually, fill};

#[test]
fn only_files_that_have_changed_are_read_again_and_their_values_always_are() {
    let directory = tempfile::tempdir().unwrap();
    let jobs = Description::new("jobs", "Done.").with_labels(["queue"]);
    let registry = Registry::new(directory.path(), 1);
    let jobs = registry.counter(jobs).unwrap();
    jobs.labels(&["a"]).unwrap().inc(1.0);
    for pid in 2..10 {
        count(directory.path(), pid, 1.0);
    }
    let sidecar = Sidecar::of(&[directory.path()], &[]);
    let read = || {
        sidecar.scrape();
        sidecar.own("counterfoil_files_read_total")
    };
    assert_eq!(read(), 9.0);
    // A file is trusted when its time of change is some seconds old.
    let settled = eventually("the files to be trusted", || {
        let before = read();
        (read() == before).then_some(before)
    });
    jobs.labels(&["a"]).unwrap().inc(4.0);
    assert!(sidecar.scrape().contains("\njobs_total{queue=\"a\"} 5.0\n"));
    assert_eq!(read(), settled, "a value is read in its place");
    jobs.labels(&["b"]).unwrap().inc(2.0);
    assert!(sidecar.scrape().contains("\njobs_total{queue=\"b\"} 2.0\n"));
    assert_eq!(sidecar.own("counterfoil_files_read_total"), settled + 1.0);
}

#[test]
fn scrapes_are_counted_by_outcome_and_measured() {
    let directory = tempfile::tempdir().unwrap();
    count(directory.path(), 1, 4.0);
    let sidecar = Sidecar::of(&[directory.path()], &[]);
    for _ in 0..3 {
        sidecar.scrape();
    }
    for (series, value) in [
        ("counterfoil_scrapes_total{outcome=\"served\"}", 3.0),
        ("counterfoil_scrapes_total{outcome=\"failed\"}", 0.0),
        ("counterfoil_scrape_duration_seconds_count", 3.0),
        ("counterfoil_scrape_duration_seconds_bucket{le=\"+Inf\"}", 3.0),
        ("counterfoil_files", 1.0),
        ("counterfoil_files_skipped", 0.0),
        ("counterfoil_connections_rejected_total", 0.0),
    ] {
        assert_eq!(sidecar.own(series), value, "{series}");
    }
    assert!(sidecar.own("counterfoil_held_bytes") > 0.0);
    assert!(sidecar.own("counterfoil_start_time_seconds") > 1.7e9);
    assert!(sidecar.own("counterfoil_connections") >= 1.0);
}

#[test]
fn what_it_says_about_itself_is_not_among_what_it_serves_for_others() {
    let directory = tempfile::tempdir().unwrap();
    count(directory.path(), 1, 4.0);
    let sidecar = Sidecar::of(&[directory.path()], &[]);
    assert!(!sidecar.scrape().contains("counterfoil_"));
    let own = sidecar.ask("GET /-/metrics");
    assert!(
        own.head.contains("content-type: text/plain; version=0.0.4"),
        "{}",
        own.head
    );
    assert!(!own.body.contains("jobs"), "{}", own.body);
}

#[test]
fn scrapes_that_come_at_once_share_what_is_read_after_all_have_asked() {
    let directory = tempfile::tempdir().unwrap();
    fill(directory.path());
    let sidecar = Sidecar::of(&[directory.path()], &[]);
    let mut clients: Vec<_> = (0..10).map(|_| sidecar.connect()).collect();
    for client in &mut clients {
        let request = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        client.write_all(request).unwrap();
    }
    for client in &mut clients {
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).unwrap();
        assert!(answer.len() > 16_000_000);
    }
    assert_eq!(sidecar.own("counterfoil_scrapes_total{outcome=\"served\"}"), 10.0);
    // The file has just been written, so whoever reads it reads it whole.
    let read = sidecar.own("counterfoil_files_read_total");
    assert!((1.0..8.0).contains(&read), "read {read} times for 10 clients");
}
