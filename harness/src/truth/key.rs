//! The keys of entries: which series an entry is of.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::interned::{Id, Interned};
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
pub(super) type KeyId = Id;

/// The distinct keys of the files that are read together: each is decoded once, however many processes write it.
#[derive(Default)]
pub(super) struct Keys(BTreeMap<Layout, KeysOfLayout>);

/// Those of one layout: what is a key in one is none in another.
pub(super) struct KeysOfLayout {
    layout: Layout,
    encoded: Interned,
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
            encoded: Interned::default(),
            keys: Vec::new(),
            texts: HashSet::default(),
        }
    }

    /// The id of the key that those bytes encode.
    pub(super) fn id_of(&mut self, bytes: &[u8]) -> Result<KeyId, Fault> {
        let hash = self.encoded.hash(bytes);
        match self.encoded.find(hash, bytes) {
            Some(id) => Ok(id),
            None => {
                let text = key_text(bytes)?;
                let parts = self.layout.form().decode_key(text)?;
                let key = Key {
                    family: self.shared(&parts.family),
                    sample: self.shared(&parts.sample),
                    labels: parts.labels,
                    help: self.shared(&parts.help),
                };
                self.keys.push(Arc::new(key));
                Ok(self.encoded.insert(hash, text))
            }
        }
    }

    /// The key of an id.
    pub(super) fn key(&self, id: KeyId) -> &Arc<Key> {
        &self.keys[id as usize]
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

/// A key's JSON, before it is decoded.
pub(super) fn key_text(bytes: &[u8]) -> Result<&str, Fault> {
    simdutf8::basic::from_utf8(bytes).map_err(|_| Fault::KeyNotUtf8)
}
