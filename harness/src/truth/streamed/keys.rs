//! The distinct keys of files that merge alike, as a text needs them.

use super::super::interned::{Id, Interned};
use super::super::key::key_text;
use super::super::{Layout, Mode, bound, slot};
use crate::series::{Labels, MetricType};

/// Keys, by id.
pub(super) struct Keys {
    kind: MetricType,
    mode: Option<Mode>,
    pub(super) encoded: Interned,
    keys: Vec<Key>,
    /// The label sets, without the label that a merge adds.
    labels: Interned,
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
    /// As it is served (M9).
    pub(super) text: String,
}

/// The keys of one family.
pub(super) struct FamilyKeys {
    pub(super) name: String,
    /// That of the first file.
    pub(super) help: String,
    pub(super) keys: Vec<Id>,
}

impl Keys {
    pub(super) fn new(kind: MetricType, mode: Option<Mode>) -> Self {
        Self {
            kind,
            mode,
            encoded: Interned::default(),
            keys: Vec::new(),
            labels: Interned::default(),
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

    /// Decodes a key that is not known yet; `None` where it cannot be decoded, or is unusual.
    pub(super) fn insert(&mut self, layout: Layout, hash: u64, bytes: &[u8]) -> Option<Id> {
        let text = key_text(bytes).ok()?;
        let parts = layout.form().decode_key(text).ok()?;
        let suffix = parts.sample.strip_prefix(&*parts.family);
        let bucket_le = parts
            .labels
            .get("le")
            .filter(|_| self.kind == MetricType::Histogram);
        let is_usual = match (self.kind, suffix) {
            // M9: what else a histogram has gives way to what its buckets come to.
            (MetricType::Histogram, Some("_sum")) => bucket_le.is_none(),
            (MetricType::Histogram, Some("_bucket")) => bucket_le.is_some(),
            (MetricType::Histogram, _) => false,
            // M5: a user's pid is overwritten or stripped.
            (MetricType::Gauge, _) if parts.labels.get("pid").is_some() => false,
            // Text 0.0.4 makes families of their own of these.
            (_, Some("_created" | "_gsum" | "_gcount")) => false,
            _ => true,
        };
        if !is_usual {
            return None;
        }
        let bound = match bucket_le {
            Some(le) => Some(self.bound(le)?),
            None => None,
        };
        let (labels, split) = self.labels(&parts.labels);
        let sample = self.samples.id_of(&parts.sample);
        let family = self.names.id_of(&parts.family) as usize;
        let id = self.encoded.insert(hash, text);
        self.keys.push(Key {
            sample,
            labels,
            split,
            bound,
        });
        if family == self.families.len() {
            self.families.push(FamilyKeys {
                name: parts.family.into_owned(),
                help: parts.help.into_owned(),
                keys: Vec::new(),
            });
        }
        self.families[family].keys.push(id);
        Some(id)
    }

    fn bound(&mut self, le: &str) -> Option<Id> {
        let hash = self.les.hash(le.as_bytes());
        if let Some(known) = self.les.find(hash, le.as_bytes()) {
            return Some(known);
        }
        let bound = bound::parse(le)?;
        self.bounds.push(Bound {
            rank: bound::rank(bound),
            text: bound::render(bound, le),
        });
        Some(self.les.insert(hash, le))
    }

    /// The label set without the one that a merge adds, and where that one stands.
    fn labels(&mut self, labels: &Labels) -> (Id, usize) {
        let added = match self.kind {
            MetricType::Histogram => "le",
            MetricType::Gauge if !slot::strips_pid(self.mode) => "pid",
            _ => {
                let text = labels.text();
                return (self.labels.id_of(&text), text.len());
            }
        };
        let (before, behind) = labels.text_around(added);
        let comma = if before.is_empty() || behind.is_empty() {
            ""
        } else {
            ","
        };
        let whole = [&*before, comma, &*behind].concat();
        (self.labels.id_of(&whole), before.len())
    }

    /// The place of each label set among all, by its id.
    pub(super) fn label_ranks(&self) -> Vec<u32> {
        let mut sets: Vec<(&str, Id)> = (0..)
            .map(|id| (self.labels.get(id), id))
            .take(self.labels.len())
            .collect();
        sets.sort_unstable();
        let mut ranks = vec![0; sets.len()];
        for (rank, (_, id)) in (0..).zip(sets) {
            ranks[id as usize] = rank;
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
