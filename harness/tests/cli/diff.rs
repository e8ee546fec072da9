//! `counterfoil diff`: a directory and an endpoint of the test's own.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::thread::JoinHandle;

use counterfoil::exposition::text;
use counterfoil::truth::Snapshot;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::{Counterfoil, fixtures};

/// Answers one request with a body.
struct Endpoint {
    address: SocketAddr,
    served: Option<JoinHandle<()>>,
}

impl Endpoint {
    fn serving(body: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let served = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let request = BufReader::new(stream.try_clone().unwrap()).lines();
            assert!(
                request.map_while(Result::ok).any(|line| line.is_empty()),
                "a request ends with an empty line"
            );
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4\r\n";
            write!(
                stream,
                "{head}content-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
        });
        Self {
            address,
            served: Some(served),
        }
    }

    fn against(&self, dir: &Path) -> Counterfoil {
        let url = format!("http://{}/metrics", self.address);
        Counterfoil::new(&["diff", "--dir", dir.to_str().unwrap(), "--url", &url])
    }
}

/// By then it has answered.
impl Drop for Endpoint {
    fn drop(&mut self) {
        let served = self.served.take().unwrap().join();
        assert!(served.is_ok() || std::thread::panicking());
    }
}

fn merged(dir: &Path) -> String {
    text::write(&Snapshot::read(dir).unwrap().merge().unwrap().to_exposition())
}

#[test]
fn an_endpoint_that_serves_the_merged_files_is_conformant() {
    let dir = fixtures::unpacked("two-workers");
    let endpoint = Endpoint::serving(merged(dir.path()));
    let assert = endpoint.against(dir.path()).exits(0);
    assert
        .stdout(
            contains("8 files of 2 processes")
                .and(contains(", layout python-16\n"))
                .and(contains("11 of them exactly equal")),
        )
        .stderr("");
}

#[test]
fn an_endpoint_that_lacks_one_process_is_nonconformant_and_the_process_is_named() {
    let dir = fixtures::unpacked("two-workers");
    let snapshot = Snapshot::read(dir.path()).unwrap();
    let one = snapshot
        .merge_of(|file| file.name.pid.as_deref() == Some("101"))
        .unwrap();
    let endpoint = Endpoint::serving(text::write(&one.to_exposition()));
    let assert = endpoint.against(dir.path()).exits(1);
    let diagnosis = contains("the endpoint serves one process of 2: pid 101 is served, pid 102 is missing");
    let series = contains("jobs_total{queue=\"mail\"}: scrape 11.0, truth 21.0");
    assert.stdout(
        diagnosis
            .and(series)
            .and(contains("pid 102  10.0  counter_102.db")),
    );
}

#[test]
fn a_gauge_that_differs_is_no_evidence() {
    let dir = fixtures::unpacked("two-workers");
    let endpoint = Endpoint::serving(merged(dir.path()).replace("busy 3.0", "busy 4.0"));
    let assert = endpoint.against(dir.path()).exits(3);
    assert.stdout(
        contains("1 series moved, or cannot be bracketed").and(contains("busy: scrape 4.0, truth 3.0")),
    );
}

#[test]
fn an_empty_directory_and_an_empty_body_are_nothing() {
    let dir = tempfile::tempdir().unwrap();
    Endpoint::serving(String::new())
        .against(dir.path())
        .exits(4)
        .stdout(contains("0 series inside"));
}
