//! XREAD and XREADGROUP, at once or when something comes.

use std::time::Duration;

use bytes::Bytes;

use super::argument::{block, integer, is};
use super::blocking::{Wait, Wish};
use super::client::ClientId;
use super::database::Database;
use super::refusal::{Refusal, lossy};
use super::reply::Reply;
use super::server::{Answer, Server};
use super::stream::{Stream, StreamId, entry_reply};
use super::streams::stream_id;

/// Who reads new entries of a group.
#[derive(Debug, Clone)]
pub(super) struct GroupRead {
    pub(super) group: Bytes,
    pub(super) consumer: Bytes,
    pub(super) noack: bool,
    pub(super) count: Option<usize>,
}

/// From where on a stream is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    After(StreamId),
    /// `>`: what the group has not delivered yet.
    New,
}

/// A parsed XREAD or XREADGROUP.
struct Read {
    count: Option<usize>,
    /// `Some(None)` is for ever.
    block: Option<Option<Duration>>,
    group: Option<GroupRead>,
    streams: Vec<(Bytes, From)>,
}

pub(super) fn xread(server: &mut Server, id: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    read(server, id, args, "xread")
}

pub(super) fn xreadgroup(server: &mut Server, id: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    read(server, id, args, "xreadgroup")
}

fn read(server: &mut Server, id: ClientId, args: &[Bytes], command: &str) -> Result<Answer, Refusal> {
    let database = server.database_of(id);
    let read = Read::of(database, args, command)?;
    let mut found = Vec::new();
    for (key, from) in &read.streams {
        if let Some(entries) = read.entries(database, key, *from)? {
            found.push((key.clone(), Reply::Array(entries)));
        }
    }
    if !found.is_empty() {
        return Ok(Answer::Reply(Reply::Streams(found)));
    }
    let Some(timeout) = read.block else {
        return Ok(Answer::Reply(Reply::NullArray));
    };
    let keys = read.streams.iter().map(|(key, _)| key.clone()).collect();
    let wish = match read.group {
        Some(group) => Wish::ReadGroup(group),
        None => {
            let after = |(key, from)| {
                if let From::After(id) = from {
                    Some((key, id))
                } else {
                    None
                }
            };
            Wish::Read {
                after: read.streams.into_iter().filter_map(after).collect(),
                count: read.count,
            }
        }
    };
    Ok(server.wait_or(id, Reply::NullArray, Wait::new(keys, timeout, wish)))
}

impl Read {
    fn of(database: &mut Database, args: &[Bytes], command: &str) -> Result<Read, Refusal> {
        let is_group = command == "xreadgroup";
        let (mut read, names) = Read::options(&args[1..], is_group)?;
        if names.len() % 2 == 1 {
            // Redis 7.0 names XREAD and '$' for XREADGROUP, too.
            return Err(Refusal::Line(
                "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.",
            ));
        }
        if is_group && read.group.is_none() {
            return Err(Refusal::Line("ERR Missing GROUP option for XREADGROUP"));
        }
        let (keys, ids) = names.split_at(names.len() / 2);
        for (key, id) in keys.iter().zip(ids) {
            let from = read.start(database, key, id)?;
            read.streams.push((key.clone(), from));
        }
        Ok(read)
    }

    /// What stands before the names of the streams, and those.
    fn options(args: &[Bytes], is_group: bool) -> Result<(Read, &[Bytes]), Refusal> {
        let mut read = Read {
            count: None,
            block: None,
            group: None,
            streams: Vec::new(),
        };
        let mut noack = false;
        let mut rest = args;
        let names = loop {
            rest = match rest {
                [option, ms, rest @ ..] if is(option, "block") => {
                    read.block = Some(block(ms)?);
                    rest
                }
                [option, count, rest @ ..] if is(option, "count") => {
                    read.count = usize::try_from(integer(count)?).ok().filter(|count| *count > 0);
                    rest
                }
                [option, names @ ..] if is(option, "streams") && !names.is_empty() => break names,
                [option, group, consumer, rest @ ..] if is(option, "group") => {
                    if !is_group {
                        return Err(Refusal::Line(
                            "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.",
                        ));
                    }
                    let (group, consumer) = (group.clone(), consumer.clone());
                    read.group = Some(GroupRead {
                        group,
                        consumer,
                        noack: false,
                        count: None,
                    });
                    rest
                }
                [option, rest @ ..] if is(option, "noack") => {
                    if !is_group {
                        return Err(Refusal::Line(
                            "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.",
                        ));
                    }
                    noack = true;
                    rest
                }
                _ => return Err(Refusal::Syntax),
            };
        };
        if let Some(group) = &mut read.group {
            (group.noack, group.count) = (noack, read.count);
        }
        Ok((read, names))
    }

    /// Where one stream is read from, checked against the stream and the group.
    fn start(&self, database: &mut Database, key: &Bytes, id: &Bytes) -> Result<From, Refusal> {
        let stream = database.find::<Stream>(key)?;
        if let Some(read) = &self.group
            && !stream
                .as_ref()
                .is_some_and(|stream| stream.groups.contains_key(&read.group))
        {
            return Err(Refusal::NoGroup {
                key: lossy(key),
                group: lossy(&read.group),
                context: " in XREADGROUP with GROUP option",
            });
        }
        match (&id[..], self.group.is_some()) {
            (b"$", true) => Err(Refusal::Line(
                "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this \
                 consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return \
                 an empty result set.",
            )),
            (b"$", false) => Ok(From::After(stream.map_or(StreamId::MIN, |stream| stream.last_id))),
            (b">", true) => Ok(From::New),
            (b">", false) => Err(Refusal::Line(
                "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
            )),
            (id, _) => stream_id(id, 0).map(From::After),
        }
    }

    /// What one stream has; `None` is nothing, which is not the same as an empty history.
    fn entries(
        &self,
        database: &mut Database,
        key: &Bytes,
        from: From,
    ) -> Result<Option<Vec<Reply>>, Refusal> {
        let now_ms = database.now_ms;
        let Some(stream) = database.find::<Stream>(key)? else {
            return Ok(None);
        };
        let Some(read) = &self.group else {
            let From::After(id) = from else {
                return Ok(None);
            };
            return Ok((stream.newest_id() > id).then(|| entries_after(stream, id, self.count)));
        };
        let Some(group) = stream.groups.get_mut(&read.group) else {
            return Ok(None);
        };
        match from {
            From::After(id) => {
                group.consumer(&read.consumer, now_ms);
                Ok(Some(history(stream, read, id, now_ms)))
            }
            From::New => {
                let last_id = group.last_id;
                if stream.newest_id() <= last_id {
                    return Ok(None);
                }
                Ok(Some(deliver(database, key, read)))
            }
        }
    }
}

fn entries_after(stream: &Stream, id: StreamId, count: Option<usize>) -> Vec<Reply> {
    let Some(start) = id.next() else {
        return Vec::new();
    };
    let entries = stream.entries.range(start..).take(count.unwrap_or(usize::MAX));
    entries.map(|(id, fields)| entry_reply(*id, fields)).collect()
}

/// What a consumer was given after `id` and has not acknowledged. Giving it again counts as a delivery.
fn history(stream: &mut Stream, read: &GroupRead, id: StreamId, now_ms: i64) -> Vec<Reply> {
    let Stream { entries, groups, .. } = stream;
    let Some((start, group)) = id.next().zip(groups.get_mut(&read.group)) else {
        return Vec::new();
    };
    let Some(consumer) = group.consumers.get(&read.consumer) else {
        return Vec::new();
    };
    let mut replies = Vec::new();
    for id in consumer
        .pending
        .range(start..)
        .take(read.count.unwrap_or(usize::MAX))
    {
        match entries.get(id) {
            None => replies.push(Reply::Array(vec![id.reply(), Reply::NullArray])),
            Some(fields) => {
                replies.push(entry_reply(*id, fields));
                if let Some(delivery) = group.pending.get_mut(id) {
                    delivery.at_ms = now_ms;
                    delivery.count += 1;
                }
            }
        }
    }
    replies
}

/// Gives a group's new entries to the reader.
fn deliver(database: &mut Database, key: &Bytes, read: &GroupRead) -> Vec<Reply> {
    let now_ms = database.now_ms;
    let Ok(Some(stream)) = database.find::<Stream>(key) else {
        return Vec::new();
    };
    if let Some(group) = stream.groups.get_mut(&read.group) {
        group.consumer(&read.consumer, now_ms);
    }
    stream.deliver(&read.group, &read.consumer, read.count, read.noack, now_ms)
}

/// The reply for a blocked XREAD once its stream has moved on.
pub(super) fn wake_reader(
    database: &mut Database,
    key: &Bytes,
    after: StreamId,
    count: Option<usize>,
) -> Option<Reply> {
    let stream = database.find::<Stream>(key).ok()??;
    let entries = (stream.last_id > after).then(|| entries_after(stream, after, count))?;
    Some(Reply::Streams(vec![(key.clone(), Reply::Array(entries))]))
}

/// The reply for a blocked XREADGROUP once its stream has moved on, or its group is gone.
pub(super) fn wake_group_reader(database: &mut Database, key: &Bytes, read: &GroupRead) -> Option<Reply> {
    let stream = database.find::<Stream>(key).ok()??;
    let Some(group) = stream.groups.get(&read.group) else {
        return Some(Reply::Error(Refusal::Line(
            "NOGROUP the consumer group this client was blocked on no longer exists",
        )));
    };
    if stream.last_id <= group.last_id {
        return None;
    }
    let entries = deliver(database, key, read);
    Some(Reply::Streams(vec![(key.clone(), Reply::Array(entries))]))
}
