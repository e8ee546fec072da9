//! A fleet in a container: the exporter's command is the container's first process, as in a Kubernetes Pod.
//!
//! The first process of a container ignores signals that it has no handler for, and nobody outlives it. What is to be
//! found outside is mounted at its own path: the scenario's folder for writing, programs for reading.

use std::collections::HashMap;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bollard::Docker;
use bollard::models::{ContainerCreateBody, ContainerState, HostConfig, Mount, MountType};
use bollard::query_parameters::{
    KillContainerOptionsBuilder, LogsOptionsBuilder, RemoveContainerOptionsBuilder,
};
use futures_util::StreamExt as _;
use rustix::process::{Pid as RawPid, Signal, getegid, geteuid, kill_process};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::engine::{Engine, refused};
use super::members::PidNamespace;
use super::plan::{FleetPlan, Launch};
use super::reaper::CONTAINER_LABEL;
use super::{FleetError, RunId, Spawner};
use crate::exporter::Pid;
use crate::poll::every;

/// What a container may take of the machine: sixty-four workers of Python take half of it.
const MEMORY_BYTES: i64 = 8 << 30;
/// Processes and threads.
const PIDS: i64 = 4096;

/// A container with a fleet.
#[derive(Debug)]
pub(super) struct Pod {
    docker: Docker,
    id: String,
    address: IpAddr,
    namespace: PidNamespace,
    /// How its first process ended, once it has.
    ended: Arc<OnceLock<String>>,
    /// Writes what it prints to the log, and sees it end.
    follower: JoinHandle<()>,
}

impl Pod {
    /// Starts `launch` in a container of the engine's network.
    pub(super) async fn start(
        engine: &Engine,
        spawner: &Spawner,
        plan: &FleetPlan<'_>,
        launch: &Launch,
    ) -> Result<Self, FleetError> {
        let io = |path: &Path| {
            let path = path.to_path_buf();
            move |source| FleetError::Io { path, source }
        };
        let (scratch, log) = (plan.scratch(), plan.log());
        std::fs::create_dir_all(&scratch).map_err(io(&scratch))?;
        let output = std::fs::File::options().create(true).append(true).open(&log);
        let output = output.map_err(io(&log))?;
        let docker = engine.docker().clone();
        let wanted = container(engine, spawner, plan, launch);
        let made = docker.create_container(None, wanted).await;
        let id = made.map_err(|error| refused("makes no container", &error))?.id;
        match Self::begin(engine, &id).await {
            Ok((address, namespace)) => {
                let ended = Arc::new(OnceLock::new());
                let followed = follow(docker.clone(), id.clone(), output, Arc::clone(&ended));
                Ok(Self {
                    docker,
                    id,
                    address,
                    namespace,
                    ended,
                    follower: tokio::spawn(followed),
                })
            }
            Err(error) => {
                remove(&docker, &id).await;
                Err(error)
            }
        }
    }

    /// Starts the container, and looks where it is.
    async fn begin(engine: &Engine, id: &str) -> Result<(IpAddr, PidNamespace), FleetError> {
        let docker = engine.docker();
        let started = docker.start_container(id, None).await;
        started.map_err(|error| refused("starts no container", &error))?;
        let told = |error| refused("tells nothing of a container", &error);
        let seen = docker.inspect_container(id, None).await.map_err(told)?;
        let first = seen.state.and_then(|state| state.pid).unwrap_or_default();
        let namespace = PidNamespace::of(Pid::try_from(first).unwrap_or_default());
        if !namespace.was_seen() && is_running(docker, id).await.map_err(told)? {
            return Err(FleetError::OutOfSight { pid: first });
        }
        let networks = seen.network_settings.and_then(|settings| settings.networks);
        let address = networks
            .and_then(|mut networks| networks.remove(engine.network()))
            .and_then(|endpoint| endpoint.ip_address?.parse().ok());
        // A container that has ended by now has none, and is not asked for it.
        Ok((address.unwrap_or(Ipv4Addr::UNSPECIFIED.into()), namespace))
    }

    /// Where this machine reaches it.
    pub(super) fn address(&self) -> IpAddr {
        self.address
    }

    /// Whose processes are the fleet's.
    pub(super) fn namespace(&self) -> &PidNamespace {
        &self.namespace
    }

    /// How its first process ended, if it has.
    pub(super) fn ended(&self) -> Option<String> {
        self.ended.get().cloned()
    }

    /// Asks its first process to end, and waits `grace` for that.
    pub(super) async fn stop(&mut self, signal: Signal, grace: Duration) {
        let number = signal.as_raw().to_string();
        let options = KillContainerOptionsBuilder::default().signal(&number).build();
        // One that has ended already is no error.
        let _ = self.docker.kill_container(&self.id, Some(options)).await;
        let _ = timeout(grace, &mut self.follower).await;
    }

    /// Ends whoever is still in it, and takes it away.
    pub(super) async fn remove(self) {
        remove(&self.docker, &self.id).await;
    }
}

/// One that is not removed (an error on the way) has its first process killed, and all others with it; the reaper removes it.
impl Drop for Pod {
    fn drop(&mut self) {
        self.follower.abort();
        if let Some(first) = self.namespace.first().and_then(RawPid::from_raw) {
            let _ = kill_process(first, Signal::KILL);
        }
    }
}

fn container(
    engine: &Engine,
    spawner: &Spawner,
    plan: &FleetPlan<'_>,
    launch: &Launch,
) -> ContainerCreateBody {
    let scratch = plan.scratch().display().to_string();
    let own = [
        ("HOME", scratch.as_str()),
        ("TMPDIR", scratch.as_str()),
        (RunId::VARIABLE, engine.run()),
    ];
    let own = own.map(|(name, value)| format!("{name}={value}"));
    let env = launch.env.iter().map(|(name, value)| format!("{name}={value}"));
    let environment = plan.adapter.python.as_deref().and_then(Path::parent);
    let programs = [Some(spawner.program()), environment.and_then(Path::parent)];
    let reads = programs.into_iter().flatten().map(Path::to_path_buf);
    let reads = reads.chain(plan.adapter.folders()).map(|path| mount(&path, true));
    let mounts = reads.chain([mount(&plan.dir, false)]).collect();
    ContainerCreateBody {
        image: Some(Engine::image(plan.adapter)),
        entrypoint: Some(launch.command.clone()),
        env: Some(own.into_iter().chain(env).collect()),
        working_dir: Some(launch.cwd.display().to_string()),
        // What the fleet writes is this user's.
        user: Some(format!("{}:{}", geteuid().as_raw(), getegid().as_raw())),
        labels: Some(HashMap::from([(
            CONTAINER_LABEL.to_owned(),
            engine.run().to_owned(),
        )])),
        host_config: Some(HostConfig {
            network_mode: Some(engine.network().to_owned()),
            mounts: Some(mounts),
            memory: Some(MEMORY_BYTES),
            pids_limit: Some(PIDS),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}

/// Mounts `path` where it is.
fn mount(path: &Path, read_only: bool) -> Mount {
    let path = path.display().to_string();
    Mount {
        target: Some(path.clone()),
        source: Some(path),
        typ: Some(MountType::BIND),
        read_only: Some(read_only),
        ..Mount::default()
    }
}

/// Writes what the container prints to `log` until it ends, then says how.
async fn follow(docker: Docker, id: String, mut log: std::fs::File, ended: Arc<OnceLock<String>>) {
    let options = LogsOptionsBuilder::default()
        .follow(true)
        .stdout(true)
        .stderr(true)
        .build();
    let mut output = docker.logs(&id, Some(options));
    while let Some(Ok(piece)) = output.next().await {
        // Where there is no room for the log, the fleet goes on all the same.
        let _ = log.write_all(&piece.into_bytes());
    }
    let mut tick = every(Duration::from_millis(20));
    loop {
        tick.tick().await;
        // One that is gone was removed: nobody asks any more how it ended.
        let Ok(seen) = docker.inspect_container(&id, None).await else {
            return;
        };
        let state = seen.state.unwrap_or_default();
        if state.running != Some(true) {
            let _ = ended.set(how(&state));
            return;
        }
    }
}

/// In the words of a process's end. The engine adds 128 to the number of a signal, as a shell does.
fn how(state: &ContainerState) -> String {
    let code = i32::try_from(state.exit_code.unwrap_or_default()).unwrap_or_default();
    let status = match code {
        129..=192 => ExitStatus::from_raw(code - 128),
        code => ExitStatus::from_raw(code << 8),
    };
    match state.oom_killed {
        Some(true) => format!(
            "{status}, for it had no memory left of {} GiB",
            MEMORY_BYTES >> 30
        ),
        _ => status.to_string(),
    }
}

async fn is_running(docker: &Docker, id: &str) -> Result<bool, bollard::errors::Error> {
    let state = docker.inspect_container(id, None).await?.state;
    Ok(state.and_then(|state| state.running) == Some(true))
}

async fn remove(docker: &Docker, id: &str) {
    let force = RemoveContainerOptionsBuilder::default()
        .force(true)
        .v(true)
        .build();
    // What cannot be removed here is removed by the reaper.
    let _ = docker.remove_container(id, Some(force)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_ends_in_the_words_of_a_process() {
        let state = |exit_code, oom_killed| ContainerState {
            exit_code: Some(exit_code),
            oom_killed: Some(oom_killed),
            ..ContainerState::default()
        };
        assert_eq!(how(&state(0, false)), "exit status: 0");
        assert_eq!(how(&state(3, false)), "exit status: 3");
        assert_eq!(how(&state(143, false)), "signal: 15 (SIGTERM)");
        let starved = how(&state(137, true));
        assert_eq!(starved, "signal: 9 (SIGKILL), for it had no memory left of 8 GiB");
    }
}
