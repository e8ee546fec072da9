//! Conformance suite for multi-process Prometheus exporters.

pub mod exposition;
pub mod series;
pub mod truth;
