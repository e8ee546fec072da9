//! Clients of all manners: slow ones, silent ones, too many, and those that speak no HTTP.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::{Response, Sidecar, count, eventually, fill};

const KEPT_ALIVE: &[u8] = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";

fn counting(options: &[&str]) -> (tempfile::TempDir, Sidecar) {
    let directory = tempfile::tempdir().unwrap();
    count(directory.path(), 1, 4.0);
    let sidecar = Sidecar::of(&[directory.path()], options);
    (directory, sidecar)
}

fn serves(sidecar: &Sidecar) {
    assert!(sidecar.scrape().contains("\njobs_total 4.0\n"));
}

/// Waits until the other side has hung up; what is read until then.
fn hung_up(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Err(error) = stream.read_to_end(&mut bytes) {
        let reset = error.kind() == std::io::ErrorKind::ConnectionReset;
        assert!(reset, "not hung up: {error}");
    }
    bytes
}

#[test]
fn a_client_that_never_ends_its_request_is_cut_and_others_are_served_meanwhile() {
    let (_directory, sidecar) = counting(&["--request-timeout-ms", "700"]);
    let mut slow: Vec<_> = (0..20).map(|_| sidecar.connect()).collect();
    for stream in &mut slow {
        stream.write_all(b"GET /metrics HTTP/1.1\r\nX-A: ").unwrap();
    }
    let mut dripping = slow.pop().unwrap();
    let mut drops = dripping.try_clone().unwrap();
    let drip = thread::spawn(move || {
        while drops.write_all(b"a").is_ok() {
            // Sleeps, bounded by the request's time limit, at which the next write fails.
            thread::sleep(Duration::from_millis(20));
        }
    });
    serves(&sidecar);
    for stream in &mut slow {
        hung_up(stream);
    }
    hung_up(&mut dripping);
    drip.join().unwrap();
    serves(&sidecar);
    assert_eq!(sidecar.own("counterfoil_connections_cut_total"), 20.0);
}

#[test]
fn a_connection_that_is_kept_for_nothing_is_closed() {
    let (_directory, sidecar) = counting(&["--request-timeout-ms", "300"]);
    let mut idle = sidecar.connect();
    let mut used = sidecar.connect();
    used.write_all(KEPT_ALIVE).unwrap();
    assert!(String::from_utf8_lossy(&hung_up(&mut used)).contains("jobs_total 4.0"));
    hung_up(&mut idle);
}

#[test]
fn clients_that_do_not_read_keep_no_one_waiting_and_are_cut_in_the_end() {
    let directory = tempfile::tempdir().unwrap();
    count(directory.path(), 2, 4.0);
    fill(directory.path());
    // Nobody is cut for being idle.
    let options = ["--response-timeout-ms", "1500", "--request-timeout-ms", "600000"];
    let sidecar = Sidecar::of(&[directory.path()], &options);
    let mut lazy: Vec<_> = (0..5).map(|_| sidecar.connect()).collect();
    for stream in &mut lazy {
        stream.write_all(KEPT_ALIVE).unwrap();
    }
    // One reads now and then, which is no better.
    let mut sipping = lazy[0].try_clone().unwrap();
    let sips = thread::spawn(move || {
        let mut sip = [0; 4096];
        while sipping.read(&mut sip).is_ok_and(|length| length > 0) {
            // Sleeps, bounded by what the system holds for a client that was cut: some MiB, of which this takes a part.
            thread::sleep(Duration::from_millis(1));
        }
    });
    let response = sidecar.ask("GET /metrics?name[]=jobs");
    assert!(response.body.contains("\njobs_total 4.0\n"), "{response:?}");
    assert!(sidecar.scrape().len() > 16_000_000);
    eventually("all to be cut", || {
        (sidecar.own("counterfoil_connections_cut_total") == 5.0).then_some(())
    });
    drop(lazy);
    sips.join().unwrap();
}

#[test]
fn one_client_too_many_is_sent_away_and_let_in_when_another_has_gone() {
    let (_directory, sidecar) = counting(&["--max-connections", "2"]);
    let mut here: Vec<_> = (0..2).map(|_| sidecar.connect()).collect();
    for stream in &mut here {
        stream.write_all(KEPT_ALIVE).unwrap();
        stream.read_exact(&mut [0; 10]).unwrap();
    }
    for _ in 0..3 {
        let mut stream = sidecar.connect();
        let said = hung_up(&mut stream);
        assert_eq!(Response::of(&said).status, "503");
    }
    here.pop();
    eventually("room for one", || {
        (sidecar.ask("GET /-/healthy").status == "200").then_some(())
    });
    assert!(sidecar.own("counterfoil_connections_rejected_total") >= 3.0);
}

#[test]
fn what_is_too_long_is_refused() {
    let (_directory, sidecar) = counting(&[]);
    let long = "x".repeat(20_000);
    let head = format!("GET /metrics?{long} HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(Response::of(&sidecar.exchange(head.as_bytes())).status, "431");
    let header = format!("GET /metrics HTTP/1.1\r\nHost: x\r\nX-A: {long}\r\n\r\n");
    assert_eq!(Response::of(&sidecar.exchange(header.as_bytes())).status, "431");
    let many = "X-A: b\r\n".repeat(200);
    let headers = format!("GET /metrics HTTP/1.1\r\nHost: x\r\n{many}\r\n");
    assert_eq!(Response::of(&sidecar.exchange(headers.as_bytes())).status, "431");
    // A body is not waited for.
    let body = b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000\r\n\r\nab";
    assert_eq!(Response::of(&sidecar.exchange(body)).status, "405");
    serves(&sidecar);
}

#[test]
fn bytes_that_are_no_http_are_answered_with_400_and_the_end() {
    let (_directory, sidecar) = counting(&[]);
    for garbage in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS client\r\n\r\n"[..],
        b"\0\0\0\0\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /metrics HTTP/9.9\r\n\r\n",
        b"EHLO x\r\n\r\n",
    ] {
        let answer = sidecar.exchange(garbage);
        let status = Response::of(&answer).status;
        assert!(
            status == "400" || answer.is_empty(),
            "{}",
            String::from_utf8_lossy(&answer)
        );
    }
    serves(&sidecar);
}

#[test]
fn requests_that_come_at_once_are_answered_one_after_the_other() {
    let (_directory, sidecar) = counting(&[]);
    let mut requests = KEPT_ALIVE.repeat(49);
    requests.extend(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let answer = String::from_utf8(sidecar.exchange(&requests)).unwrap();
    assert_eq!(answer.matches("HTTP/1.1 200 OK\r\n").count(), 50);
    assert_eq!(answer.matches("\njobs_total 4.0\n").count(), 50);
}

#[test]
fn methods_and_paths_that_there_are_not_are_told_from_those_that_there_are() {
    let (_directory, sidecar) = counting(&[]);
    for (request, status) in [
        ("GET /metrics", "200"),
        ("HEAD /metrics", "200"),
        ("POST /metrics", "405"),
        ("DELETE /-/metrics", "405"),
        ("GET /", "404"),
        ("GET /-/", "404"),
        ("GET /-/healthy", "200"),
        ("HEAD /-/ready", "200"),
        ("GET /-/metrics", "200"),
    ] {
        assert_eq!(sidecar.ask(request).status, status, "{request}");
    }
    assert_eq!(sidecar.ask("HEAD /metrics").body, "");
}

#[test]
fn names_restrict_what_is_served_up_to_a_hundred_of_them() {
    let (directory, sidecar) = counting(&[]);
    crate::fill(Path::new(directory.path()));
    let whole = sidecar.scrape();
    let part = sidecar
        .ask("GET /metrics?name[]=jobs&name%5B%5D=nothing&x=y")
        .body;
    assert!(
        part.ends_with("\njobs_total 4.0\n") && part.lines().count() == 3,
        "{part}"
    );
    let asked = |count: usize| (0..count).map(|at| format!("name[]={at}&")).collect::<String>();
    let ask = |count| sidecar.ask(&format!("GET /metrics?{}", asked(count))).status;
    assert_eq!([ask(100), ask(101)], ["200", "400"]);
    assert_eq!(
        sidecar.scrape().len(),
        whole.len(),
        "what was asked for once is not kept"
    );
}
