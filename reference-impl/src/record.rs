//! Recording: metrics whose values live in memory-mapped files.

mod children;
mod counter;
mod description;
mod family;
mod gauge;
mod histogram;
mod mapping;
mod metric_file;
mod registry;
mod summary;

pub use counter::Counter;
pub use description::{Description, DescriptionError};
pub use family::{Family, Instrument, RecordError, Series};
pub use gauge::Gauge;
pub use histogram::Histogram;
pub use mapping::Cell;
pub use metric_file::{FileError, MetricFile, MetricFiles};
pub use registry::{Registry, RegistryError};
pub use summary::Summary;
