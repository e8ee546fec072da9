//! Holds the way over HTTP to what it promises, against servers of a few lines.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::*;
use crate::poll::every;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
/// How long anything here may take on a busy machine.
const DEADLINE: Duration = Duration::from_secs(20);

fn tasks(count: u32) -> Vec<Task> {
    let task = |number| Task {
        id: format!("mail#{number}"),
        name: "mail".to_owned(),
        ops: Vec::new(),
    };
    (0..count).map(task).collect()
}

/// What one connection was sent: all up to the body's end.
async fn request(peer: &mut TcpStream) -> String {
    let mut text = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let length = peer.read(&mut piece).await.unwrap();
        text.extend_from_slice(&piece[..length]);
        let shown = String::from_utf8_lossy(&text);
        // The documents here end with their ops, and have none.
        if length == 0 || shown.ends_with("\"ops\":[]}") {
            return shown.into_owned();
        }
    }
}

/// A server that answers so, and every request that it is sent.
async fn server(answer: &'static [u8]) -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    (address, serve(listener, answer))
}

fn serve(listener: TcpListener, answer: &'static [u8]) -> mpsc::UnboundedReceiver<String> {
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut peer, _)) = listener.accept().await {
            let tell = tell.clone();
            tokio::spawn(async move {
                let _ = tell.send(request(&mut peer).await);
                peer.write_all(answer).await.unwrap();
            });
        }
    });
    told
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}/task")
}

/// Waits until nothing is left to send or to be answered, or an answer is none.
async fn done(requests: &Requests) -> Result<(), BrokerError> {
    let waited = async {
        let mut tick = every(Duration::from_millis(5));
        while requests.waiting() > 0 {
            tick.tick().await;
        }
        requests.leads_to_workers()
    };
    timeout(DEADLINE, waited).await.unwrap()
}

#[tokio::test]
async fn every_task_is_posted_once_on_a_connection_that_is_closed_behind_it() {
    let (address, mut told) = server(OK).await;
    let requests = Requests::to_workers(2).unwrap();
    requests.lead_to(&url(address)).unwrap();
    requests.push(&tasks(40));
    done(&requests).await.unwrap();
    assert_eq!(requests.unanswered(), 0);
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    while let Ok(request) = told.try_recv() {
        assert!(request.starts_with("POST /task HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("connection: close\r\n"), "{request}");
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        let task: Task = serde_json::from_str(body).unwrap();
        *seen.entry(task.id).or_default() += 1;
    }
    assert_eq!(seen.len(), 40);
    assert!(seen.values().all(|times| *times == 1), "{seen:?}");
}

#[tokio::test]
async fn no_more_are_under_way_at_once_than_a_few_for_each_worker() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let requests = Requests::to_workers(1).unwrap();
    requests.lead_to(&url(listener.local_addr().unwrap())).unwrap();
    requests.push(&tasks(9));
    let mut peers = Vec::new();
    for _ in 0..AT_ONCE {
        peers.push(timeout(DEADLINE, listener.accept()).await.unwrap().unwrap().0);
    }
    let more = timeout(Duration::from_millis(100), listener.accept()).await;
    assert!(more.is_err());
    assert_eq!(requests.waiting(), 9);
    // One is answered: the next comes.
    request(&mut peers[0]).await;
    peers[0].write_all(OK).await.unwrap();
    timeout(DEADLINE, listener.accept()).await.unwrap().unwrap();
    assert_eq!(requests.waiting(), 8);
}

#[tokio::test]
async fn who_is_refused_a_connection_tries_again_until_somebody_listens() {
    let port = crate::broker::port::Port::free().unwrap();
    let requests = Requests::to_workers(1).unwrap();
    requests.lead_to(&url(port.address())).unwrap();
    requests.push(&tasks(3));
    let early = timeout(Duration::from_millis(100), done(&requests)).await;
    assert!(early.is_err());
    let told = serve(port.listen().unwrap(), OK);
    done(&requests).await.unwrap();
    assert_eq!((told.len(), requests.unanswered()), (3, 0));
}

#[tokio::test]
async fn a_task_whose_connection_breaks_is_in_doubt_and_never_sent_again() {
    // One breaks off before an answer, one in the middle of it.
    for answer in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok"] {
        let (address, told) = server(answer).await;
        let requests = Requests::to_workers(1).unwrap();
        requests.lead_to(&url(address)).unwrap();
        requests.push(&tasks(5));
        done(&requests).await.unwrap();
        assert_eq!((told.len(), requests.unanswered()), (5, 5));
    }
}

#[tokio::test]
async fn a_failed_tasks_500_is_an_answer_and_what_says_that_there_is_no_such_task_ends_the_queue() {
    for (answer, status) in [
        (
            &b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n"[..],
            None,
        ),
        (
            b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
            Some("404 Not Found"),
        ),
        (
            b"HTTP/1.1 307 Temporary Redirect\r\nlocation: /\r\ncontent-length: 0\r\n\r\n",
            Some("307 Temporary Redirect"),
        ),
    ] {
        let (address, mut told) = server(answer).await;
        let requests = Requests::to_workers(1).unwrap();
        requests.lead_to(&url(address)).unwrap();
        requests.push(&tasks(1));
        match (done(&requests).await, status) {
            (Ok(()), None) => {}
            (Err(BrokerError::NoTask { url, status }), Some(expected)) => {
                assert_eq!(
                    (status.as_str(), url),
                    (expected, format!("http://{address}/task"))
                );
            }
            other => panic!("{other:?}"),
        }
        assert!(told.recv().await.unwrap().starts_with("POST /task"));
    }
}

#[tokio::test]
async fn between_two_fleets_tasks_wait_and_go_to_the_second() {
    let (first, told_first) = server(OK).await;
    let (second, told_second) = server(OK).await;
    let requests = Requests::to_workers(1).unwrap();
    requests.push(&tasks(1));
    requests.lead_to(&url(first)).unwrap();
    done(&requests).await.unwrap();
    requests.lead_nowhere();
    requests.push(&tasks(2));
    let early = timeout(Duration::from_millis(100), done(&requests)).await;
    assert!(early.is_err());
    requests.lead_to(&url(second)).unwrap();
    done(&requests).await.unwrap();
    assert_eq!((told_first.len(), told_second.len()), (1, 2));
}

#[tokio::test]
async fn an_address_that_is_none_is_named() {
    let requests = Requests::to_workers(1).unwrap();
    let refused = requests.lead_to("http://").unwrap_err();
    assert!(
        matches!(&refused, BrokerError::TaskUrl { url, .. } if url == "http://"),
        "{refused}"
    );
}
