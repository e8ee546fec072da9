//! The distinct keys of files that merge alike, as a text needs them.

use super::super::interned::{Id, Interned};
use super::super::key::key_text;
use super::super::{Layout, bound};
use super::decoded::Decoded;
use crate::series::MetricType;

/// Keys, by id.
pub(super) struct Keys {
    kind: MetricType,
    pub(super) encoded: Interned,
    keys: Vec<Key>,
    /// The label sets, without the label that a merge adds. A histogram's are each there once.
    labels: Interned,
    /// The one that is being decoded.
    scratch: String,
    samples: Interned,
    /// Bounds by their label.
    les: Interned,
    bounds: Vec<Bound>,
    names: Interned,
    families: Vec<FamilyKeys>,
}

/// What is written of a key.
pub(super) struct Key {
    pub(super) sample: Id,
    pub(super) labels: Id,
    /// Where the label that a merge adds stands in the text of the others: so many bytes are before it.
    split: usize,
    /// Of a bucket.
    bound: Option<Id>,
}

/// A bucket's bound.
pub(super) struct Bound {
    /// Its place among all bounds.
    pub(super) rank: i64,
    /// The label, as it is served (M9).
    pub(super) label: String,
}

/// The keys of one family.
pub(super) struct FamilyKeys {
    pub(super) name: String,
    /// That of the first file.
    pub(super) help: String,
    pub(super) keys: Vec<Id>,
}

impl Keys {
    pub(super) fn new(kind: MetricType) -> Self {
        Self {
            kind,
            encoded: Interned::default(),
            keys: Vec::new(),
            labels: Interned::default(),
            scratch: String::new(),
            samples: Interned::default(),
            les: Interned::default(),
            bounds: Vec::new(),
            names: Interned::default(),
            families: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn families(&self) -> &[FamilyKeys] {
        &self.families
    }

    /// Makes room for the keys of a file of so many bytes, of which most may be new.
    pub(super) fn expect(&mut self, bytes: usize) {
        const LEAST_ENTRY_BYTES: usize = 128;
        if self.keys.is_empty() {
            let count = bytes.div_ceil(LEAST_ENTRY_BYTES);
            self.encoded.reserve(count, bytes);
            self.keys.reserve(count);
        }
    }

    /// Decodes a key that is not known yet; `None` where it cannot be decoded, or is unusual.
    pub(super) fn insert(&mut self, layout: Layout, hash: u64, bytes: &[u8]) -> Option<Id> {
        let added = match self.kind {
            MetricType::Histogram => Some("le"),
            MetricType::Gauge => Some("pid"),
            _ => None,
        };
        let text = key_text(bytes).ok()?;
        let key = Decoded::of(layout, text, added, &mut self.scratch)?;
        let is_usual = match (self.kind, key.sample.strip_prefix(&*key.family)) {
            // M9: what else a histogram has gives way to what its buckets come to.
            (MetricType::Histogram, Some("_sum")) => key.added.is_none(),
            (MetricType::Histogram, Some("_bucket")) => key.added.is_some(),
            (MetricType::Histogram, _) => false,
            // M5: a user's pid is overwritten or stripped.
            (MetricType::Gauge, _) if key.added.is_some() => false,
            // Text 0.0.4 makes families of their own of these.
            (_, Some("_created" | "_gsum" | "_gcount")) => false,
            _ => true,
        };
        if !is_usual {
            return None;
        }
        let bound = match &key.added {
            Some(le) => Some(self.bound(le)?),
            None => None,
        };
        let family = self.family(&key);
        let id = self.encoded.insert(hash, text);
        self.families[family].keys.push(id);
        self.keys.push(Key {
            sample: self.samples.id_of(&key.sample),
            labels: match self.kind {
                // Those of all its buckets.
                MetricType::Histogram => self.labels.id_of(&self.scratch),
                _ => self.labels.push(&self.scratch),
            },
            split: key.split,
            bound,
        });
        Some(id)
    }

    fn family(&mut self, key: &Decoded<'_>) -> usize {
        let at = self.names.id_of(&key.family) as usize;
        if at == self.families.len() {
            self.families.push(FamilyKeys {
                name: key.family.to_string(),
                help: key.help.to_string(),
                keys: Vec::new(),
            });
        }
        at
    }

    fn bound(&mut self, le: &str) -> Option<Id> {
        let hash = self.les.hash(le.as_bytes());
        if let Some(known) = self.les.find(hash, le.as_bytes()) {
            return Some(known);
        }
        let bound = bound::parse(le)?;
        self.bounds.push(Bound {
            rank: bound::rank(bound),
            label: format!("le=\"{}\"", bound::render(bound, le)),
        });
        Some(self.les.insert(hash, le))
    }

    /// The place of each label set's text among all, by the set's id.
    pub(super) fn label_ranks(&self) -> Vec<u32> {
        let ids = (0..).take(self.labels.len());
        let mut sets: Vec<(&str, Id)> = ids.map(|id| (self.labels.get(id), id)).collect();
        sets.sort_unstable();
        let mut ranks = vec![0; sets.len()];
        let equal = sets.chunk_by(|(one, _), (next, _)| one == next);
        for (rank, equal) in (0..).zip(equal) {
            equal.iter().for_each(|(_, id)| ranks[*id as usize] = rank);
        }
        ranks
    }

    pub(super) fn get(&self, id: Id) -> &Key {
        &self.keys[id as usize]
    }

    pub(super) fn sample(&self, key: &Key) -> &str {
        self.samples.get(key.sample)
    }

    pub(super) fn bound_of(&self, key: &Key) -> Option<&Bound> {
        key.bound.map(|bound| &self.bounds[bound as usize])
    }

    /// The labels before the one that a merge adds, and those behind.
    pub(super) fn around(&self, key: &Key) -> (&str, &str) {
        let (before, behind) = self.labels.get(key.labels).split_at(key.split);
        (before, behind.strip_prefix(',').unwrap_or(behind))
    }
}
