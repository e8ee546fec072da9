//! Commands on streams, apart from reading and groups.

use bytes::Bytes;

use super::argument::{integer, is};
use super::database::Database;
use super::refusal::Refusal;
use super::reply::Reply;
use super::request::decimal;
use super::stream::{Bound, Group, Stream, StreamId, entry_reply};

const INVALID_ID: Refusal = Refusal::Line("ERR Invalid stream ID specified as stream command argument");

/// An id as written, with `seq` where only milliseconds were given.
pub(super) fn stream_id(text: &[u8], seq: u64) -> Result<StreamId, Refusal> {
    let mut parts = text.splitn(2, |byte| *byte == b'-');
    let number = |part: &[u8]| unsigned(part).ok_or(INVALID_ID);
    let ms = number(parts.next().unwrap_or_default())?;
    let seq = parts.next().map_or(Ok(seq), number)?;
    Ok(StreamId { ms, seq })
}

fn unsigned(text: &[u8]) -> Option<u64> {
    match decimal(text) {
        Some(number) => u64::try_from(number).ok(),
        None if text.first() == Some(&b'0') || !text.iter().all(u8::is_ascii_digit) => None,
        None => std::str::from_utf8(text).ok()?.parse().ok(),
    }
}

/// The lower end of an interval: `-`, `(id`, or an id.
pub(super) fn interval_start(text: &[u8]) -> Result<StreamId, Refusal> {
    match text {
        b"-" => Ok(StreamId::MIN),
        b"+" => Ok(StreamId::MAX),
        [b'(', id @ ..] => stream_id(id, 0)?
            .next()
            .ok_or(Refusal::Line("ERR invalid start ID for the interval")),
        id => stream_id(id, 0),
    }
}

/// The upper end of an interval.
pub(super) fn interval_end(text: &[u8]) -> Result<StreamId, Refusal> {
    match text {
        b"-" => Ok(StreamId::MIN),
        b"+" => Ok(StreamId::MAX),
        [b'(', id @ ..] => stream_id(id, u64::MAX)?
            .previous()
            .ok_or(Refusal::Line("ERR invalid end ID for the interval")),
        id => stream_id(id, u64::MAX),
    }
}

/// The id that XADD is to give.
#[derive(Debug, Clone, Copy)]
enum NewId {
    Auto,
    /// `ms-*`
    AutoSequence(u64),
    Explicit(StreamId),
}

impl NewId {
    fn of(text: &[u8]) -> Result<NewId, Refusal> {
        if text == b"*" {
            Ok(NewId::Auto)
        } else if let Some(ms) = text.strip_suffix(b"-*") {
            unsigned(ms).map(NewId::AutoSequence).ok_or(INVALID_ID)
        } else {
            stream_id(text, 0).map(NewId::Explicit)
        }
    }

    /// The id itself, above all ids that the stream ever had.
    fn after(self, last: StreamId, now_ms: i64) -> Option<StreamId> {
        let id = match self {
            NewId::Explicit(id) => id,
            NewId::Auto => {
                let now = StreamId {
                    ms: u64::try_from(now_ms).unwrap_or(0),
                    seq: 0,
                };
                if now.ms > last.ms { now } else { last.next()? }
            }
            NewId::AutoSequence(ms) if ms == last.ms => StreamId {
                ms,
                seq: last.seq.checked_add(1)?,
            },
            NewId::AutoSequence(ms) => StreamId { ms, seq: 0 },
        };
        (id > last).then_some(id)
    }
}

/// MAXLEN or MINID, as XADD and XTRIM take them.
#[derive(Debug, Default)]
struct Trim {
    bound: Option<Bound>,
    is_approximate: bool,
    limit: Option<usize>,
    makes_no_stream: bool,
}

impl Trim {
    /// Takes the options in front of `args`; what is left.
    fn of(mut args: &[Bytes], is_xadd: bool) -> Result<(Trim, &[Bytes]), Refusal> {
        let mut trim = Trim::default();
        loop {
            args = match args {
                [option, rest @ ..] if (is(option, "maxlen") || is(option, "minid")) && !rest.is_empty() => {
                    trim.take_bound(option, rest)?
                }
                [option, limit, rest @ ..] if is(option, "limit") => {
                    let limit = integer(limit)?;
                    let limit = usize::try_from(limit)
                        .map_err(|_| Refusal::Line("ERR The LIMIT argument must be >= 0."))?;
                    trim.limit = Some(limit);
                    rest
                }
                [option, rest @ ..] if is_xadd && is(option, "nomkstream") => {
                    trim.makes_no_stream = true;
                    rest
                }
                _ => break,
            };
        }
        if trim.limit.is_some() && !trim.is_approximate {
            return Err(Refusal::Line(
                "ERR syntax error, LIMIT cannot be used without the special ~ option",
            ));
        }
        Ok((trim, args))
    }

    fn take_bound<'a>(&mut self, option: &Bytes, args: &'a [Bytes]) -> Result<&'a [Bytes], Refusal> {
        let (sign, args) = match args {
            [sign, rest @ ..] if (*sign == "~" || *sign == "=") && !rest.is_empty() => (Some(sign), rest),
            _ => (None, args),
        };
        self.is_approximate = sign.is_some_and(|sign| sign == "~");
        let (value, rest) = args.split_first().ok_or(Refusal::Syntax)?;
        let bound = if is(option, "maxlen") {
            let length = integer(value)?;
            Bound::Length(
                usize::try_from(length)
                    .map_err(|_| Refusal::Line("ERR The MAXLEN argument must be >= 0."))?,
            )
        } else {
            Bound::FromId(stream_id(value, 0)?)
        };
        if self
            .bound
            .is_some_and(|earlier| std::mem::discriminant(&earlier) != std::mem::discriminant(&bound))
        {
            return Err(Refusal::Line(
                "ERR syntax error, MAXLEN and MINID options at the same time are not compatible",
            ));
        }
        self.bound = Some(bound);
        Ok(rest)
    }

    fn apply(&self, stream: &mut Stream) -> usize {
        self.bound
            .map_or(0, |bound| stream.trim(bound, self.is_approximate, self.limit))
    }
}

pub(super) fn xadd(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let arity = || Refusal::Arity {
        command: "xadd".to_owned(),
    };
    let key = &args[1];
    let (trim, rest) = Trim::of(&args[2..], true)?;
    let (id, fields) = rest.split_first().ok_or_else(arity)?;
    let id = NewId::of(id)?;
    if fields.is_empty() || fields.len() % 2 == 1 {
        return Err(arity());
    }
    if matches!(id, NewId::Explicit(StreamId::MIN)) {
        return Err(Refusal::Line(
            "ERR The ID specified in XADD must be greater than 0-0",
        ));
    }
    let now_ms = database.now_ms;
    let last = match database.find::<Stream>(key)? {
        Some(stream) => stream.last_id,
        None if trim.makes_no_stream => return Ok(Reply::Null),
        None => StreamId::MIN,
    };
    if last == StreamId::MAX {
        return Err(Refusal::Line(
            "ERR The stream has exhausted the last possible ID, unable to add more items",
        ));
    }
    let id = id.after(last, now_ms).ok_or(Refusal::Line(
        "ERR The ID specified in XADD is equal or smaller than the target stream top item",
    ))?;
    let stream = database.find_or_create::<Stream>(key)?;
    stream.add(id, fields.to_vec());
    trim.apply(stream);
    database.touch(key);
    database.signal(key);
    Ok(id.reply())
}

pub(super) fn xtrim(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let (trim, rest) = Trim::of(&args[2..], false)?;
    if !rest.is_empty() || trim.bound.is_none() {
        return Err(Refusal::Syntax);
    }
    let Some(stream) = database.find::<Stream>(&args[1])? else {
        return Ok(Reply::Int(0));
    };
    let count = trim.apply(stream);
    if count > 0 {
        database.touch(&args[1]);
    }
    Ok(Reply::count(count))
}

pub(super) fn xlen(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    Ok(Reply::count(
        database
            .find::<Stream>(&args[1])?
            .map_or(0, |stream| stream.entries.len()),
    ))
}

pub(super) fn xdel(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let Some(stream) = database.find::<Stream>(&args[1])? else {
        return Ok(Reply::Int(0));
    };
    let ids = args[2..]
        .iter()
        .map(|id| stream_id(id, 0))
        .collect::<Result<Vec<_>, _>>()?;
    let count = ids.into_iter().filter(|id| stream.delete(*id)).count();
    if count > 0 {
        database.touch(&args[1]);
    }
    Ok(Reply::count(count))
}

pub(super) fn xrange(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    entries_between(database, args, &args[2], &args[3], false)
}

pub(super) fn xrevrange(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    entries_between(database, args, &args[3], &args[2], true)
}

fn entries_between(
    database: &mut Database,
    args: &[Bytes],
    start: &Bytes,
    end: &Bytes,
    newest_first: bool,
) -> Result<Reply, Refusal> {
    let (start, end) = (interval_start(start)?, interval_end(end)?);
    let count = match &args[4..] {
        [] => None,
        [option, count] if is(option, "count") => Some(usize::try_from(integer(count)?).unwrap_or(0)),
        _ => return Err(Refusal::Syntax),
    };
    let Some(stream) = database.find::<Stream>(&args[1])? else {
        return Ok(Reply::Array(Vec::new()));
    };
    if count == Some(0) {
        return Ok(Reply::NullArray);
    }
    if start > end {
        return Ok(Reply::Array(Vec::new()));
    }
    let count = count.unwrap_or(usize::MAX);
    let entries = stream
        .entries
        .range(start..=end)
        .map(|(id, fields)| entry_reply(*id, fields));
    Ok(Reply::Array(if newest_first {
        entries.rev().take(count).collect()
    } else {
        entries.take(count).collect()
    }))
}

pub(super) fn xinfo_stream(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    if args.len() > 3 {
        return Err(Refusal::Line("ERR the embedded broker has no XINFO STREAM FULL"));
    }
    let stream = database
        .find::<Stream>(&args[2])?
        .ok_or(Refusal::Line("ERR no such key"))?;
    let entry = |entry: Option<(&StreamId, &Vec<Bytes>)>| {
        entry.map_or(Reply::Null, |(id, fields)| entry_reply(*id, fields))
    };
    let signed = |number: u64| Reply::Int(i64::try_from(number).unwrap_or(i64::MAX));
    Ok(Reply::Map(vec![
        (Reply::word("length"), Reply::count(stream.entries.len())),
        (Reply::word("radix-tree-keys"), Reply::Int(1)),
        (Reply::word("radix-tree-nodes"), Reply::Int(2)),
        (Reply::word("last-generated-id"), stream.last_id.reply()),
        (Reply::word("max-deleted-entry-id"), stream.last_deleted.reply()),
        (Reply::word("entries-added"), signed(stream.entries_added)),
        (Reply::word("recorded-first-entry-id"), stream.first_id().reply()),
        (Reply::word("groups"), Reply::count(stream.groups.len())),
        (
            Reply::word("first-entry"),
            entry(stream.entries.first_key_value()),
        ),
        (Reply::word("last-entry"), entry(stream.entries.last_key_value())),
    ]))
}

pub(super) fn xinfo_groups(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let stream = database
        .find::<Stream>(&args[2])?
        .ok_or(Refusal::Line("ERR no such key"))?;
    let signed = |number: Option<u64>| {
        number
            .and_then(|n| i64::try_from(n).ok())
            .map_or(Reply::Null, Reply::Int)
    };
    let line = |(name, group): (&Bytes, &Group)| {
        let known_read = group
            .entries_read
            .filter(|_| !stream.has_gaps_after(group.last_id));
        let read = known_read.or_else(|| stream.entries_up_to(group.last_id));
        let lag = if stream.entries_added == 0 {
            Some(0)
        } else {
            // Negative where ENTRIESREAD claimed more than there is, as in Redis.
            read.and_then(|read| stream.entries_added.checked_signed_diff(read))
        };
        Reply::Map(vec![
            (Reply::word("name"), Reply::Bulk(name.clone())),
            (Reply::word("consumers"), Reply::count(group.consumers.len())),
            (Reply::word("pending"), Reply::count(group.pending.len())),
            (Reply::word("last-delivered-id"), group.last_id.reply()),
            (Reply::word("entries-read"), signed(group.entries_read)),
            (Reply::word("lag"), lag.map_or(Reply::Null, Reply::Int)),
        ])
    };
    Ok(Reply::Array(stream.groups.iter().map(line).collect()))
}
