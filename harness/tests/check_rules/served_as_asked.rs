//! `scrape/equals-ledger`.

use counterfoil::check::{Check, Finding, Side, serves_the_ledger};
use counterfoil::scenario;

use crate::encoder::Directory;
use crate::history::{History, answer, silence};

const CHECK: Check = Check::ScrapeEqualsLedger;

/// 101 did 3 mails, 102 did 2 and a report that failed; there are no files, and this is what is served.
fn served(body: &str) -> History {
    History::new(&Directory::new(), body)
        .done(101, "mail", 3)
        .done(102, "mail", 2)
        .done(102, "report", 1)
}

fn jobs(series: &[(&str, &str)]) -> String {
    let lines = series.iter();
    let lines = lines.map(|(queue, value)| format!("jobs_total{{queue=\"{queue}\"}} {value}\n"));
    format!("# TYPE jobs_total counter\n{}", lines.collect::<String>())
}

fn told(finding: &Finding) -> Vec<String> {
    let differences = finding.differences.iter();
    let told = differences.map(|difference| {
        assert_eq!(difference.parts, []);
        format!(
            "{}: {}, {}",
            difference.series, difference.expected, difference.got
        )
    });
    told.collect()
}

#[test]
fn what_was_asked_for_is_served_whatever_its_help_and_when_it_was_created() {
    let asked = jobs(&[("mail", "5"), ("report", "1")]);
    assert_eq!(served(&asked).passes(CHECK), 2);
    let more = "# HELP jobs_created In another family of text.\n# TYPE jobs_created gauge\njobs_created{queue=\"mail\"} 1.7e9\n\
                # TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 3\n";
    assert_eq!(served(&format!("{asked}{more}")).passes(CHECK), 2);
    let own = format!("{asked}jobs_created{{queue=\"mail\"}} 1.7e9\n");
    assert_eq!(served(&own).passes(CHECK), 2);
}

#[test]
fn what_is_served_otherwise_than_asked_blames_the_exporter_c1_c32() {
    let finding = served(&jobs(&[("mail", "3")])).fails(CHECK);
    assert_eq!(finding.side, Side::Exporter);
    assert_eq!(
        finding.summary,
        "what is served is not what was asked of the workers: of 2 series, 1 below, 1 missing"
    );
    assert_eq!(
        told(&finding),
        [
            r#"jobs_total{queue="mail"}: ledger 5, scrape 3.0"#,
            r#"jobs_total{queue="report"}: ledger 1, scrape nothing"#,
        ]
    );
    let finding = served(&jobs(&[("mail", "6"), ("report", "1"), ("spam", "1")])).fails(CHECK);
    assert_eq!(
        finding.summary,
        "what is served is not what was asked of the workers: of 2 series, 1 above what was asked of the workers, \
         1 that nobody asked for"
    );
    assert_eq!(
        told(&finding)[1],
        r#"jobs_total{queue="spam"}: ledger nothing, scrape 1.0"#
    );
}

#[test]
fn an_indeterminate_task_may_have_counted_or_not() {
    for (mails, holds) in [("5", true), ("7", true), ("8", false), ("4", false)] {
        let history = served(&jobs(&[("mail", mails), ("report", "1")])).open("mail", 2);
        assert_eq!(history.cannot_tell(CHECK), "2 tasks were never acknowledged");
        let history = history.killed(102, 2);
        match holds {
            true => drop(history.passes(CHECK)),
            false => assert!(
                history.fails(CHECK).differences[0]
                    .expected
                    .contains("ledger 5 to 7")
            ),
        }
    }
}

#[test]
fn where_nothing_is_served_the_server_is_at_fault() {
    for scrape in [silence(), answer(500, "text/plain", "no")] {
        let finding = served("").answered(scrape).fails(CHECK);
        assert_eq!(finding.side, Side::Server);
        assert!(
            finding.summary.contains("nothing is served: ")
                || finding.summary.contains("no exposition is served"),
            "{}",
            finding.summary
        );
    }
}

#[test]
fn who_serves_what_was_asked_for_need_not_be_waited_for() {
    let history = served("");
    let prediction = history.ledger.predict(&history.scenario, &[]);
    let serves = |status, body: &str| {
        let scraped = answer(status, "text/plain; version=0.0.4", body).unwrap();
        serves_the_ledger(&prediction, &scraped)
    };
    assert!(serves(200, &jobs(&[("mail", "5"), ("report", "1")])));
    assert!(!serves(200, &jobs(&[("mail", "4"), ("report", "1")])));
    assert!(!serves(500, "no"));
}

#[test]
fn a_scrape_of_moving_files_cannot_be_held_against_the_ledger() {
    let history = served(&jobs(&[("mail", "5"), ("report", "1")])).restless();
    assert!(history.cannot_tell(CHECK).starts_with("the files did not rest"));
}

/// One worker, asked for this often, and what is served.
fn observed(times: usize, op: &str, metric: &str, body: &str) -> History {
    let text = format!(
        "title = 'It counts'\nlevel = 'must'\nsince = '0.1.0'\nwhy = ''\nfleet = {{ workers = 1 }}\n\
         [[metrics]]\nname = 'size'\nhelp = ''\n{metric}\n\
         [[tasks]]\nname = 'mail'\nops = [{{ metric = 'size', {op} }}]\n\
         [[steps]]\ncheck = ['scrape/equals-ledger']\n"
    );
    let mut history = History::new(&Directory::new(), body);
    history.scenario = scenario::parse("counter/by-hand", &text).unwrap();
    history.done(101, "mail", times)
}

#[test]
fn a_bound_may_be_spelled_as_the_client_likes_but_once() {
    let sizes = |buckets: &str| {
        let body = format!("# TYPE size histogram\n{buckets}size_sum 5\nsize_count 1\n");
        let metric = "type = 'histogram'\nbuckets = [1.0, 1000000.0]";
        observed(1, "op = 'observe', value = 5", metric, &body)
    };
    let end = "size_bucket{le=\"+Inf\"} 1\n";
    let in_javascript = format!("size_bucket{{le=\"1\"}} 0\nsize_bucket{{le=\"1000000\"}} 1\n{end}");
    assert_eq!(sizes(&in_javascript).passes(CHECK), 5);
    let twice = format!("size_bucket{{le=\"1.0\"}} 0\n{in_javascript}");
    assert!(
        sizes(&twice)
            .fails(CHECK)
            .summary
            .ends_with("1 that nobody asked for")
    );
}

#[test]
fn sums_may_differ_in_their_last_digits_as_the_order_of_additions_has_it_and_no_more() {
    let sent = |times: usize, value: &str| {
        let body = format!("# TYPE size_total counter\nsize_total {value}\n");
        observed(times, "op = 'inc', value = 0.1", "type = 'counter'", &body)
    };
    // In the ledger's order it is 0.9999999999999999.
    for value in ["1", "0.9999999999999999", "1.0000000000000002"] {
        assert_eq!(sent(10, value).passes(CHECK), 1, "{value}");
    }
    for value in ["1.00000000000001", "0.99999999999999", "NaN", "+Inf"] {
        sent(10, value).fails(CHECK);
    }
}
