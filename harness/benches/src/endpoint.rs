//! Serving a directory whose files do not change.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::contender::{Contender, Failure, Here};
use crate::data_set::Size;
use crate::own::argument;
use crate::rounds::Rounds;
use crate::server::{Prebuilt, Server};
use crate::site::Site;
use crate::table::Limit::{AtLeast, AtMost};
use crate::table::{Row, Scale, Section, Times};

const ROUNDS: usize = 15;
/// A scrape of M takes prometheus_client a second, five at once five.
const ROUNDS_OF_FIVE: usize = 5;
const CLIENTS: usize = 5;
/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(120);

const OWN: &str = "counterfoil reference serve";
const PREBUILT: &str = "limit: a text that is there already";
const CLIENT: &str = "prometheus_client 0.26.0, start_http_server";

/// Data set M, one client, and five at once.
pub(crate) fn section(site: &Site, rounds: Option<usize>) -> anyhow::Result<Section> {
    let data = site.data(Size::M);
    let text = std::fs::read(site.text(Size::M)).context("the text of M")?;
    // Less than any exposition of the data set has: an error's page is no answer.
    let expected = text.len() / 2;
    let own = Server::counterfoil(site, &data)?;
    let prebuilt = Prebuilt::serve(text)?;
    let script = site.peer("serve.py");
    let client = Server::python(&site.python("python"), [argument(&script), argument(&data)])?;

    let one = |name: &str, address: SocketAddr| -> Box<dyn Contender> {
        Here::new(name, move || scrapes(1, address, expected))
    };
    let alone = Rounds::of(
        vec![one(OWN, own.address()), one(PREBUILT, prebuilt.address())],
        rounds.unwrap_or(ROUNDS),
    );
    let five = |name: &str, address: SocketAddr| -> Box<dyn Contender> {
        Here::new(name, move || scrapes(CLIENTS, address, expected))
    };
    let crowd = Rounds::of(
        vec![five(OWN, own.address()), five(CLIENT, client.address())],
        rounds.unwrap_or(ROUNDS_OF_FIVE),
    );
    Ok(Section {
        title: "Endpoint, unchanged files of M".to_owned(),
        rows: vec![
            Row::ratio(
                "serve M, over a prebuilt text".to_owned(),
                &alone,
                OWN,
                PREBUILT,
                (AtMost(3.0), AtMost(1.5)),
            ),
            Row::ratio(
                "serve M to 5 clients at once, against prometheus_client".to_owned(),
                &crowd,
                CLIENT,
                OWN,
                (AtLeast(60.0), AtLeast(300.0)),
            ),
        ],
        times: vec![
            Times {
                what: "one client".to_owned(),
                rounds: alone,
                scale: Scale::Milliseconds,
            },
            Times {
                what: "five clients at once, until the last has its answer".to_owned(),
                rounds: crowd,
                scale: Scale::Milliseconds,
            },
        ],
    })
}

/// The time until so many clients at once have each been answered.
fn scrapes(clients: usize, address: SocketAddr, expected: usize) -> Result<f64, Failure> {
    let began = Instant::now();
    let clients: Vec<_> = (0..clients)
        .map(|_| thread::spawn(move || scrape(address, expected)))
        .collect();
    for client in clients {
        let answered = client
            .join()
            .map_err(|_| Failure::Broken("a client panicked".to_owned()))?;
        answered?;
    }
    Ok(began.elapsed().as_nanos() as f64)
}

fn scrape(address: SocketAddr, expected: usize) -> Result<(), Failure> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(LIMIT))?;
    write!(
        stream,
        "GET /metrics HTTP/1.1\r\nHost: {address}\r\nAccept: text/plain;version=0.0.4\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::with_capacity(2 * expected + (1 << 20));
    stream.read_to_end(&mut answer)?;
    let status = answer.get(9..12).unwrap_or_default();
    if status != b"200" || answer.len() < expected {
        let status = String::from_utf8_lossy(status);
        return Err(Failure::Broken(format!(
            "status {status}, {} bytes",
            answer.len()
        )));
    }
    Ok(())
}
