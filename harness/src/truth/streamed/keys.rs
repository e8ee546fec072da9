//! The distinct keys of files that merge alike, as a text needs them.

use super::super::interned::{Id, Interned};
use super::super::key::key_text;
use super::super::{Layout, bound};
use super::decoded::Decoded;
use super::template::{self, Filled, Template};
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
    families: Vec<FamilyHead>,
    /// Of keys that differ in their labels' values only, what is before these, and all the rest.
    heads: Interned,
    templates: Vec<(Sample, Template)>,
}

/// What a key is of.
#[derive(Clone, Copy)]
struct Sample {
    family: u32,
    sample: Id,
}

/// What is written of a key.
pub(super) struct Key {
    family: u32,
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

/// What the keys of one family have in common.
pub(super) struct FamilyHead {
    pub(super) name: String,
    /// That of the first file.
    pub(super) help: String,
    /// How many keys it has.
    count: usize,
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
            heads: Interned::default(),
            templates: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn families(&self) -> &[FamilyHead] {
        &self.families
    }

    /// Makes room for the keys of a file of so many bytes, of which most may be new.
    pub(super) fn expect(&mut self, bytes: usize) {
        const LEAST_ENTRY_BYTES: usize = 128;
        if self.keys.is_empty() {
            let count = bytes.div_ceil(LEAST_ENTRY_BYTES);
            self.encoded.reserve(count, bytes);
            self.keys.reserve(count);
            self.labels.reserve(0, bytes);
        }
    }

    /// Decodes a key that is not known yet; `None` where it cannot be decoded, or is unusual.
    pub(super) fn insert(&mut self, layout: Layout, hash: u64, bytes: &[u8]) -> Option<Id> {
        let text = key_text(bytes).ok()?;
        let (of, split, bound) = match self.by_template(text) {
            Some(known) => known,
            None => self.decoded(layout, text)?,
        };
        let id = self.encoded.insert(hash, text);
        self.families[of.family as usize].count += 1;
        self.keys.push(Key {
            family: of.family,
            sample: of.sample,
            labels: match self.kind {
                // Those of all its buckets.
                MetricType::Histogram => self.labels.id_of(&self.scratch),
                _ => self.labels.push(&self.scratch),
            },
            split,
            bound,
        });
        Some(id)
    }

    /// What a key is of, where the label that a merge adds stands, and a bucket's bound, if there was a key before that differs in
    /// its labels' values only. Its labels are left in `scratch`.
    fn by_template(&mut self, text: &str) -> Option<(Sample, usize, Option<Id>)> {
        let head = template::head(text)?;
        let hash = self.heads.hash(head.as_bytes());
        let known = self.heads.find(hash, head.as_bytes())?;
        let (sample, template) = &self.templates[known as usize];
        let Filled { split, added } = template.fill(text, head, &mut self.scratch)?;
        let sample = *sample;
        let bound = added.map_or(Some(None), |le| self.bound(le).map(Some))?;
        Some((sample, split, bound))
    }

    /// The same of any other key, which becomes a template.
    fn decoded(&mut self, layout: Layout, text: &str) -> Option<(Sample, usize, Option<Id>)> {
        let added = match self.kind {
            MetricType::Histogram => Some("le"),
            MetricType::Gauge => Some("pid"),
            _ => None,
        };
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
        let sample = Sample {
            family: self.family(&key),
            sample: self.samples.id_of(&key.sample),
        };
        if let (Some(head), Some(template)) = (template::head(text), Template::of(text, added))
            && self.heads.id_of(head) as usize == self.templates.len()
        {
            self.templates.push((sample, template));
        }
        let bound = key.added.map_or(Some(None), |le| self.bound(&le).map(Some))?;
        Some((sample, key.split, bound))
    }

    fn family(&mut self, key: &Decoded<'_>) -> u32 {
        let at = self.names.id_of(&key.family);
        if at as usize == self.families.len() {
            self.families.push(FamilyHead {
                name: key.family.to_string(),
                help: key.help.to_string(),
                count: 0,
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
        let text = |id: &Id| self.labels.bytes_of(*id);
        let ids = (0..).take(self.labels.len());
        let shared = ids
            .clone()
            .map(|id| text(&id))
            .reduce(shared)
            .unwrap_or_default()
            .len();
        let mut sets: Vec<(u64, Id)> = ids.map(|id| (lead(&text(&id)[shared..]), id)).collect();
        sets.sort_unstable_by(|(one, a), (other, b)| one.cmp(other).then_with(|| text(a).cmp(text(b))));
        let mut ranks = vec![0; sets.len()];
        let equal = sets.chunk_by(|(one, a), (next, b)| one == next && text(a) == text(b));
        for (rank, equal) in (0..).zip(equal) {
            equal.iter().for_each(|(_, id)| ranks[*id as usize] = rank);
        }
        ranks
    }

    /// The keys of each family, label set by label set in the order of these places, and in each as they came.
    pub(super) fn by_family(&self, label_ranks: &[u32]) -> Vec<Vec<Id>> {
        let rank = |key: &Key| label_ranks[key.labels as usize] as usize;
        // Where in the whole order the keys of each label set begin: there are no more places than sets.
        let mut starts = vec![0; label_ranks.len() + 1];
        self.keys.iter().for_each(|key| starts[rank(key) + 1] += 1);
        let mut before = 0;
        for start in &mut starts {
            before += *start;
            *start = before;
        }
        let mut order: Vec<Id> = vec![0; self.keys.len()];
        for (id, key) in (0..).zip(&self.keys) {
            let start = &mut starts[rank(key)];
            order[*start] = id;
            *start += 1;
        }
        let room = |family: &FamilyHead| Vec::with_capacity(family.count);
        let mut families: Vec<Vec<Id>> = self.families.iter().map(room).collect();
        for id in order {
            families[self.get(id).family as usize].push(id);
        }
        families
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

    /// How long the labels are, a comma more or less.
    pub(super) fn labels_length(&self, key: &Key) -> usize {
        self.labels.length(key.labels)
    }

    /// The labels before the one that a merge adds, and those behind.
    pub(super) fn around(&self, key: &Key) -> (&str, &str) {
        let (before, behind) = self.labels.get(key.labels).split_at(key.split);
        (before, behind.strip_prefix(',').unwrap_or(behind))
    }
}

/// What two texts begin with alike, as it is in the first.
fn shared<'text>(one: &'text [u8], other: &[u8]) -> &'text [u8] {
    if other.starts_with(one) {
        return one;
    }
    let pairs = one.iter().zip(other);
    &one[..pairs.take_while(|(one, other)| one == other).count()]
}

/// The first bytes as a number that is in order where they are: most texts are told apart by it.
fn lead(bytes: &[u8]) -> u64 {
    let mut lead = [0; size_of::<u64>()];
    let length = bytes.len().min(lead.len());
    lead[..length].copy_from_slice(&bytes[..length]);
    u64::from_be_bytes(lead)
}
