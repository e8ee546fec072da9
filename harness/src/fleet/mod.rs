//! Processes: started in groups of their own, watched by the reaper, found again in `/proc`, stopped.
//!
//! This is the only module that spawns what a run needs. Whatever it starts ends with the run, also when the
//! runner is killed ([`Reaper`]).

mod error;
mod group;
mod members;
mod procfs;
mod reaper;
mod workers;

pub use error::FleetError;
pub use group::{Group, Spawner, on_path};
pub use procfs::{is_alive, is_halted, listeners, owners_of_port, process_group_members};
pub use reaper::{CONTAINER_LABEL, Reaper, RunId, reap};
pub use workers::{Fleet, FleetPlan};
