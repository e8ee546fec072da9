//! Scenarios: what a fleet is asked to do and what must hold afterwards, declared as TOML.
//!
//! `schema` is the format, `catalogue` the set that is embedded in the binary, `validate` what a
//! file must fulfil beyond its shape. Errors carry the place in the file ([`ScenarioError`]).

mod catalogue;
mod error;
mod schema;
mod validate;

pub use catalogue::{Catalogue, parse};
pub use error::ScenarioError;
pub use schema::{
    Capability, Dispatch, Fault, FleetSpec, GaugeMode, Level, Limits, MetricKind, MetricSpec, Number, OpSpec,
    Scenario, ScrapeStep, SignalName, Step, Stop, Target, TaskSpec, Wait,
};
