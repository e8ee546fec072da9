//! The mutants of the endpoint that misbehave on the wire.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::interval;

use crate::exposition::Format;
use crate::mutant::Mutant;
use crate::scrape::Scraper;

/// A message of Prometheus' protobuf, delimited: the counter `jobs` without a value.
const MESSAGE: &[u8] = b"\x08\x0a\x04jobs\x18\x00";
const PROTOBUF: &str =
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";
const PAGE: &str = "<!DOCTYPE html>\n<title>Metrics</title>\n<p>Metrics are at /metrics.\n";
/// The longest request that is waited for.
const REQUEST_LIMIT: usize = 16 * 1024;

/// The response as the mutant sends it.
pub(crate) fn deface(mut response: Response<Body>, mutant: Mutant) -> Response<Body> {
    let text = HeaderValue::from_static;
    match mutant {
        Mutant::WrongContentType => {
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, text("application/json"));
        }
        Mutant::ServesANewerVersion => restate(&mut response, "0.0.4", "1.0.0"),
        Mutant::ServesADraft => restate(
            &mut response,
            "openmetrics-text; version=1.0.0",
            "openmetrics-text; version=0.0.1",
        ),
        Mutant::Status500 => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
        Mutant::Redirects => {
            *response.status_mut() = StatusCode::FOUND;
            response.headers_mut().insert(header::LOCATION, text("/"));
        }
        Mutant::ClaimsGzip => {
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_ENCODING, text("gzip"));
        }
        Mutant::ServesAPage => {
            *response.body_mut() = Body::from(PAGE);
            response.headers_mut().remove(header::CONTENT_ENCODING);
        }
        Mutant::ServesProtobuf => {
            *response.body_mut() = Body::from(MESSAGE);
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, text(PROTOBUF));
            headers.remove(header::CONTENT_ENCODING);
        }
        _ => {}
    }
    response
}

/// Says another content type of the same body.
fn restate(response: &mut Response<Body>, from: &str, to: &str) {
    let stated = response.headers().get(header::CONTENT_TYPE);
    let restated =
        stated.and_then(|stated| HeaderValue::from_str(&stated.to_str().ok()?.replace(from, to)).ok());
    if let Some(restated) = restated {
        response.headers_mut().insert(header::CONTENT_TYPE, restated);
    }
}

/// Whether it does what no HTTP library can be made to do.
pub(crate) fn speaks_for_itself(mutant: Mutant) -> bool {
    matches!(
        mutant,
        Mutant::AnswersGarbage | Mutant::AnswersWithoutEnd | Mutant::Drips | Mutant::PartialBody
    )
}

/// Answers every connection as that mutant does, for ever.
pub(crate) async fn serve(listener: TcpListener, scraper: Arc<Scraper>, mutant: Mutant) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let scraper = Arc::clone(&scraper);
        // Who hangs up has had enough.
        tokio::spawn(async move { drop(answer(stream, &scraper, mutant).await) });
    }
}

async fn answer(mut stream: TcpStream, scraper: &Scraper, mutant: Mutant) -> io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") && request.len() < REQUEST_LIMIT {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    if mutant == Mutant::AnswersGarbage {
        return stream.write_all(b"220 no.http.here ESMTP\r\n").await;
    }
    let text = scraper.scrape(Format::Text, &std::collections::HashSet::new());
    let text = text.map_err(io::Error::other)?;
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {}\r\n",
        Format::Text.content_type()
    );
    stream.write_all(head.as_bytes()).await?;
    if matches!(mutant, Mutant::Drips | Mutant::PartialBody) {
        let length = format!("content-length: {}\r\n\r\n", text.len());
        stream.write_all(length.as_bytes()).await?;
        if mutant == Mutant::PartialBody {
            return stream.write_all(&text[..text.len() / 2]).await;
        }
        let mut tick = interval(Duration::from_millis(100));
        for byte in text {
            tick.tick().await;
            stream.write_u8(byte).await?;
        }
        return Ok(());
    }
    stream.write_all(b"\r\n").await?;
    stream.write_all(&text).await?;
    let more = "# and so on\n".repeat(64);
    let mut tick = interval(Duration::from_millis(5));
    loop {
        tick.tick().await;
        stream.write_all(more.as_bytes()).await?;
    }
}
