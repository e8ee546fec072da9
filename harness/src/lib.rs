//! Conformance suite for multi-process Prometheus exporters.

pub mod broker;
pub mod series;
pub mod truth;
