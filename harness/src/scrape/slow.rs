//! Scrapers that take their time, beside those whose answers are judged.

use std::time::Duration;

use reqwest::Url;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};

use super::ScrapeError;

/// Between two bytes.
const PACE: Duration = Duration::from_millis(50);

/// Scrapers that ask byte by byte, and read byte by byte what they are answered, until this is dropped.
#[derive(Debug)]
pub struct SlowScrapers {
    _each: JoinSet<()>,
}

impl SlowScrapers {
    /// Connects `count` of them to the endpoint at `url`: when this returns, each has begun its request.
    pub(super) async fn begin(url: &Url, count: u32, deadline: Duration) -> Result<Self, ScrapeError> {
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: slow\r\nAccept: */*\r\n\r\n",
            url.path(),
            url.authority()
        );
        let mut each = JoinSet::new();
        for _ in 0..count {
            let began = timeout(deadline, first_byte(url, &request));
            let stream = match began.await {
                Ok(Ok(stream)) => stream,
                Ok(Err(error)) => {
                    return Err(ScrapeError::Http {
                        url: url.to_string(),
                        reason: format!("nobody answers: {error}"),
                    });
                }
                Err(_) => {
                    return Err(ScrapeError::Deadline {
                        url: url.to_string(),
                        deadline_ms: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
                    });
                }
            };
            each.spawn(go_on(stream, request.clone()));
        }
        Ok(Self { _each: each })
    }
}

async fn first_byte(url: &Url, request: &str) -> std::io::Result<TcpStream> {
    let addresses = url.socket_addrs(|| None)?;
    let mut stream = TcpStream::connect(addresses.as_slice()).await?;
    stream.set_nodelay(true)?;
    stream.write_all(&request.as_bytes()[..1]).await?;
    Ok(stream)
}

/// Until the endpoint has had enough of it.
async fn go_on(mut stream: TcpStream, request: String) {
    let mut tick = interval(PACE);
    for byte in request.bytes().skip(1) {
        tick.tick().await;
        if stream.write_u8(byte).await.is_err() {
            return;
        }
    }
    while stream.read_u8().await.is_ok() {
        tick.tick().await;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn each_has_begun_goes_on_byte_by_byte_and_ends_when_it_is_dropped() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/metrics", listener.local_addr().unwrap());
        let url = Url::parse(&url).unwrap();
        let slow = SlowScrapers::begin(&url, 2, Duration::from_secs(5))
            .await
            .unwrap();
        let (mut first, _) = listener.accept().await.unwrap();
        let (mut second, _) = listener.accept().await.unwrap();
        for stream in [&mut first, &mut second] {
            assert_eq!(stream.read_u8().await.unwrap(), b'G');
        }
        let mut piece = [0; 64];
        assert_eq!(first.read(&mut piece).await.unwrap(), 1);
        assert_eq!(piece[0], b'E');
        drop(slow);
        let mut rest = Vec::new();
        let end = second.read_to_end(&mut rest).await;
        assert!(end.is_err() || rest.len() < 10, "it goes on: {rest:?}");
    }

    #[tokio::test]
    async fn where_nobody_listens_none_begins() {
        let free = TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap();
        let url = Url::parse(&format!("http://{free}/metrics")).unwrap();
        let refused = SlowScrapers::begin(&url, 1, Duration::from_secs(5))
            .await
            .unwrap_err();
        assert!(refused.to_string().contains("nobody answers"), "{refused}");
    }
}
