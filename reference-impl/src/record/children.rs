//! The metrics of a family by their label values: looked up without a lock.

use std::hash::{BuildHasher, Hasher};
use std::sync::{Mutex, PoisonError};

use foldhash::fast::RandomState;
use once_cell::race::OnceBox;
use smallvec::SmallVec;

/// How many bits of the hash choose the place at the root, where most families find their metrics.
const ROOT_BITS: u32 = 10;
/// How many bits choose the branch at each level below.
const BRANCH_BITS: u32 = 3;
const BRANCHES: usize = 1 << BRANCH_BITS;

/// A tree in which the bits of a hash show the way. A place in it is filled once and for ever,
/// since metrics are never removed (F13): readers need no lock, and what they find can be borrowed
/// for as long as the family lives.
#[derive(Debug)]
pub(super) struct Children<M> {
    hasher: RandomState,
    root: Box<[Place<M>]>,
    /// Held by whoever adds a metric.
    adding: Mutex<()>,
}

/// One word, so that the root stays near.
type Place<M> = OnceBox<Child<M>>;

#[derive(Debug)]
struct Child<M> {
    hash: u64,
    metric: M,
    /// The values, one behind the other, and where each ends. Short ones lie in the child itself: a look-up waits for
    /// memory more than for anything else.
    text: SmallVec<[u8; 40]>,
    ends: SmallVec<[usize; 3]>,
    /// Made when another metric comes to the same place.
    branches: OnceBox<[Place<M>; BRANCHES]>,
}

impl<M> Default for Children<M> {
    fn default() -> Self {
        Self {
            hasher: RandomState::default(),
            root: (0..1 << ROOT_BITS).map(|_| Place::new()).collect(),
            adding: Mutex::default(),
        }
    }
}

impl<M> Children<M> {
    /// The metric of these label values, if it is there.
    #[inline]
    pub(super) fn get(&self, values: &[&str]) -> Option<&M> {
        self.find(self.hash(values), values).ok()
    }

    /// The metric of these label values, created if it is not there.
    pub(super) fn get_or_create<E>(
        &self,
        values: &[&str],
        create: impl FnOnce() -> Result<M, E>,
    ) -> Result<&M, E> {
        let _adding = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        let hash = self.hash(values);
        let place = match self.find(hash, values) {
            Ok(metric) => return Ok(metric),
            Err(place) => place,
        };
        let child = Child {
            hash,
            metric: create()?,
            text: values.iter().flat_map(|value| value.bytes()).collect(),
            ends: values
                .iter()
                .scan(0, |end, value| {
                    *end += value.len();
                    Some(*end)
                })
                .collect(),
            branches: OnceBox::new(),
        };
        Ok(&place.get_or_init(|| Box::new(child)).metric)
    }

    /// Values that only differ in where one ends and the next begins share a hash; that costs
    /// them a step, since the values themselves are compared as well.
    #[inline]
    fn hash(&self, values: &[&str]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        for value in values {
            hasher.write(value.as_bytes());
        }
        hasher.finish()
    }

    /// The metric, or the empty place where it belongs.
    #[inline]
    fn find(&self, hash: u64, values: &[&str]) -> Result<&M, &Place<M>> {
        let mut place = &self.root[hash as usize % (1 << ROOT_BITS)];
        let mut bits = hash >> ROOT_BITS;
        while let Some(child) = place.get() {
            if child.hash == hash && child.has(values) {
                return Ok(&child.metric);
            }
            let branches = child.branches.get_or_init(Box::default);
            place = &branches[bits as usize % BRANCHES];
            bits >>= BRANCH_BITS;
        }
        Err(place)
    }
}

impl<M> Child<M> {
    #[inline]
    fn has(&self, values: &[&str]) -> bool {
        let mut begin = 0;
        self.ends.len() == values.len()
            && values.iter().zip(&self.ends).all(|(value, end)| {
                let own = &self.text[begin..*end];
                begin = *end;
                same(own, value.as_bytes())
            })
    }
}

/// Equality without a call for what label values mostly are: up to 16 bytes, which two words cover.
#[inline]
fn same(one: &[u8], other: &[u8]) -> bool {
    let words = |bytes: &[u8]| {
        bytes
            .first_chunk::<8>()
            .copied()
            .zip(bytes.last_chunk::<8>().copied())
    };
    let halves = |bytes: &[u8]| {
        bytes
            .first_chunk::<4>()
            .copied()
            .zip(bytes.last_chunk::<4>().copied())
    };
    one.len() == other.len()
        && match one.len() {
            0..4 => one.iter().eq(other),
            4..8 => halves(one) == halves(other),
            8..=16 => words(one) == words(other),
            _ => one == other,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_label_set_has_a_metric_of_its_own() {
        let children = Children::default();
        let names: Vec<String> = (0..3000).map(|index| index.to_string()).collect();
        for (index, name) in names.iter().enumerate() {
            let created = children.get_or_create(&["a", name], || Ok::<_, ()>(index));
            assert_eq!(created, Ok(&index));
        }
        for (index, name) in names.iter().enumerate() {
            assert_eq!(children.get(&["a", name]), Some(&index));
        }
        assert_eq!(children.get(&["a", "3000"]), None);
    }

    #[test]
    fn values_that_join_to_the_same_text_are_kept_apart() {
        let children = Children::default();
        let sets: [&[&str]; 4] = [&["ab", "c"], &["a", "bc"], &["abc", ""], &["", "abc"]];
        for (index, set) in sets.into_iter().enumerate() {
            let created = children.get_or_create(set, || Ok::<_, ()>(index));
            assert_eq!(created, Ok(&index));
        }
        assert_eq!(children.get(&["a", "bc"]), Some(&1));
    }

    #[test]
    fn a_metric_that_cannot_be_created_leaves_its_place_empty() {
        let children = Children::default();
        assert_eq!(children.get_or_create(&["a"], || Err("full")), Err("full"));
        assert_eq!(children.get(&["a"]), None);
        assert_eq!(children.get_or_create(&["a"], || Ok::<_, ()>(1)), Ok(&1));
    }
}
