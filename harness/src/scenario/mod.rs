//! Scenarios: what a fleet is asked to do and what must hold afterwards, declared as TOML.
//!
//! `schema` is the format, with `metric`, `op`, `step` and `fault` as its parts; `catalogue` is the set that is embedded in
//! the binary or lies in a folder, `validate` what a file must fulfil beyond its shape. Errors carry the place in the file
//! ([`ScenarioError`]).

mod catalogue;
mod error;
mod fault;
mod folder;
mod metric;
mod op;
mod op_table;
mod schema;
mod step;
mod validate;
mod without_files;
mod written;

pub use catalogue::{Catalogue, parse};
pub use error::{CatalogueError, ScenarioError};
pub use fault::{BrokerFault, DirectoryFault, Fault, NetworkFault, Reborn, SignalName, Target};
pub use metric::{GaugeMode, MetricKind, MetricSpec};
pub use op::{Number, OpSpec, TaskSpec};
pub use schema::{Capability, FleetSpec, Level, Limits, Scenario};
pub use step::{Claim, Contents, Dispatch, Inherit, Plant, ScrapeStep, Step, Stop, Succession, Wait, Wipe};
#[cfg(feature = "suite")]
pub(crate) use without_files::translated;
