//! A fleet of processes under harm. The processes are `examples/reference`, which `cargo test`
//! builds along with the tests.
#![allow(clippy::unwrap_used)]

mod broker;

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use broker::Broker;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

const DEADLINE: Duration = Duration::from_secs(20);

/// A running fleet, its broker and its directory.
struct Fleet {
    supervisor: Child,
    address: SocketAddr,
    broker: Broker,
    directory: TempDir,
}

fn eventually<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(result) = attempt() {
            return result;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        // Sleeps, bounded by DEADLINE, between two attempts.
        thread::sleep(Duration::from_millis(2));
    }
}

fn program() -> PathBuf {
    let test = env::current_exe().unwrap();
    let path = test.ancestors().nth(2).unwrap().join("examples/reference");
    assert!(
        path.exists(),
        "{} is missing: cargo build --examples",
        path.display()
    );
    path
}

fn signal(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

fn is_alive(pid: u32) -> bool {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    // One that nobody reaps, because its parent was killed, stays as a zombie.
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    test_kill_process(pid).is_ok() && !stat.contains(") Z ")
}

impl Fleet {
    fn start(workers: usize, mutant: &str) -> Self {
        let broker = Broker::start();
        let directory = tempfile::tempdir().unwrap();
        let document = json!({
            "protocol": 1,
            "tasks": ["common"],
            "metrics": [
                {"name": "jobs", "type": "counter", "help": "Done.", "labels": []},
                {"name": "busy", "type": "gauge", "mode": "livesum", "help": "Now.", "labels": []},
            ],
        });
        let path = directory.path().join("program.json");
        fs::write(&path, document.to_string()).unwrap();
        let mut supervisor = Command::new(program())
            .args([
                "reference",
                "fleet",
                "--listen",
                "127.0.0.1:0",
                "--queue",
                "tasks",
            ])
            .args(["--workers", &workers.to_string(), "--broker", &broker.url()])
            .args(["--grace-ms", "2000", "--dir"])
            .arg(directory.path().join("metrics"))
            .env("COUNTERFOIL_PROGRAM", path)
            .env("COUNTERFOIL_ACKS", directory.path().join("acks"))
            .env("COUNTERFOIL_MUTANT", mutant)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(supervisor.stderr.take().unwrap());
        let mut ready = String::new();
        stderr.read_line(&mut ready).unwrap();
        // Nothing of the rest is looked at, but nobody is to be stopped by a full pipe.
        thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
        let url = ready
            .trim_end()
            .rsplit_once("http://")
            .unwrap_or_else(|| panic!("{ready}"));
        let address = url.1.strip_suffix("/metrics").unwrap().parse().unwrap();
        Self {
            supervisor,
            address,
            broker,
            directory,
        }
    }

    fn push(&self, id: &str, ops: Value) {
        let task = json!({"id": id, "name": "common", "ops": ops});
        self.broker.push(task.to_string());
    }

    /// The acknowledgements, by task id.
    fn acks(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.directory.path().join("acks")).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn ack(&self, id: &str) -> Value {
        eventually(id, || self.acks().into_iter().find(|ack| ack["task"] == id))
    }

    fn count_jobs(&self, tasks: usize) {
        let before = self.acks().len();
        for task in 0..tasks {
            self.push(&format!("{before}-{task}"), json!([inc(1)]));
        }
        eventually("all tasks", || {
            (self.acks().len() == before + tasks).then_some(())
        });
    }

    fn scrape(&self) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        assert!(response.starts_with("HTTP/1.0 200 OK"), "{response}");
        response
    }

    /// The fleet's processes in a role, living ones only.
    fn pids(&self, role: &str) -> Vec<u32> {
        let children = format!("/proc/{0}/task/{0}/children", self.supervisor.id());
        let children = fs::read_to_string(children).unwrap();
        let pids = children.split_whitespace().map(|pid| pid.parse().unwrap());
        pids.filter(|pid| role_of(*pid).as_deref() == Some(role))
            .collect()
    }

    fn await_pids(&self, role: &str, count: usize) -> Vec<u32> {
        eventually(role, || Some(self.pids(role)).filter(|pids| pids.len() == count))
    }

    fn metrics(&self) -> PathBuf {
        self.directory.path().join("metrics")
    }

    fn stop(&mut self) -> ExitStatus {
        signal(self.supervisor.id(), Signal::TERM);
        eventually("the fleet's end", || self.supervisor.try_wait().unwrap())
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        // The children follow by themselves.
        let _ = self.supervisor.kill();
        let _ = self.supervisor.wait();
    }
}

fn inc(value: u32) -> Value {
    json!({"op": "inc", "metric": "jobs", "labels": {}, "value": value})
}

fn role_of(pid: u32) -> Option<String> {
    let line = fs::read(Path::new("/proc").join(pid.to_string()).join("cmdline")).ok()?;
    let word = line.split(|byte| *byte == 0).nth(2)?;
    String::from_utf8(word.to_vec()).ok()
}

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
    fleet.push(
        "slow",
        json!([{"op": "set", "metric": "busy", "labels": {}, "value": 1},
        {"op": "sleep", "ms": 300}, inc(1)]),
    );
    eventually("its start", || {
        fleet.scrape().contains("\nbusy 1.0\n").then_some(())
    });
    let pids = [fleet.pids("worker"), fleet.pids("endpoint")].concat();
    assert_eq!(pids.len(), 3);
    assert!(fleet.stop().success());
    assert_eq!(fleet.ack("slow")["outcome"], "ok");
    assert!(!pids.into_iter().any(is_alive));
}

#[test]
fn when_the_supervisor_is_killed_workers_finish_their_task_and_all_end() {
    let mut fleet = Fleet::start(2, "");
    fleet.push(
        "slow",
        json!([{"op": "set", "metric": "busy", "labels": {}, "value": 1},
        {"op": "sleep", "ms": 300}, inc(1)]),
    );
    eventually("its start", || {
        fleet.scrape().contains("\nbusy 1.0\n").then_some(())
    });
    let pids = [fleet.pids("worker"), fleet.pids("endpoint")].concat();
    fleet.supervisor.kill().unwrap();
    fleet.supervisor.wait().unwrap();
    assert_eq!(fleet.ack("slow")["outcome"], "ok");
    eventually("their end", || {
        (!pids.iter().any(|pid| is_alive(*pid))).then_some(())
    });
}

#[test]
fn a_task_that_outlasts_the_grace_is_ended_with_its_worker() {
    let mut fleet = Fleet::start(1, "");
    fleet.push(
        "endless",
        json!([{"op": "set", "metric": "busy", "labels": {}, "value": 1},
        {"op": "sleep", "ms": 600_000}]),
    );
    eventually("its start", || {
        fleet.scrape().contains("\nbusy 1.0\n").then_some(())
    });
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
