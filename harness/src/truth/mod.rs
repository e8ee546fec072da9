//! The truth: what the metric files of all processes come to.
//!
//! Files are read ([`Snapshot`], [`MetricFile`]), and merged by the rules M1 to M13 ([`Truth`]). Where the client's
//! answer depends on the order in which it happens to read the files, the truth is a set ([`Admissible`]).
//! It reads by `pread` and maps nothing: whatever a file holds is values or a [`TruthError`].
//! Shares no code with the exporter under test nor with the reference.

mod admissible;
mod bound;
mod entry;
mod error;
mod family_merge;
mod file_name;
mod gauge;
mod key;
mod layout;
mod merge;
mod merged;
mod metric_file;
mod share;
mod slot;
mod snapshot;
mod sum;

pub use admissible::Admissible;
pub use error::{Fault, TruthError};
pub use file_name::{FileName, Mode};
pub use key::Key;
pub use layout::Layout;
pub use merged::{Outcome, Truth, TruthFamily};
pub use metric_file::{Entry, MetricFile};
pub use share::Share;
pub use snapshot::{Holdings, Snapshot};
