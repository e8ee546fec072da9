//! The truth against the real clients: directories that they wrote, and what they themselves make of them.
//!
//! A trial is one client in one release, a process that lives as long as the trial ([`client`]). proptest makes up
//! what several processes record ([`program`], [`strategy`]); the client records it, and merges the files; the truth
//! must say the same, exactly, or as a set or an interval that holds the client's answer ([`python`], [`ruby`]).
//!
//! The facts about the two formats, which this suite's parsers are held to, are held against theirs ([`readers`]).
//!
//! `COUNTERFOIL_CLIENT_DIRECTORIES` is the number of directories a client; each trial prints how many it compared.

#![allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]

mod answer;
mod client;
mod difference;
#[path = "../exposition_rules/facts.rs"]
mod facts;
mod harm;
mod merged_text;
mod parsers;
mod program;
mod property;
mod python;
mod readers;
mod reference;
mod ruby;
mod ruby_text;
mod scope;
mod strategy;
mod values;

use std::process::ExitCode;

use counterfoil::testing::Prerequisites;
use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    match trials() {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(error) => {
            eprintln!("clients: {error}");
            ExitCode::FAILURE
        }
    }
}

fn trials() -> Result<Vec<Trial>, Box<dyn std::error::Error>> {
    let prerequisites = Prerequisites::detect(&python::adapters()?)?;
    let trials = [
        python::trials(&prerequisites),
        ruby::trials(&prerequisites),
        reference::trials(&prerequisites),
        parsers::trials(&prerequisites),
        readers::trials(&prerequisites),
    ];
    Ok(trials.into_iter().flatten().collect())
}
