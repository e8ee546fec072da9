//! Prometheus itself, which scrapes a fleet from its start on. What it has stored at the end is an account of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::{Client, Url};
use rustix::process::Signal;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::time::Instant;

use super::RunError;
use crate::cause::{in_one_line, root};
use crate::check::{Stored, StoredSample};
use crate::fleet::{Group, Spawner, on_path};
use crate::poll::every;

/// The program, as Prometheus' own releases and Debian's package call it.
const PROGRAM: &str = "prometheus";
const JOB: &str = "fleet";
/// Between two scrapes, and how long one may take.
const INTERVAL: &str = "500ms";
/// So many scrapes may fail before there is nothing to be waited for.
const ATTEMPTS: usize = 5;
const READY_DEADLINE: Duration = Duration::from_secs(30);
const STOP_GRACE: Duration = Duration::from_secs(10);
/// How the names end of what never falls.
const CUMULATIVE: [&str; 3] = ["_total", "_bucket", "_count"];
/// What Prometheus adds to every target.
const ITS_OWN: [&str; 5] = [
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
];

/// Whether this machine has it.
pub(super) fn is_there() -> bool {
    on_path(PROGRAM).is_some()
}

/// A running Prometheus.
pub(super) struct Prometheus {
    group: Group,
    client: Client,
    url: Url,
    scratch: PathBuf,
}

impl Prometheus {
    /// Starts one that scrapes `target`, with its files below `dir`, and waits until it is ready.
    pub(super) async fn start(spawner: &Spawner, dir: &Path, target: &str) -> Result<Self, RunError> {
        let program = on_path(PROGRAM).ok_or_else(|| failed("it is not on PATH"))?;
        let target = Url::parse(target).map_err(|error| failed(error.to_string()))?;
        let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|socket| socket.local_addr());
        let port = port.map_err(|error| failed(error.to_string()))?.port();
        let url =
            Url::parse(&format!("http://127.0.0.1:{port}")).map_err(|error| failed(error.to_string()))?;
        let scratch = dir.join(PROGRAM);
        super::kept::create_dir(&scratch)?;
        let config = scratch.join("prometheus.yml");
        super::kept::write_json(&config, &configuration(&target))?;
        let command = [
            program.display().to_string(),
            format!("--config.file={}", config.display()),
            format!("--storage.tsdb.path={}", scratch.join("data").display()),
            format!("--web.listen-address=127.0.0.1:{port}"),
            "--log.level=warn".to_owned(),
        ];
        let log = dir.join("prometheus.log");
        let group = spawner
            .start(&command, &[], dir, &scratch, &log)
            .map_err(|error| failed(in_one_line(&error)))?;
        let client = Client::builder().no_proxy().build();
        let mut prometheus = Self {
            group,
            client: client.map_err(|error| failed(root(&error)))?,
            url,
            scratch,
        };
        prometheus.is_ready().await?;
        // It learns of its targets some seconds after it is ready.
        prometheus.scrapes(READY_DEADLINE).await?;
        Ok(prometheus)
    }

    async fn is_ready(&mut self) -> Result<(), RunError> {
        let deadline = Instant::now() + READY_DEADLINE;
        let mut tick = every(Duration::from_millis(20));
        loop {
            tick.tick().await;
            let answer = self.client.get(self.at("-/ready", &[])).send().await;
            if answer.is_ok_and(|response| response.status().is_success()) {
                return Ok(());
            }
            if let Some(status) = self.group.ended() {
                return Err(failed(format!(
                    "it ended with {status}: {}",
                    self.group.last_line()
                )));
            }
            if Instant::now() > deadline {
                return Err(failed(format!(
                    "it is not ready after {READY_DEADLINE:?}: {}",
                    self.group.last_line()
                )));
            }
        }
    }

    /// What it has stored, once it has made a scrape that began after this call.
    pub(super) async fn stored(&self, within: Duration) -> Result<Stored, RunError> {
        let (at, up) = self.scrapes(within).await?;
        let samples: Vec<Instantaneous> = self.query(&format!("{{job=\"{JOB}\"}}"), Some(at)).await?;
        let samples: Vec<StoredSample> = samples
            .into_iter()
            .filter_map(Instantaneous::of_the_fleet)
            .collect();
        let fell = self.fallen(&samples, at).await?;
        Ok(Stored {
            scrapes: up.len(),
            failed: up.iter().filter(|(_, value)| value != "1").count(),
            samples,
            fell,
        })
    }

    /// Waits until it has made a scrape that began after this call and succeeded, or some that failed: when, and how all its
    /// scrapes ended.
    pub(super) async fn scrapes(&self, within: Duration) -> Result<(f64, Vec<Point>), RunError> {
        let called = now_s();
        let deadline = Instant::now() + within;
        let mut tick = every(Duration::from_millis(100));
        loop {
            tick.tick().await;
            let up: Vec<Range> = self.query(&format!("up{{job=\"{JOB}\"}}[1h]"), None).await?;
            let up: Vec<Point> = up.into_iter().flat_map(|range| range.values).collect();
            let since = up.iter().filter(|(time, _)| *time > called);
            let succeeded = since.clone().find(|(_, value)| value == "1");
            let given_up = since.clone().nth(ATTEMPTS - 1);
            if let Some((at, _)) = succeeded.or(given_up) {
                return Ok((*at, up));
            }
            if Instant::now() > deadline {
                return Err(failed(format!("it has not scraped the fleet within {within:?}")));
            }
        }
    }

    /// What should only grow, and has fallen: each with how often.
    async fn fallen(&self, samples: &[StoredSample], at: f64) -> Result<Vec<StoredSample>, RunError> {
        let is_cumulative = |name: &&str| CUMULATIVE.iter().any(|end| name.ends_with(end));
        let names: BTreeSet<&str> = samples.iter().map(|sample| sample.name.as_str()).collect();
        let mut fallen = Vec::new();
        for name in names.into_iter().filter(is_cumulative) {
            let resets = format!("resets({{job=\"{JOB}\",__name__=\"{name}\"}}[1h]) > 0");
            let resets: Vec<Instantaneous> = self.query(&resets, Some(at)).await?;
            let resets = resets.into_iter().filter_map(Instantaneous::of_the_fleet);
            // The result of a function has no name.
            fallen.extend(resets.map(|sample| StoredSample {
                name: name.to_owned(),
                ..sample
            }));
        }
        Ok(fallen)
    }

    async fn query<T: DeserializeOwned>(&self, query: &str, at: Option<f64>) -> Result<T, RunError> {
        let mut parameters = vec![("query", query.to_owned())];
        parameters.extend(at.map(|at| ("time", format!("{at:.3}"))));
        let answer = self.client.get(self.at("api/v1/query", &parameters)).send().await;
        let body = match answer {
            Ok(response) => response.bytes().await,
            Err(error) => Err(error),
        };
        let body = body.map_err(|error| failed(root(&error)))?;
        let answer: Answer<T> = serde_json::from_slice(&body)
            .map_err(|error| failed(format!("{query}: {error}: {}", String::from_utf8_lossy(&body))))?;
        Ok(answer.data.result)
    }

    fn at(&self, path: &str, parameters: &[(&str, String)]) -> Url {
        let mut url = self.url.clone();
        url.set_path(path);
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(parameters);
        }
        url
    }

    /// Ends it. What it stored has been asked for, and would be the most of what is kept.
    pub(super) async fn stop(self) {
        self.group.stop(Signal::TERM, STOP_GRACE).await;
        let _ = std::fs::remove_dir_all(self.scratch.join("data"));
    }
}

/// Its configuration: JSON is YAML.
fn configuration(target: &Url) -> serde_json::Value {
    let address = format!(
        "{}:{}",
        target.host_str().unwrap_or_default(),
        target.port_or_known_default().unwrap_or_default()
    );
    json!({
        "global": { "scrape_interval": INTERVAL, "scrape_timeout": INTERVAL },
        "scrape_configs": [{
            "job_name": JOB,
            "metrics_path": target.path(),
            "static_configs": [{ "targets": [address] }],
        }],
    })
}

/// By Prometheus' clock, which is this machine's: in seconds since 1970.
fn now_s() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

fn failed(reason: impl Into<String>) -> RunError {
    RunError::Prometheus {
        reason: reason.into(),
    }
}

#[derive(Deserialize)]
struct Answer<T> {
    data: Data<T>,
}

#[derive(Deserialize)]
struct Data<T> {
    result: T,
}

/// A time in seconds, and a number as text.
type Point = (f64, String);

/// A series over some time.
#[derive(Deserialize)]
struct Range {
    values: Vec<Point>,
}

/// A series at one time.
#[derive(Deserialize)]
struct Instantaneous {
    metric: BTreeMap<String, String>,
    value: Point,
}

impl Instantaneous {
    /// As the fleet served it, without what Prometheus adds; `None` of what it counts itself.
    fn of_the_fleet(mut self) -> Option<StoredSample> {
        let name = self.metric.remove("__name__").unwrap_or_default();
        if ITS_OWN.contains(&name.as_str()) {
            return None;
        }
        for added in ["job", "instance"] {
            self.metric.remove(added);
        }
        Some(StoredSample {
            name,
            labels: self.metric,
            value: self.value.1,
        })
    }
}
