//! Commands on lists that wait for an element, or look for one in several lists.

use bytes::Bytes;

use super::argument::{integer, is, timeout};
use super::blocking::{Wait, Wish};
use super::client::ClientId;
use super::database::Database;
use super::lists::{End, pop_many, pop_with_key, shift};
use super::refusal::Refusal;
use super::reply::Reply;
use super::server::{Answer, Server};
use super::value::List;

pub(super) fn blpop(server: &mut Server, id: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    blocking_pop(server, id, args, End::Left)
}

pub(super) fn brpop(server: &mut Server, id: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    blocking_pop(server, id, args, End::Right)
}

fn blocking_pop(server: &mut Server, id: ClientId, args: &[Bytes], end: End) -> Result<Answer, Refusal> {
    let (last, keys) = args[1..].split_last().ok_or(Refusal::Syntax)?;
    let timeout = timeout(last)?;
    let database = server.database_of(id);
    for key in keys {
        if database.find::<List>(key)?.is_some() {
            return Ok(pop_with_key(database, key, end).map_or(Answer::None, Answer::Reply));
        }
    }
    Ok(server.wait_or(
        id,
        Reply::NullArray,
        Wait::new(keys.to_vec(), timeout, Wish::Pop(end)),
    ))
}

pub(super) fn blmove(server: &mut Server, id: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    let (from, to) = (End::of(&args[3])?, End::of(&args[4])?);
    blocking_move(server, id, args, from, to)
}

pub(super) fn brpoplpush(server: &mut Server, id: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    blocking_move(server, id, args, End::Right, End::Left)
}

fn blocking_move(
    server: &mut Server,
    id: ClientId,
    args: &[Bytes],
    from: End,
    to: End,
) -> Result<Answer, Refusal> {
    let timeout = timeout(&args[args.len() - 1])?;
    let (source, destination) = (&args[1], args[2].clone());
    if let Some(element) = shift(server.database_of(id), source, &destination, from, to)? {
        return Ok(Answer::Reply(Reply::Bulk(element)));
    }
    let wait = Wait::new(
        vec![source.clone()],
        timeout,
        Wish::Move {
            from,
            to,
            destination,
        },
    );
    Ok(server.wait_or(id, Reply::Null, wait))
}

pub(super) fn lmpop(server: &mut Server, id: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    let many = Many::of(&args[1..])?;
    Ok(Answer::Reply(
        many.take(server.database_of(id))?.unwrap_or(Reply::NullArray),
    ))
}

pub(super) fn blmpop(server: &mut Server, id: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    let timeout = timeout(&args[1])?;
    let many = Many::of(&args[2..])?;
    if let Some(reply) = many.take(server.database_of(id))? {
        return Ok(Answer::Reply(reply));
    }
    let wish = Wish::PopMany {
        end: many.end,
        count: many.count,
    };
    Ok(server.wait_or(id, Reply::NullArray, Wait::new(many.keys.to_vec(), timeout, wish)))
}

/// `numkeys key… LEFT|RIGHT [COUNT count]`
struct Many<'a> {
    keys: &'a [Bytes],
    end: End,
    count: usize,
}

impl Many<'_> {
    fn of(args: &[Bytes]) -> Result<Many<'_>, Refusal> {
        let greater = |argument: &Bytes, refusal| {
            integer(argument)
                .ok()
                .and_then(|n| usize::try_from(n).ok())
                .filter(|n| *n > 0)
                .ok_or(refusal)
        };
        let numkeys = greater(&args[0], Refusal::Line("ERR numkeys should be greater than 0"))?;
        if numkeys >= args.len() - 1 {
            return Err(Refusal::Syntax);
        }
        let (keys, rest) = args[1..].split_at(numkeys);
        let end = End::of(&rest[0])?;
        let count = match &rest[1..] {
            [] => 1,
            [option, count] if is(option, "count") => {
                greater(count, Refusal::Line("ERR count should be greater than 0"))?
            }
            _ => return Err(Refusal::Syntax),
        };
        Ok(Many { keys, end, count })
    }

    fn take(&self, database: &mut Database) -> Result<Option<Reply>, Refusal> {
        for key in self.keys {
            if database.find::<List>(key)?.is_some() {
                return Ok(pop_many(database, key, self.end, self.count));
            }
        }
        Ok(None)
    }
}
