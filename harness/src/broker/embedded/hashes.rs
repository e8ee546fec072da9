//! Commands on hashes.

use bytes::Bytes;

use super::argument::integer;
use super::database::Database;
use super::refusal::Refusal;
use super::reply::Reply;
use super::request::decimal;
use super::value::Hash;

pub(super) fn hset(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let (pairs, odd) = args[2..].as_chunks::<2>();
    if !odd.is_empty() {
        return Err(Refusal::Arity {
            command: "hset".to_owned(),
        });
    }
    let hash = database.find_or_create::<Hash>(&args[1])?;
    let is_new = |[field, value]: &[Bytes; 2]| hash.insert(field.clone(), value.clone()).is_none();
    let added = pairs.iter().map(is_new).filter(|is_new| *is_new).count();
    database.touch(&args[1]);
    Ok(Reply::count(added))
}

pub(super) fn hget(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let hash = database.find::<Hash>(&args[1])?;
    Ok(Reply::bulk_or_null(
        hash.and_then(|hash| hash.get(&args[2]).cloned()),
    ))
}

pub(super) fn hmget(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let hash = database.find::<Hash>(&args[1])?;
    let value = |field| Reply::bulk_or_null(hash.as_ref().and_then(|hash| hash.get(field).cloned()));
    Ok(Reply::Array(args[2..].iter().map(value).collect()))
}

pub(super) fn hgetall(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let pairs = database.find::<Hash>(&args[1])?.into_iter().flatten();
    Ok(Reply::Map(
        pairs
            .map(|(field, value)| (Reply::Bulk(field.clone()), Reply::Bulk(value.clone())))
            .collect(),
    ))
}

pub(super) fn hdel(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let Some(hash) = database.find::<Hash>(&args[1])? else {
        return Ok(Reply::Int(0));
    };
    let removed = args[2..]
        .iter()
        .filter(|field| hash.remove(*field).is_some())
        .count();
    if removed > 0 {
        database.taken_from(&args[1]);
    }
    Ok(Reply::count(removed))
}

pub(super) fn hlen(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    Ok(Reply::count(
        database.find::<Hash>(&args[1])?.map_or(0, |hash| hash.len()),
    ))
}

pub(super) fn hexists(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    Ok(Reply::truth(
        database
            .find::<Hash>(&args[1])?
            .is_some_and(|hash| hash.contains_key(&args[2])),
    ))
}

pub(super) fn hincrby(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let increment = integer(&args[3])?;
    let value = match database
        .find::<Hash>(&args[1])?
        .and_then(|hash| hash.get(&args[2]))
    {
        Some(text) => decimal(text).ok_or(Refusal::Line("ERR hash value is not an integer"))?,
        None => 0,
    };
    let sum = value
        .checked_add(increment)
        .ok_or(Refusal::Line("ERR increment or decrement would overflow"))?;
    database
        .find_or_create::<Hash>(&args[1])?
        .insert(args[2].clone(), sum.to_string().into());
    database.touch(&args[1]);
    Ok(Reply::Int(sum))
}
