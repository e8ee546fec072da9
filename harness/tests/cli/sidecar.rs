//! `counterfoil reference serve`, held against the truth by the suite's own means.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use counterfoil::exposition::{openmetrics, text};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::{Counterfoil, fixtures};

/// A sidecar that serves until it is dropped.
struct Sidecar {
    process: Child,
    address: SocketAddr,
}

impl Sidecar {
    fn of(directories: &[&Path]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_counterfoil"))
            .args(["reference", "serve", "--listen", "127.0.0.1:0"])
            .args(directories)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        let mut stderr = BufReader::new(process.stderr.take().unwrap());
        stderr.read_line(&mut ready).unwrap();
        let address = ready.split_once("http://").unwrap().1.trim();
        let address = address.strip_suffix("/metrics").unwrap().parse().unwrap();
        Self { process, address }
    }

    fn diff(&self, dir: &Path) -> Counterfoil {
        let url = format!("http://{}/metrics", self.address);
        Counterfoil::new(&["diff", "--dir", dir.to_str().unwrap(), "--url", &url])
    }

    fn body(&self, path: &str, accept: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_sidecar_serves_what_the_files_hold() {
    let dir = fixtures::unpacked("two-workers");
    Sidecar::of(&[dir.path()])
        .diff(dir.path())
        .exits(0)
        .stdout(contains("11 of them exactly equal"))
        .stderr("");
}

#[test]
fn two_directories_of_a_sidecar_are_twice_what_one_holds() {
    let dir = fixtures::unpacked("two-workers");
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    let sidecar = Sidecar::of(&[dir.path(), copy.path()]);
    let series = contains("jobs_total{queue=\"mail\"}: scrape 42.0, truth 21.0");
    sidecar.diff(dir.path()).exits(1).stdout(series);
    let body = sidecar.body("/metrics", "*/*");
    assert_eq!(text::parse(body.as_bytes()).findings, [], "{body}");
}

#[test]
fn what_a_sidecar_says_about_itself_is_a_valid_exposition_in_both_formats() {
    let dir = fixtures::unpacked("two-workers");
    let sidecar = Sidecar::of(&[dir.path()]);
    sidecar.body("/metrics", "*/*");
    let plain = sidecar.body("/-/metrics", "text/plain");
    assert_eq!(text::parse(plain.as_bytes()).findings, [], "{plain}");
    let open = sidecar.body("/-/metrics", "application/openmetrics-text");
    assert_eq!(openmetrics::parse(open.as_bytes()).findings, [], "{open}");
}

#[test]
fn the_options_of_a_sidecar_are_checked_before_it_serves() {
    for (option, value) in [
        ("--max-bytes", "0"),
        ("--max-connections", "many"),
        ("--grace-ms", "5s"),
    ] {
        Counterfoil::new(&[
            "reference",
            "serve",
            ".",
            "--listen",
            "127.0.0.1:0",
            option,
            value,
        ])
        .exits(2)
        .stderr(contains(option).and(contains(value)));
    }
    Counterfoil::new(&["reference", "serve", "--listen", "127.0.0.1:0"]).exits(2);
    Counterfoil::new(&["reference", "serve", ".", "--listen", "no address"])
        .exits(3)
        .stderr(contains("cannot listen on no address"));
}

const PAGE: &str = include_str!("../../docs/sidecar.md");

/// What the first cells of the page's tables name that begins so, each without what follows the name.
fn documented(prefix: &str) -> BTreeSet<String> {
    let cells = PAGE
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let quoted = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let names = quoted.filter(|text| text.starts_with(prefix));
    names
        .filter_map(|text| text.split([' ', '{']).next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_page_on_the_sidecar_names_every_option_and_every_metric_and_no_other() {
    let help = Counterfoil::new(&["reference", "serve", "--help"]).exits(0);
    let help = crate::stdout(&help);
    let options = help.lines().filter_map(|line| line.trim().split(' ').next());
    let options = options.filter(|word| word.starts_with("--"));
    assert_eq!(documented("--"), options.map(str::to_owned).collect());

    let dir = tempfile::tempdir().unwrap();
    let body = Sidecar::of(&[dir.path()]).body("/-/metrics", "*/*");
    let families = body
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    assert_eq!(documented("counterfoil_"), families.map(str::to_owned).collect());
}
