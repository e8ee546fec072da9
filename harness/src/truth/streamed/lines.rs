//! The lines of families, written by several threads a piece each.

use std::ops::Range;

use super::super::interned::Id;
use super::family::Family;
use super::values::ByKey;
use crate::exposition::{push_go_float, text};
use crate::series::MetricType;
use crate::threads;

/// Some lines of a family, those of whole label sets.
struct Piece<'families> {
    family: &'families Family<'families>,
    keys: Range<usize>,
    /// The most bytes that they can take.
    bytes: usize,
}

/// The most bytes of a float: `-1.2345678901234567e-308`.
const FLOAT_BYTES: usize = 24;
/// What stands around names, values and labels: braces, commas, quotes, `_bucket`, `le=`, a blank and the line's end.
const FRAME_BYTES: usize = 24;

/// The text of families that are each in one group of files; `None` where one is in several.
pub(super) fn write(mut families: Vec<Family<'_>>, threads: usize) -> Option<Vec<String>> {
    families.sort_by_key(|family| family.name);
    if families.windows(2).any(|pair| pair[0].name == pair[1].name) {
        return None;
    }
    let pieces: Vec<Piece<'_>> = families.iter().flat_map(Piece::of).collect();
    threads::each(threads, &pieces, Piece::text).into_iter().collect()
}

impl<'families> Piece<'families> {
    /// All lines of a family.
    fn of(family: &'families Family<'families>) -> Vec<Self> {
        const PIECE_BYTES: usize = 4 << 20;
        let mut pieces = Vec::new();
        let empty = |start: usize| Piece {
            family,
            keys: start..start,
            bytes: 0,
        };
        let mut piece = empty(0);
        // HELP and TYPE; a line's end or a backslash in the first is written as two.
        let parts = [family.help.len(), family.exposed_name().len(), FRAME_BYTES];
        piece.bytes = 2 * parts.iter().sum::<usize>();
        for set in family.label_sets(&family.order) {
            piece.keys.end += set.len();
            piece.bytes += set.iter().map(|id| most_bytes(family, *id)).sum::<usize>();
            if piece.bytes >= PIECE_BYTES {
                let next = empty(piece.keys.end);
                pieces.push(std::mem::replace(&mut piece, next));
            }
        }
        // Of a family without lines, its header.
        if pieces.is_empty() || !piece.keys.is_empty() {
            pieces.push(piece);
        }
        pieces
    }

    /// `None` where a count overflows.
    fn text(&self) -> Option<String> {
        let mut text = String::with_capacity(self.bytes);
        if self.keys.start == 0 {
            let Family { read, help, .. } = self.family;
            text::write_header(&mut text, &self.family.exposed_name(), read.kind, Some(help));
        }
        let keys = &self.family.order[self.keys.clone()];
        match (self.family.read.kind, &self.family.read.by_key) {
            (MetricType::Histogram, _) => self.histogram(keys, &mut text)?,
            (_, Some(by_key)) => self.one_a_process(keys, by_key, &mut text),
            _ => keys.iter().for_each(|id| self.one(*id, &mut text)),
        }
        debug_assert!(text.len() <= self.bytes, "a line is longer than the most");
        Some(text)
    }

    fn one(&self, id: Id, text: &mut String) {
        let read = self.family.read;
        let key = self.family.key(id);
        let (before, behind) = read.keys.around(key);
        if let Some(value) = read.values.of(id) {
            line(text, read.keys.sample(key), [before, "", behind], value);
        }
    }

    /// M5: for each key its value in each process.
    fn one_a_process(&self, keys: &[Id], by_key: &ByKey, text: &mut String) {
        let read = self.family.read;
        let comma = |labels: &str| if labels.is_empty() { "" } else { "," };
        let (mut head, mut tail) = (String::new(), String::new());
        for id in keys {
            let key = self.family.key(*id);
            let (before, behind) = read.keys.around(key);
            set(
                &mut head,
                [read.keys.sample(key), "{", before, comma(before), "pid=\""],
            );
            set(&mut tail, ["\"", comma(behind), behind, "} "]);
            for (file, value) in by_key.of(*id) {
                text.push_str(&head);
                text.push_str(&read.pids[file]);
                text.push_str(&tail);
                push_go_float(text, value);
                text.push('\n');
            }
        }
    }

    /// M9, M10: for each label set its sum, its buckets, accumulated, and what they come to.
    fn histogram(&self, keys: &[Id], text: &mut String) -> Option<()> {
        let read = self.family.read;
        let [bucket, count] = ["_bucket", "_count"].map(|suffix| [self.family.name, suffix].concat());
        for set in self.family.label_sets(keys) {
            let mut accumulated = None;
            for id in set {
                let Some(bound) = read.keys.bound_of(self.family.key(*id)) else {
                    self.one(*id, text);
                    continue;
                };
                let sum = accumulated.unwrap_or(0.0) + read.values.of(*id)?;
                accumulated = Some(sum);
                let (before, behind) = read.keys.around(self.family.key(*id));
                line(text, &bucket, [before, &bound.label, behind], sum);
            }
            if let Some(sum) = accumulated {
                let (before, behind) = read.keys.around(self.family.key(set[0]));
                line(text, &count, [before, "", behind], sum);
                // In other orders an overflow may come to something else.
                if !sum.is_finite() {
                    return None;
                }
            }
        }
        Some(())
    }
}

/// Has a text consist of these parts, in the memory that it has.
fn set<const PARTS: usize>(text: &mut String, parts: [&str; PARTS]) {
    text.clear();
    parts.into_iter().for_each(|part| text.push_str(part));
}

/// Labels are three parts, any of which may be empty.
fn line(text: &mut String, sample: &str, labels: [&str; 3], value: f64) {
    text.push_str(sample);
    let mut separator = "{";
    for part in labels.into_iter().filter(|part| !part.is_empty()) {
        text.push_str(separator);
        text.push_str(part);
        separator = ",";
    }
    text.push_str(if separator == "{" { " " } else { "} " });
    push_go_float(text, value);
    text.push('\n');
}

/// The most bytes that a key's lines take; of a bucket, with the count's that may follow it.
fn most_bytes(family: &Family<'_>, id: Id) -> usize {
    let read = family.read;
    let key = family.key(id);
    let fixed = read.keys.sample(key).len() + read.keys.labels_length(key) + FRAME_BYTES + FLOAT_BYTES;
    let bound = read
        .keys
        .bound_of(key)
        .map_or(0, |bound| bound.label.len() + fixed);
    match &read.by_key {
        Some(by_key) => by_key.of(id).len() * (fixed + read.longest_pid),
        None => fixed + bound,
    }
}
