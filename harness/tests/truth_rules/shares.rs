//! What each file contributes to a merged series.

use counterfoil::truth::Share;

use crate::encoder::{Directory, labelled};
use crate::merge::{gauges, histograms, series};

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
