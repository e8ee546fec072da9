//! Counterfoil's reference exporter.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod directory;
pub mod exposition;
pub mod file_name;
pub mod float;
pub mod key;
pub mod layout;
pub mod merge;
pub mod mutant;
pub mod record;
