//! The endpoint over HTTP, as a client sees it.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use counterfoil_reference::endpoint;
use counterfoil_reference::mutant::Mutant;
use counterfoil_reference::record::{Description, Registry};
use counterfoil_reference::scrape::Scraper;
use flate2::read::GzDecoder;
use tempfile::TempDir;
use tokio::runtime::Runtime;

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// An endpoint that serves a directory for as long as it is held.
struct Served {
    directory: TempDir,
    address: SocketAddr,
    _runtime: Runtime,
}

/// A response, taken apart.
struct Response {
    head: String,
    body: Vec<u8>,
}

impl Response {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut lines = lines.filter(|(each, _)| each.eq_ignore_ascii_case(name));
        lines.next().map(|(_, value)| value)
    }

    fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

impl Served {
    fn new(mutant: Option<Mutant>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let scraper = Scraper::new(directory.path(), mutant);
        runtime.spawn(endpoint::serve(listener, scraper, std::future::pending()));
        Self {
            directory,
            address,
            _runtime: runtime,
        }
    }

    fn count(&self, pid: u32, jobs: f64) {
        count(self.directory.path(), pid, jobs);
    }

    fn ask(&self, request: &str, headers: &str) -> Response {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let request = format!("{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let body = bytes.split_off(end + 4);
        Response {
            head: String::from_utf8(bytes).unwrap(),
            body,
        }
    }

    fn scrape(&self) -> String {
        self.ask("GET /metrics", "").text().to_owned()
    }
}

fn count(directory: &Path, pid: u32, jobs: f64) {
    let registry = Registry::new(directory, pid);
    let counter = registry.counter(Description::new("jobs", "Done.")).unwrap();
    counter.labels(&[]).unwrap().inc(jobs);
    let size = registry.summary(Description::new("size", "Bytes.")).unwrap();
    size.labels(&[]).unwrap().observe(1.0);
}

#[test]
fn before_the_first_task_the_body_is_empty_and_the_status_200() {
    let served = Served::new(None);
    let response = served.ask("GET /metrics", "");
    assert_eq!((response.status(), response.text()), ("200", ""));
    assert_eq!(response.header("content-type"), Some(TEXT));
}

#[test]
fn every_scrape_reads_the_files_anew() {
    let served = Served::new(None);
    for (pid, total) in [(1, "1.0"), (2, "2.0"), (3, "3.0")] {
        served.count(pid, 1.0);
        let line = format!("# TYPE jobs_total counter\njobs_total {total}\n");
        assert!(served.scrape().contains(&line), "{}", served.scrape());
    }
    fs::remove_file(served.directory.path().join("counter_2.db")).unwrap();
    assert!(served.scrape().contains("\njobs_total 2.0\n"));
}

#[test]
fn c6_c8_an_empty_and_a_foreign_file_do_not_take_the_endpoint_down() {
    let served = Served::new(None);
    served.count(1, 4.0);
    fs::write(served.directory.path().join("counter_2.db"), "").unwrap();
    fs::write(served.directory.path().join("cache.db"), "SQLite format 3\0").unwrap();
    let response = served.ask("GET /metrics", "");
    assert_eq!(response.status(), "200");
    assert!(response.text().contains("\njobs_total 4.0\n"));
}

#[test]
fn openmetrics_is_served_to_who_asks_for_it() {
    let served = Served::new(None);
    served.count(1, 4.0);
    let response = served.ask("GET /metrics", "Accept: application/openmetrics-text\r\n");
    let expected = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(response.header("content-type"), Some(expected));
    assert!(response.text().contains("# TYPE jobs counter\njobs_total 4.0\n"));
    assert!(response.text().ends_with("# EOF\n"));
}

#[test]
fn gzip_is_served_to_who_takes_it() {
    let served = Served::new(None);
    served.count(1, 4.0);
    let response = served.ask("GET /metrics", "Accept-Encoding: gzip\r\n");
    assert_eq!(response.header("content-encoding"), Some("gzip"));
    let mut text = String::new();
    GzDecoder::new(&*response.body).read_to_string(&mut text).unwrap();
    let lines = |text: &str| {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(lines(&text), lines(&served.scrape()));
}

#[test]
fn c37_names_restrict_what_is_served_to_families_or_samples() {
    let served = Served::new(None);
    served.count(1, 4.0);
    for (query, expected) in [
        (
            "name[]=jobs",
            "# HELP jobs_total Done.\n# TYPE jobs_total counter\njobs_total 4.0\n",
        ),
        (
            "name%5B%5D=size_sum",
            "# HELP size Bytes.\n# TYPE size summary\nsize_sum 1.0\n",
        ),
        ("name[]=nothing", ""),
    ] {
        let response = served.ask(&format!("GET /metrics?{query}"), "");
        assert_eq!(response.text(), expected, "{query}");
    }
    let both = served.ask("GET /metrics?name[]=jobs_total&name[]=size", "");
    assert_eq!(both.text().lines().count(), 3 + 4);
}

#[test]
fn other_paths_are_not_found_and_other_methods_not_allowed() {
    let served = Served::new(None);
    assert_eq!(served.ask("GET /", "").status(), "404");
    assert_eq!(served.ask("GET /metrics/", "").status(), "404");
    let response = served.ask("POST /metrics", "Content-Length: 0\r\n");
    assert_eq!(response.status(), "405");
    assert_eq!(response.header("allow"), Some("GET,HEAD"));
}

#[test]
fn head_answers_as_get_does_but_without_the_body() {
    let served = Served::new(None);
    served.count(1, 4.0);
    let response = served.ask("HEAD /metrics", "");
    assert_eq!((response.status(), response.text()), ("200", ""));
    let length = served.scrape().len().to_string();
    assert_eq!(response.header("content-length"), Some(&*length));
    assert_eq!(response.header("content-type"), Some(TEXT));
}

#[test]
fn clients_that_do_not_read_keep_no_one_waiting() {
    let served = Served::new(None);
    served.count(1, 4.0);
    let idle: Vec<_> = (0..20)
        .map(|_| {
            let mut stream = TcpStream::connect(served.address).unwrap();
            stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: ").unwrap();
            stream
        })
        .collect();
    assert!(served.scrape().contains("\njobs_total 4.0\n"));
    drop(idle);
}

#[test]
fn a_mutant_that_claims_gzip_sends_the_text_as_it_is() {
    let served = Served::new(Some(Mutant::ClaimsGzip));
    served.count(1, 4.0);
    let response = served.ask("GET /metrics", "Accept-Encoding: gzip\r\n");
    assert_eq!(response.header("content-encoding"), Some("gzip"));
    assert!(response.text().contains("\njobs_total 4.0\n"));
}

#[test]
fn mutants_that_break_http_answer_as_no_library_would() {
    let first_bytes = |mutant, wanted: usize| {
        let served = Served::new(Some(mutant));
        served.count(1, 4.0);
        let mut stream = TcpStream::connect(served.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream
            .write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            .unwrap();
        let mut bytes = Vec::new();
        stream.take(wanted as u64).read_to_end(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    assert!(first_bytes(Mutant::AnswersGarbage, usize::MAX).starts_with("220 "));
    let endless = first_bytes(Mutant::AnswersWithoutEnd, 10_000);
    assert!(endless.contains("\njobs_total 4.0\n") && endless.len() == 10_000);
    let head = first_bytes(Mutant::Drips, 100);
    assert!(head.contains("content-length: "), "{head}");
}

#[test]
fn a_mutant_of_the_endpoint_answers_otherwise_than_the_reference() {
    for mutant in [
        Mutant::ServesOwnProcess,
        Mutant::DropsAProcess,
        Mutant::CountsAProcessTwice,
        Mutant::DuplicateSeries,
        Mutant::TypeMissing,
        Mutant::HelpOfAnotherFamily,
        Mutant::StaleCache,
        Mutant::ForgetsNewFiles,
        Mutant::GoesBackwards,
        Mutant::WrongContentType,
        Mutant::Status500,
        Mutant::ServesAPage,
        Mutant::Redirects,
        Mutant::ServesProtobuf,
        Mutant::ServesANewerVersion,
    ] {
        let served = Served::new(Some(mutant));
        served.count(1, 1.0);
        served.scrape();
        served.count(2, 1.0);
        let response = served.ask("GET /metrics", "");
        let honest = response.status() == "200"
            && response.header("content-type") == Some(TEXT)
            && response
                .text()
                .lines()
                .filter(|line| *line == "jobs_total 2.0")
                .count()
                == 1
            && response
                .text()
                .contains("# HELP jobs_total Done.\n# TYPE jobs_total counter\n");
        assert!(!honest, "{mutant:?} is not seen:\n{}", response.text());
    }
}
