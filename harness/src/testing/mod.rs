//! The suite inside another crate's `cargo test`: every scenario a test of its own.
//!
//! A test target with `harness = false` in the crate's `Cargo.toml`,
//!
//! ```toml
//! [[test]]
//! name = "conformance"
//! harness = false
//! ```
//!
//! and this as its `tests/conformance.rs`, with the manifest's path below the crate (`PROTOCOL.md`):
//!
//! ```no_run
//! # use std::process::ExitCode;
//! fn main() -> ExitCode {
//!     counterfoil::testing::main("adapter/manifest.toml")
//! }
//! ```
//!
//! A run needs a program that is also its reaper and the control's reference ([`Role`]). That is the test program
//! itself, started again. [`Suite`] is the same with more to choose. `harness/examples/job-runner` is such a crate.
//!
//! A scenario that does not apply to the exporter, and one for which the machine lacks something, is *ignored* with
//! the reason; `COUNTERFOIL_REQUIRE=docker,python,network` turns what is lacking into failures.

mod play;
mod prerequisite;
mod role;
mod suite;

use std::num::NonZeroUsize;
use std::process::ExitCode;

use libtest_mimic::Arguments;
pub use play::Played;
pub use prerequisite::{Prerequisite, Prerequisites, UnknownPrerequisite};
pub use role::Role;
pub use suite::{Suite, SuiteError};

/// The command line of a test program that starts fleets. They mostly wait, so that without `--test-threads` two tests run
/// for each processor.
#[must_use]
pub fn arguments() -> Arguments {
    let mut arguments = Arguments::from_args();
    let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    arguments.test_threads.get_or_insert(2 * processors);
    arguments
}

/// Judges an exporter by every scenario: its name, `NAME@VERSION`, `NAME@PATH`, or the path of its manifest.
/// `COUNTERFOIL_EXPORTER` takes its place where it is set, so that CI can try another version.
#[must_use]
pub fn main(exporter: &str) -> ExitCode {
    Suite::of(exporter).main()
}
