//! Brokers that are not there, one that goes, and one that is not harmed.

use std::net::TcpListener;
use std::process::Stdio;

use counterfoil::broker::embedded::Embedded;

use super::{QUICK, Scene, slow};

#[test]
fn a_broker_that_is_not_there_is_told_from_one_that_is_no_redis() {
    let line = |broker: &str| format!("run {QUICK} --broker {broker}");
    Scene::new().shows(
        "broker-does-not-answer",
        3,
        &line("redis://someone:secret@127.0.0.1:1"),
    );
    Scene::new()
        .env("PATH", "")
        .shows("broker-not-installed", 3, &line("process"));
    Scene::new()
        .env("DOCKER_HOST", "tcp://127.0.0.1:1")
        .shows("broker-no-docker", 3, &line("container"));
    Scene::new().env("DOCKER_HOST", "tcp://127.0.0.1:1").shows(
        "fleet-no-docker",
        3,
        &format!("run {QUICK} --fleet container"),
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    Scene::new().shows("broker-no-redis", 3, &line(&format!("redis://{address}")));
}

#[test]
fn the_broker_goes_in_the_middle_of_a_scenario() {
    let scene = Scene::new().with("mine/jobs/add-up.toml", slow());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let broker = runtime.block_on(Embedded::start()).unwrap();
    let line = format!("run --scenarios mine --broker redis://{}", broker.address());
    let child = scene.start(&line, Stdio::piped());
    scene.has_dispatched();
    runtime.block_on(broker.stop());
    scene.ends(child, "broker-goes", 3, &line);
}

#[test]
fn a_broker_that_was_there_before_the_run_is_not_harmed() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let broker = runtime.block_on(Embedded::start()).unwrap();
    let line = format!("run broker/restarted --broker redis://{}", broker.address());
    Scene::new().shows("broker-not-ours", 3, &line);
}
