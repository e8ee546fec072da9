//! Endpoints that misbehave on the wire: in a run the mutants of the reference, in a diff a socket of the test's own.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use super::{SCENARIO, Scene, pour};
use crate::fixtures;

#[test]
fn a_run_finds_what_misbehaves_on_the_wire() {
    let mutants = [
        "answers-garbage",
        "answers-without-end",
        "claims-gzip",
        "drips",
        "redirects",
        "serves-a-page",
        "serves-protobuf",
        "wrong-content-type",
    ];
    for mutant in mutants {
        // Only for what never ends anybody has to wait.
        let scenario = match mutant {
            "answers-without-end" | "drips" => format!("{SCENARIO}\n[limits]\nscrape_deadline_ms = 500\n"),
            _ => SCENARIO.to_owned(),
        };
        Scene::new().with("mine/jobs/add-up.toml", scenario).shows(
            &format!("run-{mutant}"),
            1,
            &format!("run --broker embedded --scenarios mine --mutant {mutant}"),
        );
    }
}

/// Answers every request as `answer` does.
fn endpoint(answer: fn(&mut TcpStream)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let request = BufReader::new(stream.try_clone().unwrap()).lines();
            if request.map_while(Result::ok).any(|line| line.is_empty()) {
                answer(&mut stream);
            }
        }
    });
    address
}

/// What `diff` says of an endpoint that answers so, beside the files of two workers.
fn diff(name: &str, exit: i32, answer: fn(&mut TcpStream)) {
    let files = fixtures::unpacked("two-workers");
    let scene = Scene::new();
    std::fs::rename(files.path(), scene.path().join("metrics")).unwrap();
    let url = format!("http://{}/metrics", endpoint(answer));
    // Those that never end have as long as it takes: the longest waits for its own deadline of a second.
    let timeout = if name.starts_with("slow-") { 1 } else { 60 };
    let line = format!("diff --dir metrics --url {url} --timeout-s {timeout}");
    scene.shows(&format!("diff-{name}"), exit, &line);
}

fn send(stream: &mut TcpStream, head: &str, body: &str) {
    let _ = write!(
        stream,
        "HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
}

const TEXT: &str = "200 OK\r\ncontent-type: text/plain; version=0.0.4";

#[test]
fn a_diff_says_what_was_served_instead_of_an_exposition() {
    diff("status-500", 3, |stream| {
        send(stream, "500 Internal Server Error", "boom")
    });
    diff("status-404", 3, |stream| send(stream, "404 Not Found", ""));
    diff("redirect", 3, |stream| {
        send(stream, "302 Found\r\nlocation: /metrics/", "")
    });
    diff("web-page", 3, |stream| {
        send(stream, "200 OK\r\ncontent-type: text/html", "<p>Hello</p>")
    });
    diff("no-content-type", 3, |stream| send(stream, "200 OK", "up 1\n"));
    diff("protobuf", 3, |stream| {
        let head = "200 OK\r\ncontent-type: application/vnd.google.protobuf; \
                    proto=io.prometheus.client.MetricFamily; encoding=delimited";
        send(stream, head, "\u{8}\n\u{4}jobs");
    });
    diff("openmetrics-protobuf", 3, |stream| {
        send(
            stream,
            "200 OK\r\ncontent-type: application/openmetrics-protobuf; version=1.0.0",
            "",
        );
    });
    diff("malformed", 1, |stream| {
        send(stream, TEXT, "jobs_total{queue=\"mail} 3\n# TYPE\n")
    });
}

#[test]
fn a_diff_says_what_is_wrong_with_the_answer_itself() {
    diff("garbage", 3, |stream| {
        drop(stream.write_all(b"220 no.http.here ESMTP\r\n"))
    });
    diff("silence", 3, |_| {});
    diff("breaks-off", 3, |stream| {
        let _ = write!(
            stream,
            "HTTP/1.1 {TEXT}\r\ncontent-length: 100\r\n\r\njobs_total 3"
        );
    });
    diff("false-gzip", 3, |stream| {
        send(stream, &format!("{TEXT}\r\ncontent-encoding: gzip"), "jobs 3\n")
    });
    diff("other-encoding", 3, |stream| {
        send(stream, &format!("{TEXT}\r\ncontent-encoding: br"), "jobs 3\n")
    });
    diff("endless-body", 3, |stream| {
        let _ = write!(stream, "HTTP/1.1 {TEXT}\r\n\r\n");
        pour(stream, "# and so on\n".repeat(10_000).as_bytes());
    });
    diff("endless-headers", 3, |stream| {
        let _ = write!(stream, "HTTP/1.1 {TEXT}\r\n");
        pour(stream, "x-and-so: on\r\n".repeat(1000).as_bytes());
    });
    diff("slow-body", 3, |stream| {
        let _ = write!(stream, "HTTP/1.1 {TEXT}\r\ncontent-length: 100\r\n\r\n");
        // It ends when the client hangs up.
        while stream.write_all(b"#").is_ok() {
            // Sleeps, bounded by the client's deadline of a second.
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    });
    diff("slow-answer", 3, |stream| {
        // Waits until the client hangs up.
        let _ = std::io::copy(stream, &mut std::io::sink());
    });
}

#[test]
fn a_diff_needs_somebody_who_answers() {
    Scene::new().with("metrics/README", "").shows(
        "diff-nobody",
        3,
        "diff --dir metrics --url http://127.0.0.1:1/metrics",
    );
}
