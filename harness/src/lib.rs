//! Conformance suite for multi-process Prometheus exporters.
//!
//! A run starts a fleet of worker processes, hands them tasks, and holds three accounts against each other:
//! the [`ledger`] (what was asked for), the [`truth`] (the merged metric files of all processes) and the
//! scrape (what `/metrics` served, read by [`exposition`]). [`run`] is the pipeline; start reading there.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod broker;
mod cause;
pub mod check;
mod declaration;
pub mod exporter;
pub mod exposition;
pub mod fleet;
pub mod ledger;
pub mod property;
pub mod reduce;
pub mod remedy;
pub mod replay;
pub mod report;
pub mod run;
pub mod scenario;
pub mod scrape;
pub mod self_test;
pub mod series;
mod spelling;
pub mod task;
pub mod testing;
pub mod truth;
