//! `counterfoil reference serve` as a process: what it serves, to whom, and how it ends. The process is
//! `examples/reference`, which `cargo test` builds along with the tests.
#![allow(clippy::unwrap_used)]

mod clients;
mod directories;
mod ending;
mod limits;
mod own_metrics;

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use counterfoil_reference::record::{Description, Registry};
use rustix::process::{Pid, Signal, kill_process};

const DEADLINE: Duration = Duration::from_secs(20);

/// A running sidecar.
struct Sidecar {
    process: Child,
    address: SocketAddr,
    said: Arc<Mutex<String>>,
}

/// A response, taken apart.
#[derive(Debug)]
struct Response {
    status: String,
    head: String,
    body: String,
}

impl Sidecar {
    fn of(directories: &[&Path], options: &[&str]) -> Self {
        let mut process = command(directories, options)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(process.stderr.take().unwrap());
        let mut ready = String::new();
        stderr.read_line(&mut ready).unwrap();
        let address = ready.split_once("http://").unwrap().1;
        let address = address.trim().strip_suffix("/metrics").unwrap().parse().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let heard = Arc::clone(&said);
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                heard.lock().unwrap().push_str(&format!("{line}\n"));
            }
        });
        Self {
            process,
            address,
            said,
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream
    }

    /// Sends these bytes and reads until the end; what comes before a reset counts.
    fn exchange(&self, request: &[u8]) -> Vec<u8> {
        let mut stream = self.connect();
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer
    }

    fn ask(&self, request: &str) -> Response {
        let head = format!("{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Response::of(&self.exchange(head.as_bytes()))
    }

    fn scrape(&self) -> String {
        let response = self.ask("GET /metrics");
        assert_eq!(response.status, "200", "{response:?}");
        response.body
    }

    /// What it says about itself, by series.
    fn own(&self, series: &str) -> f64 {
        // Where connections are few, who asked before may still have the last place.
        let response = eventually("an answer", || {
            Some(self.ask("GET /-/metrics")).filter(|response| response.status == "200")
        });
        let line = response
            .body
            .lines()
            .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        let line = line.unwrap_or_else(|| panic!("no {series} in\n{}", response.body));
        line.parse().unwrap()
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    fn refuses(&self) -> bool {
        TcpStream::connect(self.address).is_err()
    }

    fn ended(&mut self) -> ExitStatus {
        eventually("its end", || self.process.try_wait().unwrap())
    }

    fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Response {
    fn of(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        Self {
            status: head.split(' ').nth(1).unwrap_or_default().to_owned(),
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }
}

fn command(directories: &[&Path], options: &[&str]) -> Command {
    let mut command = Command::new(program());
    command
        .args(["reference", "serve", "--listen", "127.0.0.1:0"])
        .args(directories)
        .args(options);
    command
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

fn eventually<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(result) = attempt() {
            return result;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        // Sleeps, bounded by DEADLINE, between two attempts.
        thread::sleep(Duration::from_millis(5));
    }
}

/// Counts jobs in the files of a process.
fn count(directory: &Path, pid: u32, jobs: f64) {
    let registry = Registry::new(directory, pid);
    let counter = registry.counter(Description::new("jobs", "Done.")).unwrap();
    counter.labels(&[]).unwrap().inc(jobs);
}

/// Files whose text is more than the system keeps for a client that does not read.
fn fill(directory: &Path) {
    let registry = Registry::new(directory, 1);
    let long = Description::new("long", "").with_labels(["text"]);
    let counter = registry.counter(long).unwrap();
    for number in 0..8_000 {
        counter.labels(&[&format!("{number:02000}")]).unwrap().inc(1.0);
    }
}
