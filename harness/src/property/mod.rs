//! Property-based fleets: whole programs that are made up, played like any scenario, and made smaller where they fail.
//!
//! A program *is* a scenario: the same declaration, made by [`Programs`] from a seed. One that fails is a plan to be
//! shrunk by [`Search`], which proposes smaller plans and is told how they ended; `run` plays them on fleets. proptest
//! makes the programs; its own shrinking is of no use here, because a try takes a fleet and seconds, and because what is
//! to become small is the declaration that a reader gets, not the values that it was drawn from.
//!
//! ```
//! use counterfoil::property::{Programs, Search, Size};
//! use counterfoil::scenario::Capability;
//!
//! let capabilities = [Capability::Counter, Capability::EndpointFromStart];
//! let programs = Programs::new(7, &capabilities).expect("it has counters to make programs of");
//! let program = programs.nth(1)?;
//! assert_eq!(program.text, programs.nth(1)?.text, "the same seed, the same program");
//!
//! // An exporter that is wrong whatever it is asked for: what is left when all that can go has gone?
//! let mut search = Search::new(program, &capabilities);
//! while let Some(_smaller) = search.candidate() {
//!     search.told(true);
//! }
//! let smallest = Size::of(search.smallest());
//! assert_eq!((smallest.workers, smallest.tasks, smallest.ops), (1, 0, 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod checks;
mod course;
mod plan;
mod program;
mod reductions;
mod search;
mod size;
mod steps;
#[cfg(test)]
mod tests;
mod values;

pub use program::Programs;
pub use search::Search;
pub use size::Size;
