//! One numbered database: keys, their expiry, and the clients that watch or wait for them.

use std::collections::hash_map::Entry as MapEntry;
use std::collections::{BTreeSet, HashMap, VecDeque};

use bytes::Bytes;

use super::client::ClientId;
use super::refusal::Refusal;
use super::value::{Kind, Value};

/// A key's value and when it ends.
#[derive(Debug)]
struct Entry {
    value: Value,
    expires_at_ms: Option<i64>,
}

/// A database. Every look-up is as of [`Database::now_ms`], which stands still during a command.
#[derive(Debug, Default)]
pub(super) struct Database {
    /// Milliseconds since 1970, set before each command.
    pub(super) now_ms: i64,
    entries: HashMap<Bytes, Entry>,
    /// Who has a key under WATCH.
    pub(super) watchers: HashMap<Bytes, BTreeSet<ClientId>>,
    /// Clients whose watched keys were modified and who have not been told yet.
    pub(super) disturbed: Vec<ClientId>,
    /// Who waits for elements of a key, first come first.
    pub(super) waiters: HashMap<Bytes, VecDeque<ClientId>>,
    /// Keys that got elements while someone waits for them.
    pub(super) ready: Vec<Bytes>,
}

impl Database {
    /// The value, as a `T`; `None` when there is no such key.
    pub(super) fn find<T: Kind>(&mut self, key: &Bytes) -> Result<Option<&mut T>, Refusal> {
        match self.value(key) {
            None => Ok(None),
            Some(value) => T::of(value).map(Some).ok_or(Refusal::WrongType),
        }
    }

    /// The value, as a `T`, made empty when there is no such key. Whoever makes one puts something into it.
    pub(super) fn find_or_create<T: Kind>(&mut self, key: &Bytes) -> Result<&mut T, Refusal> {
        self.expire(key);
        let entry = match self.entries.entry(key.clone()) {
            MapEntry::Occupied(entry) => entry.into_mut(),
            MapEntry::Vacant(place) => {
                let value = T::empty();
                if value.can_be_awaited() && self.waiters.contains_key(key) {
                    self.ready.push(key.clone());
                }
                place.insert(Entry {
                    value,
                    expires_at_ms: None,
                })
            }
        };
        T::of(&mut entry.value).ok_or(Refusal::WrongType)
    }

    /// The value of whatever type.
    pub(super) fn value(&mut self, key: &Bytes) -> Option<&mut Value> {
        self.expire(key);
        self.entries.get_mut(key).map(|entry| &mut entry.value)
    }

    pub(super) fn contains(&mut self, key: &Bytes) -> bool {
        self.value(key).is_some()
    }

    /// Replaces a key's value, and with it its expiry.
    pub(super) fn set(&mut self, key: &Bytes, value: Value, expires_at_ms: Option<i64>) {
        self.remove(key);
        self.entries.insert(key.clone(), Entry { value, expires_at_ms });
        self.touch(key);
    }

    /// Takes a key away; false when there was none.
    pub(super) fn remove(&mut self, key: &Bytes) -> bool {
        self.expire(key);
        self.discard(key)
    }

    /// After elements were taken out: the key is modified, and gone when nothing is left.
    pub(super) fn taken_from(&mut self, key: &Bytes) {
        self.drop_if_spent(key);
        self.touch(key);
    }

    /// A key without elements is no key.
    pub(super) fn drop_if_spent(&mut self, key: &Bytes) {
        if self.entries.get(key).is_some_and(|entry| entry.value.is_spent()) {
            self.entries.remove(key);
        }
    }

    /// Notes that a key was modified: transactions of those who watch it will not run.
    pub(super) fn touch(&mut self, key: &Bytes) {
        if let Some(watchers) = self.watchers.get(key) {
            self.disturbed.extend(watchers);
        }
    }

    /// Notes that a stream, which exists already, has something new for those who wait.
    pub(super) fn signal(&mut self, key: &Bytes) {
        if self.waiters.contains_key(key) {
            self.ready.push(key.clone());
        }
    }

    /// When a key ends: `None` without such a key, `Some(None)` for one that stays.
    pub(super) fn expiry(&mut self, key: &Bytes) -> Option<Option<i64>> {
        self.expire(key);
        self.entries.get(key).map(|entry| entry.expires_at_ms)
    }

    /// Sets when an existing key ends. A time in the past ends it at once.
    pub(super) fn set_expiry(&mut self, key: &Bytes, expires_at_ms: Option<i64>) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.expires_at_ms = expires_at_ms;
            if expires_at_ms.is_some_and(|at| at <= self.now_ms) {
                self.discard(key);
            } else {
                self.touch(key);
            }
        }
    }

    /// All keys that are still there.
    pub(super) fn live(&self) -> impl Iterator<Item = (&Bytes, &Value)> {
        let now_ms = self.now_ms;
        self.entries
            .iter()
            .filter(move |(_, entry)| entry.expires_at_ms.is_none_or(|at| at > now_ms))
            .map(|(key, entry)| (key, &entry.value))
    }

    pub(super) fn clear(&mut self) {
        let keys: Vec<Bytes> = self.entries.keys().cloned().collect();
        for key in keys {
            self.discard(&key);
        }
    }

    fn discard(&mut self, key: &Bytes) -> bool {
        let Some(entry) = self.entries.remove(key) else {
            return false;
        };
        // Who waits for entries of a group on a stream learns that the stream is gone.
        if matches!(entry.value, Value::Stream(_)) {
            self.signal(key);
        }
        self.touch(key);
        true
    }

    fn expire(&mut self, key: &Bytes) {
        let is_over = |entry: &Entry| entry.expires_at_ms.is_some_and(|at| at <= self.now_ms);
        if self.entries.get(key).is_some_and(is_over) {
            self.discard(key);
        }
    }
}
