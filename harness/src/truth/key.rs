//! The keys of entries: which series an entry is of.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{Fault, Layout};
use crate::series::Labels;

/// A decoded key, whatever the layout (F4, R3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The family: without `_total`, but for a Ruby client's, which writes counters as they are called.
    pub family: String,
    /// The sample's name, `_total`, `_sum` and the like included.
    pub sample: String,
    /// The labels, a bucket's `le` included; no `pid` unless a user's.
    pub labels: Labels,
    /// The HELP text; of a layout that stores none, what its client serves.
    pub help: String,
}

/// The distinct keys of the files that are read together: each is decoded once, however many processes write it.
#[derive(Default)]
pub(super) struct Keys(BTreeMap<Layout, KeysOfLayout>);

/// Those of one layout: what is a key in one is none in another.
pub(super) struct KeysOfLayout {
    layout: Layout,
    known: HashMap<Box<[u8]>, Arc<Key>, foldhash::fast::RandomState>,
}

impl Keys {
    pub(super) fn of(&mut self, layout: Layout) -> &mut KeysOfLayout {
        self.0.entry(layout).or_insert_with(|| KeysOfLayout {
            layout,
            known: HashMap::default(),
        })
    }
}

impl KeysOfLayout {
    /// The key that those bytes encode.
    pub(super) fn decode(&mut self, bytes: &[u8]) -> Result<Arc<Key>, Fault> {
        if let Some(known) = self.known.get(bytes) {
            return Ok(Arc::clone(known));
        }
        let key = Arc::new(self.layout.form().decode_key(bytes)?);
        self.known.insert(bytes.into(), Arc::clone(&key));
        Ok(key)
    }
}
