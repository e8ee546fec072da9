//! The types of value that a key can hold.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;

use super::sorted_sets::SortedSet;
use super::stream::Stream;

pub(super) type List = VecDeque<Bytes>;
/// Ordered, so that replies do not depend on a hasher's seed.
pub(super) type Hash = BTreeMap<Bytes, Bytes>;
pub(super) type Set = BTreeSet<Bytes>;

/// A key's value.
#[derive(Debug)]
pub(super) enum Value {
    Text(Bytes),
    List(List),
    Hash(Hash),
    Set(Set),
    SortedSet(SortedSet),
    Stream(Stream),
}

impl Value {
    /// What TYPE answers.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Value::Text(_) => "string",
            Value::List(_) => "list",
            Value::Hash(_) => "hash",
            Value::Set(_) => "set",
            Value::SortedSet(_) => "zset",
            Value::Stream(_) => "stream",
        }
    }

    /// Whether its key goes away with its last element. A stream may be empty; a string has no elements.
    pub(super) fn is_spent(&self) -> bool {
        match self {
            Value::Text(_) | Value::Stream(_) => false,
            Value::List(list) => list.is_empty(),
            Value::Hash(hash) => hash.is_empty(),
            Value::Set(set) => set.is_empty(),
            Value::SortedSet(set) => set.is_empty(),
        }
    }

    /// Whether clients can wait for it.
    pub(super) fn can_be_awaited(&self) -> bool {
        matches!(self, Value::List(_) | Value::Stream(_))
    }
}

/// One of the types in a [`Value`], so that [`super::database::Database`] can hand it out or refuse.
pub(super) trait Kind: Sized {
    fn empty() -> Value;
    fn of(value: &mut Value) -> Option<&mut Self>;
}

macro_rules! kind {
    ($kind:ty, $variant:ident) => {
        impl Kind for $kind {
            fn empty() -> Value {
                Value::$variant(<$kind>::default())
            }

            fn of(value: &mut Value) -> Option<&mut Self> {
                if let Value::$variant(inner) = value {
                    Some(inner)
                } else {
                    None
                }
            }
        }
    };
}

kind!(Bytes, Text);
kind!(List, List);
kind!(Hash, Hash);
kind!(Set, Set);
kind!(SortedSet, SortedSet);
kind!(Stream, Stream);
