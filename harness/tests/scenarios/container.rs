//! Redis and fleets in containers, and that nothing is left behind, whatever becomes of the runner.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bollard::query_parameters::{ListContainersOptionsBuilder, ListNetworksOptionsBuilder};
use counterfoil::broker::Choice;
use counterfoil::fleet::CONTAINER_LABEL;
use counterfoil::report::Verdict;
use counterfoil::testing::Prerequisite::{Docker, Network, Python};
use counterfoil::testing::Prerequisites;
use libtest_mimic::{Failed, Trial};

use crate::killed::{Runner, nothing_is_left};
use crate::site::{on, reference};
use crate::taskiq;

/// What asks of a container what is asked of processes: who has which pid, who listens, who dies, where the broker is.
const SOME: [&str; 7] = [
    "gauge/all-keeps-processes-apart",
    "death/port-owner-killed",
    "death/halted-worker",
    "lifecycle/started-again",
    "broker/restarted",
    "broker/network-cut",
    "isolation/pods-on-one-queue",
];
/// In a container nobody is left over.
const ELSEWHERE: &str = "lifecycle/ends-without-orphans";

pub(crate) fn trials(prerequisites: &Prerequisites) -> Vec<Trial> {
    vec![
        prerequisites.trial("container/redis", &[Docker], || {
            let played = reference()
                .on(Choice::Container)
                .play("counter/sums-across-workers")?;
            let run = played.run.clone();
            played.must_pass()?;
            nothing_is_kept_within(Duration::ZERO, &run)
        }),
        prerequisites.trial("container/killed-runner", &[Docker], || {
            is_cleared_when_killed(&["--broker", "container"], 1)
        }),
        prerequisites.trial("container/fleets", &[Docker], fleets),
        prerequisites.trial("container/fleet-of-its-own-loopback", &[Docker], loopback),
        prerequisites.trial("container/killed-runner-of-fleets", &[Docker], || {
            is_cleared_when_killed(&["--fleet", "container"], 2)
        }),
        prerequisites.trial("container/interrupted-runner-of-fleets", &[Docker], interrupted),
        prerequisites.trial("container/taskiq", &[Docker, Python, Network], || {
            let taskiq = on(taskiq::RELEASES[1]).in_containers();
            taskiq.play("counter/sums-across-workers")?.must_pass()
        }),
    ]
}

fn fleets() -> Result<(), Failed> {
    let played = reference()
        .in_containers()
        .only(&[&SOME[..], &[ELSEWHERE]].concat())
        .play("")?;
    if played.report(ELSEWHERE)?.verdict != Verdict::NotApplicable {
        return Err(played.failure("a container was asked who outlives its first process"));
    }
    for scenario in SOME {
        if played.report(scenario)?.verdict != Verdict::Pass {
            return Err(played.failure("what holds for processes does not hold in containers"));
        }
    }
    nothing_is_kept_within(Duration::ZERO, &played.run)
}

/// An adapter that knows of no `{metrics_host}`.
fn loopback() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let manifest = folder.path().join("manifest.toml");
    let text = counterfoil_reference::MANIFEST.replace("{metrics_host}", "127.0.0.1");
    std::fs::write(&manifest, text)?;
    let adapter = on(&manifest.display().to_string()).in_containers();
    let scenario = "counter/sums-across-workers";
    let played = adapter.play(scenario)?;
    let report = played.report(scenario)?;
    let told = [&report.reason, &report.remedy].map(|text| text.clone().unwrap_or_default());
    let says = told[0].contains("of a loopback address") && told[1].contains("{metrics_host}");
    match report.verdict == Verdict::Inconclusive && says {
        true => Ok(()),
        false => Err(played.failure(&format!("nobody is told why it cannot be reached: {told:?}"))),
    }
}

fn is_cleared_when_killed(options: &[&str], least: usize) -> Result<(), Failed> {
    let runner = Runner::start(options)?;
    let run = runner.run.clone();
    let containers = kept_of(&run)?.len();
    if containers < least {
        return Err(Failed::from(format!("the run has {containers} containers")));
    }
    runner.kill()?;
    let killed = Instant::now();
    nothing_is_left(&run)?;
    nothing_is_kept_within(Duration::from_secs(10).saturating_sub(killed.elapsed()), &run)
}

fn interrupted() -> Result<(), Failed> {
    let runner = Runner::start(&["--fleet", "container"])?;
    let run = runner.run.clone();
    let status = runner.interrupt()?;
    if status.code() != Some(3) {
        return Err(Failed::from(format!("it ends with {status}")));
    }
    nothing_is_left(&run)?;
    nothing_is_kept_within(Duration::ZERO, &run)
}

fn nothing_is_kept_within(patience: Duration, run: &str) -> Result<(), Failed> {
    let deadline = Instant::now() + patience;
    loop {
        let left = kept_of(run)?;
        if left.is_empty() {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(Failed::from(format!("the engine still has: {left:?}")));
        }
        // Sleeps, bounded by the deadline above: between two questions to the engine.
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The containers and networks that carry the run's id.
fn kept_of(run: &str) -> Result<Vec<String>, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let label = HashMap::from([("label".to_owned(), vec![format!("{CONTAINER_LABEL}={run}")])]);
    let kept = runtime.block_on(async {
        let docker = bollard::Docker::connect_with_defaults()?;
        let all = ListContainersOptionsBuilder::default()
            .all(true)
            .filters(&label)
            .build();
        let containers = docker.list_containers(Some(all)).await?;
        let networks = ListNetworksOptionsBuilder::default().filters(&label).build();
        let networks = docker.list_networks(Some(networks)).await?;
        let containers = containers.into_iter().filter_map(|container| container.id);
        let networks = networks.into_iter().filter_map(|network| network.name);
        Ok::<_, bollard::errors::Error>(containers.chain(networks).collect())
    });
    Ok(kept?)
}
