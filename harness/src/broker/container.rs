//! Redis in a container, through testcontainers.

use std::time::Duration;

use testcontainers::core::{IntoContainerPort, WaitFor};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, GenericImage, ImageExt};
use tokio::time::timeout;

use super::BrokerError;
use super::image::Image;
use crate::cause::root;
use crate::fleet::{CONTAINER_LABEL, Spawner};

/// Names the image.
const IMAGE_VARIABLE: &str = "COUNTERFOIL_REDIS_IMAGE";
/// The image, unless the variable names another.
const DEFAULT_IMAGE: &str = "redis:7.4";
/// How long the image may take to be pulled and the container to start.
const PULL_DEADLINE: Duration = Duration::from_secs(60);
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
}

impl Container {
    pub(super) async fn start(spawner: &Spawner) -> Result<Self, BrokerError> {
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
        Ok(Self {
            container,
            image,
            url: format!("redis://{host}:{port}"),
        })
    }

    pub(super) fn image(&self) -> &str {
        &self.image
    }

    pub(super) fn url(&self) -> String {
        self.url.clone()
    }

    pub(super) async fn stop(self) {
        // What cannot be removed here is removed by the reaper.
        let _ = self.container.rm().await;
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
