//! Entries that were delivered and not acknowledged: XPENDING, XCLAIM and XAUTOCLAIM.

use bytes::Bytes;

use super::argument::{integer, is};
use super::database::Database;
use super::refusal::{Refusal, lossy};
use super::reply::Reply;
use super::request::decimal;
use super::stream::{Delivery, Group, Stream, StreamId};
use super::streams::{interval_end, interval_start, stream_id};

/// Pending entries that XAUTOCLAIM looks at for each one that it may claim.
const ATTEMPTS_PER_CLAIM: usize = 10;

fn no_group(key: &[u8], group: &[u8]) -> Refusal {
    Refusal::NoGroup {
        key: lossy(key),
        group: lossy(group),
        context: "",
    }
}

pub(super) fn xpending(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let query = Query::of(&args[3..])?;
    let now_ms = database.now_ms;
    let stream = database.find::<Stream>(&args[1])?;
    let group = stream
        .and_then(|stream| stream.groups.get_mut(&args[2]))
        .ok_or_else(|| no_group(&args[1], &args[2]))?;
    Ok(match query {
        None => summary(group),
        Some(query) => query.answer(group, now_ms),
    })
}

fn summary(group: &Group) -> Reply {
    let Some((first, last)) = group
        .pending
        .first_key_value()
        .zip(group.pending.last_key_value())
    else {
        return Reply::Array(vec![Reply::Int(0), Reply::Null, Reply::Null, Reply::NullArray]);
    };
    let busy = group
        .consumers
        .iter()
        .filter(|(_, consumer)| !consumer.pending.is_empty());
    let line = |name: &Bytes, count: usize| {
        Reply::Array(vec![Reply::Bulk(name.clone()), Reply::text(count.to_string())])
    };
    Reply::Array(vec![
        Reply::count(group.pending.len()),
        first.0.reply(),
        last.0.reply(),
        Reply::Array(
            busy.map(|(name, consumer)| line(name, consumer.pending.len()))
                .collect(),
        ),
    ])
}

/// XPENDING's long form: `[IDLE ms] start end count [consumer]`.
struct Query {
    idle_ms: i64,
    start: StreamId,
    end: StreamId,
    count: usize,
    consumer: Option<Bytes>,
}

impl Query {
    fn of(args: &[Bytes]) -> Result<Option<Query>, Refusal> {
        let (idle_ms, args) = match args {
            [] => return Ok(None),
            [option, idle_ms, rest @ ..] if is(option, "idle") && args.len() >= 4 => {
                (integer(idle_ms)?, rest)
            }
            _ => (0, args),
        };
        let (start, end, count, consumer) = match args {
            [start, end, count] => (start, end, count, None),
            [start, end, count, consumer] => (start, end, count, Some(consumer.clone())),
            _ => return Err(Refusal::Syntax),
        };
        let count = usize::try_from(integer(count)?).unwrap_or(0);
        Ok(Some(Query {
            idle_ms,
            start: interval_start(start)?,
            end: interval_end(end)?,
            count,
            consumer,
        }))
    }

    fn answer(&self, group: &Group, now_ms: i64) -> Reply {
        if self.start > self.end {
            return Reply::Array(Vec::new());
        }
        let line = |(id, delivery): (&StreamId, &Delivery)| {
            Reply::Array(vec![
                id.reply(),
                Reply::Bulk(delivery.consumer.clone()),
                Reply::Int((now_ms - delivery.at_ms).max(0)),
                Reply::Int(delivery.count),
            ])
        };
        let is_asked_for = |delivery: &Delivery| {
            self.consumer
                .as_ref()
                .is_none_or(|consumer| *consumer == delivery.consumer)
                && now_ms - delivery.at_ms >= self.idle_ms
        };
        let pending = group
            .pending
            .range(self.start..=self.end)
            .filter(|(_, delivery)| is_asked_for(delivery));
        Reply::Array(pending.take(self.count).map(line).collect())
    }
}

/// XCLAIM's options.
struct Claim {
    at_ms: i64,
    count: Option<i64>,
    is_forced: bool,
    just_ids: bool,
    last_id: Option<StreamId>,
}

impl Claim {
    fn of(args: &[Bytes], now_ms: i64) -> Result<Claim, Refusal> {
        let mut claim = Claim {
            at_ms: now_ms,
            count: None,
            is_forced: false,
            just_ids: false,
            last_id: None,
        };
        let mut rest = args;
        loop {
            rest = match rest {
                [] => break,
                [option, rest @ ..] if is(option, "force") => {
                    claim.is_forced = true;
                    rest
                }
                [option, rest @ ..] if is(option, "justid") => {
                    claim.just_ids = true;
                    rest
                }
                [option, ms, rest @ ..] if is(option, "idle") => {
                    let ms =
                        decimal(ms).ok_or(Refusal::Line("ERR Invalid IDLE option argument for XCLAIM"))?;
                    claim.at_ms = now_ms.saturating_sub(ms);
                    rest
                }
                [option, ms, rest @ ..] if is(option, "time") => {
                    claim.at_ms =
                        decimal(ms).ok_or(Refusal::Line("ERR Invalid TIME option argument for XCLAIM"))?;
                    rest
                }
                [option, count, rest @ ..] if is(option, "retrycount") => {
                    let count = decimal(count);
                    claim.count = Some(
                        count.ok_or(Refusal::Line("ERR Invalid RETRYCOUNT option argument for XCLAIM"))?,
                    );
                    rest
                }
                [option, id, rest @ ..] if is(option, "lastid") => {
                    claim.last_id = Some(stream_id(id, 0)?);
                    rest
                }
                [option, ..] => {
                    return Err(Refusal::Worded(format!(
                        "ERR Unrecognized XCLAIM option '{}'",
                        lossy(option)
                    )));
                }
            };
        }
        // A delivery in the future would have a negative idle time.
        if claim.at_ms < 0 || claim.at_ms > now_ms {
            claim.at_ms = now_ms;
        }
        Ok(claim)
    }
}

pub(super) fn xclaim(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let now_ms = database.now_ms;
    let key = &args[1];
    let has_group = database
        .find::<Stream>(key)?
        .is_some_and(|stream| stream.groups.contains_key(&args[2]));
    if !has_group {
        return Err(no_group(key, &args[2]));
    }
    let idle_ms = decimal(&args[4])
        .ok_or(Refusal::Line("ERR Invalid min-idle-time argument for XCLAIM"))?
        .max(0);
    let ids: Vec<StreamId> = args[5..].iter().map_while(|id| stream_id(id, 0).ok()).collect();
    let claim = Claim::of(&args[5 + ids.len()..], now_ms)?;
    let Some(Stream { entries, groups, .. }) = database.find::<Stream>(key)? else {
        return Ok(Reply::Null);
    };
    let Some(group) = groups.get_mut(&args[2]) else {
        return Ok(Reply::Null);
    };
    group.last_id = group.last_id.max(claim.last_id.unwrap_or_default());
    if let Some(consumer) = group.consumers.get_mut(&args[3]) {
        consumer.seen_ms = now_ms;
    }
    let mut replies = Vec::new();
    for id in ids {
        let Some(fields) = entries.get(&id) else {
            group.settle(id);
            continue;
        };
        let earlier = group.pending.get(&id).cloned();
        let earlier_count = match &earlier {
            Some(delivery) if now_ms - delivery.at_ms < idle_ms => continue,
            Some(delivery) => delivery.count,
            // To Redis, an entry made pending by force has been delivered once before it is claimed.
            None if claim.is_forced => 1,
            None => continue,
        };
        let count = claim.count.unwrap_or(if claim.just_ids {
            earlier_count
        } else {
            earlier_count + 1
        });
        group.consumer(&args[3], now_ms);
        group.assign(
            id,
            &args[3],
            Delivery {
                consumer: args[3].clone(),
                at_ms: claim.at_ms,
                count,
            },
        );
        replies.push(claimed(id, fields, claim.just_ids));
    }
    Ok(Reply::Array(replies))
}

fn claimed(id: StreamId, fields: &[Bytes], just_id: bool) -> Reply {
    if just_id {
        id.reply()
    } else {
        super::stream::entry_reply(id, fields)
    }
}

pub(super) fn xautoclaim(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let now_ms = database.now_ms;
    let idle_ms = decimal(&args[4])
        .ok_or(Refusal::Line("ERR Invalid min-idle-time argument for XAUTOCLAIM"))?
        .max(0);
    let start = interval_start(&args[5])?;
    let (mut left, just_ids) = autoclaim_options(&args[6..])?;
    let stream = database
        .find::<Stream>(&args[1])?
        .ok_or_else(|| no_group(&args[1], &args[2]))?;
    let Stream { entries, groups, .. } = stream;
    let group = groups
        .get_mut(&args[2])
        .ok_or_else(|| no_group(&args[1], &args[2]))?;
    if let Some(consumer) = group.consumers.get_mut(&args[3]) {
        consumer.seen_ms = now_ms;
    }
    let mut attempts = left.saturating_mul(ATTEMPTS_PER_CLAIM);
    let mut next = None;
    let (mut replies, mut deleted) = (Vec::new(), Vec::new());
    let pending: Vec<(StreamId, Delivery)> = group
        .pending
        .range(start..)
        .map(|(id, d)| (*id, d.clone()))
        .collect();
    for (id, delivery) in pending {
        if attempts == 0 || left == 0 {
            next = Some(id);
            break;
        }
        attempts -= 1;
        let Some(fields) = entries.get(&id) else {
            group.settle(id);
            deleted.push(id.reply());
            left -= 1;
            continue;
        };
        if now_ms - delivery.at_ms < idle_ms {
            continue;
        }
        let claimed_now = Delivery {
            consumer: args[3].clone(),
            at_ms: now_ms,
            count: delivery.count + i64::from(!just_ids),
        };
        group.consumer(&args[3], now_ms);
        group.assign(id, &args[3], claimed_now);
        replies.push(claimed(id, fields, just_ids));
        left -= 1;
    }
    Ok(Reply::Array(vec![
        next.unwrap_or_default().reply(),
        Reply::Array(replies),
        Reply::Array(deleted),
    ]))
}

/// `[COUNT count] [JUSTID]`
fn autoclaim_options(args: &[Bytes]) -> Result<(usize, bool), Refusal> {
    let (mut count, mut just_ids) = (100, false);
    let mut rest = args;
    loop {
        rest = match rest {
            [] => return Ok((count, just_ids)),
            [option, number, rest @ ..] if is(option, "count") => {
                let number = decimal(number)
                    .and_then(|number| usize::try_from(number).ok())
                    .filter(|n| *n > 0);
                count = number.ok_or(Refusal::Line("ERR COUNT must be > 0"))?;
                rest
            }
            [option, rest @ ..] if is(option, "justid") => {
                just_ids = true;
                rest
            }
            _ => return Err(Refusal::Syntax),
        };
    }
}
