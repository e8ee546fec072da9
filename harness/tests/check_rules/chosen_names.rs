//! `scrape/names`.

use counterfoil::check::Check;

use crate::encoder::{Directory, labelled};
use crate::history::{History, answer, silence};

/// Two counters and a gauge, of two processes.
fn files() -> Directory {
    let counters = |mails: f64| {
        [
            labelled("jobs", "jobs_total", &[("queue", "mail")], mails),
            labelled("retries", "retries_total", &[], 1.0),
        ]
    };
    let gauge = labelled("backlog", "backlog", &[], 7.0);
    let files = Directory::new().with("counter_101.db", &counters(3.0));
    files
        .with("counter_102.db", &counters(4.0))
        .with("gauge_sum_101.db", &[gauge])
}

fn served(body: &str) -> History {
    let mut history = History::new(&files(), body);
    history.scenario.names = vec!["jobs_total".to_owned(), "backlog".to_owned()];
    history
}

const JOBS: &str = "# HELP jobs_total Help.\n# TYPE jobs_total counter\njobs_total{queue=\"mail\"} 7.0\n";
const BACKLOG: &str = "# HELP backlog Help.\n# TYPE backlog gauge\nbacklog 7.0\n";
const RETRIES: &str = "# HELP retries_total Help.\n# TYPE retries_total counter\nretries_total 2.0\n";

#[test]
fn what_was_asked_for_and_nothing_else_is_right_m15() {
    assert_eq!(served(&[BACKLOG, JOBS].concat()).passes(Check::ScrapeNames), 2);
}

#[test]
fn what_is_missing_added_or_of_one_process_is_counted_m15_c37() {
    let found = |body: &str| {
        let finding = served(body).fails(Check::ScrapeNames);
        // That no file knows what is served beside them would be wrong.
        assert!(finding.notes.is_empty(), "{:?}", finding.notes);
        finding.summary
    };
    let asked = "asked for jobs_total, backlog: ";
    assert_eq!(
        found(&[BACKLOG, JOBS, RETRIES].concat()),
        format!("{asked}1 series served beside them")
    );
    assert_eq!(found(""), format!("{asked}2 series missing"));
    let one_process = JOBS.replace("7.0", "3.0");
    assert_eq!(
        found(&one_process),
        format!("{asked}1 series missing, 1 series served with another value")
    );
    let no_help = BACKLOG.replace("Help.", "Other.");
    assert!(
        found(&[&no_help, JOBS].concat())
            .starts_with("asked for jobs_total, backlog: backlog is served with HELP")
    );
}

#[test]
fn moving_files_cannot_be_judged_and_no_answer_is_none() {
    assert_eq!(
        served(JOBS).restless().cannot_tell(Check::ScrapeNames),
        "the files did not rest: they changed during each of 5 scrapes"
    );
    let silent = served("").answered(silence()).fails(Check::ScrapeNames);
    assert!(
        silent.summary.starts_with("nothing is served: "),
        "{}",
        silent.summary
    );
    let failing = served("")
        .answered(answer(500, "text/plain", "no"))
        .fails(Check::ScrapeNames);
    assert_eq!(failing.summary, "no exposition is served, but status 500");
}
