//! Conformance suite for multi-process Prometheus exporters.
//!
//! A run starts a fleet of worker processes, hands them tasks, and holds three accounts against each other:
//! the [`ledger`] (what was asked for), the [`truth`] (the merged metric files of all processes) and the
//! scrape (what `/metrics` served, read by [`exposition`]). `run` is the pipeline; start reading there.
//!
//! The feature `suite`, on by default, is everything that starts processes or talks to one. Without it the crate only
//! judges, needs neither an async runtime nor an HTTP client, and compiles in seconds: what a program needs that reads
//! metric files ([`truth`]), parses what is served ([`exposition`]), or compares the two ([`check`]).
#![cfg_attr(test, allow(clippy::unwrap_used))]

#[cfg(feature = "suite")]
pub mod baseline;
#[cfg(feature = "suite")]
pub mod bisect;
#[cfg(feature = "suite")]
pub mod broker;
#[cfg(feature = "suite")]
mod cause;
pub mod check;
mod declaration;
pub mod exporter;
pub mod exposition;
#[cfg(feature = "suite")]
pub mod fleet;
pub mod ledger;
#[cfg(feature = "suite")]
pub mod matrix;
#[cfg(feature = "suite")]
pub mod memory;
#[cfg(feature = "suite")]
mod poll;
#[cfg(feature = "suite")]
pub mod property;
#[cfg(feature = "suite")]
pub mod reduce;
pub mod remedy;
#[cfg(feature = "suite")]
pub mod replay;
#[cfg(feature = "suite")]
pub mod report;
#[cfg(feature = "suite")]
pub mod requirements;
#[cfg(feature = "suite")]
pub mod run;
pub mod scenario;
pub mod scrape;
#[cfg(feature = "suite")]
pub mod self_test;
pub mod series;
mod spelling;
pub mod task;
#[cfg(feature = "suite")]
pub mod testing;
mod threads;
pub mod truth;
#[cfg(feature = "suite")]
pub mod whole_file;
