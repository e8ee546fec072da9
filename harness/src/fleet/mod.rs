//! Fleets, as processes in groups of their own or in containers: started, watched by the reaper, found again in `/proc`,
//! stopped.
//!
//! This is the only module that spawns what a run needs. Whatever it starts ends with the run, also when the
//! runner is killed ([`Reaper`]).

mod address;
mod disk;
mod engine;
mod error;
mod group;
mod limits;
mod members;
pub mod next_pid;
mod place;
mod plan;
mod pod;
mod procfs;
mod reaper;
mod sock_diag;
mod sockets;
mod workers;

pub use disk::{Disk, DiskState};
pub use engine::Engine;
pub(crate) use engine::fleet_images;
pub use error::FleetError;
pub use group::{Group, Spawner, on_path};
pub use place::{FleetKind, Place};
pub use plan::FleetPlan;
pub use procfs::is_halted;
pub use reaper::{CONTAINER_LABEL, Reaper, RunId, reap};
pub use workers::Fleet;
