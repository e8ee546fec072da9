//! Conformance suite for multi-process Prometheus exporters.

pub mod series;
