//! A fleet of processes under harm. The processes are `examples/reference`, which `cargo test`
//! builds along with the tests.
#![allow(clippy::unwrap_used)]

mod broker;
mod running;

use std::fs;
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use running::{Fleet, eventually, inc, is_alive, program, signal};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use rustix::process::Signal;
use serde_json::json;

#[test]
fn c1_what_several_workers_counted_is_served_as_one_sum() {
    let mut fleet = Fleet::start(3, "");
    fleet.count_jobs(60);
    assert!(fleet.scrape().contains("\njobs_total 60.0\n"));
    assert!(fleet.stop().success());
}

#[test]
fn outcomes_are_acknowledged_and_a_refused_task_executes_nothing() {
    let fleet = Fleet::start(1, "");
    fleet.push("fails", json!([inc(1), {"op": "fail"}, inc(16)]));
    fleet.push("unknown-op", json!([inc(32), {"op": "frobnicate"}]));
    fleet.push(
        "unknown-metric",
        json!([inc(64), {"op": "set", "metric": "x", "labels": {}, "value": 1}]),
    );
    fleet.push(
        "wrong-type",
        json!([inc(128), {"op": "set", "metric": "jobs", "labels": {}, "value": 1}]),
    );
    fleet.broker.push("{\"no\": \"task\"}");
    fleet.push("fine", json!([inc(2), {"op": "sleep", "ms": 1}]));
    assert_eq!(fleet.ack("fine")["outcome"], "ok");
    assert_eq!(fleet.ack("fails")["outcome"], "failed");
    assert_eq!(fleet.ack("fails")["pid"], fleet.pids("worker")[0]);
    for id in ["unknown-op", "unknown-metric", "wrong-type"] {
        assert_eq!(fleet.ack(id)["outcome"], "refused", "{id}");
        assert!(fleet.ack(id)["reason"].is_string(), "{id}");
    }
    assert!(fleet.scrape().contains("\njobs_total 3.0\n"));
}

#[test]
fn m8_c13_c16_a_dead_worker_is_replaced_its_live_gauge_goes_and_its_counter_stays() {
    let fleet = Fleet::start(2, "");
    fleet.count_jobs(20);
    fleet.push(
        "busy",
        json!([{"op": "set", "metric": "busy", "labels": {}, "value": 5}]),
    );
    let pid = fleet.ack("busy")["pid"].as_u64().unwrap() as u32;
    assert!(fleet.scrape().contains("\nbusy 5.0\n"));
    signal(pid, Signal::KILL);
    let live = fleet.metrics().join(format!("gauge_livesum_{pid}.db"));
    eventually("the mark", || (!live.exists()).then_some(()));
    assert!(!fleet.await_pids("worker", 2).contains(&pid));
    fleet.count_jobs(4);
    let text = fleet.scrape();
    assert!(
        text.contains("\nbusy 0.0\n") && text.contains("\njobs_total 24.0\n"),
        "{text}"
    );
}

#[test]
fn an_exit_op_ends_the_worker_without_acknowledgement_and_the_next_task_is_done() {
    let fleet = Fleet::start(1, "");
    let before = fleet.await_pids("worker", 1);
    fleet.push("exits", json!([inc(1), {"op": "exit", "code": 7}, inc(16)]));
    fleet.push("next", json!([inc(2)]));
    assert_ne!(fleet.ack("next")["pid"], before[0]);
    assert_eq!(fleet.acks().len(), 1);
    assert!(fleet.scrape().contains("\njobs_total 3.0\n"));
}

#[test]
fn workers_come_back_to_a_broker_that_was_away() {
    let fleet = Fleet::start(2, "");
    for round in 1..=3 {
        fleet.count_jobs(10);
        let pids = fleet.await_pids("worker", 2);
        fleet.broker.cut();
        fleet.count_jobs(10);
        assert_eq!(fleet.pids("worker"), pids, "no worker was replaced");
        let line = format!("\njobs_total {}.0\n", 20 * round);
        assert!(fleet.scrape().contains(&line));
    }
}

#[test]
fn t4_scrapes_wait_while_a_killed_endpoint_is_replaced() {
    let fleet = Fleet::start(2, "");
    fleet.count_jobs(5);
    for _ in 0..3 {
        let before = fleet.await_pids("endpoint", 1);
        signal(before[0], Signal::KILL);
        // No connection is refused: the socket belongs to the supervisor too.
        assert!(fleet.scrape().contains("\njobs_total 5.0\n"));
        assert_ne!(fleet.await_pids("endpoint", 1), before);
    }
}

#[test]
fn a_graceful_stop_finishes_the_current_task_and_leaves_no_process() {
    let mut fleet = Fleet::start(2, "");
    fleet.begin("slow", 300);
    let pids = [fleet.pids("worker"), fleet.pids("endpoint")].concat();
    assert_eq!(pids.len(), 3);
    assert!(fleet.stop().success());
    assert_eq!(fleet.ack("slow")["outcome"], "ok");
    assert!(!pids.into_iter().any(is_alive));
}

#[test]
fn when_the_supervisor_is_killed_workers_finish_their_task_and_all_end() {
    let mut fleet = Fleet::start(2, "");
    fleet.begin("slow", 300);
    let pids = [fleet.pids("worker"), fleet.pids("endpoint")].concat();
    fleet.supervisor.kill().unwrap();
    fleet.supervisor.wait().unwrap();
    assert_eq!(fleet.ack("slow")["outcome"], "ok");
    eventually("their end", || {
        (!pids.iter().any(|pid| is_alive(*pid))).then_some(())
    });
}

#[test]
fn a_worker_holds_neither_its_supervisors_socket_nor_the_directory() {
    let mut fleet = Fleet::start(1, "");
    fleet.begin("endless", 600_000);
    let directory = fs::File::open(fleet.metrics()).unwrap();
    let take = || flock(&directory, FlockOperation::NonBlockingLockExclusive);
    assert_eq!(take(), Err(Errno::WOULDBLOCK));
    let [worker, endpoint] = ["worker", "endpoint"].map(|role| fleet.pids(role)[0]);
    fleet.supervisor.kill().unwrap();
    signal(endpoint, Signal::KILL);
    eventually("the socket's end", || TcpStream::connect(fleet.address).err());
    eventually("the lock's end", || take().ok());
    assert!(is_alive(worker), "it has the grace to finish its task");
}

#[test]
fn a_worker_by_itself_takes_tasks_until_it_is_asked_to_end() {
    let mut fleet = Fleet::start(0, "");
    let mut worker = Command::new(program())
        .args([
            "reference",
            "worker",
            "--queue",
            "tasks",
            "--broker",
            &fleet.broker.url(),
        ])
        .arg("--dir")
        .arg(fleet.metrics())
        .env("COUNTERFOIL_PROGRAM", fleet.directory.path().join("program.json"))
        .env("COUNTERFOIL_ACKS", fleet.directory.path().join("acks"))
        .spawn()
        .unwrap();
    fleet.count_jobs(3);
    assert!(fleet.scrape().contains("\njobs_total 3.0\n"));
    signal(worker.id(), Signal::TERM);
    let status = eventually("its end", || worker.try_wait().unwrap());
    assert!(status.success(), "{status}");
    assert!(fleet.stop().success());
}

#[test]
fn a_task_that_outlasts_the_grace_is_ended_with_its_worker() {
    let mut fleet = Fleet::start(1, "");
    fleet.begin("endless", 600_000);
    let started = Instant::now();
    assert!(fleet.stop().success());
    assert!(started.elapsed() < Duration::from_secs(10));
    assert_eq!(fleet.acks().len(), 0);
}

#[test]
fn a_mutant_of_workers_or_supervisor_counts_or_serves_otherwise() {
    let fleet = Fleet::start(1, "loses-an-increment");
    fleet.count_jobs(14);
    assert!(fleet.scrape().contains("\njobs_total 12.0\n"));
    let fleet = Fleet::start(1, "doubles-an-increment");
    fleet.count_jobs(14);
    assert!(fleet.scrape().contains("\njobs_total 16.0\n"));
    let fleet = Fleet::start(1, "resets-on-restart");
    fleet.count_jobs(3);
    signal(fleet.await_pids("worker", 1)[0], Signal::KILL);
    eventually("the reset", || {
        fleet.scrape().contains("\njobs_total 0.0\n").then_some(())
    });
    let fleet = Fleet::start(1, "endpoint-dies-with-first-worker");
    fleet.count_jobs(1);
    signal(fleet.await_pids("worker", 1)[0], Signal::KILL);
    eventually("its end", || TcpStream::connect(fleet.address).err());
}

#[test]
fn an_unknown_mutant_is_refused_with_exit_code_2() {
    let output = Command::new(program())
        .args(["reference", "serve", ".", "--listen", "127.0.0.1:0"])
        .env("COUNTERFOIL_MUTANT", "typo")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("serves-own-process"), "{stderr}");
}
