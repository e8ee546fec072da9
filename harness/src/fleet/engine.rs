//! The Docker engine, the network that a run's containers share, and the images that fleets are started from.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use bollard::Docker;
use bollard::errors::Error;
use bollard::models::{NetworkConnectRequest, NetworkCreateRequest};

use super::reaper::CONTAINER_LABEL;
use super::{FleetError, Spawner};
use crate::cause::root;
use crate::exporter::Adapter;

/// What a fleet's container is started from.
#[derive(Clone, Copy, Debug)]
struct Image {
    variable: &'static str,
    default: &'static str,
}

/// For programs, which are mounted: what they are linked to.
const PROGRAMS: Image = Image {
    variable: "COUNTERFOIL_FLEET_IMAGE",
    default: "counterfoil-fleet:debian12",
};
/// For Python environments, which are mounted: the interpreter that they are made from.
const PYTHON: Image = Image {
    variable: "COUNTERFOIL_PYTHON_IMAGE",
    default: "counterfoil-python:debian12",
};

impl Image {
    fn of(adapter: &Adapter) -> Self {
        match adapter.manifest.python {
            Some(_) => PYTHON,
            None => PROGRAMS,
        }
    }

    fn name(self) -> String {
        std::env::var(self.variable).unwrap_or_else(|_| self.default.to_owned())
    }
}

/// The images that fleets of the reference and of Python exporters are started from.
pub(crate) fn fleet_images() -> [String; 2] {
    [PROGRAMS.name(), PYTHON.name()]
}

/// A Docker engine with a network for one run.
#[derive(Clone, Debug)]
pub struct Engine {
    docker: Docker,
    run: String,
    network: String,
    gateway: Ipv4Addr,
}

impl Engine {
    /// Makes the network, and looks for the images of `adapter` and of the reference.
    pub(super) async fn open(spawner: &Spawner, adapter: &Adapter) -> Result<Self, FleetError> {
        let docker = Docker::connect_with_defaults().map_err(|error| refused("does not answer", &error))?;
        for image in [PROGRAMS, Image::of(adapter)] {
            look_for(&docker, image).await?;
        }
        spawner.reaper().watch_containers();
        let run = spawner.run().to_string();
        let network = format!("counterfoil-{run}");
        let wanted = NetworkCreateRequest {
            name: network.clone(),
            labels: Some(HashMap::from([(CONTAINER_LABEL.to_owned(), run.clone())])),
            ..NetworkCreateRequest::default()
        };
        let made = docker.create_network(wanted).await;
        made.map_err(|error| refused("makes no network", &error))?;
        let gateway = gateway(&docker, &network).await?;
        Ok(Self {
            docker,
            run,
            network,
            gateway,
        })
    }

    /// Brings a container that was started otherwise into the network: the name under which the others find it.
    ///
    /// # Errors
    /// The engine refuses.
    pub async fn join(&self, container: &str) -> Result<String, FleetError> {
        let joining = NetworkConnectRequest {
            container: container.to_owned(),
            endpoint_config: None,
        };
        let joined = self.docker.connect_network(&self.network, joining).await;
        joined.map_err(|error| refused("lets no container into a network", &error))?;
        // The engine answers for the first twelve digits of an id.
        Ok(container.chars().take(12).collect())
    }

    /// Where the containers reach this machine.
    pub fn gateway(&self) -> Ipv4Addr {
        self.gateway
    }

    /// The image that fleets of `adapter` are started from.
    pub(super) fn image(adapter: &Adapter) -> String {
        Image::of(adapter).name()
    }

    pub(super) fn docker(&self) -> &Docker {
        &self.docker
    }

    pub(super) fn network(&self) -> &str {
        &self.network
    }

    /// The run's id, which its containers are labelled with.
    pub(super) fn run(&self) -> &str {
        &self.run
    }

    /// Removes the network.
    pub(super) async fn close(self) {
        // What cannot be removed here is removed by the reaper.
        let _ = self.docker.remove_network(&self.network).await;
    }
}

async fn look_for(docker: &Docker, image: Image) -> Result<(), FleetError> {
    let name = image.name();
    match docker.inspect_image(&name).await {
        Ok(_) => Ok(()),
        Err(Error::DockerResponseServerError { status_code: 404, .. }) => Err(FleetError::NoImage {
            image: name,
            variable: image.variable,
        }),
        Err(error) => Err(refused("does not answer", &error)),
    }
}

async fn gateway(docker: &Docker, network: &str) -> Result<Ipv4Addr, FleetError> {
    let network = docker.inspect_network(network, None).await;
    let network = network.map_err(|error| refused("tells nothing of a network", &error))?;
    let configured = network.ipam.and_then(|ipam| ipam.config).unwrap_or_default();
    let gateways = configured.into_iter().filter_map(|config| config.gateway);
    let mut addresses = gateways.filter_map(|gateway| gateway.parse().ok());
    addresses.next().ok_or_else(|| FleetError::Engine {
        what: "tells nothing of a network",
        reason: "it has no gateway".to_owned(),
    })
}

/// What the engine did not do, and what it said.
pub(super) fn refused(what: &'static str, error: &Error) -> FleetError {
    FleetError::Engine {
        what,
        reason: root(error),
    }
}
