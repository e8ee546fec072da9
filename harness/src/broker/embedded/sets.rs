//! Commands on sets.

use bytes::Bytes;

use super::database::Database;
use super::refusal::Refusal;
use super::reply::Reply;
use super::value::Set;

pub(super) fn sadd(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let set = database.find_or_create::<Set>(&args[1])?;
    let added = args[2..]
        .iter()
        .filter(|member| set.insert((*member).clone()))
        .count();
    if added > 0 {
        database.touch(&args[1]);
    }
    Ok(Reply::count(added))
}

pub(super) fn srem(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let Some(set) = database.find::<Set>(&args[1])? else {
        return Ok(Reply::Int(0));
    };
    let removed = args[2..].iter().filter(|member| set.remove(*member)).count();
    if removed > 0 {
        database.taken_from(&args[1]);
    }
    Ok(Reply::count(removed))
}

pub(super) fn smembers(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let members = database
        .find::<Set>(&args[1])?
        .into_iter()
        .flat_map(|set| set.iter());
    Ok(Reply::Set(
        members.map(|member| Reply::Bulk(member.clone())).collect(),
    ))
}

pub(super) fn sismember(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    Ok(Reply::truth(
        database
            .find::<Set>(&args[1])?
            .is_some_and(|set| set.contains(&args[2])),
    ))
}

pub(super) fn scard(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    Ok(Reply::count(
        database.find::<Set>(&args[1])?.map_or(0, |set| set.len()),
    ))
}
