//! Faults: harm done on purpose to a process, to the network between a fleet and its broker, to the broker, or to the
//! directory of the metric files.

use std::fmt;

use serde::de::{Error as _, value};
use serde::{Deserialize, Deserializer, Serialize};

use super::schema::is_default;
use crate::declaration;

/// Harm done on purpose, and its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Fault {
    /// A process of the fleet is sent a signal.
    Signal {
        /// The signal that is sent.
        signal: SignalName,
        /// Who gets it.
        to: Target,
    },
    /// A process of the fleet is killed, and the one that takes its place gets its pid.
    Reborn {
        /// Who.
        reborn: Reborn,
    },
    /// The network between the fleet and its broker; the suite's own way to the broker stays whole.
    Network {
        /// What becomes of it.
        #[serde(flatten)]
        harm: NetworkFault,
        /// How long that has lasted at least when the next step begins.
        #[serde(skip_serializing_if = "is_default")]
        lasts_ms: u64,
    },
    /// The broker, which the scenario then has for itself.
    Broker {
        /// What becomes of it.
        #[serde(rename = "broker")]
        harm: BrokerFault,
        /// How long it is away, or has been paused at least when the next step begins.
        #[serde(skip_serializing_if = "is_default")]
        lasts_ms: u64,
    },
    /// The directory of the metric files, which then has a file system of its own.
    Directory {
        /// What becomes of it.
        #[serde(rename = "directory")]
        harm: DirectoryFault,
    },
}

/// A signal that a fault sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SignalName {
    /// Cannot be caught.
    Kill,
    /// Asks for a graceful end.
    Term,
    /// Halts the process where it is, until it is sent `CONT`.
    Stop,
    /// Lets one that was halted go on.
    Cont,
}

/// Who a signal is aimed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// A process that has acknowledged tasks and does not serve the endpoint, where there is one.
    Worker,
    /// The process that serves the endpoint.
    PortOwner,
    /// The process that was halted last and has not gone on since.
    Halted,
    /// Every process of the fleet beside it.
    Neighbour,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Worker => "worker",
            Self::PortOwner => "port-owner",
            Self::Halted => "halted",
            Self::Neighbour => "neighbour",
        })
    }
}

/// Who is killed and comes again under its pid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reborn {
    /// As [`Target::Worker`].
    Worker,
}

/// What becomes of the network between a fleet and its broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "network", rename_all = "kebab-case")]
pub enum NetworkFault {
    /// Every connection is reset, and new ones are refused: a broker that is gone.
    Cut,
    /// Every connection is reset, once; new ones are accepted.
    DropConnections,
    /// Every connection falls silent for good, and none ends; new ones are accepted. A firewall that forgets leaves such, or
    /// a host that lost its power.
    HalfOpen,
    /// No byte gets through, in either direction, and no connection ends: a broker that hangs.
    Stall,
    /// Whatever is sent comes later, and slower.
    Slow {
        /// By how much later each piece comes, one way.
        #[serde(skip_serializing_if = "Option::is_none")]
        latency_ms: Option<u64>,
        /// How many bytes come through in a second, one way.
        #[serde(skip_serializing_if = "Option::is_none")]
        bytes_per_s: Option<u64>,
    },
    /// The network is whole again; what was held back comes through.
    Restore,
}

impl NetworkFault {
    /// Whether a task that was on its way to a worker may be gone afterwards.
    pub fn may_lose_tasks(self) -> bool {
        !matches!(self, Self::Slow { .. } | Self::Restore)
    }
}

/// What becomes of a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BrokerFault {
    /// It ends as it is asked to, and is started again with what it held.
    Restart,
    /// It answers nobody, and ends no connection, until it is resumed.
    Pause,
    /// It goes on.
    Resume,
    /// It closes the connections of all its clients, once: `CLIENT KILL TYPE normal`.
    KillConnections,
}

/// What becomes of the directory of the metric files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DirectoryFault {
    /// There is no block left for anything new.
    Full,
    /// No file can be created, changed in length or removed, or opened for writing; whoever has one open goes on.
    ReadOnly,
    /// The harm is over.
    Writable,
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        declaration::read_table::<FaultTable, _, _>(deserializer)
    }
}

/// A fault as it stands in a file: a table with the keys of all faults, read flat so that each keeps its place.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultTable {
    signal: Option<SignalName>,
    to: Option<Target>,
    network: Option<NetworkName>,
    broker: Option<BrokerFault>,
    directory: Option<DirectoryFault>,
    reborn: Option<Reborn>,
    latency_ms: Option<u64>,
    bytes_per_s: Option<u64>,
    lasts_ms: Option<u64>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum NetworkName {
    Cut,
    DropConnections,
    HalfOpen,
    Stall,
    Slow,
    Restore,
}

impl TryFrom<FaultTable> for Fault {
    type Error = value::Error;

    fn try_from(table: FaultTable) -> Result<Self, Self::Error> {
        let missing = value::Error::missing_field;
        table.refuse_keys_of_other_faults()?;
        let lasts_ms = table.lasts_ms.unwrap_or_default();
        if let Some(harm) = table.broker {
            return Ok(Self::Broker { harm, lasts_ms });
        }
        if let Some(reborn) = table.reborn {
            return Ok(Self::Reborn { reborn });
        }
        if let Some(harm) = table.directory {
            return Ok(Self::Directory { harm });
        }
        let Some(network) = table.network else {
            let signal = table.signal.ok_or_else(|| missing("signal"))?;
            let to = table.to.ok_or_else(|| missing("to"))?;
            return Ok(Self::Signal { signal, to });
        };
        let FaultTable {
            latency_ms,
            bytes_per_s,
            ..
        } = table;
        let harm = match network {
            NetworkName::Cut => NetworkFault::Cut,
            NetworkName::DropConnections => NetworkFault::DropConnections,
            NetworkName::HalfOpen => NetworkFault::HalfOpen,
            NetworkName::Stall => NetworkFault::Stall,
            NetworkName::Slow if latency_ms.is_none() && bytes_per_s.is_none() => {
                return Err(missing("latency_ms"));
            }
            NetworkName::Slow => NetworkFault::Slow {
                latency_ms,
                bytes_per_s,
            },
            NetworkName::Restore => NetworkFault::Restore,
        };
        Ok(Self::Network { harm, lasts_ms })
    }
}

impl FaultTable {
    fn refuse_keys_of_other_faults(&self) -> Result<(), value::Error> {
        let known: &'static [&'static str] = match (self.broker, self.network, self.directory) {
            (Some(BrokerFault::Restart | BrokerFault::Pause), ..) => &["broker", "lasts_ms"],
            (Some(BrokerFault::Resume | BrokerFault::KillConnections), ..) => &["broker"],
            (None, Some(NetworkName::Slow), _) => &["network", "latency_ms", "bytes_per_s"],
            (None, Some(NetworkName::Cut | NetworkName::Stall), _) => &["network", "lasts_ms"],
            (None, Some(_), _) => &["network"],
            (None, None, Some(_)) => &["directory"],
            (None, None, None) if self.reborn.is_some() => &["reborn"],
            (None, None, None) => &["signal", "to"],
        };
        let given = [
            ("signal", self.signal.is_some()),
            ("to", self.to.is_some()),
            ("network", self.network.is_some()),
            ("directory", self.directory.is_some()),
            ("reborn", self.reborn.is_some()),
            ("latency_ms", self.latency_ms.is_some()),
            ("bytes_per_s", self.bytes_per_s.is_some()),
            ("lasts_ms", self.lasts_ms.is_some()),
        ];
        match given
            .iter()
            .find(|(key, is_given)| *is_given && !known.contains(key))
        {
            Some((key, _)) => Err(value::Error::unknown_field(key, known)),
            None => Ok(()),
        }
    }
}
