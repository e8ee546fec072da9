//! Where fleets run: as processes of this machine, or each in a container.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::engine::Engine;
use super::{FleetError, Spawner};
use crate::exporter::Adapter;

/// What `--fleet` asks for.
///
/// ```
/// use counterfoil::fleet::FleetKind;
///
/// assert_eq!("container".parse(), Ok(FleetKind::Container));
/// assert_eq!(FleetKind::default().to_string(), "process");
/// assert_eq!("pod".parse::<FleetKind>(), Err("use process or container".to_owned()));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FleetKind {
    /// Processes of this machine.
    #[default]
    Process,
    /// Each fleet in a container of its own.
    Container,
}

impl FromStr for FleetKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "process" => Ok(Self::Process),
            "container" => Ok(Self::Container),
            _ => Err("use process or container".to_owned()),
        }
    }
}

impl fmt::Display for FleetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Process => "process",
            Self::Container => "container",
        })
    }
}

/// Where the fleets of a run are.
#[derive(Clone, Debug)]
pub enum Place {
    /// On this machine.
    Here,
    /// In containers of this engine.
    Containers(Engine),
}

impl Place {
    /// What `kind` asks for, with what `adapter` and the reference need there.
    ///
    /// # Errors
    /// Docker does not answer, or lacks an image.
    pub async fn open(kind: FleetKind, spawner: &Spawner, adapter: &Adapter) -> Result<Self, FleetError> {
        match kind {
            FleetKind::Process => Ok(Self::Here),
            FleetKind::Container => Engine::open(spawner, adapter).await.map(Self::Containers),
        }
    }

    /// The engine, where fleets are in containers.
    pub fn engine(&self) -> Option<&Engine> {
        match self {
            Self::Here => None,
            Self::Containers(engine) => Some(engine),
        }
    }

    /// The address that a fleet is to listen on.
    pub(super) fn listens_on(&self) -> &'static str {
        match self {
            Self::Here => "127.0.0.1",
            // It is reached over the network that the containers share.
            Self::Containers(_) => "0.0.0.0",
        }
    }

    /// Ends what the fleets had in common.
    pub async fn close(self) {
        if let Self::Containers(engine) = self {
            engine.close().await;
        }
    }
}
