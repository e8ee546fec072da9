//! The adapter: how a system under test is obtained, started, driven and scraped.
//!
//! [`Manifest`] is what the adapter's author wrote, `Adapter` a manifest with a version chosen and its
//! programs in place, ready to be started. The contract is `exporters/PROTOCOL.md`.

#[cfg(feature = "suite")]
mod adapter;
#[cfg(feature = "suite")]
mod environment;
mod error;
mod files;
mod hook;
mod manifest;
#[cfg(feature = "suite")]
mod node;
#[cfg(feature = "suite")]
mod placeholder;
#[cfg(feature = "suite")]
mod programs;
#[cfg(feature = "suite")]
mod python;
mod queue;
mod releases;
#[cfg(feature = "suite")]
mod template;
#[cfg(feature = "suite")]
mod versions;

#[cfg(feature = "suite")]
pub use adapter::{Adapter, Expansion, REFERENCE, Selector};
pub use error::{ExporterError, ManifestError};
pub use files::{FileLayout, Files};
pub use hook::{Hook, Observed};
pub use manifest::{Manifest, Outcome, Scale, ScaleSignal, StopSignal};
#[cfg(feature = "suite")]
pub(crate) use node::find_npm;
#[cfg(feature = "suite")]
pub(crate) use python::find_python;
pub use queue::{ListFormat, QueueSpec};
pub use releases::Releases;
#[cfg(feature = "suite")]
pub(crate) use releases::include;
#[cfg(feature = "suite")]
pub use template::adapter_like;
#[cfg(feature = "suite")]
pub(crate) use versions::sort as sort_versions;

/// The version of the protocol that this release speaks.
pub const PROTOCOL: u32 = 1;

/// A process id, as the kernel counts them.
pub type Pid = i32;
