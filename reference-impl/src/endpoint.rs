//! The HTTP endpoint: `/metrics`, and beside it what a sidecar says about itself.

use std::collections::HashSet;
use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::routing::get;
use bytes::Bytes;
use tokio::sync::Semaphore;

use crate::connections::{self, ConnectionLimits};
use crate::exposition::Format;
use crate::mutant::Mutant;
use crate::negotiation;
use crate::notice::notice;
use crate::own_metrics::{Outcome, OwnMetrics};
use crate::scrape::{ScrapeError, Scraper};
use crate::unruly;

/// The most `name[]` in a query: each is looked for in every family.
const MAX_NAMES: usize = 100;

/// Serves `/metrics` on a socket that listens already, until `stop` is done and every response
/// that was begun has been sent.
///
/// # Errors
/// If the socket cannot be used.
pub async fn serve<S>(listener: TcpListener, scraper: Scraper, stop: S) -> io::Result<()>
where
    S: Future<Output = ()> + Send + 'static,
{
    Endpoint::new(scraper).serve(listener, stop).await
}

/// What answers requests, and what its clients may take up.
#[derive(Debug)]
pub struct Endpoint {
    served: Served,
    limits: ConnectionLimits,
    speaks_of_itself: bool,
}

/// What a request is answered from.
#[derive(Debug)]
struct Served {
    scraper: Scraper,
    own: Arc<OwnMetrics>,
    /// One scrape at a time: a second one at once would take memory and gain no time. Who waited for one that began
    /// meanwhile shares it.
    turn: Arc<Semaphore>,
    /// The last failure, so that one that stays is told once.
    failure: Mutex<Option<String>>,
}

impl Endpoint {
    /// The endpoint of a fleet: `/metrics` and nothing else.
    #[must_use]
    pub fn new(scraper: Scraper) -> Self {
        let served = Served {
            own: scraper.own_metrics(),
            scraper,
            turn: Arc::new(Semaphore::new(1)),
            failure: Mutex::default(),
        };
        Self {
            served,
            limits: ConnectionLimits::default(),
            speaks_of_itself: false,
        }
    }

    /// That of a sidecar, which answers under `/-/` about itself.
    #[must_use]
    pub fn of_sidecar(scraper: Scraper, limits: ConnectionLimits) -> Self {
        Self {
            limits,
            speaks_of_itself: true,
            ..Self::new(scraper)
        }
    }

    /// Serves on a socket that listens already, until `stop` is done and every response that was begun has been sent.
    ///
    /// # Errors
    /// If the socket cannot be used.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()>) -> io::Result<()> {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let mutant = self.served.scraper.mutant();
        if let Some(mutant) = mutant.filter(|mutant| unruly::speaks_for_itself(*mutant)) {
            return tokio::select! {
                () = stop => Ok(()),
                served = unruly::serve(listener, Arc::new(self.served.scraper), mutant) => served,
            };
        }
        let own = Arc::clone(&self.served.own);
        let limits = self.limits;
        connections::serve(listener, self.router(), limits, own, mutant, stop).await
    }

    /// GET and HEAD; 405 for other methods, 404 elsewhere.
    fn router(self) -> Router {
        let mut router = Router::new().route("/metrics", get(metrics));
        if self.speaks_of_itself {
            router = router
                .route("/-/metrics", get(own_metrics))
                .route("/-/healthy", get("healthy\n"))
                .route("/-/ready", get("ready\n"));
        }
        router.with_state(Arc::new(self.served))
    }
}

async fn metrics(
    State(served): State<Arc<Served>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response<Body> {
    let began = Instant::now();
    let names = names(query.as_deref().unwrap_or_default());
    if names.len() > MAX_NAMES {
        served.own.note_scrape(Outcome::Limited, began.elapsed());
        let text = format!("more than {MAX_NAMES} different name[]; ask for less, or for everything\n");
        return refusal(StatusCode::BAD_REQUEST, text);
    }
    let mutant = served.scraper.mutant();
    let format = match mutant {
        Some(Mutant::IgnoresAccept) => Format::Text,
        _ => negotiation::format(&joined(&headers, header::ACCEPT)),
    };
    let gzip = negotiation::takes_gzip(&joined(&headers, header::ACCEPT_ENCODING))
        && mutant != Some(Mutant::ClaimsGzip);
    match served.body(format, names, gzip, began).await {
        Ok(body) => {
            served.note(None);
            served.own.note_scrape(Outcome::Served, began.elapsed());
            let body = match mutant {
                Some(Mutant::CutGzip) if gzip => body.slice(..body.len() / 2),
                _ => body,
            };
            let response = response(body, format, gzip);
            match mutant {
                Some(mutant) => unruly::deface(response, mutant),
                None => response,
            }
        }
        Err(error) => {
            let (outcome, status) = match error.is_limit() {
                true => (Outcome::Limited, StatusCode::SERVICE_UNAVAILABLE),
                false => (Outcome::Failed, StatusCode::INTERNAL_SERVER_ERROR),
            };
            served.own.note_scrape(outcome, began.elapsed());
            let text = error.to_string();
            let answer = refusal(status, format!("{text}\n"));
            served.note(Some(text));
            answer
        }
    }
}

async fn own_metrics(State(served): State<Arc<Served>>, headers: HeaderMap) -> Response<Body> {
    let format = negotiation::format(&joined(&headers, header::ACCEPT));
    response(served.own.write(format).into(), format, false)
}

impl Served {
    async fn body(
        self: &Arc<Self>,
        format: Format,
        names: HashSet<String>,
        gzip: bool,
        asked: Instant,
    ) -> Result<Bytes, ScrapeError> {
        if self.scraper.mutant() == Some(Mutant::RefusesAtOnce) && self.turn.available_permits() == 0 {
            return Err(io::Error::other("another scrape is under way").into());
        }
        let turn = Arc::clone(&self.turn).acquire_owned().await;
        let turn = turn.expect("the semaphore is never closed");
        if names.is_empty()
            && let Some(body) = self.scraper.made_since(asked, format, gzip)
        {
            return Ok(body);
        }
        let served = Arc::clone(self);
        // Files are read and text is compressed where it keeps no other client waiting.
        let body = tokio::task::spawn_blocking(move || {
            // A client may hang up meanwhile; the turn is over when the work is.
            let _turn = turn;
            match gzip {
                true => served.scraper.scrape_gzip(format, &names),
                false => served.scraper.scrape(format, &names),
            }
        });
        body.await.map_err(io::Error::other)?
    }

    /// Says that scrapes fail, and that they no longer do.
    fn note(&self, failure: Option<String>) {
        let mut last = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if *last == failure {
            return;
        }
        match &failure {
            Some(failure) => notice(format_args!("a scrape failed: {failure}")),
            None => notice("scrapes succeed again"),
        }
        *last = failure;
    }
}

fn refusal(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}

fn response(body: Bytes, format: Format, gzip: bool) -> Response<Body> {
    let content_type = format.content_type();
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    let vary = HeaderValue::from_static("Accept, Accept-Encoding");
    headers.insert(header::VARY, vary);
    if gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// All values of a header, as the one list that they are.
fn joined(headers: &HeaderMap, name: header::HeaderName) -> String {
    let values = headers.get_all(name).into_iter();
    let values: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
    values.join(",")
}

/// What the query's `name[]` ask for (M15).
fn names(query: &str) -> HashSet<String> {
    form_urlencoded::parse(query.as_bytes())
        .filter(|(key, _)| key == "name[]")
        .map(|(_, value)| value.into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m15_names_are_repeatable_and_decoded() {
        let asked = names("name[]=jobs_total&name%5B%5D=a%3Ab&other=x");
        assert_eq!(asked, HashSet::from(["jobs_total".into(), "a:b".into()]));
    }
}
