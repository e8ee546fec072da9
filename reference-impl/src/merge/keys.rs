//! The distinct keys of all files: each is decoded once, however many processes write it.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::budget;
use crate::key::{Key, KeyError};

/// Keys by number.
#[derive(Debug, Default)]
pub(super) struct Keys {
    ids: HashMap<Box<[u8]>, usize, RandomState>,
    keys: Vec<Key>,
    held_bytes: usize,
}

impl Keys {
    /// The number of a key.
    pub(super) fn id_of(&mut self, bytes: &[u8]) -> Result<usize, KeyError> {
        if let Some(&id) = self.ids.get(bytes) {
            return Ok(id);
        }
        let key = Key::decode(bytes)?;
        let id = self.keys.len();
        self.held_bytes += budget::of_key(&key, bytes.len());
        self.ids.insert(bytes.into(), id);
        self.keys.push(key);
        Ok(id)
    }

    pub(super) fn get(&self, id: usize) -> &Key {
        &self.keys[id]
    }

    /// What all keys cost, in bytes.
    pub(super) fn held_bytes(&self) -> usize {
        self.held_bytes
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }
}
