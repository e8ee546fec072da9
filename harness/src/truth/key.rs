//! The keys of entries: which series an entry is of.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::{Fault, Layout};
use crate::series::Labels;

/// A decoded key, whatever the layout (F4, R3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The family: without `_total`, but for a Ruby client's, which writes counters as they are called.
    pub family: Arc<str>,
    /// The sample's name, `_total`, `_sum` and the like included.
    pub sample: Arc<str>,
    /// The labels, a bucket's `le` included; no `pid` unless a user's.
    pub labels: Labels,
    /// The HELP text; of a layout that stores none, what its client serves.
    pub help: Arc<str>,
}

/// What a layout makes of a key's bytes.
#[derive(Debug, PartialEq)]
pub(super) struct KeyParts<'key> {
    pub(super) family: Cow<'key, str>,
    pub(super) sample: Cow<'key, str>,
    pub(super) labels: Labels,
    pub(super) help: Cow<'key, str>,
}

/// A key's place among the distinct keys of its layout, in the order in which they were first read.
pub(super) type KeyId = u32;

/// The distinct keys of the files that are read together: each is decoded once, however many processes write it.
#[derive(Default)]
pub(super) struct Keys(BTreeMap<Layout, KeysOfLayout>);

/// Those of one layout: what is a key in one is none in another.
pub(super) struct KeysOfLayout {
    layout: Layout,
    /// Where each key's bytes end in `bytes`, in the order of ids.
    ends: Vec<usize>,
    bytes: Vec<u8>,
    ids: HashTable<KeyId>,
    hasher: RandomState,
    keys: Vec<Arc<Key>>,
    /// Names and HELP texts, which many keys share.
    texts: HashSet<Arc<str>, RandomState>,
}

impl Keys {
    pub(super) fn of(&mut self, layout: Layout) -> &mut KeysOfLayout {
        self.0.entry(layout).or_insert_with(|| KeysOfLayout::new(layout))
    }
}

impl KeysOfLayout {
    pub(super) fn new(layout: Layout) -> Self {
        Self {
            layout,
            ends: Vec::new(),
            bytes: Vec::new(),
            ids: HashTable::new(),
            hasher: RandomState::default(),
            keys: Vec::new(),
            texts: HashSet::default(),
        }
    }

    /// The id of the key that those bytes encode.
    pub(super) fn id_of(&mut self, bytes: &[u8]) -> Result<KeyId, Fault> {
        let hash = self.hash(bytes);
        match self.known(hash, bytes) {
            Some(id) => Ok(id),
            None => {
                let parts = self.layout.form().decode_key(bytes)?;
                let key = Key {
                    family: self.shared(&parts.family),
                    sample: self.shared(&parts.sample),
                    labels: parts.labels,
                    help: self.shared(&parts.help),
                };
                Ok(self.insert(hash, bytes, Arc::new(key)))
            }
        }
    }

    /// The key of an id.
    pub(super) fn key(&self, id: KeyId) -> &Arc<Key> {
        &self.keys[id as usize]
    }

    fn known(&self, hash: u64, bytes: &[u8]) -> Option<KeyId> {
        self.ids.find(hash, |id| self.bytes_of(*id) == bytes).copied()
    }

    fn insert(&mut self, hash: u64, bytes: &[u8], key: Arc<Key>) -> KeyId {
        let id = KeyId::try_from(self.keys.len()).expect("files of 64 MiB have fewer keys than 2^32");
        self.bytes.extend_from_slice(bytes);
        self.ends.push(self.bytes.len());
        self.keys.push(key);
        let Self {
            ids,
            ends,
            bytes,
            hasher,
            ..
        } = self;
        ids.insert_unique(hash, id, |id| hash_of(hasher, span(ends, bytes, *id)));
        id
    }

    fn bytes_of(&self, id: KeyId) -> &[u8] {
        span(&self.ends, &self.bytes, id)
    }

    fn hash(&self, bytes: &[u8]) -> u64 {
        hash_of(&self.hasher, bytes)
    }

    fn shared(&mut self, text: &str) -> Arc<str> {
        match self.texts.get(text) {
            Some(known) => Arc::clone(known),
            None => {
                let text: Arc<str> = text.into();
                self.texts.insert(Arc::clone(&text));
                text
            }
        }
    }
}

fn span<'bytes>(ends: &[usize], bytes: &'bytes [u8], id: KeyId) -> &'bytes [u8] {
    let id = id as usize;
    let start = id.checked_sub(1).map_or(0, |before| ends[before]);
    &bytes[start..ends[id]]
}

fn hash_of(hasher: &RandomState, bytes: &[u8]) -> u64 {
    let mut hasher = hasher.build_hasher();
    hasher.write(bytes);
    hasher.finish()
}
