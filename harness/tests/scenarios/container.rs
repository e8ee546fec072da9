//! Redis in a container, and that none is left behind, whatever becomes of the runner.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bollard::query_parameters::ListContainersOptionsBuilder;
use counterfoil::broker::Choice;
use counterfoil::fleet::CONTAINER_LABEL;
use counterfoil::testing::Prerequisite::Docker;
use counterfoil::testing::Prerequisites;
use libtest_mimic::{Failed, Trial};

use crate::killed::{Runner, nothing_is_left};
use crate::site::reference;

pub(crate) fn trials(prerequisites: &Prerequisites) -> Vec<Trial> {
    vec![
        prerequisites.trial("container/redis", &[Docker], || {
            let played = reference()
                .on(Choice::Container)
                .play("counter/sums-across-workers")?;
            let run = played.run.clone();
            played.must_pass()?;
            no_container_within(Duration::ZERO, &run)
        }),
        prerequisites.trial("container/killed-runner", &[Docker], || {
            let runner = Runner::start("container")?;
            let run = runner.run.clone();
            if containers_of(&run)?.is_empty() {
                return Err(Failed::from("the run has no container"));
            }
            runner.kill()?;
            let killed = Instant::now();
            nothing_is_left(&run)?;
            no_container_within(Duration::from_secs(10).saturating_sub(killed.elapsed()), &run)
        }),
    ]
}

fn no_container_within(patience: Duration, run: &str) -> Result<(), Failed> {
    let deadline = Instant::now() + patience;
    loop {
        let left = containers_of(run)?;
        if left.is_empty() {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(Failed::from(format!("containers are left: {left:?}")));
        }
        // Sleeps, bounded by the deadline above: between two questions to the engine.
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn containers_of(run: &str) -> Result<Vec<String>, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let containers = runtime.block_on(async {
        let docker = bollard::Docker::connect_with_defaults()?;
        let filters = HashMap::from([("label".to_owned(), vec![format!("{CONTAINER_LABEL}={run}")])]);
        let all = ListContainersOptionsBuilder::default()
            .all(true)
            .filters(&filters)
            .build();
        docker.list_containers(Some(all)).await
    })?;
    Ok(containers
        .into_iter()
        .filter_map(|container| container.id)
        .collect())
}
