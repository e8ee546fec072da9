//! A broker for tests: as much of Redis as a worker needs, so that no Redis has to be installed.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// Lists no more than one queue, whatever its name.
#[derive(Clone, Default)]
struct Queue(Arc<(Mutex<VecDeque<Vec<u8>>>, Condvar)>);

/// A broker that answers BRPOP from its queue and everything else with OK.
pub(crate) struct Broker {
    address: SocketAddr,
    queue: Queue,
    connections: Connections,
}

type Connections = Arc<Mutex<Vec<TcpStream>>>;

impl Broker {
    /// Starts to listen on a port that the system picks.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let broker = Self {
            address: listener.local_addr().unwrap(),
            queue: Queue::default(),
            connections: Connections::default(),
        };
        let queue = broker.queue.clone();
        let connections = Arc::clone(&broker.connections);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let queue = queue.clone();
                connections.lock().unwrap().push(stream.try_clone().unwrap());
                thread::spawn(move || queue.answer(stream));
            }
        });
        broker
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Cuts all connections, as a restart would.
    pub(crate) fn cut(&self) {
        for connection in self.connections.lock().unwrap().drain(..) {
            // One that its worker has closed is cut already.
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    pub(crate) fn push(&self, task: impl Into<Vec<u8>>) {
        let (tasks, pushed) = &*self.queue.0;
        tasks.lock().unwrap().push_back(task.into());
        pushed.notify_one();
    }
}

impl Queue {
    fn answer(&self, stream: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream);
        loop {
            let count = number(&mut reader, '*')?;
            let mut words = Vec::new();
            for _ in 0..count {
                let mut word = vec![0; number(&mut reader, '$')? + 2];
                reader.read_exact(&mut word).ok()?;
                word.truncate(word.len() - 2);
                words.push(String::from_utf8(word).unwrap());
            }
            let reply = if words[0] == "BRPOP" {
                self.pop(&words[1], words[2].parse().unwrap(), reader.get_ref())
            } else {
                b"+OK\r\n".to_vec()
            };
            reader.get_mut().write_all(&reply).ok()?;
        }
    }

    fn pop(&self, name: &str, timeout_s: f64, client: &TcpStream) -> Vec<u8> {
        let (tasks, pushed) = &*self.0;
        let timeout = Duration::from_secs_f64(timeout_s);
        let empty = |tasks: &mut VecDeque<_>| tasks.is_empty();
        let tasks = tasks.lock().unwrap();
        let (mut tasks, _) = pushed.wait_timeout_while(tasks, timeout, empty).unwrap();
        // A task is not given to a client that was killed while it waited.
        let task = if is_gone(client) { None } else { tasks.pop_front() };
        let Some(task) = task else {
            pushed.notify_one();
            return b"*-1\r\n".to_vec();
        };
        let mut reply = format!("*2\r\n${}\r\n{name}\r\n${}\r\n", name.len(), task.len());
        reply.push_str(std::str::from_utf8(&task).unwrap());
        reply.push_str("\r\n");
        reply.into_bytes()
    }
}

fn is_gone(client: &TcpStream) -> bool {
    client.set_nonblocking(true).unwrap();
    let gone = matches!(client.peek(&mut [0]), Ok(0));
    client.set_nonblocking(false).unwrap();
    gone
}

fn number(reader: &mut impl BufRead, sign: char) -> Option<usize> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    line.trim_end().strip_prefix(sign)?.parse().ok()
}
