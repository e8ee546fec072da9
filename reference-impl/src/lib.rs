//! Counterfoil's reference exporter: what a conformant multi-process exporter looks like.
//!
//! Workers record into memory-mapped files ([`record`], [`layout`]); an endpoint merges the files
//! of all processes ([`merge`]) and serves them ([`exposition`], [`endpoint`]); a supervisor keeps
//! workers and endpoint alive ([`command`]). [`mutant`] lists the defects that it can be given.
//!
//! It shares no code with the suite that judges it.
//!
//! ```
//! use std::collections::HashSet;
//!
//! use counterfoil_reference::exposition::Format;
//! use counterfoil_reference::record::{Description, Registry};
//! use counterfoil_reference::scrape::Scraper;
//!
//! let directory = tempfile::tempdir()?;
//! for (pid, wait_s) in [(4312, 0.25), (4313, 3.0)] {
//!     // Each in a process of its own, elsewhere than here.
//!     let registry = Registry::new(directory.path(), pid);
//!     let wait = Description::new("wait_seconds", "From push to pop.").with_labels(["queue"]);
//!     registry.histogram(wait, &[1.0])?.labels(&["a"])?.observe(wait_s);
//! }
//!
//! let body = Scraper::new(directory.path(), None).scrape(Format::Text, &HashSet::new())?;
//! let body = String::from_utf8(body.into())?;
//! assert_eq!(
//!     body.lines().collect::<Vec<_>>(),
//!     [
//!         "# HELP wait_seconds From push to pop.",
//!         "# TYPE wait_seconds histogram",
//!         r#"wait_seconds_sum{queue="a"} 3.25"#,
//!         r#"wait_seconds_bucket{le="1.0",queue="a"} 1.0"#,
//!         r#"wait_seconds_bucket{le="+Inf",queue="a"} 2.0"#,
//!         r#"wait_seconds_count{queue="a"} 2.0"#,
//!     ]
//! );
//! assert!(body.ends_with('\n'));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod acks;
pub mod command;
pub mod connections;
pub mod dead;
pub mod directories;
pub mod directory;
pub mod endpoint;
pub mod exposition;
pub mod file_name;
mod fleet;
pub mod float;
pub mod key;
pub mod layout;
mod line;
pub mod merge;
pub mod mutant;
pub mod negotiation;
mod notice;
mod own_metrics;
mod patient_stream;
pub mod program;
pub mod queue;
pub mod record;
pub mod scrape;
mod serving;
pub mod sidecar;
mod stop;
pub mod task;
mod unruly;
pub mod used_bytes;
mod view;
pub mod worker;

/// The adapter manifest with which the suite drives the reference.
pub const MANIFEST: &str = include_str!("../manifest.toml");
