//! The HTTP client of the scraper.
//!
//! No proxy, no redirect, a bounded body, gzip decoded here and not by the client, so that what was served
//! can be judged and kept byte for byte.

use std::io::Read;
use std::time::{Duration, Instant};

use bytes::Bytes;
use flate2::read::GzDecoder;

use super::{Format, Response, ScrapeError, SlowScrapers};
use crate::cause::root;

/// The largest body that is read, compressed or not.
const BODY_LIMIT: usize = 128 * 1024 * 1024;

/// Scrapes one endpoint.
#[derive(Clone, Debug)]
pub struct Scraper {
    client: reqwest::Client,
    url: reqwest::Url,
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
            url: parsed,
            deadline,
        })
    }

    /// The same, for the samples of these names alone, by `?name[]=`; without names, for everything.
    #[must_use]
    pub fn asking_for(mut self, names: &[String]) -> Self {
        if !names.is_empty() {
            let names = names.iter().map(|name| ("name[]", name));
            self.url.query_pairs_mut().extend_pairs(names);
        }
        self
    }

    /// As many others, which take their time with the same endpoint: when this returns, each has begun, or is not let in.
    pub async fn slowly(&self, count: u32) -> SlowScrapers {
        SlowScrapers::begin(&self.url, count).await
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
                url: self.url.to_string(),
                deadline_ms: u64::try_from(self.deadline.as_millis()).unwrap_or(u64::MAX),
            }),
        }
    }

    async fn exchange(&self, format: Format, started: Instant) -> Result<Response, ScrapeError> {
        let http = |error: reqwest::Error| ScrapeError::Http {
            url: self.url.to_string(),
            reason: format!("{}: {}", stage(&error), root(&error)),
        };
        let request = self
            .client
            .get(self.url.clone())
            .header("accept", accept(format))
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
                    url: self.url.to_string(),
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
            url: self.url.to_string(),
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
                        url: self.url.to_string(),
                        limit: BODY_LIMIT,
                    });
                }
                Ok(body.into())
            }
            _ => Err(failed("it was not offered".to_owned())),
        }
    }
}

/// The header that asks for it.
fn accept(format: Format) -> &'static str {
    match format {
        Format::Text => "text/plain;version=0.0.4",
        Format::OpenMetrics => "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.1",
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
    fn an_address_that_is_none_of_http_is_refused_before_anything_is_sent() {
        for wrong in ["", "localhost:9000", "https://127.0.0.1:9000/metrics", "/metrics"] {
            let refused = Scraper::new(wrong, Duration::from_secs(1));
            assert!(matches!(refused, Err(ScrapeError::Url { .. })), "{wrong}");
        }
        assert!(Scraper::new("http://[::1]:9000/metrics", Duration::from_secs(1)).is_ok());
    }
}
