//! Commands on the connection itself.

use bytes::Bytes;

use super::argument::{integer, is};
use super::client::{Client, ClientId};
use super::refusal::{Refusal, lossy};
use super::reply::{Protocol, Reply};
use super::server::{Answer, DATABASES, REDIS_VERSION, Server};

/// A choice among clients.
type Filter = Box<dyn Fn(&Client) -> bool>;

const OK: Answer = Answer::Reply(Reply::OK);

pub(super) fn ping(server: &mut Server, id: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    if args.len() > 2 {
        return Err(Refusal::Arity {
            command: "ping".to_owned(),
        });
    }
    let message = args.get(1).cloned();
    Ok(Answer::Reply(if server.client(id).is_subscriber_only() {
        Reply::bulks([Bytes::from_static(b"pong"), message.unwrap_or_default()])
    } else {
        message.map_or(Reply::Status("PONG"), Reply::Bulk)
    }))
}

pub(super) fn echo(_: &mut Server, _: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    Ok(Answer::Reply(Reply::Bulk(args[1].clone())))
}

pub(super) fn quit(server: &mut Server, id: ClientId, _: &[Bytes]) -> Result<Answer, Refusal> {
    server.client(id).is_closing = true;
    Ok(OK)
}

pub(super) fn reset(server: &mut Server, id: ClientId, _: &[Bytes]) -> Result<Answer, Refusal> {
    server.abandon_transaction(id);
    server.unsubscribe_all(id);
    let client = server.client(id);
    client.protocol = Protocol::Resp2;
    client.database = 0;
    client.name = Bytes::new();
    Ok(Answer::Reply(Reply::Status("RESET")))
}

pub(super) fn select(server: &mut Server, id: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    let index = usize::try_from(integer(&args[1])?)
        .ok()
        .filter(|index| *index < DATABASES);
    server.client(id).database = index.ok_or(Refusal::Line("ERR DB index is out of range"))?;
    Ok(OK)
}

pub(super) fn auth(_: &mut Server, _: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    match args {
        [_, _] => Err(Refusal::Line(
            "ERR AUTH <password> called without any password configured for the default user. Are you sure your \
             configuration is correct?",
        )),
        [_, user, _] => authenticate(user).map(|()| OK),
        _ => Err(Refusal::Syntax),
    }
}

/// The default user, who is the only one, takes any password.
fn authenticate(user: &[u8]) -> Result<(), Refusal> {
    if user == b"default" {
        Ok(())
    } else {
        Err(Refusal::Line(
            "WRONGPASS invalid username-password pair or user is disabled.",
        ))
    }
}

pub(super) fn hello(server: &mut Server, id: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    let protocol = match args.get(1) {
        None => server.client(id).protocol,
        Some(version) => match integer(version) {
            Err(_) => {
                return Err(Refusal::Line(
                    "ERR Protocol version is not an integer or out of range",
                ));
            }
            Ok(2) => Protocol::Resp2,
            Ok(3) => Protocol::Resp3,
            Ok(_) => return Err(Refusal::Line("NOPROTO unsupported protocol version")),
        },
    };
    let mut name = None;
    let mut rest = args.get(2..).unwrap_or_default();
    loop {
        rest = match rest {
            [] => break,
            [option, user, _, rest @ ..] if is(option, "auth") => {
                authenticate(user)?;
                rest
            }
            [option, wanted, rest @ ..] if is(option, "setname") => {
                check_name(wanted)?;
                name = Some(wanted.clone());
                rest
            }
            [option, ..] => {
                return Err(Refusal::Worded(format!(
                    "ERR Syntax error in HELLO option '{}'",
                    lossy(option)
                )));
            }
        };
    }
    let client = server.client(id);
    client.protocol = protocol;
    if let Some(name) = name {
        client.name = name;
    }
    let version = if protocol == Protocol::Resp3 { 3 } else { 2 };
    Ok(Answer::Reply(Reply::Map(vec![
        (Reply::word("server"), Reply::word("redis")),
        (Reply::word("version"), Reply::word(REDIS_VERSION)),
        (Reply::word("proto"), Reply::Int(version)),
        (Reply::word("id"), Reply::Int(wire_id(id))),
        (Reply::word("mode"), Reply::word("standalone")),
        (Reply::word("role"), Reply::word("master")),
        (Reply::word("modules"), Reply::Array(Vec::new())),
    ])))
}

fn wire_id(id: ClientId) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX)
}

fn check_name(name: &[u8]) -> Result<(), Refusal> {
    if name.iter().all(|byte| (b'!'..=b'~').contains(byte)) {
        Ok(())
    } else {
        Err(Refusal::Line(
            "ERR Client names cannot contain spaces, newlines or special characters.",
        ))
    }
}

pub(super) fn client_id(_: &mut Server, id: ClientId, _: &[Bytes]) -> Result<Answer, Refusal> {
    Ok(Answer::Reply(Reply::Int(wire_id(id))))
}

pub(super) fn client_setname(server: &mut Server, id: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    check_name(&args[2])?;
    server.client(id).name = args[2].clone();
    Ok(OK)
}

pub(super) fn client_getname(server: &mut Server, id: ClientId, _: &[Bytes]) -> Result<Answer, Refusal> {
    let name = server.client(id).name.clone();
    Ok(Answer::Reply(if name.is_empty() {
        Reply::Null
    } else {
        Reply::Bulk(name)
    }))
}

/// CLIENT SETINFO and NO-TOUCH, which newer clients send unasked, are Redis 7.2's; nothing here depends on them.
pub(super) fn client_accepted(_: &mut Server, _: ClientId, _: &[Bytes]) -> Result<Answer, Refusal> {
    Ok(OK)
}

pub(super) fn client_switch(_: &mut Server, _: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    if is(&args[2], "on") || is(&args[2], "off") {
        Ok(OK)
    } else {
        Err(Refusal::Syntax)
    }
}

pub(super) fn client_info(server: &mut Server, id: ClientId, _: &[Bytes]) -> Result<Answer, Refusal> {
    let line = line(server, server.clients.get(&id).expect("it asks"));
    Ok(Answer::Reply(Reply::Text(line)))
}

pub(super) fn client_list(server: &mut Server, _: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    let chosen: Filter = match &args[2..] {
        [] => Box::new(|_| true),
        [option, kind] if is(option, "type") => client_type(kind)?,
        [option, ids @ ..] if is(option, "id") && !ids.is_empty() => {
            let ids = ids
                .iter()
                .map(|id| client_number(id))
                .collect::<Result<Vec<_>, _>>()?;
            Box::new(move |client| ids.contains(&client.id))
        }
        _ => return Err(Refusal::Syntax),
    };
    let lines = server
        .clients
        .values()
        .filter(|client| chosen(client))
        .map(|client| line(server, client));
    Ok(Answer::Reply(Reply::Text(lines.collect())))
}

fn client_number(argument: &[u8]) -> Result<ClientId, Refusal> {
    integer(argument)
        .ok()
        .and_then(|id| ClientId::try_from(id).ok())
        .filter(|id| *id > 0)
        .ok_or(Refusal::Line("ERR Invalid client ID"))
}

fn client_type(kind: &Bytes) -> Result<Filter, Refusal> {
    if is(kind, "normal") {
        Ok(Box::new(|client| client.subscriptions() == 0))
    } else if is(kind, "pubsub") {
        Ok(Box::new(|client| client.subscriptions() > 0))
    } else if ["master", "replica", "slave"].iter().any(|word| is(kind, word)) {
        Ok(Box::new(|_| false))
    } else {
        Err(Refusal::Worded(format!(
            "ERR Unknown client type '{}'",
            lossy(kind)
        )))
    }
}

/// A client as CLIENT LIST shows it.
fn line(server: &Server, client: &Client) -> String {
    let flags = [
        (client.subscriptions() > 0, 'P'),
        (client.transaction.is_open(), 'x'),
        (client.wait.is_some(), 'b'),
    ];
    let mut flags: String = flags
        .into_iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, flag)| flag)
        .collect();
    if flags.is_empty() {
        flags.push('N');
    }
    format!(
        "id={} addr={} laddr={} fd=0 name={} age={} idle={} flags={flags} db={} sub={} psub={} ssub=0 multi={} \
         cmd={} user=default redir=-1 resp={}\n",
        client.id,
        client.address,
        server.address,
        lossy(&client.name),
        client.age().as_secs(),
        client.last_active.elapsed().as_secs(),
        client.database,
        client.channels.len(),
        client.patterns.len(),
        client
            .transaction
            .length()
            .map_or(-1, |length| i64::try_from(length).unwrap_or(i64::MAX)),
        client.last_command,
        if client.protocol == Protocol::Resp3 { 3 } else { 2 },
    )
}

pub(super) fn client_kill(server: &mut Server, id: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    if let [_, _, address] = args {
        let address = lossy(address);
        let doomed: Vec<ClientId> = server
            .clients
            .values()
            .filter(|client| client.address.to_string() == address)
            .map(|c| c.id)
            .collect();
        if doomed.is_empty() {
            return Err(Refusal::Line("ERR No such client"));
        }
        doomed.into_iter().for_each(|doomed| server.kill(doomed, id));
        return Ok(OK);
    }
    let mut filters: Vec<Filter> = Vec::new();
    let mut spares_itself = true;
    let (pairs, odd) = args[2..].as_chunks::<2>();
    if !odd.is_empty() {
        return Err(Refusal::Syntax);
    }
    for [option, value] in pairs {
        if is(option, "id") {
            let wanted =
                client_number(value).map_err(|_| Refusal::Line("ERR client-id should be greater than 0"))?;
            filters.push(Box::new(move |client| client.id == wanted));
        } else if is(option, "type") {
            filters.push(client_type(value)?);
        } else if is(option, "addr") {
            let address = lossy(value);
            filters.push(Box::new(move |client| client.address.to_string() == address));
        } else if is(option, "laddr") {
            let is_here = lossy(value) == server.address.to_string();
            filters.push(Box::new(move |_| is_here));
        } else if is(option, "user") {
            authenticate(value)
                .map_err(|_| Refusal::Worded(format!("ERR No such user '{}'", lossy(value))))?;
        } else if is(option, "skipme") && (is(value, "yes") || is(value, "no")) {
            spares_itself = is(value, "yes");
        } else {
            return Err(Refusal::Syntax);
        }
    }
    let is_doomed =
        |client: &&Client| filters.iter().all(|filter| filter(client)) && !(spares_itself && client.id == id);
    let doomed: Vec<ClientId> = server
        .clients
        .values()
        .filter(is_doomed)
        .map(|client| client.id)
        .collect();
    let count = doomed.len();
    doomed.into_iter().for_each(|doomed| server.kill(doomed, id));
    Ok(Answer::Reply(Reply::count(count)))
}

/// Ends another client's wait as if its time were up, or with an error.
pub(super) fn client_unblock(server: &mut Server, _: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    let reply = match args.get(3) {
        None => Reply::NullArray,
        Some(how) if is(how, "timeout") => Reply::NullArray,
        Some(how) if is(how, "error") => {
            Reply::Error(Refusal::Line("UNBLOCKED client unblocked via CLIENT UNBLOCK"))
        }
        Some(_) => {
            return Err(Refusal::Line(
                "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR",
            ));
        }
    };
    let waiter = ClientId::try_from(integer(&args[2])?).unwrap_or(0);
    let has_waited = server.unblock(waiter).is_some();
    if has_waited {
        server.answer_later(waiter, reply);
    }
    Ok(Answer::Reply(Reply::truth(has_waited)))
}

impl Server {
    /// Ends a client's connection; the killer's own after its reply.
    fn kill(&mut self, doomed: ClientId, killer: ClientId) {
        self.unblock(doomed);
        if doomed == killer {
            self.client(doomed).is_closing = true;
        } else {
            self.client(doomed).kill();
        }
    }
}
