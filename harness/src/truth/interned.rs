//! Texts by number: each distinct one is kept once.

use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// A text's place among the distinct ones, in the order in which they came.
pub(super) type Id = u32;

/// Distinct texts. The hash is seeded anew in every process: no file can be made to collide.
#[derive(Default)]
pub(super) struct Interned {
    /// Where each text ends in `whole`, in the order of ids.
    ends: Vec<usize>,
    whole: String,
    ids: HashTable<Slot>,
    hasher: RandomState,
}

/// What the table holds of a text: enough of its hash to tell it from nearly all others without a look at its bytes.
struct Slot {
    tag: u32,
    id: Id,
}

impl Interned {
    /// Makes room for so many more texts of so many bytes.
    pub(super) fn reserve(&mut self, count: usize, bytes: usize) {
        let Self {
            ends,
            whole,
            ids,
            hasher,
        } = self;
        ids.reserve(count, |slot| {
            hash_of(hasher, &whole.as_bytes()[span(ends, slot.id)])
        });
        ends.reserve(count);
        whole.reserve(bytes);
    }

    /// The hash of a text, for [`find`](Self::find) and [`insert`](Self::insert).
    pub(super) fn hash(&self, bytes: &[u8]) -> u64 {
        hash_of(&self.hasher, bytes)
    }

    /// The id of the text of those bytes, if it is known.
    pub(super) fn find(&self, hash: u64, bytes: &[u8]) -> Option<Id> {
        let same = |slot: &Slot| slot.tag == tag(hash) && self.bytes_of(slot.id) == bytes;
        self.ids.find(hash, same).map(|slot| slot.id)
    }

    /// Which text of this hash is probably meant. Whoever asks for several of them before they compare the
    /// first has the memory answer all at once.
    #[inline]
    pub(super) fn candidate(&self, hash: u64) -> Option<Id> {
        let slot = self.ids.find(hash, |slot| slot.tag == tag(hash))?;
        Some(slot.id)
    }

    /// Whether the text of that id is of those bytes; there need not be one.
    pub(super) fn is(&self, id: Id, bytes: &[u8]) -> bool {
        (id as usize) < self.len() && self.bytes_of(id) == bytes
    }

    /// Keeps a text that is not known yet.
    pub(super) fn insert(&mut self, hash: u64, text: &str) -> Id {
        let id = self.push(text);
        let Self {
            ends,
            whole,
            ids,
            hasher,
        } = self;
        let hash_again = |slot: &Slot| hash_of(hasher, &whole.as_bytes()[span(ends, slot.id)]);
        let slot = Slot { tag: tag(hash), id };
        ids.insert_unique(hash, slot, hash_again);
        id
    }

    /// Keeps a text that is not looked for, even if it is known.
    pub(super) fn push(&mut self, text: &str) -> Id {
        let id = Id::try_from(self.ends.len()).expect("files of 64 MiB have fewer keys than 2^32");
        self.whole.push_str(text);
        self.ends.push(self.whole.len());
        id
    }

    /// The id of a text, known or not.
    pub(super) fn id_of(&mut self, text: &str) -> Id {
        let hash = self.hash(text.as_bytes());
        match self.find(hash, text.as_bytes()) {
            Some(id) => id,
            None => self.insert(hash, text),
        }
    }

    /// How many texts there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// How many bytes the text of an id has.
    pub(super) fn length(&self, id: Id) -> usize {
        span(&self.ends, id).len()
    }

    /// The text of an id.
    pub(super) fn get(&self, id: Id) -> &str {
        &self.whole[span(&self.ends, id)]
    }

    /// Its bytes.
    pub(super) fn bytes_of(&self, id: Id) -> &[u8] {
        &self.whole.as_bytes()[span(&self.ends, id)]
    }
}

fn span(ends: &[usize], id: Id) -> Range<usize> {
    let id = id as usize;
    id.checked_sub(1).map_or(0, |before| ends[before])..ends[id]
}

/// The table goes by the lowest and the highest seven bits; these are others.
fn tag(hash: u64) -> u32 {
    (hash >> 24) as u32
}

fn hash_of(hasher: &RandomState, bytes: &[u8]) -> u64 {
    let mut hasher = hasher.build_hasher();
    hasher.write(bytes);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_number_however_often_it_comes() {
        let mut kept = Interned::default();
        let texts: Vec<String> = (0..1000).map(|number| "x".repeat(number)).collect();
        for _ in 0..2 {
            let ids = texts.iter().map(|text| kept.id_of(text));
            assert!(ids.eq(0..1000));
        }
        assert_eq!(kept.get(7), "xxxxxxx");
        let hash = kept.hash(b"xxx");
        assert_eq!(
            (kept.find(hash, b"xxx"), kept.find(hash, b"yyy")),
            (Some(3), None)
        );
        assert_eq!(kept.candidate(hash), Some(3));
        assert_eq!(kept.length(3), 3);
        assert!(kept.is(3, b"xxx") && !kept.is(3, b"yyy") && kept.is(999, &[b'x'; 999]));
        assert!(!kept.is(1000, b"x"), "there is no such text");
    }
}
