//! What the server says about itself, and FLUSHALL.

use std::fmt::Write as _;

use bytes::Bytes;

use super::argument::is;
use super::client::ClientId;
use super::command;
use super::database::Database;
use super::glob;
use super::refusal::Refusal;
use super::reply::Reply;
use super::server::{Answer, DATABASES, REDIS_VERSION, Server};

/// The settings that CONFIG GET knows, as they are here.
const SETTINGS: &[(&str, &str)] = &[
    ("appendonly", "no"),
    ("databases", "16"),
    ("maxmemory", "0"),
    ("maxmemory-policy", "noeviction"),
    ("proto-max-bulk-len", "67108864"),
    ("save", ""),
    ("timeout", "0"),
];

pub(super) fn info(server: &mut Server, _: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    let everything = |section: &Bytes| {
        ["all", "everything", "default"]
            .iter()
            .any(|word| is(section, word))
    };
    let is_wanted = |name: &str| {
        let wanted = &args[1..];
        wanted.is_empty()
            || wanted
                .iter()
                .any(|section| everything(section) || is(section, name))
    };
    let sections = [
        ("Server", server_section(server)),
        ("Clients", clients_section(server)),
        ("Stats", stats_section(server)),
        ("Keyspace", keyspace_section(server)),
    ];
    let shown: Vec<String> = sections
        .into_iter()
        .filter(|(name, _)| is_wanted(name))
        .map(|(name, lines)| format!("# {name}\r\n{lines}"))
        .collect();
    Ok(Answer::Reply(Reply::Text(shown.join("\r\n"))))
}

fn server_section(server: &Server) -> String {
    format!(
        "redis_version:{REDIS_VERSION}\r\nredis_mode:standalone\r\nserver_name:counterfoil\r\nprocess_id:{}\r\n\
         tcp_port:{}\r\nuptime_in_seconds:{}\r\n",
        std::process::id(),
        server.address.port(),
        server.started.elapsed().as_secs(),
    )
}

fn clients_section(server: &Server) -> String {
    let blocked = server
        .clients
        .values()
        .filter(|client| client.wait.is_some())
        .count();
    format!(
        "connected_clients:{}\r\nblocked_clients:{blocked}\r\n",
        server.clients.len()
    )
}

fn stats_section(server: &Server) -> String {
    format!(
        "total_connections_received:{}\r\ntotal_commands_processed:{}\r\npubsub_channels:{}\r\npubsub_patterns:{}\r\n",
        server.connections_received(),
        server.commands_processed,
        server.channels.len(),
        server.patterns.len(),
    )
}

fn keyspace_section(server: &Server) -> String {
    let mut lines = String::new();
    for (index, database) in server.databases.iter().enumerate() {
        let keys = database.live().count();
        if keys > 0 {
            let _ = write!(lines, "db{index}:keys={keys},expires=0,avg_ttl=0\r\n");
        }
    }
    lines
}

/// COMMAND without a subcommand: clients take an empty table for "no hints".
pub(super) fn command(_: &mut Server, _: ClientId, _: &[Bytes]) -> Result<Answer, Refusal> {
    Ok(Answer::Reply(Reply::Array(Vec::new())))
}

pub(super) fn command_docs(_: &mut Server, _: ClientId, _: &[Bytes]) -> Result<Answer, Refusal> {
    Ok(Answer::Reply(Reply::Map(Vec::new())))
}

pub(super) fn command_count(_: &mut Server, _: ClientId, _: &[Bytes]) -> Result<Answer, Refusal> {
    Ok(Answer::Reply(Reply::count(command::COMMANDS.len())))
}

pub(super) fn config_get(_: &mut Server, _: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    let is_asked_for = |name: &str| {
        args[2..]
            .iter()
            .any(|pattern| glob::matches(&pattern.to_ascii_lowercase(), name.as_bytes()))
    };
    let settings = SETTINGS
        .iter()
        .filter(|(name, _)| is_asked_for(name))
        .map(|(name, value)| (Reply::word(name), Reply::word(value)));
    Ok(Answer::Reply(Reply::Map(settings.collect())))
}

pub(super) fn dbsize(database: &mut Database, _: &[Bytes]) -> Result<Reply, Refusal> {
    Ok(Reply::count(database.live().count()))
}

pub(super) fn time(database: &mut Database, _: &[Bytes]) -> Result<Reply, Refusal> {
    let (seconds, ms) = (database.now_ms / 1000, database.now_ms % 1000);
    Ok(Reply::Array(vec![
        Reply::text(seconds.to_string()),
        Reply::text((ms * 1000).to_string()),
    ]))
}

pub(super) fn flushdb(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    check_flush(args)?;
    database.clear();
    Ok(Reply::OK)
}

pub(super) fn flushall(server: &mut Server, _: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    check_flush(args)?;
    for index in 0..DATABASES {
        server.databases[index].clear();
    }
    Ok(Answer::Reply(Reply::OK))
}

fn check_flush(args: &[Bytes]) -> Result<(), Refusal> {
    match &args[1..] {
        [] => Ok(()),
        [mode] if is(mode, "async") || is(mode, "sync") => Ok(()),
        _ => Err(Refusal::Syntax),
    }
}
