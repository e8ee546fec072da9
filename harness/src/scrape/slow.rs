//! Scrapers that take their time, beside those whose answers are judged.

use std::time::Duration;

use reqwest::Url;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};

/// Between two bytes.
const PACE: Duration = Duration::from_millis(50);
/// How long it is waited for all to begin: well below what one of them takes.
const DOOR: Duration = Duration::from_millis(500);

/// Scrapers that ask byte by byte, and read byte by byte what they are answered, until this is dropped.
#[derive(Debug)]
pub struct SlowScrapers {
    _each: JoinSet<()>,
}

impl SlowScrapers {
    /// Connects `count` of them to the endpoint at `url`, and returns when each has begun its request, or after a while. Whoever
    /// was not let in by then waits at the door, and so do the scrapes that come behind it: what they come to is judged.
    pub(super) async fn begin(url: &Url, count: u32) -> Self {
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: slow\r\nAccept: */*\r\n\r\n",
            url.path(),
            url.authority()
        );
        let (begun, mut begins) = mpsc::unbounded_channel();
        let mut each = JoinSet::new();
        for _ in 0..count {
            each.spawn(scrape(url.clone(), request.clone(), begun.clone()));
        }
        drop(begun);
        let all = async {
            for _ in 0..count {
                begins.recv().await;
            }
        };
        // Who is refused begins nothing; the scrapes that are judged say so, too.
        let _ = timeout(DOOR, all).await;
        Self { _each: each }
    }
}

async fn scrape(url: Url, request: String, begun: mpsc::UnboundedSender<()>) {
    if let Ok(stream) = first_byte(&url, &request).await {
        // Later on nobody waits for it.
        let _ = begun.send(());
        go_on(stream, request).await;
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
    use std::time::Instant;

    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    #[tokio::test]
    async fn each_has_begun_goes_on_byte_by_byte_and_ends_when_it_is_dropped() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/metrics", listener.local_addr().unwrap());
        let url = Url::parse(&url).unwrap();
        let slow = SlowScrapers::begin(&url, 2).await;
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
    async fn whoever_is_not_let_in_is_waited_for_no_longer_than_a_while() {
        let door = TcpSocket::new_v4().unwrap();
        door.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let door = door.listen(1).unwrap();
        let url = format!("http://{}/metrics", door.local_addr().unwrap());
        let url = Url::parse(&url).unwrap();
        let began = Instant::now();
        let slow = SlowScrapers::begin(&url, 5).await;
        assert!(began.elapsed() >= DOOR, "all five were let in");
        let behind = TcpStream::connect(door.local_addr().unwrap());
        assert!(timeout(Duration::from_millis(200), behind).await.is_err());
        drop(slow);
    }
}
