//! Counterfoil's reference exporter: what a conformant multi-process exporter looks like.
//!
//! Workers record into memory-mapped files ([`record`], [`layout`]); an endpoint merges the files
//! of all processes ([`merge`]) and serves them ([`exposition`], [`endpoint`]); a supervisor keeps
//! workers and endpoint alive ([`fleet`]). [`mutant`] lists the defects that it can be given.
//!
//! It shares no code with the suite that judges it.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod acks;
pub mod command;
pub mod dead;
pub mod directory;
pub mod endpoint;
pub mod exposition;
pub mod file_name;
pub mod fleet;
pub mod float;
pub mod key;
pub mod layout;
pub mod merge;
pub mod mutant;
pub mod negotiation;
mod notice;
pub mod program;
pub mod queue;
pub mod record;
pub mod scrape;
mod stop;
pub mod task;
mod unruly;
pub mod worker;

/// The adapter manifest with which the suite drives the reference.
pub const MANIFEST: &str = include_str!("../manifest.toml");
