//! One of the two servers under comparison, driven through a sequence.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::connection::{Connection, DEADLINE};
use crate::observation::Shown;
use crate::sequence::{CONNECTIONS, Step};

/// One of the two servers, and the connections to it.
pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) control: Connection,
    connections: Vec<Connection>,
    /// What each connection waits for.
    pending: Vec<Option<Vec<String>>>,
    /// Whether each connection has a transaction open.
    in_multi: [bool; CONNECTIONS],
    /// What was published to each connection, in order; when it arrives between replies is left to chance.
    messages: Vec<Vec<Shown>>,
    /// Ids that the server gave in this sequence.
    ids: Vec<String>,
    pub(crate) log: Vec<String>,
    pub(crate) blocked: usize,
}

impl World {
    pub(crate) fn open(address: SocketAddr) -> io::Result<World> {
        let connections = (0..CONNECTIONS).map(|index| Connection::open(address, index % 2 == 1));
        Ok(World {
            address,
            control: Connection::open(address, false)?,
            connections: connections.collect::<io::Result<_>>()?,
            pending: vec![None; CONNECTIONS],
            in_multi: [false; CONNECTIONS],
            messages: vec![Vec::new(); CONNECTIONS],
            ids: Vec::new(),
            log: Vec::new(),
            blocked: 0,
        })
    }

    /// Runs a sequence from a clean state; what was observed, line by line.
    pub(crate) fn run(&mut self, steps: &[Step]) -> io::Result<Vec<String>> {
        for step in steps {
            match step {
                Step::Send { connection, .. } if self.pending[*connection].is_some() => {}
                Step::Send { connection, words }
                    if self.in_multi[*connection] && has_no_form_in_exec(words) => {}
                Step::Send { connection, words } => self.command(*connection, words)?,
                Step::Leave { connection } => self.leave(*connection)?,
            }
            self.collect_unblocked()?;
        }
        self.clean_up()?;
        let messages = self.messages.iter_mut().map(std::mem::take);
        self.log.extend(messages.map(|messages| format!("{messages:?}")));
        Ok(std::mem::take(&mut self.log))
    }

    fn command(&mut self, index: usize, words: &[String]) -> io::Result<()> {
        let resolved: Vec<String> = words.iter().map(|word| self.with_given_ids(word)).collect();
        self.connections[index].send(&resolved)?;
        if may_wait_for_ever(words) && self.blocks(index)? {
            self.log.push(format!("{index} blocks: {}", words.join(" ")));
            self.pending[index] = Some(words.to_vec());
            self.blocked += 1;
            return Ok(());
        }
        let is_subscription = words[0].ends_with("SUBSCRIBE");
        let replies = if is_subscription { words.len() - 1 } else { 1 };
        self.read_replies(index, words, replies)?;
        // Ids of one millisecond are equal on two streams: whether they are must not depend on the clock.
        if words[0] == "XADD" || words[0] == "EXEC" {
            wait_for_next_millisecond();
        }
        Ok(())
    }

    /// `@N` is the N-th id that the server gave.
    fn with_given_ids(&self, word: &str) -> String {
        match word.split_once('@') {
            None => word.to_owned(),
            Some((before, number)) => {
                let number: usize = number.parse().expect("the templates number their ids");
                let id = self.ids.get(number).map_or("3-3", String::as_str);
                format!("{before}{id}")
            }
        }
    }

    /// Whether a command made its connection wait, which is so when it has no reply and the server says so.
    fn blocks(&mut self, index: usize) -> io::Result<bool> {
        let deadline = Instant::now() + DEADLINE;
        while Instant::now() < deadline {
            match self.connections[index].peek()?.map(Shown::is_message) {
                Some(true) => {
                    let message = self.connections[index].frame()?;
                    self.messages[index].push(message);
                }
                Some(false) => return Ok(false),
                None if self.blocked_ids()?.contains(&self.connections[index].id) => {
                    return Ok(true);
                }
                None => {}
            }
        }
        Err(ErrorKind::TimedOut.into())
    }

    fn blocked_ids(&mut self) -> io::Result<BTreeSet<String>> {
        let Shown::Leaf(list) = self.control.ask(&["CLIENT", "LIST"])? else {
            return Err(ErrorKind::InvalidData.into());
        };
        let blocked = list.split("\\n").filter(|line| flags(line).contains('b'));
        let id = |line: &str| {
            line.trim_start_matches('$')
                .split(' ')
                .next()
                .map(|id| id.trim_start_matches("id=").to_owned())
        };
        Ok(blocked.filter_map(id).collect())
    }

    /// Reads the replies of connections that no longer wait.
    fn collect_unblocked(&mut self) -> io::Result<()> {
        if self.pending.iter().all(Option::is_none) {
            return Ok(());
        }
        let blocked = self.blocked_ids()?;
        for index in 0..CONNECTIONS {
            let is_over = !blocked.contains(&self.connections[index].id);
            if is_over && let Some(words) = self.pending[index].take() {
                self.read_replies(index, &words, 1)?;
            }
        }
        Ok(())
    }

    fn read_replies(&mut self, index: usize, words: &[String], replies: usize) -> io::Result<()> {
        let mut left = replies;
        while left > 0 {
            let mut frame = self.connections[index].frame()?;
            if frame.is_message() {
                self.messages[index].push(frame);
                continue;
            }
            // One refusal, or one QUEUED, answers however many channels were named.
            left = if matches!(&frame, Shown::Leaf(_)) {
                0
            } else {
                left - 1
            };
            self.in_multi[index] = match words[0].as_str() {
                "MULTI" => true,
                "EXEC" => false,
                // A RESP2 subscriber may not discard.
                "DISCARD" => self.in_multi[index] && frame != Shown::Leaf("+OK".to_owned()),
                _ => self.in_multi[index],
            };
            frame.normalise(words, &mut self.ids);
            self.log.push(format!("{index} {} -> {frame:?}", words.join(" ")));
        }
        Ok(())
    }

    fn leave(&mut self, index: usize) -> io::Result<()> {
        let id = self.connections[index].id.clone();
        self.connections[index] = Connection::open(self.address, index % 2 == 1)?;
        // Which messages had been read by then is chance, too.
        self.messages[index].clear();
        self.in_multi[index] = false;
        self.pending[index] = None;
        self.log.push(format!("{index} leaves"));
        let deadline = Instant::now() + DEADLINE;
        while Instant::now() < deadline {
            let Shown::Leaf(list) = self.control.ask(&["CLIENT", "LIST", "ID", &id])? else {
                break;
            };
            if !list.contains("id=") {
                return Ok(());
            }
        }
        Err(ErrorKind::TimedOut.into())
    }

    /// Brings every connection back to where a sequence starts, and reads what was on its way to it.
    fn clean_up(&mut self) -> io::Result<()> {
        for index in 0..CONNECTIONS {
            if let Some(words) = self.pending[index].take() {
                let id = self.connections[index].id.clone();
                self.control.ask(&["CLIENT", "UNBLOCK", &id])?;
                self.read_replies(index, &words, 1)?;
            }
        }
        for index in 0..CONNECTIONS {
            self.connections[index].send(&["RESET"])?;
            loop {
                let frame = self.connections[index].frame()?;
                if frame == Shown::Leaf("+RESET".to_owned()) {
                    break;
                }
                self.messages[index].push(frame);
            }
            self.connections[index].choose(index % 2 == 1)?;
        }
        self.control.ask(&["FLUSHALL"])?;
        self.in_multi = [false; CONNECTIONS];
        self.ids.clear();
        Ok(())
    }
}

/// Inside a transaction Redis puts several confirmations, or a message to the client itself, among EXEC's replies
/// without counting them: no well-formed reply, and not imitated.
fn has_no_form_in_exec(words: &[String]) -> bool {
    words[0] == "PUBLISH" || (words[0] == "SUBSCRIBE" && words.len() > 2)
}

/// A wait of 1 ms is not among these: its end is read like any reply.
fn may_wait_for_ever(words: &[String]) -> bool {
    let can_block =
        words[0].starts_with("BL") || words[0].starts_with("BR") || words.iter().any(|word| word == "BLOCK");
    let is_brief =
        words.iter().any(|word| word == "0.001") || words.windows(2).any(|pair| pair == ["BLOCK", "1"]);
    can_block && !is_brief
}

/// The flags in a line of CLIENT LIST.
fn flags(line: &str) -> &str {
    let flags = line.split(' ').find_map(|field| field.strip_prefix("flags="));
    flags.unwrap_or_default()
}

fn wait_for_next_millisecond() {
    let ms = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis()
    };
    let now = ms();
    while ms() == now {
        std::hint::spin_loop();
    }
}
