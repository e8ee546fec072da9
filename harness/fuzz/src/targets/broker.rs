//! The embedded broker: any bytes, and commands in a row.

use counterfoil::broker::embedded::{Offline, OfflineClient};

use super::reply;

/// Whatever comes from a client, every answer is well-formed, and it makes no difference where its bytes are torn.
pub(crate) fn requests(data: &[u8]) {
    let mut broker = Offline::new();
    let client = broker.connect();
    broker.send(client, data);
    let answers = broker.answers(client);
    let (_, rest) = reply::split(&answers);
    assert!(
        rest.is_empty(),
        "no reply: {:?} of {answers:?}",
        rest.escape_ascii().to_string()
    );
    let mut other = Offline::new();
    let torn = other.connect();
    // Into more pieces near the beginning.
    for piece in data.chunks(data.len() / 7 + 1) {
        other.send(torn, piece);
    }
    assert_eq!(
        in_any_order(&answers),
        in_any_order(&other.answers(torn)),
        "answers to a whole and to its pieces"
    );
    assert_eq!(broker.is_closed(client), other.is_closed(torn));
}

/// The replies, each with its bytes sorted: no order is promised for the elements of KEYS.
fn in_any_order(answers: &[u8]) -> Vec<Vec<u8>> {
    let (replies, _) = reply::split(answers);
    let sorted = replies.into_iter().map(|reply| {
        let mut bytes = reply.to_vec();
        bytes.sort_unstable();
        bytes
    });
    sorted.collect()
}

/// Lines of words, from two clients in turn: every command gets one reply, at once unless it may wait.
pub(crate) fn commands(data: &[u8]) {
    let mut broker = Offline::new();
    let mut clients = [(); 2].map(|()| Client::connect(&mut broker));
    for line in data.split(|byte| *byte == b'\n') {
        let words: Vec<&[u8]> = line
            .split(|byte| *byte == b' ')
            .filter(|word| !word.is_empty())
            .collect();
        if let Some((who, [name, arguments @ ..])) = words.split_first() {
            clients[usize::from(who[0]) % 2].send(&mut broker, name, arguments);
            clients.iter_mut().for_each(|client| client.listen(&mut broker));
        }
    }
}

/// A client, and what it waits for.
struct Client {
    line: OfflineClient,
    /// Commands without a reply.
    owed: usize,
    /// Whether one of them is of a kind that waits.
    may_wait: bool,
    /// Who has ever subscribed is told what others do, once for each name.
    subscribes: bool,
}

impl Client {
    fn connect(broker: &mut Offline) -> Self {
        Self {
            line: broker.connect(),
            owed: 0,
            may_wait: false,
            subscribes: false,
        }
    }

    fn send(&mut self, broker: &mut Offline, name: &[u8], arguments: &[&[u8]]) {
        let lower = name.to_ascii_lowercase();
        self.may_wait |= lower.starts_with(b"b") || lower.starts_with(b"xread");
        self.subscribes |= lower.ends_with(b"subscribe");
        self.owed += 1;
        broker.send(self.line, &request(name, arguments));
    }

    fn listen(&mut self, broker: &mut Offline) {
        let answers = broker.answers(self.line);
        let (replies, rest) = reply::split(&answers);
        assert!(rest.is_empty(), "no reply: {}", answers.escape_ascii());
        if self.subscribes || broker.is_closed(self.line) {
            return;
        }
        let left = self.owed.checked_sub(replies.len());
        self.owed = left.unwrap_or_else(|| panic!("too many replies: {}", answers.escape_ascii()));
        assert!(
            self.owed == 0 || self.may_wait,
            "{} replies are missing",
            self.owed
        );
        self.may_wait &= self.owed > 0;
    }
}

fn request(name: &[u8], arguments: &[&[u8]]) -> Vec<u8> {
    let mut request = format!("*{}\r\n", arguments.len() + 1).into_bytes();
    for word in [name].iter().chain(arguments) {
        request.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        request.extend_from_slice(word);
        request.extend_from_slice(b"\r\n");
    }
    request
}
