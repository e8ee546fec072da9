//! The HTTP endpoint: `/metrics` and nothing else.

use std::collections::HashSet;
use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::routing::get;
use bytes::Bytes;

use crate::exposition::Format;
use crate::mutant::Mutant;
use crate::negotiation;
use crate::notice::notice;
use crate::scrape::Scraper;
use crate::unruly;

/// Serves `/metrics` on a socket that listens already, until `stop` is done and every response
/// that was begun has been sent.
///
/// # Errors
/// If the socket cannot be used.
pub async fn serve<S>(listener: TcpListener, scraper: Scraper, stop: S) -> io::Result<()>
where
    S: Future<Output = ()> + Send + 'static,
{
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let mutant = scraper
        .mutant()
        .filter(|mutant| unruly::speaks_for_itself(*mutant));
    if let Some(mutant) = mutant {
        return tokio::select! {
            () = stop => Ok(()),
            served = unruly::serve(listener, Arc::new(scraper), mutant) => served,
        };
    }
    axum::serve(listener, router(scraper))
        .with_graceful_shutdown(stop)
        .await
}

/// GET and HEAD on `/metrics`; 405 for other methods, 404 elsewhere.
fn router(scraper: Scraper) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .with_state(Arc::new(scraper))
}

async fn metrics(
    State(scraper): State<Arc<Scraper>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response<Body> {
    let format = negotiation::format(&joined(&headers, header::ACCEPT));
    let mutant = scraper.mutant();
    let gzip = negotiation::takes_gzip(&joined(&headers, header::ACCEPT_ENCODING))
        && mutant != Some(Mutant::ClaimsGzip);
    let names = names(query.as_deref().unwrap_or_default());
    // Files are read and text is compressed where it keeps no other client waiting.
    let body = tokio::task::spawn_blocking(move || match gzip {
        true => scraper.scrape_gzip(format, &names),
        false => scraper.scrape(format, &names),
    });
    match body.await.map_err(io::Error::other).flatten() {
        Ok(body) => {
            let response = response(body, format, gzip);
            match mutant {
                Some(mutant) => unruly::deface(response, mutant),
                None => response,
            }
        }
        Err(error) => {
            notice(format_args!("a scrape failed: {error}"));
            let mut response = Response::new(Body::from(format!("{error}\n")));
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        }
    }
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
