//! A running fleet, and what its processes are.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::broker::Broker;

/// How long anything may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// A running fleet, its broker and its directory.
pub(crate) struct Fleet {
    pub(crate) supervisor: Child,
    pub(crate) address: SocketAddr,
    pub(crate) broker: Broker,
    pub(crate) directory: TempDir,
}

pub(crate) fn eventually<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
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

pub(crate) fn program() -> PathBuf {
    let test = env::current_exe().unwrap();
    let path = test.ancestors().nth(2).unwrap().join("examples/reference");
    assert!(
        path.exists(),
        "{} is missing: cargo build --examples",
        path.display()
    );
    path
}

pub(crate) fn signal(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

pub(crate) fn is_alive(pid: u32) -> bool {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    // One that nobody reaps, because its parent was killed, stays as a zombie.
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    test_kill_process(pid).is_ok() && !stat.contains(") Z ")
}

impl Fleet {
    pub(crate) fn start(workers: usize, mutant: &str) -> Self {
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

    pub(crate) fn push(&self, id: &str, ops: Value) {
        let task = json!({"id": id, "name": "common", "ops": ops});
        self.broker.push(task.to_string());
    }

    /// Has a task under way that takes so long.
    pub(crate) fn begin(&self, id: &str, ms: u64) {
        let busy = json!({"op": "set", "metric": "busy", "labels": {}, "value": 1});
        self.push(id, json!([busy, {"op": "sleep", "ms": ms}, inc(1)]));
        eventually("its start", || {
            self.scrape().contains("\nbusy 1.0\n").then_some(())
        });
    }

    /// The acknowledgements, by task id.
    pub(crate) fn acks(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.directory.path().join("acks")).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    pub(crate) fn ack(&self, id: &str) -> Value {
        eventually(id, || self.acks().into_iter().find(|ack| ack["task"] == id))
    }

    pub(crate) fn count_jobs(&self, tasks: usize) {
        let before = self.acks().len();
        for task in 0..tasks {
            self.push(&format!("{before}-{task}"), json!([inc(1)]));
        }
        eventually("all tasks", || {
            (self.acks().len() == before + tasks).then_some(())
        });
    }

    pub(crate) fn scrape(&self) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        assert!(response.starts_with("HTTP/1.0 200 OK"), "{response}");
        response
    }

    /// The fleet's processes in a role, living ones only.
    pub(crate) fn pids(&self, role: &str) -> Vec<u32> {
        let children = format!("/proc/{0}/task/{0}/children", self.supervisor.id());
        let children = fs::read_to_string(children).unwrap();
        let pids = children.split_whitespace().map(|pid| pid.parse().unwrap());
        pids.filter(|pid| role_of(*pid).as_deref() == Some(role))
            .collect()
    }

    pub(crate) fn await_pids(&self, role: &str, count: usize) -> Vec<u32> {
        eventually(role, || Some(self.pids(role)).filter(|pids| pids.len() == count))
    }

    pub(crate) fn metrics(&self) -> PathBuf {
        self.directory.path().join("metrics")
    }

    pub(crate) fn stop(&mut self) -> ExitStatus {
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

pub(crate) fn inc(value: u32) -> Value {
    json!({"op": "inc", "metric": "jobs", "labels": {}, "value": value})
}

fn role_of(pid: u32) -> Option<String> {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    Some(name.trim_end().to_owned())
}
