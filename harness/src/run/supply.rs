//! Where a fleet gets its tasks from: the run's broker or one of its own, and the way there.

use std::net::Ipv4Addr;
use std::path::Path;

use super::RunError;
use super::neighbour;
use super::site::Site;
use crate::broker::{Broker, BrokerError, BrokerSettings, Network, Queue, Requests};
use crate::exporter::QueueSpec;
use crate::fleet::Engine;
use crate::scenario::Scenario;

/// What a scenario may do harm to, and the queue that lies behind it.
#[derive(Debug)]
pub(super) struct Supply {
    /// The scenario's own broker, where a step harms it.
    pub(super) broker: Option<Broker>,
    /// The network between the fleet and the broker, where a step harms that.
    pub(super) network: Option<Network>,
    /// The suite's way to the tasks, past the network.
    pub(super) queue: Queue,
    /// The queue of the fleet beside it, where the scenario has one.
    pub(super) neighbour: Option<Queue>,
    url: String,
}

impl Supply {
    /// What `scenario` needs; a broker of its own keeps its files in `dir`.
    pub(super) async fn open(
        site: &Site,
        scenario: &Scenario,
        dir: &Path,
        name: &str,
        way: &QueueSpec,
    ) -> Result<Self, RunError> {
        let settings = BrokerSettings {
            dir: dir.to_path_buf(),
            spawner: site.ground.spawner.clone(),
            place: site.place.clone(),
        };
        let engine = site.place.engine();
        let here = engine.map_or(Ipv4Addr::LOCALHOST, Engine::gateway);
        let own = match scenario.harms_the_broker() {
            true => Some(site.broker.another(&settings).await?),
            false => None,
        };
        let broker = own.as_ref().unwrap_or(&site.broker);
        let network = match scenario.harms_the_network() {
            true => Some(Network::to(broker.url(), here)?),
            false => None,
        };
        let neighbour = match scenario.fleet.neighbour {
            true => Some(queue(broker, scenario, &neighbour::queue_of(name), way).await?),
            false => None,
        };
        Ok(Self {
            neighbour,
            url: network
                .as_ref()
                .map_or(broker.fleet_url(), Network::url)
                .to_owned(),
            queue: queue(broker, scenario, name, way).await?,
            broker: own,
            network,
        })
    }

    /// Where the fleet finds its broker.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Ends what belongs to the scenario alone.
    pub(super) async fn close(self) {
        if let Some(broker) = self.broker {
            broker.stop().await;
        }
    }
}

/// One fleet's queue: a list of that name, or the way to its workers, who are not there yet.
async fn queue(
    broker: &Broker,
    scenario: &Scenario,
    name: &str,
    way: &QueueSpec,
) -> Result<Queue, BrokerError> {
    match way {
        QueueSpec::List(format) => {
            let list = broker.list(name, *format).await?;
            Ok(Queue::List(Box::new(list)))
        }
        QueueSpec::Http { .. } => {
            let workers = *scenario.fleet.workers.get_ref();
            Requests::to_workers(workers).map(Queue::Requests)
        }
    }
}
