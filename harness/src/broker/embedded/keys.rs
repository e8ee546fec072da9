//! Commands on keys of any type.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use bytes::Bytes;

use super::argument::{integer, is};
use super::database::Database;
use super::glob;
use super::refusal::{Refusal, lossy};
use super::reply::Reply;
use super::request::decimal;

pub(super) fn del(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    Ok(Reply::count(
        args[1..].iter().filter(|key| database.remove(key)).count(),
    ))
}

pub(super) fn exists(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    Ok(Reply::count(
        args[1..].iter().filter(|key| database.contains(key)).count(),
    ))
}

pub(super) fn type_of(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    Ok(Reply::Status(
        database.value(&args[1]).map_or("none", |value| value.type_name()),
    ))
}

pub(super) fn keys(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let keys = database
        .live()
        .map(|(key, _)| key)
        .filter(|key| glob::matches(&args[1], key));
    Ok(Reply::bulks(keys.cloned()))
}

/// Cursors are positions in the order of the keys' hashes, so a key that stays is never missed.
pub(super) fn scan(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let cursor = std::str::from_utf8(&args[1])
        .ok()
        .and_then(|cursor| cursor.parse::<u64>().ok());
    let cursor = cursor.ok_or(Refusal::Line("ERR invalid cursor"))?;
    let options = ScanOptions::of(&args[2..])?;
    let mut ahead: Vec<(u64, &Bytes, &'static str)> = database
        .live()
        .map(|(key, value)| (position(key), key, value.type_name()))
        .filter(|(position, ..)| *position >= cursor)
        .collect();
    ahead.sort_unstable();
    // Keys of one hash are not torn apart: the cursor could not tell them from each other.
    let mut page = options.count.min(ahead.len());
    while page > 0 && page < ahead.len() && ahead[page].0 == ahead[page - 1].0 {
        page += 1;
    }
    let next = ahead.get(page).map_or(0, |(position, ..)| *position);
    let found = ahead[..page]
        .iter()
        .filter(|(_, key, kind)| options.wants(key, kind));
    let found = found.map(|(_, key, _)| (*key).clone());
    Ok(Reply::Array(vec![
        Reply::text(next.to_string()),
        Reply::bulks(found),
    ]))
}

/// Never 0, which means "the beginning" and "the end".
fn position(key: &Bytes) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish().max(1)
}

struct ScanOptions {
    pattern: Option<Bytes>,
    kind: Option<String>,
    count: usize,
}

impl ScanOptions {
    fn of(args: &[Bytes]) -> Result<ScanOptions, Refusal> {
        let mut options = ScanOptions {
            pattern: None,
            kind: None,
            count: 10,
        };
        let mut rest = args;
        loop {
            rest = match rest {
                [] => return Ok(options),
                [option, count, rest @ ..] if is(option, "count") => {
                    let count = usize::try_from(integer(count)?).ok().filter(|count| *count > 0);
                    options.count = count.ok_or(Refusal::Syntax)?;
                    rest
                }
                [option, pattern, rest @ ..] if is(option, "match") => {
                    options.pattern = Some(pattern.clone());
                    rest
                }
                [option, kind, rest @ ..] if is(option, "type") => {
                    options.kind = Some(lossy(kind).to_ascii_lowercase());
                    rest
                }
                _ => return Err(Refusal::Syntax),
            };
        }
    }

    fn wants(&self, key: &[u8], kind: &str) -> bool {
        self.pattern
            .as_ref()
            .is_none_or(|pattern| glob::matches(pattern, key))
            && self.kind.as_ref().is_none_or(|wanted| wanted == kind)
    }
}

pub(super) fn expire(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    expire_in(database, args, 1000, "expire")
}

pub(super) fn pexpire(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    expire_in(database, args, 1, "pexpire")
}

fn expire_in(
    database: &mut Database,
    args: &[Bytes],
    unit_ms: i64,
    command: &'static str,
) -> Result<Reply, Refusal> {
    let condition = Condition::of(&args[3..])?;
    let at_ms = integer(&args[2])?
        .checked_mul(unit_ms)
        .and_then(|ms| ms.checked_add(database.now_ms))
        .ok_or(Refusal::InvalidExpire { command })?;
    let Some(current_ms) = database.expiry(&args[1]) else {
        return Ok(Reply::Int(0));
    };
    if !condition.allows(current_ms, at_ms) {
        return Ok(Reply::Int(0));
    }
    database.set_expiry(&args[1], Some(at_ms));
    Ok(Reply::Int(1))
}

/// When EXPIRE is to take effect.
#[derive(Default)]
struct Condition {
    only_new: bool,
    only_existing: bool,
    only_later: bool,
    only_sooner: bool,
}

impl Condition {
    fn of(args: &[Bytes]) -> Result<Condition, Refusal> {
        let mut condition = Condition::default();
        for option in args {
            match option.to_ascii_lowercase().as_slice() {
                b"nx" => condition.only_new = true,
                b"xx" => condition.only_existing = true,
                b"gt" => condition.only_later = true,
                b"lt" => condition.only_sooner = true,
                _ => {
                    return Err(Refusal::Worded(format!(
                        "ERR Unsupported option {}",
                        lossy(option)
                    )));
                }
            }
        }
        if condition.only_new && (condition.only_existing || condition.only_later || condition.only_sooner) {
            return Err(Refusal::Line(
                "ERR NX and XX, GT or LT options at the same time are not compatible",
            ));
        }
        if condition.only_later && condition.only_sooner {
            return Err(Refusal::Line(
                "ERR GT and LT options at the same time are not compatible",
            ));
        }
        Ok(condition)
    }

    /// A key that stays counts as one that ends after every other.
    fn allows(&self, current_ms: Option<i64>, at_ms: i64) -> bool {
        !(self.only_new && current_ms.is_some()
            || self.only_existing && current_ms.is_none()
            || self.only_later && current_ms.is_none_or(|current_ms| at_ms <= current_ms)
            || self.only_sooner && current_ms.is_some_and(|current_ms| at_ms >= current_ms))
    }
}

pub(super) fn ttl(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    Ok(Reply::Int(
        left_ms(database, &args[1]).map_or_else(|none| none, |ms| (ms + 500) / 1000),
    ))
}

pub(super) fn pttl(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    Ok(Reply::Int(
        left_ms(database, &args[1]).unwrap_or_else(|none| none),
    ))
}

/// What is left of a key's time, or what TTL answers where there is no such time.
fn left_ms(database: &mut Database, key: &Bytes) -> Result<i64, i64> {
    let now_ms = database.now_ms;
    match database.expiry(key) {
        None => Err(-2),
        Some(None) => Err(-1),
        Some(Some(at_ms)) => Ok((at_ms - now_ms).max(0)),
    }
}

pub(super) fn persist(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let has_expiry = database.expiry(&args[1]).flatten().is_some();
    if has_expiry {
        database.set_expiry(&args[1], None);
    }
    Ok(Reply::truth(has_expiry))
}

/// `SET`'s and its kin's relative or absolute expiry as a time; it must lie in the future of 1970.
pub(super) fn expiry_ms(
    database: &Database,
    argument: &[u8],
    unit_ms: i64,
    is_absolute: bool,
    command: &'static str,
) -> Result<i64, Refusal> {
    let number = decimal(argument).ok_or(Refusal::NotInteger)?;
    let base_ms = if is_absolute { 0 } else { database.now_ms };
    number
        .checked_mul(unit_ms)
        .filter(|_| number > 0)
        .and_then(|ms| ms.checked_add(base_ms))
        .ok_or(Refusal::InvalidExpire { command })
}
