//! `prometheus/agrees`.

use counterfoil::check::{Check, Stored, StoredSample};

use crate::history::{History, counters};

fn sample(name: &str, queue: &str, value: &str) -> StoredSample {
    StoredSample {
        name: name.to_owned(),
        labels: [("queue".to_owned(), queue.to_owned())].into(),
        value: value.to_owned(),
    }
}

/// Two mails were asked for and done; this is what Prometheus has stored.
fn stored(samples: &[StoredSample], fell: &[StoredSample]) -> History {
    let files = counters(&[(101, &[("mail", 2.0)])]);
    History::conformant(&files).done(101, "mail", 2).stored(Stored {
        scrapes: 9,
        failed: 1,
        samples: samples.to_vec(),
        fell: fell.to_vec(),
    })
}

#[test]
fn what_was_asked_for_is_stored() {
    let mails = sample("jobs_total", "mail", "2");
    let of_others = sample("python_info", "mail", "1");
    assert_eq!(
        stored(&[mails, of_others], &[]).passes(Check::PrometheusAgrees),
        1
    );
}

#[test]
fn what_is_stored_otherwise_not_at_all_or_unasked_is_named() {
    let found = |samples: &[StoredSample]| {
        let finding = stored(samples, &[]).fails(Check::PrometheusAgrees);
        assert_eq!(finding.notes, ["Prometheus made 9 scrapes, of which 1 failed"]);
        let told = finding.differences.iter();
        let told = told.map(|difference| {
            format!(
                "{}: {}, {}",
                difference.series, difference.expected, difference.got
            )
        });
        told.collect::<Vec<_>>()
    };
    let asked = r#"jobs_total{queue="mail"}: ledger 2"#;
    assert_eq!(found(&[]), [format!("{asked}, stored nothing")]);
    for (value, shown) in [("1", "1.0"), ("NaN", "NaN"), ("+Inf", "+Inf"), ("many", "NaN")] {
        assert_eq!(
            found(&[sample("jobs_total", "mail", value)]),
            [format!("{asked}, stored {shown}")]
        );
    }
    let (mails, spam) = (
        sample("jobs_total", "mail", "2"),
        sample("jobs_total", "spam", "1"),
    );
    assert_eq!(
        found(&[mails, spam]),
        [r#"jobs_total{queue="spam"}: ledger nothing, stored 1.0"#]
    );
}

#[test]
fn what_fell_on_the_way_is_wrong_though_it_came_back_c44() {
    let fell = sample("jobs_total", "mail", "3");
    let finding = stored(&[sample("jobs_total", "mail", "2")], &[fell]).fails(Check::PrometheusAgrees);
    assert_eq!(
        finding.summary,
        "what Prometheus has stored is wrong: 1 fell on the way"
    );
    assert_eq!(finding.differences[0].got, "3 times");
}

#[test]
fn without_prometheus_or_with_tasks_open_nothing_is_told() {
    let files = counters(&[(101, &[("mail", 2.0)])]);
    let none = History::conformant(&files);
    assert_eq!(
        none.cannot_tell(Check::PrometheusAgrees),
        "Prometheus has not scraped this fleet"
    );
    let few = |history: History| history.cannot_tell(Check::PrometheusAgrees);
    let mails = || stored(&[sample("jobs_total", "mail", "2")], &[]);
    assert_eq!(few(mails().open("mail", 1)), "1 tasks were never acknowledged");
    assert_eq!(
        few(mails().open("mail", 1).killed(101, 0)),
        "1 tasks are indeterminate, the scenario allows 0"
    );
    assert_eq!(
        mails()
            .open("mail", 1)
            .killed(101, 1)
            .passes(Check::PrometheusAgrees),
        1
    );
}
