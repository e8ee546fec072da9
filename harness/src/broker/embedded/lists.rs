//! Commands on lists.

use bytes::Bytes;

use super::argument::{integer, is, positive, range};
use super::database::Database;
use super::refusal::Refusal;
use super::reply::Reply;
use super::value::List;

/// An end of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Left,
    Right,
}

impl End {
    pub(super) fn of(argument: &Bytes) -> Result<End, Refusal> {
        if is(argument, "left") {
            Ok(End::Left)
        } else if is(argument, "right") {
            Ok(End::Right)
        } else {
            Err(Refusal::Syntax)
        }
    }

    fn push(self, list: &mut List, element: Bytes) {
        match self {
            End::Left => list.push_front(element),
            End::Right => list.push_back(element),
        }
    }

    fn pop(self, list: &mut List) -> Option<Bytes> {
        match self {
            End::Left => list.pop_front(),
            End::Right => list.pop_back(),
        }
    }
}

pub(super) fn lpush(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    push(database, &args[1], &args[2..], End::Left)
}

pub(super) fn rpush(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    push(database, &args[1], &args[2..], End::Right)
}

pub(super) fn lpushx(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    push_existing(database, &args[1], &args[2..], End::Left)
}

pub(super) fn rpushx(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    push_existing(database, &args[1], &args[2..], End::Right)
}

fn push(database: &mut Database, key: &Bytes, elements: &[Bytes], end: End) -> Result<Reply, Refusal> {
    let list = database.find_or_create::<List>(key)?;
    for element in elements {
        end.push(list, element.clone());
    }
    let length = list.len();
    database.touch(key);
    Ok(Reply::count(length))
}

fn push_existing(
    database: &mut Database,
    key: &Bytes,
    elements: &[Bytes],
    end: End,
) -> Result<Reply, Refusal> {
    match database.find::<List>(key)? {
        None => Ok(Reply::Int(0)),
        Some(_) => push(database, key, elements, end),
    }
}

pub(super) fn lpop(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    pop(database, args, End::Left, "lpop")
}

pub(super) fn rpop(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    pop(database, args, End::Right, "rpop")
}

fn pop(database: &mut Database, args: &[Bytes], end: End, command: &'static str) -> Result<Reply, Refusal> {
    if args.len() > 3 {
        return Err(Refusal::Arity {
            command: command.to_owned(),
        });
    }
    let count = args.get(2).map(|count| positive(count)).transpose()?;
    let Some(list) = database.find::<List>(&args[1])? else {
        return Ok(if count.is_some() {
            Reply::NullArray
        } else {
            Reply::Null
        });
    };
    let Some(count) = count else {
        let element = end.pop(list);
        database.taken_from(&args[1]);
        return Ok(Reply::bulk_or_null(element));
    };
    let elements: Vec<Bytes> = std::iter::from_fn(|| end.pop(list)).take(count).collect();
    if !elements.is_empty() {
        database.taken_from(&args[1]);
    }
    Ok(Reply::bulks(elements))
}

/// The key and an element of it, for a blocking pop; `None` when there is no such list.
pub(super) fn pop_with_key(database: &mut Database, key: &Bytes, end: End) -> Option<Reply> {
    let element = end.pop(database.find::<List>(key).ok()??)?;
    database.taken_from(key);
    Some(Reply::bulks([key.clone(), element]))
}

/// The key and up to `count` elements of it, for LMPOP and BLMPOP.
pub(super) fn pop_many(database: &mut Database, key: &Bytes, end: End, count: usize) -> Option<Reply> {
    let list = database.find::<List>(key).ok()??;
    let elements: Vec<Bytes> = std::iter::from_fn(|| end.pop(list)).take(count).collect();
    database.taken_from(key);
    Some(Reply::Array(vec![
        Reply::Bulk(key.clone()),
        Reply::bulks(elements),
    ]))
}

/// Moves one element from list to list, which may be one and the same; `None` when the source does not exist.
pub(super) fn shift(
    database: &mut Database,
    source: &Bytes,
    destination: &Bytes,
    from: End,
    to: End,
) -> Result<Option<Bytes>, Refusal> {
    if database.find::<List>(source)?.is_none() {
        return Ok(None);
    }
    database.find::<List>(destination)?;
    let element = database.find::<List>(source)?.and_then(|list| from.pop(list));
    if let Some(element) = &element {
        // Pushed before the source is looked at: rotating a list of one must not make it go away.
        to.push(database.find_or_create::<List>(destination)?, element.clone());
        database.touch(destination);
        database.taken_from(source);
    }
    Ok(element)
}

pub(super) fn llen(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    Ok(Reply::count(
        database.find::<List>(&args[1])?.map_or(0, |list| list.len()),
    ))
}

pub(super) fn lrange(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let (start, stop) = (integer(&args[2])?, integer(&args[3])?);
    let Some(list) = database.find::<List>(&args[1])? else {
        return Ok(Reply::Array(Vec::new()));
    };
    Ok(Reply::bulks(list.range(range(start, stop, list.len())).cloned()))
}

pub(super) fn lindex(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let Some(list) = database.find::<List>(&args[1])? else {
        return Ok(Reply::Null);
    };
    Ok(Reply::bulk_or_null(
        position(integer(&args[2])?, list.len()).map(|index| list[index].clone()),
    ))
}

pub(super) fn lset(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let list = database
        .find::<List>(&args[1])?
        .ok_or(Refusal::Line("ERR no such key"))?;
    let index = position(integer(&args[2])?, list.len()).ok_or(Refusal::Line("ERR index out of range"))?;
    list[index] = args[3].clone();
    database.touch(&args[1]);
    Ok(Reply::OK)
}

/// Where an index, from the end when negative, points to.
fn position(index: i64, length: usize) -> Option<usize> {
    let length_signed = i64::try_from(length).ok()?;
    let index = if index < 0 {
        index.checked_add(length_signed)?
    } else {
        index
    };
    usize::try_from(index).ok().filter(|index| *index < length)
}

pub(super) fn lrem(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let count = integer(&args[2])?;
    let Some(list) = database.find::<List>(&args[1])? else {
        return Ok(Reply::Int(0));
    };
    let is_match = |index: &usize| list[*index] == args[3];
    let most = if count == 0 {
        usize::MAX
    } else {
        usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX)
    };
    let mut doomed: Vec<usize> = if count < 0 {
        (0..list.len()).rev().filter(is_match).take(most).collect()
    } else {
        (0..list.len()).filter(is_match).take(most).collect()
    };
    doomed.sort_unstable();
    let mut index = 0;
    list.retain(|_| {
        index += 1;
        doomed.binary_search(&(index - 1)).is_err()
    });
    if !doomed.is_empty() {
        database.taken_from(&args[1]);
    }
    Ok(Reply::count(doomed.len()))
}

pub(super) fn ltrim(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let (start, stop) = (integer(&args[2])?, integer(&args[3])?);
    if let Some(list) = database.find::<List>(&args[1])? {
        let kept = range(start, stop, list.len());
        list.truncate(kept.end);
        list.drain(..kept.start.min(list.len()));
        database.taken_from(&args[1]);
    }
    Ok(Reply::OK)
}

pub(super) fn lmove(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let (from, to) = (End::of(&args[3])?, End::of(&args[4])?);
    shift(database, &args[1], &args[2], from, to).map(Reply::bulk_or_null)
}

pub(super) fn rpoplpush(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    shift(database, &args[1], &args[2], End::Right, End::Left).map(Reply::bulk_or_null)
}
