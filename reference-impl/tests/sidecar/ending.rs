//! How a sidecar stops.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::{Sidecar, eventually, fill};

/// A client that has asked for more than fits, and has read the beginning of the answer.
fn slow_reader(sidecar: &Sidecar) -> (TcpStream, Vec<u8>) {
    let mut stream = sidecar.connect();
    let request = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(request).unwrap();
    let mut answer = vec![0; 1000];
    stream.read_exact(&mut answer).unwrap();
    (stream, answer)
}

#[test]
fn a_response_that_was_begun_is_sent_to_its_end_while_nobody_new_is_let_in() {
    let directory = tempfile::tempdir().unwrap();
    fill(directory.path());
    let mut sidecar = Sidecar::of(&[directory.path()], &["--grace-ms", "60000"]);
    let (mut stream, mut answer) = slow_reader(&sidecar);
    sidecar.signal(Signal::TERM);
    eventually("the port to be closed", || sidecar.refuses().then_some(()));
    assert!(
        sidecar.process.try_wait().unwrap().is_none(),
        "it owes a response"
    );
    // The connection could be used again, but for the signal.
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.len() > 16_000_000, "{} bytes", answer.len());
    assert_eq!(answer.last(), Some(&b'\n'));
    assert_eq!(sidecar.ended().code(), Some(0));
}

#[test]
fn a_client_that_does_not_read_costs_the_grace_and_no_more() {
    let directory = tempfile::tempdir().unwrap();
    fill(directory.path());
    let mut sidecar = Sidecar::of(&[directory.path()], &["--grace-ms", "400"]);
    let client = slow_reader(&sidecar);
    let began = Instant::now();
    sidecar.signal(Signal::TERM);
    assert_eq!(sidecar.ended().code(), Some(0));
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(400), "{took:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    drop(client);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let directory = tempfile::tempdir().unwrap();
    fill(directory.path());
    let mut sidecar = Sidecar::of(&[directory.path()], &["--grace-ms", "600000"]);
    let client = slow_reader(&sidecar);
    sidecar.signal(Signal::TERM);
    eventually("the port to be closed", || sidecar.refuses().then_some(()));
    sidecar.signal(Signal::INT);
    assert_eq!(sidecar.ended().code(), Some(0));
    drop(client);
}

#[test]
fn without_clients_it_ends_at_once() {
    let directory = tempfile::tempdir().unwrap();
    for signal in [Signal::TERM, Signal::INT] {
        let mut sidecar = Sidecar::of(&[directory.path()], &["--grace-ms", "600000"]);
        let idle = sidecar.connect();
        assert_eq!(sidecar.scrape(), "");
        sidecar.signal(signal);
        assert_eq!(sidecar.ended().code(), Some(0));
        drop(idle);
    }
}
