//! Metric files: of each layout by their entries, and of any bytes.
//!
//! An input of entries is, again and again: a byte that chooses the file, eight bytes of value, in python-16 eight of
//! time, and the key up to a line's end. So what the fuzzer changes is mostly an entry still.

use std::collections::BTreeMap;

use counterfoil::truth::Layout;

use super::directory::Directory;

const PYTHON: [&str; 16] = [
    "counter_1.db",
    "counter_2.db",
    "histogram_1.db",
    "histogram_2.db",
    "summary_1.db",
    "summary_2.db",
    "gauge_all_1.db",
    "gauge_liveall_2.db",
    "gauge_min_1.db",
    "gauge_livemin_2.db",
    "gauge_max_1.db",
    "gauge_sum_2.db",
    "gauge_mostrecent_1.db",
    "gauge_mostrecent_2.db",
    "gauge_all_worker_1.db",
    "counter.db",
];

const RUBY: [&str; 8] = [
    "counter_1-0.db",
    "counter_2-0.db",
    "histogram_1-0.db",
    "histogram_1-1.db",
    "summary_worker_2-0.db",
    "gauge_all_1-0.db",
    "gauge_max_2-0.db",
    "gauge_livesum_1-0.db",
];

pub(crate) fn python_16(data: &[u8]) {
    of_layout(Layout::Python16, &PYTHON, 16, data);
}

pub(crate) fn python_8(data: &[u8]) {
    of_layout(Layout::Python8, &PYTHON, 8, data);
}

pub(crate) fn python_3key(data: &[u8]) {
    of_layout(Layout::Python3Key, &PYTHON, 8, data);
}

pub(crate) fn gitlab_ruby(data: &[u8]) {
    of_layout(Layout::GitlabRuby, &RUBY, 8, data);
}

/// A byte that chooses the file's name, and all its bytes.
pub(crate) fn any(data: &[u8]) {
    let Some((choice, bytes)) = data.split_first() else {
        return;
    };
    let names = [&PYTHON[..], &RUBY].concat();
    let directory = Directory::new();
    directory.put(names[usize::from(*choice) % names.len()], bytes);
    directory.check();
}

/// The used bytes of a file, as its entries make them up.
pub(crate) struct Draft<'data> {
    bytes: Vec<u8>,
    entries: Vec<Entry<'data>>,
}

#[derive(Clone, Copy)]
struct Entry<'data> {
    offset: usize,
    values: &'data [u8],
}

impl<'data> Draft<'data> {
    pub(crate) fn new() -> Self {
        let (bytes, entries) = (vec![0; 8], Vec::new());
        Self { bytes, entries }
    }

    pub(crate) fn push(&mut self, key: &[u8], values: &'data [u8]) {
        let offset = self.bytes.len();
        self.entries.push(Entry { offset, values });
        let length = i32::try_from(key.len()).expect("an input is short");
        self.bytes.extend_from_slice(&length.to_ne_bytes());
        self.bytes.extend_from_slice(key);
        self.bytes.push(b' ');
        self.bytes.resize(self.bytes.len().next_multiple_of(8), b' ');
        self.bytes.extend_from_slice(values);
    }

    pub(crate) fn finish(&mut self) -> &[u8] {
        let used = i32::try_from(self.bytes.len()).expect("an input is short");
        self.bytes[..4].copy_from_slice(&used.to_ne_bytes());
        &self.bytes
    }
}

fn of_layout(layout: Layout, names: &[&'static str], value_length: usize, mut data: &[u8]) {
    let mut drafts: BTreeMap<&str, Draft<'_>> = BTreeMap::new();
    while let Some((choice, rest)) = data.split_first() {
        let Some((values, rest)) = rest.split_at_checked(value_length) else {
            break;
        };
        let end = rest.iter().position(|byte| *byte == b'\n');
        let key = &rest[..end.unwrap_or(rest.len())];
        data = end.map_or(&[], |end| &rest[end + 1..]);
        let name = names[usize::from(*choice) % names.len()];
        drafts.entry(name).or_insert_with(Draft::new).push(key, values);
    }
    let directory = Directory::new();
    for (name, draft) in &mut drafts {
        directory.put(name, draft.finish());
    }
    let snapshot = directory.read();
    assert_eq!(snapshot.files().len(), drafts.len());
    for file in snapshot.files().iter().filter(|file| file.layout == Some(layout)) {
        let draft = &drafts[file.name.text.as_str()];
        // Up to a fault, what was put in comes out.
        assert!(file.fault.is_some() || file.entries.len() == draft.entries.len());
        for (entry, put) in file.entries.iter().zip(&draft.entries) {
            assert_eq!(entry.offset, put.offset);
            assert_eq!(Some(&entry.value.to_ne_bytes()), put.values.first_chunk());
            if layout == Layout::Python16 {
                assert_eq!(Some(&entry.timestamp.to_ne_bytes()), put.values.last_chunk());
            }
        }
    }
    directory.check();
}
