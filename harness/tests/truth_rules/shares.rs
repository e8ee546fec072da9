//! What each file contributes to a merged series.

use counterfoil::truth::Share;

use crate::encoder::{Directory, labelled};
use crate::histograms::histograms;
use crate::merge::{gauges, series};

fn values(shares: &[Share]) -> Vec<(&str, f64)> {
    shares
        .iter()
        .map(|share| (share.pid.as_str(), share.value))
        .collect()
}

#[test]
fn shares_are_what_each_file_adds_to_a_series_m4_m9() {
    let snapshot = histograms().snapshot();
    let of = |sample: &str, labels: &[(&str, &str)]| snapshot.shares(&series(sample, labels));
    assert_eq!(
        values(&of("h_bucket", &[("le", "1.0"), ("q", "a")])),
        [("1", 1.0), ("2", 24.0)]
    );
    assert_eq!(values(&of("h_count", &[("q", "a")])), [("1", 7.0), ("2", 56.0)]);
    assert_eq!(values(&of("h_sum", &[("q", "a")])), [("1", 10.0), ("2", 0.5)]);
    assert!(of("h_count", &[("q", "b")]).is_empty() && of("x_total", &[]).is_empty());
}

#[test]
fn shares_of_a_gauge_are_what_each_file_holds_m5_m7() {
    let snapshot = gauges("mostrecent", &[("1", 1.0, 30.0), ("2", 2.0, 20.0)]).snapshot();
    let shares = snapshot.shares(&series("g", &[]));
    assert_eq!(values(&shares), [("1", 1.0), ("2", 2.0)]);
    assert_eq!(
        (shares[0].timestamp, shares[1].file.as_str()),
        (30.0, "gauge_mostrecent_2.db")
    );
    let snapshot = gauges("all", &[("1", 1.0, 0.0), ("2", 2.0, 0.0)]).snapshot();
    assert_eq!(
        values(&snapshot.shares(&series("g", &[("pid", "2")]))),
        [("2", 2.0)]
    );
    let mine = |pid: &str, value| labelled("g", "g", &[("pid", pid)], value);
    let of_one_file = |mode: &str| {
        let name = format!("gauge_{mode}_1.db");
        let snapshot = Directory::new()
            .with(&name, &[mine("a", -0.0), mine("b", 2.0)])
            .snapshot();
        snapshot.shares(&series("g", &[]))
    };
    let shares = of_one_file("max");
    assert_eq!(values(&shares), [("1", 0.0), ("1", 2.0)]);
    assert!(shares[0].value.is_sign_negative(), "as the file has it");
    assert_eq!(values(&of_one_file("sum")), [("1", 2.0)]);
}

#[test]
fn shares_are_of_the_series_with_all_its_labels_and_a_users_pid_is_one_of_a_counters_m5() {
    let of = |pid: &str, value| labelled("c", "c_total", &[("pid", pid), ("q", "a")], value);
    let snapshot = Directory::new()
        .with("counter_1.db", &[of("x", 1.0), of("y", 2.0)])
        .snapshot();
    let shares = |labels: &[(&str, &str)]| snapshot.shares(&series("c_total", labels));
    assert_eq!(values(&shares(&[("pid", "y"), ("q", "a")])), [("1", 2.0)]);
    assert!(shares(&[("q", "a")]).is_empty() && shares(&[("pid", "z"), ("q", "a")]).is_empty());
}

#[test]
fn shares_of_a_gauge_leave_a_users_pid_out_and_take_the_files_where_it_is_served_m5() {
    let of = |pid: &str, queue: &str, value| labelled("g", "g", &[("pid", pid), ("q", queue)], value);
    for (mode, pids) in [("all", ["1", "2"]), ("max", ["", ""])] {
        let snapshot = Directory::new()
            .with(
                &format!("gauge_{mode}_1.db"),
                &[of("x", "a", 1.0), of("x", "b", 2.0)],
            )
            .with(&format!("gauge_{mode}_2.db"), &[of("x", "a", 4.0)])
            .snapshot();
        let shares = |pid: &str, queue: &str| {
            let labels = [("pid", pid), ("q", queue)];
            let labels = labels
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .collect::<Vec<_>>();
            snapshot
                .shares(&series("g", &labels))
                .iter()
                .map(|share| share.value)
                .collect::<Vec<_>>()
        };
        let expected: [&[f64]; 2] = if mode == "all" {
            [&[1.0], &[4.0]]
        } else {
            [&[1.0, 4.0]; 2]
        };
        assert_eq!(pids.map(|pid| shares(pid, "a")), expected);
        assert!(
            shares("x", "a").is_empty() && shares("3", "a").is_empty() && shares(pids[0], "c").is_empty()
        );
        assert_eq!(shares(pids[0], "b"), [2.0]);
        let other = shares(if mode == "all" { "" } else { "1" }, "a");
        assert!(other.is_empty(), "{mode}");
    }
}

#[test]
fn shares_of_a_histogram_are_of_its_own_label_set_m9() {
    let of = |queue: &str, le: &str, value| labelled("h", "h_bucket", &[("le", le), ("q", queue)], value);
    let entries = [of("a", "1.0", 1.0), of("b", "1.0", 2.0), of("a", "+Inf", 4.0)];
    let snapshot = Directory::new().with("histogram_1.db", &entries).snapshot();
    let shares = |labels: &[(&str, &str)]| snapshot.shares(&series("h_bucket", labels));
    assert_eq!(values(&shares(&[("le", "1.0"), ("q", "a")])), [("1", 1.0)]);
    assert_eq!(values(&shares(&[("le", "+Inf"), ("q", "a")])), [("1", 5.0)]);
    assert_eq!(values(&shares(&[("le", "+Inf"), ("q", "b")])), [("1", 2.0)]);
    for none in [
        &[("le", "0.5"), ("q", "a")][..],
        &[("le", "+Inf")],
        &[("q", "a")],
        &[("le", "wide"), ("q", "a")],
    ] {
        assert!(shares(none).is_empty(), "{none:?}");
    }
}
