//! Channels, patterns and their subscribers.

use bytes::Bytes;

use super::client::ClientId;
use super::glob;
use super::refusal::Refusal;
use super::reply::Reply;
use super::server::{Answer, Server};

pub(super) fn subscribe(server: &mut Server, id: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    let each = |channel: &Bytes| {
        server.client(id).channels.insert(channel.clone());
        server.channels.entry(channel.clone()).or_default().insert(id);
        receipt(server, id, "subscribe", Some(channel.clone()))
    };
    Ok(Answer::Replies(args[1..].iter().map(each).collect()))
}

pub(super) fn psubscribe(server: &mut Server, id: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    let each = |pattern: &Bytes| {
        server.client(id).patterns.insert(pattern.clone());
        server.patterns.entry(pattern.clone()).or_default().insert(id);
        receipt(server, id, "psubscribe", Some(pattern.clone()))
    };
    Ok(Answer::Replies(args[1..].iter().map(each).collect()))
}

pub(super) fn unsubscribe(server: &mut Server, id: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    let mut channels = args[1..].to_vec();
    if channels.is_empty() {
        channels.extend(server.client(id).channels.iter().cloned());
    }
    if channels.is_empty() {
        return Ok(Answer::Reply(receipt(server, id, "unsubscribe", None)));
    }
    let each = |channel: Bytes| {
        server.leave_channel(id, &channel);
        receipt(server, id, "unsubscribe", Some(channel))
    };
    Ok(Answer::Replies(channels.into_iter().map(each).collect()))
}

pub(super) fn punsubscribe(server: &mut Server, id: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    let mut patterns = args[1..].to_vec();
    if patterns.is_empty() {
        patterns.extend(server.client(id).patterns.iter().cloned());
    }
    if patterns.is_empty() {
        return Ok(Answer::Reply(receipt(server, id, "punsubscribe", None)));
    }
    let each = |pattern: Bytes| {
        server.leave_pattern(id, &pattern);
        receipt(server, id, "punsubscribe", Some(pattern))
    };
    Ok(Answer::Replies(patterns.into_iter().map(each).collect()))
}

/// What confirms a change, with the number of subscriptions that are left.
fn receipt(server: &mut Server, id: ClientId, change: &'static str, name: Option<Bytes>) -> Reply {
    let left = server.client(id).subscriptions();
    Reply::Push(vec![
        Reply::word(change),
        Reply::bulk_or_null(name),
        Reply::count(left),
    ])
}

pub(super) fn publish(server: &mut Server, id: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    let (channel, message) = (&args[1], &args[2]);
    let mut sent = Vec::new();
    for subscriber in server.channels.get(channel).into_iter().flatten() {
        let message = vec![
            Reply::word("message"),
            Reply::Bulk(channel.clone()),
            Reply::Bulk(message.clone()),
        ];
        sent.push((*subscriber, Reply::Push(message)));
    }
    let matching = server
        .patterns
        .iter()
        .filter(|(pattern, _)| glob::matches(pattern, channel));
    for (pattern, subscribers) in matching {
        for subscriber in subscribers {
            let words = [pattern.clone(), channel.clone(), message.clone()].map(Reply::Bulk);
            let message = [Reply::word("pmessage")].into_iter().chain(words).collect();
            sent.push((*subscriber, Reply::Push(message)));
        }
    }
    let count = sent.len();
    for (subscriber, message) in sent {
        if subscriber == id {
            server.answer(id, message);
        } else {
            server.answer_later(subscriber, message);
        }
    }
    Ok(Answer::Reply(Reply::count(count)))
}

pub(super) fn channels(server: &mut Server, _: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    let is_asked_for = |channel: &&Bytes| args.get(2).is_none_or(|pattern| glob::matches(pattern, channel));
    Ok(Answer::Reply(Reply::bulks(
        server.channels.keys().filter(is_asked_for).cloned(),
    )))
}

pub(super) fn numsub(server: &mut Server, _: ClientId, args: &[Bytes]) -> Result<Answer, Refusal> {
    let count = |channel: &Bytes| {
        server
            .channels
            .get(channel)
            .map_or(0, |subscribers| subscribers.len())
    };
    let pairs = args[2..]
        .iter()
        .flat_map(|channel| [Reply::Bulk(channel.clone()), Reply::count(count(channel))]);
    Ok(Answer::Reply(Reply::Array(pairs.collect())))
}

pub(super) fn numpat(server: &mut Server, _: ClientId, _: &[Bytes]) -> Result<Answer, Refusal> {
    Ok(Answer::Reply(Reply::count(server.patterns.len())))
}

impl Server {
    pub(super) fn unsubscribe_all(&mut self, id: ClientId) {
        let Some(client) = self.clients.get(&id) else {
            return;
        };
        let (channels, patterns) = (client.channels.clone(), client.patterns.clone());
        channels
            .iter()
            .for_each(|channel| self.leave_channel(id, channel));
        patterns
            .iter()
            .for_each(|pattern| self.leave_pattern(id, pattern));
    }

    fn leave_channel(&mut self, id: ClientId, channel: &Bytes) {
        self.client(id).channels.remove(channel);
        if let Some(subscribers) = self.channels.get_mut(channel) {
            subscribers.remove(&id);
            if subscribers.is_empty() {
                self.channels.remove(channel);
            }
        }
    }

    fn leave_pattern(&mut self, id: ClientId, pattern: &Bytes) {
        self.client(id).patterns.remove(pattern);
        if let Some(subscribers) = self.patterns.get_mut(pattern) {
            subscribers.remove(&id);
            if subscribers.is_empty() {
                self.patterns.remove(pattern);
            }
        }
    }
}
