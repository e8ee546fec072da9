//! Commands on strings.

use bytes::Bytes;

use super::argument::integer;
use super::database::Database;
use super::keys::expiry_ms;
use super::refusal::Refusal;
use super::reply::Reply;
use super::request::decimal;
use super::value::Value;

pub(super) fn get(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    Ok(Reply::bulk_or_null(database.find::<Bytes>(&args[1])?.cloned()))
}

pub(super) fn mget(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    // A key of another type has no string to show, which is no error here.
    let value = |key| Reply::bulk_or_null(database.find::<Bytes>(key).ok().flatten().cloned());
    Ok(Reply::Array(args[1..].iter().map(value).collect()))
}

/// SET's options.
#[derive(Default)]
struct SetOptions {
    only_new: bool,
    only_existing: bool,
    shows_old: bool,
    keeps_expiry: bool,
    expires_at_ms: Option<i64>,
}

impl SetOptions {
    fn of(database: &Database, args: &[Bytes]) -> Result<SetOptions, Refusal> {
        let mut options = SetOptions::default();
        let mut expiry: Option<(&Bytes, i64, bool)> = None;
        let mut rest = args;
        while let [option, after @ ..] = rest {
            rest = after;
            let has_expiry = options.keeps_expiry || expiry.is_some();
            match option.to_ascii_lowercase().as_slice() {
                b"nx" if !options.only_existing => options.only_new = true,
                b"xx" if !options.only_new => options.only_existing = true,
                b"get" => options.shows_old = true,
                b"keepttl" if expiry.is_none() => options.keeps_expiry = true,
                name @ (b"ex" | b"px" | b"exat" | b"pxat") if !has_expiry => {
                    let (value, after) = after.split_first().ok_or(Refusal::Syntax)?;
                    let unit_ms = if name.starts_with(b"ex") { 1000 } else { 1 };
                    expiry = Some((value, unit_ms, name.ends_with(b"at")));
                    rest = after;
                }
                _ => return Err(Refusal::Syntax),
            }
        }
        options.expires_at_ms = expiry
            .map(|(value, unit_ms, is_absolute)| expiry_ms(database, value, unit_ms, is_absolute, "set"))
            .transpose()?;
        Ok(options)
    }
}

pub(super) fn set(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let key = &args[1];
    let options = SetOptions::of(database, &args[3..])?;
    let old = if options.shows_old {
        database.find::<Bytes>(key)?.cloned()
    } else {
        None
    };
    let exists = database.contains(key);
    if (options.only_new && exists) || (options.only_existing && !exists) {
        return Ok(Reply::bulk_or_null(old));
    }
    let kept = if options.keeps_expiry {
        database.expiry(key).flatten()
    } else {
        None
    };
    put(database, key, args[2].clone(), options.expires_at_ms.or(kept));
    Ok(if options.shows_old {
        Reply::bulk_or_null(old)
    } else {
        Reply::OK
    })
}

fn put(database: &mut Database, key: &Bytes, value: Bytes, expires_at_ms: Option<i64>) {
    database.set(key, Value::Text(value), expires_at_ms);
    if expires_at_ms.is_some_and(|at_ms| at_ms <= database.now_ms) {
        database.remove(key);
    }
}

pub(super) fn setex(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let at_ms = expiry_ms(database, &args[2], 1000, false, "setex")?;
    put(database, &args[1], args[3].clone(), Some(at_ms));
    Ok(Reply::OK)
}

pub(super) fn psetex(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let at_ms = expiry_ms(database, &args[2], 1, false, "psetex")?;
    put(database, &args[1], args[3].clone(), Some(at_ms));
    Ok(Reply::OK)
}

pub(super) fn setnx(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let is_new = !database.contains(&args[1]);
    if is_new {
        put(database, &args[1], args[2].clone(), None);
    }
    Ok(Reply::truth(is_new))
}

pub(super) fn getdel(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let value = database.find::<Bytes>(&args[1])?.cloned();
    if value.is_some() {
        database.remove(&args[1]);
    }
    Ok(Reply::bulk_or_null(value))
}

pub(super) fn incr(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    add(database, &args[1], 1)
}

pub(super) fn decr(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    add(database, &args[1], -1)
}

pub(super) fn incrby(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    add(database, &args[1], integer(&args[2])?)
}

pub(super) fn decrby(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let decrement = integer(&args[2])?
        .checked_neg()
        .ok_or(Refusal::Line("ERR decrement would overflow"))?;
    add(database, &args[1], decrement)
}

fn add(database: &mut Database, key: &Bytes, increment: i64) -> Result<Reply, Refusal> {
    let value = match database.find::<Bytes>(key)? {
        Some(text) => decimal(text).ok_or(Refusal::NotInteger)?,
        None => 0,
    };
    let sum = value
        .checked_add(increment)
        .ok_or(Refusal::Line("ERR increment or decrement would overflow"))?;
    *database.find_or_create::<Bytes>(key)? = sum.to_string().into();
    database.touch(key);
    Ok(Reply::Int(sum))
}
