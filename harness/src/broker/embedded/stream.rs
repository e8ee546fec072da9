//! A stream, its consumer groups, and what was delivered to whom.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use bytes::Bytes;

use super::reply::Reply;

/// An entry's id: milliseconds and a number within them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct StreamId {
    pub(super) ms: u64,
    pub(super) seq: u64,
}

impl StreamId {
    pub(super) const MIN: StreamId = StreamId { ms: 0, seq: 0 };
    pub(super) const MAX: StreamId = StreamId {
        ms: u64::MAX,
        seq: u64::MAX,
    };

    pub(super) fn next(self) -> Option<StreamId> {
        match self.seq.checked_add(1) {
            Some(seq) => Some(StreamId { ms: self.ms, seq }),
            None => Some(StreamId {
                ms: self.ms.checked_add(1)?,
                seq: 0,
            }),
        }
    }

    pub(super) fn previous(self) -> Option<StreamId> {
        match self.seq.checked_sub(1) {
            Some(seq) => Some(StreamId { ms: self.ms, seq }),
            None => Some(StreamId {
                ms: self.ms.checked_sub(1)?,
                seq: u64::MAX,
            }),
        }
    }

    pub(super) fn reply(self) -> Reply {
        Reply::text(self.to_string())
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.ms, self.seq)
    }
}

/// Entries in order of id, and the groups that consume them.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// Fields and values by turns.
    pub(super) entries: BTreeMap<StreamId, Vec<Bytes>>,
    pub(super) last_id: StreamId,
    pub(super) last_deleted: StreamId,
    pub(super) entries_added: u64,
    pub(super) groups: BTreeMap<Bytes, Group>,
}

/// How trimming bounds a stream.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bound {
    Length(usize),
    FromId(StreamId),
}

/// Entries that Redis keeps in one node: a trim that need not be exact removes whole nodes only.
const NODE_ENTRIES: usize = 100;

impl Stream {
    pub(super) fn add(&mut self, id: StreamId, fields: Vec<Bytes>) {
        self.entries.insert(id, fields);
        self.last_id = id;
        self.entries_added += 1;
    }

    pub(super) fn delete(&mut self, id: StreamId) -> bool {
        let was_there = self.entries.remove(&id).is_some();
        if was_there {
            self.last_deleted = self.last_deleted.max(id);
        }
        was_there
    }

    /// Removes the oldest entries beyond a bound; how many.
    pub(super) fn trim(&mut self, bound: Bound, is_approximate: bool, limit: Option<usize>) -> usize {
        let mut excess = match bound {
            Bound::Length(length) => self.entries.len().saturating_sub(length),
            Bound::FromId(id) => self.entries.range(..id).count(),
        };
        if is_approximate {
            excess = excess.min(limit.unwrap_or(usize::MAX)) / NODE_ENTRIES * NODE_ENTRIES;
        }
        for _ in 0..excess {
            self.entries.pop_first();
        }
        excess
    }

    pub(super) fn entry_reply(&self, id: StreamId) -> Option<Reply> {
        self.entries.get(&id).map(|fields| entry_reply(id, fields))
    }

    pub(super) fn first_id(&self) -> StreamId {
        self.entries
            .first_key_value()
            .map_or(StreamId::MIN, |(id, _)| *id)
    }

    /// The id of the newest entry that is still there.
    pub(super) fn newest_id(&self) -> StreamId {
        self.entries.last_key_value().map_or(StreamId::MIN, |(id, _)| *id)
    }

    /// Whether entries after `id` were deleted out of order, so that counting cannot tell how many there were.
    pub(super) fn has_gaps_after(&self, id: StreamId) -> bool {
        !self.entries.is_empty()
            && self.last_deleted != StreamId::MIN
            && self.first_id() <= self.last_deleted
            && id <= self.last_deleted
    }

    /// How many entries were ever added up to `id`, where that can be known.
    pub(super) fn entries_up_to(&self, id: StreamId) -> Option<u64> {
        let length = self.entries.len() as u64;
        if self.entries_added == 0 {
            return Some(0);
        }
        if (length == 0 && id <= self.last_id) || id == self.last_id {
            return Some(self.entries_added);
        }
        if id > self.last_id || (self.last_deleted != StreamId::MIN && self.last_deleted >= self.first_id()) {
            return None;
        }
        match id.cmp(&self.first_id()) {
            std::cmp::Ordering::Less => Some(self.entries_added - length),
            std::cmp::Ordering::Equal => Some(self.entries_added - length + 1),
            std::cmp::Ordering::Greater => None,
        }
    }

    /// Delivers the entries after the group's last id to a consumer.
    pub(super) fn deliver(
        &mut self,
        name: &Bytes,
        consumer: &Bytes,
        count: Option<usize>,
        noack: bool,
        now_ms: i64,
    ) -> Vec<Reply> {
        let Some(last_id) = self.groups.get(name).map(|group| group.last_id) else {
            return Vec::new();
        };
        let Some(from) = last_id.next() else {
            return Vec::new();
        };
        let ids: Vec<StreamId> = self
            .entries
            .range(from..)
            .map(|(id, _)| *id)
            .take(count.unwrap_or(usize::MAX))
            .collect();
        let mut replies = Vec::with_capacity(ids.len());
        for id in ids {
            let has_gaps = self.has_gaps_after(id);
            let up_to = self.entries_up_to(id);
            replies.extend(self.entry_reply(id));
            let group = self.groups.get_mut(name).expect("it was found above");
            group.last_id = id;
            group.entries_read = match group.entries_read {
                Some(read) if !has_gaps => Some(read + 1),
                _ => up_to,
            };
            if !noack {
                group.assign(
                    id,
                    consumer,
                    Delivery {
                        consumer: consumer.clone(),
                        at_ms: now_ms,
                        count: 1,
                    },
                );
            }
        }
        replies
    }
}

/// An id and its fields, as every command shows an entry.
pub(super) fn entry_reply(id: StreamId, fields: &[Bytes]) -> Reply {
    Reply::Array(vec![id.reply(), Reply::bulks(fields.iter().cloned())])
}

/// A consumer group.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) last_id: StreamId,
    /// How many entries were delivered up to `last_id`, where that is known.
    pub(super) entries_read: Option<u64>,
    /// Delivered and not acknowledged.
    pub(super) pending: BTreeMap<StreamId, Delivery>,
    pub(super) consumers: BTreeMap<Bytes, Consumer>,
}

/// One delivery that awaits its acknowledgement.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) consumer: Bytes,
    pub(super) at_ms: i64,
    pub(super) count: i64,
}

/// A member of a group.
#[derive(Debug, Default)]
pub(super) struct Consumer {
    pub(super) seen_ms: i64,
    pub(super) pending: BTreeSet<StreamId>,
}

impl Group {
    /// The consumer, made if need be, seen now.
    pub(super) fn consumer(&mut self, name: &Bytes, now_ms: i64) -> &mut Consumer {
        let consumer = self.consumers.entry(name.clone()).or_default();
        consumer.seen_ms = now_ms;
        consumer
    }

    /// Makes an entry pending with a consumer, whoever had it before.
    pub(super) fn assign(&mut self, id: StreamId, consumer: &Bytes, delivery: Delivery) {
        self.settle(id);
        self.consumers
            .entry(consumer.clone())
            .or_default()
            .pending
            .insert(id);
        self.pending.insert(id, delivery);
    }

    /// Takes an entry off the pending ones; false when it was not pending.
    pub(super) fn settle(&mut self, id: StreamId) -> bool {
        let Some(delivery) = self.pending.remove(&id) else {
            return false;
        };
        if let Some(consumer) = self.consumers.get_mut(&delivery.consumer) {
            consumer.pending.remove(&id);
        }
        true
    }
}
