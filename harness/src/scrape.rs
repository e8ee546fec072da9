//! The scraper: one HTTP request as Prometheus makes it, kept as it came.

#[cfg(feature = "suite")]
mod client;
#[cfg(feature = "suite")]
mod slow;

use std::time::Duration;

use bytes::Bytes;
#[cfg(feature = "suite")]
pub use client::Scraper;
use miette::Diagnostic;
use serde::{Deserialize, Serialize};
#[cfg(feature = "suite")]
pub use slow::SlowScrapers;
use thiserror::Error;

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
    /// Whether a response of that content type is in the format that was asked for, of whatever version.
    ///
    /// ```
    /// use counterfoil::scrape::Format;
    ///
    /// assert!(Format::Text.is_served_as("text/plain; charset=utf-8"));
    /// assert!(!Format::Text.is_served_as("application/json"));
    /// // Who asks for OpenMetrics may not be given text.
    /// assert!(!Format::OpenMetrics.is_served_as("text/plain; version=0.0.4"));
    /// ```
    pub fn is_served_as(self, content_type: &str) -> bool {
        let (media, _) = media_and_version(content_type);
        media
            == match self {
                Self::Text => "text/plain",
                Self::OpenMetrics => "application/openmetrics-text",
            }
    }

    /// Whether a response of that content type is of the version that was asked for: what to expect of names and escapes
    /// depends on it. `OpenMetrics` has to say its version.
    ///
    /// ```
    /// use counterfoil::scrape::Format;
    ///
    /// assert!(Format::Text.is_of_its_version("text/plain; charset=utf-8"));
    /// assert!(!Format::Text.is_of_its_version("text/plain; version=1.0.0"));
    /// assert!(Format::OpenMetrics.is_of_its_version("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    /// assert!(!Format::OpenMetrics.is_of_its_version("application/openmetrics-text; charset=utf-8"));
    /// ```
    pub fn is_of_its_version(self, content_type: &str) -> bool {
        let (_, version) = media_and_version(content_type);
        match self {
            Self::Text => version.is_none_or(|version| version == "0.0.4"),
            Self::OpenMetrics => version.is_some_and(|version| version == "1.0.0"),
        }
    }
}

fn media_and_version(content_type: &str) -> (String, Option<String>) {
    let mut parts = content_type
        .split(';')
        .map(|part| part.trim().to_ascii_lowercase());
    let media = parts.next().unwrap_or_default();
    (
        media,
        parts.find_map(|part| part.strip_prefix("version=").map(str::to_owned)),
    )
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
        deadline_ms: u64,
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
        /// How long was waited, if the answer did not end in time.
        gave_up_after_ms: Option<u64>,
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

impl ScrapeError {
    /// How long was waited, if the answer did not end in time.
    pub fn gave_up_after_ms(&self) -> Option<u64> {
        match self {
            Self::Deadline { deadline_ms, .. } => Some(*deadline_ms),
            Self::Kept { gave_up_after_ms, .. } => *gave_up_after_ms,
            _ => None,
        }
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
    fn the_content_type_must_be_the_one_that_was_asked_for() {
        assert!(Format::Text.is_served_as("text/plain; version=0.0.4; charset=utf-8"));
        assert!(Format::Text.is_served_as("Text/Plain; version=1.0.0"));
        assert!(!Format::Text.is_served_as("text/html"));
        assert!(!Format::Text.is_served_as(""));
        assert!(Format::OpenMetrics.is_served_as("application/openmetrics-text; version=0.0.1"));
        assert!(!Format::OpenMetrics.is_served_as("text/plain; version=0.0.4"));
    }

    #[test]
    fn the_version_must_be_the_one_that_was_asked_for() {
        assert!(Format::Text.is_of_its_version("text/plain; version=0.0.4; charset=utf-8"));
        assert!(Format::Text.is_of_its_version("text/plain"));
        assert!(!Format::Text.is_of_its_version("text/plain; charset=utf-8; VERSION=1.0.0"));
        let openmetrics = |version: &str| {
            Format::OpenMetrics
                .is_of_its_version(&format!("application/openmetrics-text{version}; charset=utf-8"))
        };
        assert!(openmetrics("; version=1.0.0"));
        assert!(!openmetrics("; version=0.0.1"));
        assert!(!openmetrics(""));
    }
}
