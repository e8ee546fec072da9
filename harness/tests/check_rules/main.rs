//! Every check on histories written by hand: one that it accepts, one that it rejects, one that it cannot judge.

#![allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]

mod acknowledgements;
mod book;
mod bracket;
mod chosen_names;
mod compare;
mod diagnosis;
#[path = "../truth_rules/encoder.rs"]
#[allow(
    dead_code,
    reason = "the rules of the files need more of it than the checks do"
)]
mod encoder;
mod gauges;
mod history;
mod latency;
mod ledger;
mod live;
mod live_pids;
mod names;
mod prediction;
mod prometheus;
mod served_as_asked;
mod server;
