//! The table of commands: name, number of arguments, handler.

use bytes::Bytes;

use super::client::ClientId;
use super::database::Database;
use super::refusal::{Refusal, lossy};
use super::reply::Reply;
use super::server::{Answer, Server};
use super::{
    hashes, introspection, keys, list_waits, lists, locks, pubsub, session, sets, sorted_set_ranges,
    sorted_sets, stream_groups, stream_pending, stream_reads, streams, strings, transaction,
};

type OnData = fn(&mut Database, &[Bytes]) -> Result<Reply, Refusal>;
type OnServer = fn(&mut Server, ClientId, &[Bytes]) -> Result<Answer, Refusal>;

/// What carries a command out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Handler {
    /// Concerns the selected database alone, and never waits.
    Data(OnData),
    /// Concerns the connection, other clients, or waits.
    Session(OnServer),
    /// Has subcommands; the function answers when none is given.
    Container(&'static [Command], OnServer),
}

/// One command.
#[derive(Debug)]
pub(super) struct Command {
    /// In lower case; `container|subcommand` for a subcommand.
    pub(super) name: &'static str,
    /// How many words it has, name included; at least that many when negative.
    arity: isize,
    pub(super) handler: Handler,
}

impl Command {
    fn accepts(&self, words: usize) -> bool {
        let least = self.arity.unsigned_abs();
        if self.arity < 0 {
            words >= least
        } else {
            words == least
        }
    }

    fn arity_refusal(&self) -> Refusal {
        Refusal::Arity {
            command: self.name.to_owned(),
        }
    }

    /// Whether it runs at once inside MULTI.
    pub(super) fn is_never_queued(&self) -> bool {
        matches!(
            self.name,
            "multi" | "exec" | "discard" | "watch" | "quit" | "reset"
        )
    }

    /// Whether a RESP2 client with subscriptions may use it.
    pub(super) fn works_while_subscribed(&self) -> bool {
        matches!(
            self.name,
            "subscribe" | "unsubscribe" | "psubscribe" | "punsubscribe" | "ping" | "quit" | "reset"
        )
    }
}

const fn data(name: &'static str, arity: isize, handler: OnData) -> Command {
    Command {
        name,
        arity,
        handler: Handler::Data(handler),
    }
}

const fn session(name: &'static str, arity: isize, handler: OnServer) -> Command {
    Command {
        name,
        arity,
        handler: Handler::Session(handler),
    }
}

const fn container(name: &'static str, arity: isize, subcommands: &'static [Command]) -> Command {
    Command {
        name,
        arity,
        handler: Handler::Container(subcommands, introspection::command),
    }
}

/// Every command, in order of name.
pub(super) const COMMANDS: &[Command] = &[
    session("auth", -2, session::auth),
    session("blmove", 6, list_waits::blmove),
    session("blmpop", -5, list_waits::blmpop),
    session("blpop", -3, list_waits::blpop),
    session("brpop", -3, list_waits::brpop),
    session("brpoplpush", 4, list_waits::brpoplpush),
    container("client", -2, CLIENT),
    container("command", -1, COMMAND),
    container("config", -2, CONFIG),
    data("dbsize", 1, introspection::dbsize),
    data("decr", 2, strings::decr),
    data("decrby", 3, strings::decrby),
    data("del", -2, keys::del),
    session("discard", 1, transaction::discard),
    session("echo", 2, session::echo),
    session("eval", -3, locks::eval),
    data("evalsha", -3, locks::evalsha),
    session("exec", 1, transaction::exec),
    data("exists", -2, keys::exists),
    data("expire", -3, keys::expire),
    session("flushall", -1, introspection::flushall),
    data("flushdb", -1, introspection::flushdb),
    data("get", 2, strings::get),
    data("getdel", 2, strings::getdel),
    data("hdel", -3, hashes::hdel),
    session("hello", -1, session::hello),
    data("hexists", 3, hashes::hexists),
    data("hget", 3, hashes::hget),
    data("hgetall", 2, hashes::hgetall),
    data("hincrby", 4, hashes::hincrby),
    data("hlen", 2, hashes::hlen),
    data("hmget", -3, hashes::hmget),
    data("hset", -4, hashes::hset),
    data("incr", 2, strings::incr),
    data("incrby", 3, strings::incrby),
    session("info", -1, introspection::info),
    data("keys", 2, keys::keys),
    data("lindex", 3, lists::lindex),
    data("llen", 2, lists::llen),
    data("lmove", 5, lists::lmove),
    session("lmpop", -4, list_waits::lmpop),
    data("lpop", -2, lists::lpop),
    data("lpush", -3, lists::lpush),
    data("lpushx", -3, lists::lpushx),
    data("lrange", 4, lists::lrange),
    data("lrem", 4, lists::lrem),
    data("lset", 4, lists::lset),
    data("ltrim", 4, lists::ltrim),
    data("mget", -2, strings::mget),
    session("multi", 1, transaction::multi),
    data("persist", 2, keys::persist),
    data("pexpire", -3, keys::pexpire),
    session("ping", -1, session::ping),
    data("psetex", 4, strings::psetex),
    session("psubscribe", -2, pubsub::psubscribe),
    data("pttl", 2, keys::pttl),
    session("publish", 3, pubsub::publish),
    container("pubsub", -2, PUBSUB),
    session("punsubscribe", -1, pubsub::punsubscribe),
    session("quit", -1, session::quit),
    session("reset", 1, session::reset),
    data("rpop", -2, lists::rpop),
    data("rpoplpush", 3, lists::rpoplpush),
    data("rpush", -3, lists::rpush),
    data("rpushx", -3, lists::rpushx),
    data("sadd", -3, sets::sadd),
    data("scan", -2, keys::scan),
    data("scard", 2, sets::scard),
    container("script", -2, SCRIPT),
    session("select", 2, session::select),
    data("set", -3, strings::set),
    data("setex", 4, strings::setex),
    data("setnx", 3, strings::setnx),
    data("sismember", 3, sets::sismember),
    data("smembers", 2, sets::smembers),
    data("srem", -3, sets::srem),
    session("subscribe", -2, pubsub::subscribe),
    data("time", 1, introspection::time),
    data("ttl", 2, keys::ttl),
    data("type", 2, keys::type_of),
    data("unlink", -2, keys::del),
    session("unsubscribe", -1, pubsub::unsubscribe),
    session("unwatch", 1, transaction::unwatch),
    session("watch", -2, transaction::watch),
    data("xack", -4, stream_groups::xack),
    data("xadd", -5, streams::xadd),
    data("xautoclaim", -6, stream_pending::xautoclaim),
    data("xclaim", -6, stream_pending::xclaim),
    data("xdel", -3, streams::xdel),
    container("xgroup", -2, XGROUP),
    container("xinfo", -2, XINFO),
    data("xlen", 2, streams::xlen),
    data("xpending", -3, stream_pending::xpending),
    data("xrange", -4, streams::xrange),
    session("xread", -4, stream_reads::xread),
    session("xreadgroup", -7, stream_reads::xreadgroup),
    data("xrevrange", -4, streams::xrevrange),
    data("xtrim", -4, streams::xtrim),
    data("zadd", -4, sorted_sets::zadd),
    data("zcard", 2, sorted_sets::zcard),
    data("zcount", 4, sorted_set_ranges::zcount),
    data("zincrby", 4, sorted_sets::zincrby),
    data("zrange", -4, sorted_set_ranges::zrange),
    data("zrangebyscore", -4, sorted_set_ranges::zrangebyscore),
    data("zrem", -3, sorted_sets::zrem),
    data("zremrangebyscore", 4, sorted_set_ranges::zremrangebyscore),
    data("zscore", 3, sorted_sets::zscore),
];

const CLIENT: &[Command] = &[
    session("client|getname", 2, session::client_getname),
    session("client|id", 2, session::client_id),
    session("client|info", 2, session::client_info),
    session("client|kill", -3, session::client_kill),
    session("client|list", -2, session::client_list),
    session("client|no-evict", 3, session::client_switch),
    session("client|no-touch", 3, session::client_switch),
    session("client|setinfo", 4, session::client_accepted),
    session("client|setname", 3, session::client_setname),
    session("client|unblock", -3, session::client_unblock),
];

const COMMAND: &[Command] = &[
    session("command|count", 2, introspection::command_count),
    session("command|docs", -2, introspection::command_docs),
];

const CONFIG: &[Command] = &[session("config|get", -3, introspection::config_get)];

const PUBSUB: &[Command] = &[
    session("pubsub|channels", -2, pubsub::channels),
    session("pubsub|numpat", 2, pubsub::numpat),
    session("pubsub|numsub", -2, pubsub::numsub),
];

const SCRIPT: &[Command] = &[
    session("script|exists", -3, locks::script_exists),
    session("script|load", 3, locks::script_load),
];

const XGROUP: &[Command] = &[
    data("xgroup|create", -5, stream_groups::create),
    data("xgroup|createconsumer", 5, stream_groups::create_consumer),
    data("xgroup|delconsumer", 5, stream_groups::delete_consumer),
    data("xgroup|destroy", 4, stream_groups::destroy),
    data("xgroup|setid", -5, stream_groups::set_id),
];

const XINFO: &[Command] = &[
    data("xinfo|consumers", 4, stream_groups::xinfo_consumers),
    data("xinfo|groups", 3, streams::xinfo_groups),
    data("xinfo|stream", -3, streams::xinfo_stream),
];

/// Finds the command that a request names and checks its number of arguments.
pub(super) fn find(args: &[Bytes]) -> Result<&'static Command, Refusal> {
    let command = entry(COMMANDS, &args[0], "").ok_or_else(|| unknown(args))?;
    if let (Handler::Container(subcommands, _), Some(name)) = (command.handler, args.get(1)) {
        let subcommand = entry(subcommands, name, command.name).ok_or_else(|| {
            let container = command.name.to_ascii_uppercase();
            Refusal::Worded(format!(
                "ERR unknown subcommand '{}'. Try {container} HELP.",
                shortened(name, 128)
            ))
        })?;
        return if subcommand.accepts(args.len()) {
            Ok(subcommand)
        } else {
            Err(subcommand.arity_refusal())
        };
    }
    if command.accepts(args.len()) {
        Ok(command)
    } else {
        Err(command.arity_refusal())
    }
}

/// The entry of that name; in a container's table the entries' names begin with the container's.
fn entry(table: &'static [Command], name: &[u8], container: &str) -> Option<&'static Command> {
    let own_name = |command: &'static Command| match container.len() {
        0 => command.name.bytes(),
        length => command.name[length + 1..].bytes(),
    };
    let wanted = || name.iter().map(u8::to_ascii_lowercase);
    let at = table
        .binary_search_by(|command| own_name(command).cmp(wanted()))
        .ok()?;
    Some(&table[at])
}

fn unknown(args: &[Bytes]) -> Refusal {
    let mut beginning = String::new();
    for argument in &args[1..] {
        if beginning.len() >= 128 {
            break;
        }
        let room = 128 - beginning.len();
        beginning += &format!("'{}' ", shortened(argument, room));
    }
    let name = shortened(&args[0], 128);
    Refusal::Worded(format!(
        "ERR unknown command '{name}', with args beginning with: {beginning}"
    ))
}

fn shortened(bytes: &[u8], most: usize) -> String {
    lossy(&bytes[..bytes.len().min(most)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_order_so_that_they_can_be_searched() {
        for table in [COMMANDS, CLIENT, COMMAND, CONFIG, PUBSUB, SCRIPT, XGROUP, XINFO] {
            assert!(table.is_sorted_by_key(|command| command.name));
        }
    }

    #[test]
    fn a_subcommand_is_found_in_any_case() {
        let args = ["xGROUP", "Create", "k", "g", "0"].map(Bytes::from);
        assert_eq!(find(&args).expect("it exists").name, "xgroup|create");
        let args = ["client", "nothing"].map(Bytes::from);
        assert_eq!(
            find(&args).expect_err("it does not exist").to_string(),
            "ERR unknown subcommand 'nothing'. Try CLIENT HELP."
        );
    }
}
