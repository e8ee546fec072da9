//! `scrape/latency`.

use std::time::Duration;

use counterfoil::check::{Check, Side};
use counterfoil::scrape::ScrapeError;

use crate::encoder::Directory;
use crate::history::{History, SCRAPE_LIMIT, answer_after, counters, silence};

fn files() -> Directory {
    counters(&[(101, &[("mail", 1.0)])])
}

fn after(took: Duration) -> History {
    let slow = answer_after(took, 200, "text/plain; version=0.0.4", "");
    History::conformant(&files())
        .scraped(&files(), "", &files())
        .answered(slow)
}

#[test]
fn a_scrape_may_take_as_long_as_the_limit_and_no_longer() {
    assert_eq!(after(SCRAPE_LIMIT).passes(Check::ScrapeLatency), 2);
    let finding = after(SCRAPE_LIMIT + Duration::from_millis(1)).fails(Check::ScrapeLatency);
    assert_eq!(
        finding.summary,
        "scrape 2, the slowest of 2, took 2001 ms; it may take 2000 ms"
    );
    assert_eq!(finding.side, Side::Server);
}

#[test]
fn a_scrape_that_was_given_up_took_too_long_also_when_it_is_judged_again() {
    let (url, error) = ("http://127.0.0.1:9/metrics".to_owned(), "no answer".to_owned());
    let deadline_ms = 100;
    let given_up = || ScrapeError::Deadline {
        url: url.clone(),
        deadline_ms,
    };
    let kept = || ScrapeError::Kept {
        error: error.clone(),
        gave_up_after_ms: given_up().gave_up_after_ms(),
    };
    for error in [given_up(), kept()] {
        let finding = History::conformant(&files())
            .answered(Err(error))
            .fails(Check::ScrapeLatency);
        assert_eq!(finding.summary, "scrape 1 was given up after 100 ms");
    }
}

#[test]
fn where_nobody_answers_nobody_is_slow() {
    let history = History::conformant(&files()).answered(silence());
    assert_eq!(
        history.cannot_tell(Check::ScrapeLatency),
        "no scrape was answered"
    );
    let kept = ScrapeError::Kept {
        error: "refused".to_owned(),
        gave_up_after_ms: None,
    };
    let one_of_two = after(SCRAPE_LIMIT).answered(Err(kept));
    assert_eq!(one_of_two.passes(Check::ScrapeLatency), 1);
}
