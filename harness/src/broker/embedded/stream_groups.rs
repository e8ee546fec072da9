//! Consumer groups: XGROUP, XACK and XINFO CONSUMERS.
//!
//! To WATCH, a stream is its entries: what happens to its groups does not count as a modification.

use bytes::Bytes;

use super::argument::{integer, is};
use super::database::Database;
use super::refusal::{Refusal, lossy};
use super::reply::Reply;
use super::stream::{Consumer, Group, Stream, StreamId};
use super::streams::stream_id;

const NO_KEY: Refusal = Refusal::Line(
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM \
     option to create an empty stream automatically.",
);

/// What follows the id in XGROUP CREATE and SETID.
struct Options {
    makes_stream: bool,
    entries_read: Option<u64>,
}

impl Options {
    fn of(args: &[Bytes], subcommand: &[u8], is_create: bool) -> Result<Options, Refusal> {
        let mut options = Options {
            makes_stream: false,
            entries_read: None,
        };
        let mut rest = args;
        loop {
            rest = match rest {
                [] => return Ok(options),
                [option, rest @ ..] if is_create && is(option, "mkstream") => {
                    options.makes_stream = true;
                    rest
                }
                [option, read, rest @ ..] if is(option, "entriesread") => {
                    let read = integer(read)?;
                    if read < -1 {
                        return Err(Refusal::Line("ERR value for ENTRIESREAD must be positive or -1"));
                    }
                    options.entries_read = u64::try_from(read).ok();
                    rest
                }
                _ => {
                    return Err(Refusal::Worded(format!(
                        "ERR unknown subcommand or wrong number of arguments for '{}'. Try XGROUP HELP.",
                        lossy(subcommand)
                    )));
                }
            };
        }
    }
}

pub(super) fn create(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let (key, name) = (&args[2], &args[3]);
    let options = Options::of(&args[5..], &args[1], true)?;
    let is_new = !database.contains(key);
    let last = match database.find::<Stream>(key)? {
        Some(stream) => stream.last_id,
        None if options.makes_stream => StreamId::MIN,
        None => return Err(NO_KEY),
    };
    let last_id = if args[4] == "$" {
        last
    } else {
        stream_id(&args[4], 0)?
    };
    let stream = database.find_or_create::<Stream>(key)?;
    if stream.groups.contains_key(name) {
        return Err(Refusal::Line("BUSYGROUP Consumer Group name already exists"));
    }
    let entries_read = options.entries_read;
    stream.groups.insert(
        name.clone(),
        Group {
            last_id,
            entries_read,
            ..Group::default()
        },
    );
    if is_new {
        database.touch(key);
    }
    Ok(Reply::OK)
}

pub(super) fn set_id(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let options = Options::of(&args[5..], &args[1], false)?;
    let stream = database.find::<Stream>(&args[2])?.ok_or(NO_KEY)?;
    let last = stream.last_id;
    let group = stream
        .groups
        .get_mut(&args[3])
        .ok_or_else(|| no_such_group(&args[2], &args[3]))?;
    group.last_id = if args[4] == "$" {
        last
    } else {
        stream_id(&args[4], 0)?
    };
    group.entries_read = options.entries_read;
    Ok(Reply::OK)
}

pub(super) fn destroy(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let stream = database.find::<Stream>(&args[2])?.ok_or(NO_KEY)?;
    let was_there = stream.groups.remove(&args[3]).is_some();
    if was_there {
        // Who waits for the group's entries waits in vain.
        database.signal(&args[2]);
    }
    Ok(Reply::truth(was_there))
}

pub(super) fn create_consumer(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let now_ms = database.now_ms;
    let group = existing_group(database, args)?;
    let is_new = !group.consumers.contains_key(&args[4]);
    if is_new {
        group.consumers.insert(
            args[4].clone(),
            Consumer {
                seen_ms: now_ms,
                ..Consumer::default()
            },
        );
    }
    Ok(Reply::truth(is_new))
}

pub(super) fn delete_consumer(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let group = existing_group(database, args)?;
    let Some(consumer) = group.consumers.remove(&args[4]) else {
        return Ok(Reply::Int(0));
    };
    for id in &consumer.pending {
        group.pending.remove(id);
    }
    Ok(Reply::count(consumer.pending.len()))
}

fn existing_group<'a>(database: &'a mut Database, args: &[Bytes]) -> Result<&'a mut Group, Refusal> {
    let stream = database.find::<Stream>(&args[2])?.ok_or(NO_KEY)?;
    stream
        .groups
        .get_mut(&args[3])
        .ok_or_else(|| no_such_group(&args[2], &args[3]))
}

fn no_such_group(key: &[u8], group: &[u8]) -> Refusal {
    Refusal::Worded(format!(
        "NOGROUP No such consumer group '{}' for key name '{}'",
        lossy(group),
        lossy(key)
    ))
}

pub(super) fn xack(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let group = database
        .find::<Stream>(&args[1])?
        .and_then(|stream| stream.groups.get_mut(&args[2]));
    let Some(group) = group else {
        return Ok(Reply::Int(0));
    };
    let ids = args[3..]
        .iter()
        .map(|id| stream_id(id, 0))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Reply::count(
        ids.into_iter().filter(|id| group.settle(*id)).count(),
    ))
}

pub(super) fn xinfo_consumers(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let now_ms = database.now_ms;
    let stream = database
        .find::<Stream>(&args[2])?
        .ok_or(Refusal::Line("ERR no such key"))?;
    let group = stream.groups.get(&args[3]).ok_or_else(|| {
        Refusal::Worded(format!(
            "NOGROUP No such consumer group '{}' for key name '{}'",
            lossy(&args[3]),
            lossy(&args[2])
        ))
    })?;
    let line = |(name, consumer): (&Bytes, &Consumer)| {
        Reply::Map(vec![
            (Reply::word("name"), Reply::Bulk(name.clone())),
            (Reply::word("pending"), Reply::count(consumer.pending.len())),
            (
                Reply::word("idle"),
                Reply::Int((now_ms - consumer.seen_ms).max(0)),
            ),
        ])
    };
    Ok(Reply::Array(group.consumers.iter().map(line).collect()))
}
