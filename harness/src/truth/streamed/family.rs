//! One family, its keys in the order of their lines.

use super::super::interned::Id;
use super::group::Read;
use super::keys::{FamilyHead, Key};
use crate::series::MetricType;

/// A family that files of one type and mode hold.
pub(super) struct Family<'read> {
    pub(super) read: &'read Read,
    pub(super) name: &'read str,
    pub(super) help: &'read str,
    /// Label set by label set, in each a histogram's sum before its buckets (M10).
    pub(super) order: Vec<Id>,
}

impl<'read> Family<'read> {
    /// Has its keys, label set by label set. `None` where two keys are one series, which only the HELP or a bound written
    /// otherwise tells apart.
    pub(super) fn of(read: &'read Read, head: &'read FamilyHead, mut keys: Vec<Id>) -> Option<Self> {
        let rank = |id: &Id| read.label_ranks[read.keys.get(*id).labels as usize];
        let within = |id: &Id| {
            let key = read.keys.get(*id);
            (
                read.keys.bound_of(key).map(|bound| bound.rank),
                read.keys.sample(key),
            )
        };
        let mut sets = keys.chunk_by_mut(|one, next| rank(one) == rank(next));
        let are_distinct = sets.all(|set| {
            set.sort_unstable_by_key(within);
            set.windows(2).all(|pair| within(&pair[0]) != within(&pair[1]))
        });
        are_distinct.then(|| Self {
            read,
            name: &head.name,
            help: &head.help,
            order: keys,
        })
    }

    /// Some of its keys, those of each label set by themselves.
    pub(super) fn label_sets<'order>(&self, order: &'order [Id]) -> impl Iterator<Item = &'order [Id]> {
        let rank = |id: &Id| self.read.label_ranks[self.key(*id).labels as usize];
        order.chunk_by(move |one, next| rank(one) == rank(next))
    }

    pub(super) fn key(&self, id: Id) -> &'read Key {
        self.read.keys.get(id)
    }

    /// As after `# TYPE`.
    pub(super) fn exposed_name(&self) -> String {
        match self.read.kind {
            MetricType::Counter => format!("{}_total", self.name),
            _ => self.name.to_owned(),
        }
    }
}
