//! The scripts of redis-py's `Lock`, and a refusal for every other one.
//!
//! There is no Lua here. But taskiq's stream broker releases a lock around every XAUTOCLAIM, and the lock's three
//! scripts never change: a client names a script by its SHA-1, so they can be known without being run.

use bytes::Bytes;

use super::argument::{integer, positive};
use super::client::ClientId;
use super::database::Database;
use super::refusal::Refusal;
use super::reply::Reply;
use super::server::{Answer, Server};

const RELEASE: &str = "c3f8721cbb97f72bc19e972846bd7aaf91901658";
const EXTEND: &str = "a4e8783852e6b949f9ef3a97212805108459a890";
const REACQUIRE: &str = "1cac51482acf5858da00f6d685d68f886cd6b6b2";

const NO_SCRIPTING: Refusal = Refusal::Line(
    "ERR the embedded broker has no scripting: use a real Redis (--broker process, container or redis://...)",
);

pub(super) fn eval(_: &mut Server, _: ClientId, _: &[Bytes]) -> Result<Answer, Refusal> {
    Err(NO_SCRIPTING)
}

pub(super) fn script_load(_: &mut Server, _: ClientId, _: &[Bytes]) -> Result<Answer, Refusal> {
    Err(NO_SCRIPTING)
}

/// Which of the scripts could be run: the lock's.
pub(super) fn script_exists(_: &mut Server, _: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    let is_known = |sha: &Bytes| {
        [RELEASE, EXTEND, REACQUIRE]
            .iter()
            .any(|known| sha.eq_ignore_ascii_case(known.as_bytes()))
    };
    Ok(Answer::Reply(Reply::Array(
        args[2..].iter().map(|sha| Reply::truth(is_known(sha))).collect(),
    )))
}

/// Each script does what it does only for the lock's holder, who is known by the token that the key holds.
pub(super) fn evalsha(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let script = args[1].to_ascii_lowercase();
    let [key, token, rest @ ..] = &args[3..] else {
        return Err(NO_SCRIPTING);
    };
    let known = [RELEASE, EXTEND, REACQUIRE]
        .into_iter()
        .find(|known| script == known.as_bytes());
    let Some(known) = known else {
        return Err(NO_SCRIPTING);
    };
    if positive(&args[2])? != 1 {
        return Err(NO_SCRIPTING);
    }
    if database.find::<Bytes>(key)? != Some(&mut token.clone()) {
        return Ok(Reply::Int(0));
    }
    let ends_ms = database.expiry(key).flatten();
    let now_ms = database.now_ms;
    match (known, rest) {
        (RELEASE, _) => {
            database.remove(key);
        }
        (REACQUIRE, [ms, ..]) => database.set_expiry(key, Some(now_ms.saturating_add(integer(ms)?))),
        (EXTEND, [ms, replaces, ..]) => {
            let Some(ends_ms) = ends_ms else {
                return Ok(Reply::Int(0));
            };
            let from_ms = if replaces == "0" { ends_ms } else { now_ms };
            database.set_expiry(key, Some(from_ms.saturating_add(integer(ms)?)));
        }
        _ => return Err(NO_SCRIPTING),
    }
    Ok(Reply::Int(1))
}
