//! The scrape's own decoder: text 0.0.4 and OpenMetrics 1.0, strict, with the position of every breach.
//!
//! Sources: the "exposition formats" page of the Prometheus documentation, Prometheus' own parsers, and the
//! OpenMetrics 1.0 specification. Shares no code with the exporter under test nor with the reference.

mod cursor;
mod dialect;
mod document;
mod family;
mod finding;
mod group;
mod histogram;
mod labels;
mod metric_set;
mod number;
pub mod openmetrics;
mod plain;
mod sample_line;
mod scalar;
mod summary;
pub mod text;
mod unique;

pub use family::{Exemplar, Exposition, Family, Sample};
pub use finding::{Finding, MAX_FINDINGS, Parsed};
pub use number::go_float;
pub(crate) use number::push_go_float;
