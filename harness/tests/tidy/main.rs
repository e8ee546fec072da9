//! The house rules, over the whole workspace: each is a test that names the file, the line and the remedy, and each
//! has a second test that shows on a text made up for it that it can fail.

#![allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]

mod architecture;
mod baselines;
mod bugs;
mod code;
mod independence;
mod leftovers;
mod lists;
mod pages;
mod requirements;
mod rules;
mod scenarios;
mod size;
mod sleeps;
mod traces;
mod workspace;
