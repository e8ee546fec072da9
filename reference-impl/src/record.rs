//! Recording: metrics whose values live in memory-mapped files.
//!
//! ```
//! use counterfoil_reference::record::{Description, Registry, RegistryError};
//!
//! let directory = tempfile::tempdir()?;
//! let registry = Registry::new(directory.path(), 4312);
//! let jobs = registry.counter(Description::new("jobs", "Jobs done.").with_labels(["queue"]))?;
//! jobs.labels(&["a"])?.inc(2.0);
//!
//! // The value is in the file as soon as `inc` returns: whoever gets the id again goes on from there.
//! let heir = Registry::new(directory.path(), 4312);
//! let jobs = heir.counter(Description::new("jobs", "Jobs done.").with_labels(["queue"]))?;
//! jobs.labels(&["a"])?.inc(1.0);
//! assert_eq!(jobs.labels(&["a"])?.get(), 3.0);
//!
//! // Where one thread does all the recording, an addition need not keep others out.
//! let registry = Registry::of_one_thread(directory.path(), 4313);
//! registry.counter(Description::new("jobs", "Jobs done."))?.labels(&[])?.inc(1.0);
//!
//! // Two objects of one name would overwrite each other.
//! let again = heir.counter(Description::new("jobs", ""));
//! assert!(matches!(again, Err(RegistryError::Duplicate { name }) if name == "jobs"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
mod writers;

pub use counter::Counter;
pub use description::{Description, DescriptionError};
pub use family::{Family, Instrument, RecordError, Series};
pub use gauge::Gauge;
pub use histogram::Histogram;
pub use mapping::Cell;
pub use metric_file::{FileError, MetricFile, MetricFiles};
pub use registry::{Registry, RegistryError};
pub use summary::Summary;
pub use writers::{AnyThread, OneThread, Writers};
