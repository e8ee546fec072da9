//! The scraper: one HTTP request as Prometheus makes it, kept as it came.
//!
//! No proxy, no redirect, a bounded body, gzip decoded here and not by the client, so that what was served
//! can be judged and kept byte for byte.

use std::io::Read;
use std::time::{Duration, Instant};

use bytes::Bytes;
use flate2::read::GzDecoder;
use miette::Diagnostic;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::cause::root;

/// The largest body that is read, compressed or not.
const BODY_LIMIT: usize = 128 * 1024 * 1024;

/// The format that is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Text 0.0.4.
    #[default]
    Text,
    /// `OpenMetrics` 1.0.
    OpenMetrics,
}

impl Format {
    fn accept(self) -> &'static str {
        match self {
            Self::Text => "text/plain;version=0.0.4",
            Self::OpenMetrics => "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.1",
        }
    }

    /// Whether a response of that content type is what was asked for.
    ///
    /// ```
    /// use counterfoil::scrape::Format;
    ///
    /// assert!(Format::Text.is_served_as("text/plain; charset=utf-8"));
    /// assert!(!Format::Text.is_served_as("application/json"));
    /// // OpenMetrics has to say its version, and who asks for it may not be given text.
    /// assert!(Format::OpenMetrics.is_served_as("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    /// assert!(!Format::OpenMetrics.is_served_as("application/openmetrics-text; charset=utf-8"));
    /// assert!(!Format::OpenMetrics.is_served_as("text/plain; version=0.0.4"));
    /// ```
    pub fn is_served_as(self, content_type: &str) -> bool {
        let mut parts = content_type
            .split(';')
            .map(|part| part.trim().to_ascii_lowercase());
        let media = parts.next().unwrap_or_default();
        let version = parts.find_map(|part| part.strip_prefix("version=").map(str::to_owned));
        match self {
            Self::Text => media == "text/plain" && version.is_none_or(|version| version == "0.0.4"),
            Self::OpenMetrics => {
                media == "application/openmetrics-text" && version.is_some_and(|v| v == "1.0.0")
            }
        }
    }
}

/// What was served.
#[derive(Clone, Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The content type, empty if none was sent.
    pub content_type: String,
    /// The content encoding, empty if none was sent.
    pub encoding: String,
    /// The body as it came.
    pub raw: Bytes,
    /// The body, decompressed.
    pub body: Bytes,
    /// From the request to the last byte.
    pub elapsed: Duration,
    /// What was asked for.
    pub format: Format,
}

impl Response {
    /// What it is instead of an exposition that the suite reads: another status than 200, or protobuf.
    pub fn unreadable(&self) -> Option<String> {
        let content_type = &self.content_type;
        match self.status {
            200 => {
                is_protobuf(content_type).then(|| format!("protobuf ({content_type}): {TEXT_FORMATS_ONLY}"))
            }
            300..400 => Some(format!("status {}, a redirect that is not followed", self.status)),
            other => Some(format!("status {other}")),
        }
    }
}

/// Why protobuf is refused.
pub const TEXT_FORMATS_ONLY: &str = "this suite speaks text 0.0.4 and OpenMetrics 1.0 text only";

/// Whether a content type is one of the binary formats, Prometheus' own or that of OpenMetrics.
fn is_protobuf(content_type: &str) -> bool {
    let media = content_type.split(';').next().unwrap_or_default();
    media.to_ascii_lowercase().contains("protobuf")
}

/// Why there is no response.
#[derive(Debug, Error, Diagnostic)]
pub enum ScrapeError {
    /// The address is none of HTTP's.
    #[error("{url:?} is no address of an endpoint: {reason}")]
    #[diagnostic(help("write it as http://HOST:PORT/metrics; https is not spoken"))]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody answers, or the answer broke off, or it is not HTTP.
    #[error("{url}: {reason}")]
    #[diagnostic(help(
        "does the exporter run, and is this where it serves its metrics? `curl -v` shows what is there"
    ))]
    Http {
        /// The address.
        url: String,
        /// What went wrong, to its root.
        reason: String,
    },
    /// The answer did not end in time.
    #[error("{url}: no complete answer within {deadline_ms} ms")]
    #[diagnostic(help(
        "see what keeps the endpoint busy, or whether its answer ever ends: `curl -v` shows it"
    ))]
    Deadline {
        /// The address.
        url: String,
        /// How long was waited.
        deadline_ms: u128,
    },
    /// The body is larger than any exposition.
    #[error("{url}: the body exceeds {limit} bytes")]
    #[diagnostic(help("see whether the answer ever ends: `curl -v` shows it"))]
    TooLarge {
        /// The address.
        url: String,
        /// The limit.
        limit: usize,
    },
    /// What a kept run says of a scrape that had no response, judged again.
    #[error("{error}")]
    Kept {
        /// What was said then.
        error: String,
    },
    /// The body is declared to be compressed in a way that it is not.
    #[error("{url}: the body cannot be decoded as {encoding:?}: {reason}")]
    #[diagnostic(help(
        "the endpoint must not declare what it does not do: `curl -v -H 'Accept-Encoding: gzip'` shows it"
    ))]
    Encoding {
        /// The address.
        url: String,
        /// The declared encoding.
        encoding: String,
        /// What is wrong.
        reason: String,
    },
}

/// Scrapes one endpoint.
#[derive(Clone, Debug)]
pub struct Scraper {
    client: reqwest::Client,
    url: String,
    deadline: Duration,
}

impl Scraper {
    /// For the endpoint at `url`; a scrape that takes longer than `deadline` fails.
    ///
    /// # Errors
    /// The HTTP client cannot be set up.
    pub fn new(url: &str, deadline: Duration) -> Result<Self, ScrapeError> {
        let malformed = |reason: String| ScrapeError::Url {
            url: url.to_owned(),
            reason,
        };
        let parsed = reqwest::Url::parse(url).map_err(|error| malformed(error.to_string()))?;
        if parsed.scheme() != "http" {
            return Err(malformed(format!("its scheme is {}", parsed.scheme())));
        }
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|error| ScrapeError::Http {
                url: url.to_owned(),
                reason: root(&error),
            })?;
        Ok(Self {
            client,
            url: url.to_owned(),
            deadline,
        })
    }

    /// One scrape.
    ///
    /// # Errors
    /// Nobody answers, or what is answered is not a complete HTTP response within the deadline.
    pub async fn get(&self, format: Format) -> Result<Response, ScrapeError> {
        let started = Instant::now();
        match tokio::time::timeout(self.deadline, self.exchange(format, started)).await {
            Ok(response) => response,
            Err(_) => Err(ScrapeError::Deadline {
                url: self.url.clone(),
                deadline_ms: self.deadline.as_millis(),
            }),
        }
    }

    async fn exchange(&self, format: Format, started: Instant) -> Result<Response, ScrapeError> {
        let http = |error: reqwest::Error| ScrapeError::Http {
            url: self.url.clone(),
            reason: format!("{}: {}", stage(&error), root(&error)),
        };
        let request = self
            .client
            .get(&self.url)
            .header("accept", format.accept())
            .header("accept-encoding", "gzip");
        let mut response = request.send().await.map_err(http)?;
        let header = |name: &str| {
            let value = response
                .headers()
                .get(name)
                .map(|value| String::from_utf8_lossy(value.as_bytes()));
            value.map(|value| value.trim().to_owned()).unwrap_or_default()
        };
        let (content_type, encoding) = (header("content-type"), header("content-encoding"));
        let status = response.status().as_u16();
        let mut raw = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(http)? {
            if raw.len() + chunk.len() > BODY_LIMIT {
                return Err(ScrapeError::TooLarge {
                    url: self.url.clone(),
                    limit: BODY_LIMIT,
                });
            }
            raw.extend_from_slice(&chunk);
        }
        let elapsed = started.elapsed();
        let raw = Bytes::from(raw);
        let body = self.decode(&encoding, &raw)?;
        Ok(Response {
            status,
            content_type,
            encoding,
            raw,
            body,
            elapsed,
            format,
        })
    }

    fn decode(&self, encoding: &str, raw: &Bytes) -> Result<Bytes, ScrapeError> {
        let failed = |reason: String| ScrapeError::Encoding {
            url: self.url.clone(),
            encoding: encoding.to_owned(),
            reason,
        };
        match encoding {
            "" | "identity" => Ok(raw.clone()),
            "gzip" => {
                let mut body = Vec::new();
                let limit = u64::try_from(BODY_LIMIT).unwrap_or(u64::MAX);
                let read = GzDecoder::new(&raw[..]).take(limit + 1).read_to_end(&mut body);
                read.map_err(|error| failed(error.to_string()))?;
                if body.len() > BODY_LIMIT {
                    return Err(ScrapeError::TooLarge {
                        url: self.url.clone(),
                        limit: BODY_LIMIT,
                    });
                }
                Ok(body.into())
            }
            _ => Err(failed("it was not offered".to_owned())),
        }
    }
}

/// How far the exchange came: the client's own words say what it had expected, not what is wrong.
fn stage(error: &reqwest::Error) -> &'static str {
    if error.is_connect() {
        "nobody answers"
    } else if error.is_body() || error.is_decode() {
        "the answer breaks off"
    } else {
        "no HTTP response"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protobuf_is_told_by_its_content_type() {
        for protobuf in [
            "application/vnd.google.protobuf",
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
            "Application/OpenMetrics-Protobuf; version=1.0.0",
            "application/x-protobuf",
        ] {
            assert!(is_protobuf(protobuf), "{protobuf}");
        }
        for text in [
            "text/plain; version=0.0.4",
            "application/openmetrics-text",
            "text/html; of=protobuf",
            "",
        ] {
            assert!(!is_protobuf(text), "{text}");
        }
    }

    #[test]
    fn an_address_that_is_none_of_http_is_refused_before_anything_is_sent() {
        for wrong in ["", "localhost:9000", "https://127.0.0.1:9000/metrics", "/metrics"] {
            let refused = Scraper::new(wrong, Duration::from_secs(1));
            assert!(matches!(refused, Err(ScrapeError::Url { .. })), "{wrong}");
        }
        assert!(Scraper::new("http://[::1]:9000/metrics", Duration::from_secs(1)).is_ok());
    }

    #[test]
    fn the_content_type_must_be_the_one_that_was_asked_for() {
        assert!(Format::Text.is_served_as("text/plain; version=0.0.4; charset=utf-8"));
        assert!(!Format::Text.is_served_as("text/html"));
        assert!(!Format::Text.is_served_as("text/plain; version=1.0.0"));
        assert!(
            Format::OpenMetrics.is_served_as("application/openmetrics-text; version=1.0.0; charset=utf-8")
        );
        assert!(!Format::OpenMetrics.is_served_as("text/plain; version=0.0.4"));
    }
}
