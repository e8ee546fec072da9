//! Redis in a container, through testcontainers.

use std::time::Duration;

use testcontainers::core::{IntoContainerPort, WaitFor};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, ContainerRequest, GenericImage, ImageExt, TestcontainersError};
use tokio::time::{Instant, sleep, timeout};

use super::choice::{BrokerSettings, Keeps};
use super::image::Image;
use super::port::Port;
use super::{BrokerError, List};
use crate::cause::{in_one_line, root};
use crate::exporter::ListFormat;
use crate::fleet::CONTAINER_LABEL;
use crate::poll::every;

/// Names the image.
const IMAGE_VARIABLE: &str = "COUNTERFOIL_REDIS_IMAGE";
/// The image, unless the variable names another.
const DEFAULT_IMAGE: &str = "redis:7.4";
/// How long the image may take to be pulled and the container to start.
const PULL_DEADLINE: Duration = Duration::from_secs(60);
/// How long a container that is started again may take to answer.
const READY_DEADLINE: Duration = Duration::from_secs(20);
/// How long a server may take to end that is asked to, in seconds.
const STOP_GRACE_S: i32 = 5;
/// How long a Docker engine may take to answer at all.
const PING_DEADLINE: Duration = Duration::from_secs(2);

/// The image that a container is started from.
pub fn redis_image() -> String {
    std::env::var(IMAGE_VARIABLE).unwrap_or_else(|_| DEFAULT_IMAGE.to_owned())
}

#[derive(Debug)]
pub(super) struct Container {
    container: ContainerAsync<GenericImage>,
    image: String,
    url: String,
    fleet_url: String,
}

impl Container {
    /// Starts one, in the network of the fleets where those are in containers.
    pub(super) async fn start(settings: &BrokerSettings, keeps: Keeps) -> Result<Self, BrokerError> {
        let BrokerSettings { spawner, place, .. } = settings;
        let unavailable = |reason: String| BrokerError::Unavailable {
            kind: "container",
            reason,
        };
        docker_answers().await.map_err(unavailable)?;
        let image = redis_image();
        let Image { name, tag } =
            Image::parse(&image).map_err(|reason| unavailable(format!("{IMAGE_VARIABLE}: {reason}")))?;
        spawner.reaper().watch_containers();
        let request = GenericImage::new(name, tag)
            .with_exposed_port(6379.tcp())
            .with_wait_for(WaitFor::message_on_stdout("Ready to accept connections"))
            .with_label(CONTAINER_LABEL, spawner.run().as_str());
        let request: ContainerRequest<GenericImage> = match keeps {
            Keeps::Nothing => request,
            // A port that the engine picks is another one after a restart.
            Keeps::Data => {
                let port = Port::free().map_err(|error| unavailable(error.to_string()))?;
                let options = keeps.options();
                request
                    .with_mapped_port(port.address().port(), 6379.tcp())
                    .with_cmd(options)
            }
        };
        let container = timeout(PULL_DEADLINE, request.start())
            .await
            .map_err(|_| {
                unavailable(format!(
                    "image {image} was not there within {} s",
                    PULL_DEADLINE.as_secs()
                ))
            })?
            .map_err(|error| unavailable(format!("image {image}: {}", first_line(&error.to_string()))))?;
        let port = container.get_host_port_ipv4(6379.tcp()).await;
        let port = port.map_err(|error| unavailable(format!("no port: {error}")))?;
        // Another machine's, where DOCKER_HOST names its engine.
        let host = container.get_host().await;
        let host = host.map_err(|error| unavailable(format!("no host: {error}")))?;
        let url = format!("redis://{host}:{port}");
        let fleet_url = match place.engine() {
            None => url.clone(),
            Some(engine) => {
                let joined = engine.join(container.id()).await;
                let name = joined.map_err(|error| unavailable(error.to_string()))?;
                format!("redis://{name}:6379")
            }
        };
        Ok(Self {
            container,
            image,
            url,
            fleet_url,
        })
    }

    pub(super) fn image(&self) -> &str {
        &self.image
    }

    pub(super) fn url(&self) -> String {
        self.url.clone()
    }

    /// Where fleets reach it.
    pub(super) fn fleet_url(&self) -> String {
        self.fleet_url.clone()
    }

    /// Ends the server as it is asked to, and starts it again on its port after `away`.
    pub(super) async fn restart(&mut self, away: Duration) -> Result<(), BrokerError> {
        let failed = |error: TestcontainersError| unharmed("restarted", &error);
        self.container
            .stop_with_timeout(Some(STOP_GRACE_S))
            .await
            .map_err(failed)?;
        // Sleeps, bounded by the fault's own length, which the scenario declares.
        sleep(away).await;
        self.container.start().await.map_err(failed)?;
        let deadline = Instant::now() + READY_DEADLINE;
        let mut tick = every(Duration::from_millis(5));
        loop {
            tick.tick().await;
            match List::connect(&self.url, "counterfoil:probe", ListFormat::PlainList).await {
                Err(error) if Instant::now() > deadline => {
                    return Err(BrokerError::Unharmed {
                        what: "started again",
                        reason: in_one_line(&error),
                    });
                }
                Err(_) => {}
                Ok(_) => return Ok(()),
            }
        }
    }

    pub(super) async fn pause(&self) -> Result<(), BrokerError> {
        self.container
            .pause()
            .await
            .map_err(|error| unharmed("paused", &error))
    }

    pub(super) async fn resume(&self) -> Result<(), BrokerError> {
        self.container
            .unpause()
            .await
            .map_err(|error| unharmed("resumed", &error))
    }

    pub(super) async fn stop(self) {
        // What cannot be removed here is removed by the reaper.
        let _ = self.container.rm().await;
    }
}

fn unharmed(what: &'static str, error: &TestcontainersError) -> BrokerError {
    BrokerError::Unharmed {
        what,
        reason: first_line(&error.to_string()).to_owned(),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Whether a Docker engine answers: the one that `DOCKER_HOST` names, else this machine's.
///
/// # Errors
/// Why not.
pub async fn docker_answers() -> Result<(), String> {
    let docker =
        bollard::Docker::connect_with_defaults().map_err(|error| format!("no Docker engine: {error}"))?;
    match timeout(PING_DEADLINE, docker.ping()).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(format!("no Docker engine answers: {}", root(&error))),
        Err(_) => Err("the Docker engine does not answer".to_owned()),
    }
}
