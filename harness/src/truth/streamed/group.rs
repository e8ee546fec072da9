//! Files that merge alike: of one type and, for gauges, one merge mode.

use std::fs;
use std::iter;
use std::path::{Path, PathBuf};

use super::super::aligned_bytes::AlignedBytes;
use super::super::content::{Opened, PIECE_BYTES};
use super::super::entry::{self, HEADER_LENGTH, TIMESTAMP_AT};
use super::super::{FileName, Layout, Mode};
use super::family::Family;
use super::keys::Keys;
use super::values::{ByKey, Values};
use crate::series::MetricType;

/// The files, in the order of their names.
pub(super) struct Group {
    kind: MetricType,
    mode: Option<Mode>,
    files: Vec<File>,
}

struct File {
    path: PathBuf,
    /// As M2 reads it.
    pid: Option<String>,
}

/// What they come to.
pub(super) struct Read {
    pub(super) kind: MetricType,
    /// `None` where no file has an entry.
    pub(super) layout: Option<Layout>,
    pub(super) keys: Keys,
    pub(super) values: Values,
    /// Of each file; of a gauge that has one value a process only.
    pub(super) pids: Vec<String>,
    /// How many bytes the longest of them has.
    pub(super) longest_pid: usize,
    /// The values of such a gauge, by key, the files in the order of their pids.
    pub(super) by_key: Option<ByKey>,
    /// The place of each label set among all.
    pub(super) label_ranks: Vec<u32>,
}

/// An entry whose key is yet to be looked for.
#[derive(Clone, Copy, Default)]
struct Pending<'bytes> {
    hash: u64,
    key: &'bytes [u8],
    value: f64,
    time: f64,
}

/// Sorts files by what their names say; `None` where one says too little, or something that no client says.
pub(super) fn groups(files: Vec<PathBuf>) -> Option<Vec<Group>> {
    let mut groups: Vec<Group> = Vec::new();
    for path in files {
        // What else a client of another layout makes of a name is found out when the layout is known.
        let name = FileName::parse(path.file_name()?.to_str()?, Layout::Python16);
        let (kind, mode) = (name.kind?, name.merge_mode());
        let is_usual = match kind {
            MetricType::Counter | MetricType::Histogram | MetricType::Summary => true,
            MetricType::Gauge => mode.is_some() && name.pid.is_some(),
            _ => false,
        };
        if !is_usual {
            return None;
        }
        let file = File { path, pid: name.pid };
        match groups
            .iter_mut()
            .find(|group| (group.kind, group.mode) == (kind, mode))
        {
            Some(group) => group.files.push(file),
            None => groups.push(Group {
                kind,
                mode,
                files: vec![file],
            }),
        }
    }
    Some(groups)
}

impl Group {
    /// The files' bytes, as far as they can be told.
    pub(super) fn length(&self) -> u64 {
        let lengths = self.files.iter().filter_map(|file| fs::metadata(&file.path).ok());
        lengths.map(|file| file.len()).sum()
    }

    /// Reads and merges the files; `None` where something is unusual or cannot be read.
    pub(super) fn read(&self) -> Option<Read> {
        let mut read = Read {
            kind: self.kind,
            layout: None,
            keys: Keys::new(self.kind),
            values: Values::new(self.mode),
            pids: Vec::new(),
            longest_pid: 0,
            by_key: None,
            label_ranks: Vec::new(),
        };
        let mut storage = Vec::new();
        for file in &self.files {
            storage = read.take(&file.path, self.mode, storage)?;
        }
        if self.mode == Some(Mode::All) {
            read.tell_processes_apart(&self.files)?;
        }
        read.label_ranks = read.keys.label_ranks();
        read.values.are_usual().then_some(read)
    }
}

impl Read {
    /// Takes a file's entries, read some at a time, into memory that held something else, which is given back.
    fn take(&mut self, path: &Path, mode: Option<Mode>, mut storage: Vec<u8>) -> Option<Vec<u8>> {
        let opened = Opened::new(path).ok()?;
        let used = opened.used.ok()?;
        self.keys.expect(used);
        let mut at = HEADER_LENGTH;
        while at < used {
            let piece =
                AlignedBytes::read_from(storage, &opened.file, at, PIECE_BYTES.min(used - at)).ok()?;
            let layout = match at {
                HEADER_LENGTH => self.recognise(&piece, mode)?,
                _ => self.layout?,
            };
            let taken = match self.kind {
                MetricType::Histogram | MetricType::Summary => self.follow(&piece, layout)?,
                _ => self.scan(&piece, layout)?,
            };
            // It is cut off or corrupt, or longer than a piece.
            if taken == 0 {
                return None;
            }
            at += taken;
            storage = piece.into_storage();
        }
        self.values.end_file();
        Some(storage)
    }

    /// The layout of a file that begins with these entries; `None` where files before it have another one.
    fn recognise(&mut self, entries: &[u8], mode: Option<Mode>) -> Option<Layout> {
        let layout = Layout::of_entries(entries)?;
        let is_usual = match layout {
            Layout::Python16 => true,
            // Their clients know no mostrecent.
            Layout::Python8 | Layout::Python3Key => mode != Some(Mode::MostRecent),
            Layout::GitlabRuby => false,
        };
        (is_usual && layout == *self.layout.get_or_insert(layout)).then_some(layout)
    }

    /// Takes entries that come label set by label set, as those of histograms and summaries do: a client makes all of one
    /// at once. Behind a key that is known comes the one that came behind it when both were new, which is neither
    /// hashed nor looked for. Says how many bytes were whole entries.
    fn follow(&mut self, bytes: &[u8], layout: Layout) -> Option<usize> {
        let form = layout.form();
        let mut offset = 0;
        let mut expected = 0;
        while let Ok(raw) = entry::read(bytes, offset, form.value_length) {
            offset = raw.end;
            let id = if self.keys.encoded.is(expected, raw.key) {
                expected
            } else {
                let hash = self.keys.encoded.hash(raw.key);
                match self.keys.encoded.find(hash, raw.key) {
                    Some(id) => id,
                    None => self.keys.insert(layout, hash, raw.key)?,
                }
            };
            self.values
                .add(iter::once((id, raw.double(0), raw.double(TIMESTAMP_AT))));
            expected = id + 1;
        }
        Some(offset)
    }

    /// Takes the entries a batch at a time: first where each lies, then which key it may be, then whether it is.
    /// Each step asks the memory for all of a batch, where one entry after the other would wait for it in turn. Says how
    /// many bytes were whole entries.
    fn scan(&mut self, bytes: &[u8], layout: Layout) -> Option<usize> {
        const BATCH: usize = 16;
        let form = layout.form();
        let mut batch = [Pending::default(); BATCH];
        let mut candidates = [None; BATCH];
        let mut ids = [0; BATCH];
        let mut offset = 0;
        loop {
            let mut count = 0;
            for pending in &mut batch {
                let Ok(raw) = entry::read(bytes, offset, form.value_length) else {
                    break;
                };
                offset = raw.end;
                count += 1;
                *pending = Pending {
                    hash: self.keys.encoded.hash(raw.key),
                    key: raw.key,
                    value: raw.double(0),
                    time: raw.double(TIMESTAMP_AT),
                };
            }
            let batch = &batch[..count];
            if batch.is_empty() {
                return Some(offset);
            }
            for (candidate, pending) in candidates.iter_mut().zip(batch) {
                *candidate = self.keys.encoded.candidate(pending.hash);
            }
            for ((id, candidate), Pending { hash, key, .. }) in ids.iter_mut().zip(&candidates).zip(batch) {
                let encoded = &self.keys.encoded;
                let known = candidate.filter(|id| encoded.is(*id, key));
                *id = match known.or_else(|| encoded.find(*hash, key)) {
                    Some(id) => id,
                    None => self.keys.insert(layout, *hash, key)?,
                };
            }
            let entries = ids.iter().zip(batch);
            self.values
                .add(entries.map(|(id, pending)| (*id, pending.value, pending.time)));
        }
    }

    /// M5: each file's values get its pid. Two files of one pid would be served as one.
    fn tell_processes_apart(&mut self, files: &[File]) -> Option<()> {
        self.pids = files.iter().filter_map(|file| file.pid.clone()).collect();
        let mut order: Vec<usize> = (0..self.pids.len()).collect();
        order.sort_by_key(|file| &self.pids[*file]);
        let are_distinct = order
            .windows(2)
            .all(|pair| self.pids[pair[0]] != self.pids[pair[1]]);
        let is_plain = |pid: &String| !pid.contains(['"', '\\', '\n']);
        if !are_distinct || !self.pids.iter().all(is_plain) {
            return None;
        }
        self.longest_pid = self.pids.iter().map(String::len).max().unwrap_or(0);
        if let Values::Apiece(apiece) = &mut self.values {
            // The columns are not needed any more.
            self.by_key = Some(std::mem::take(apiece).by_key(self.keys.len(), &order));
        }
        Some(())
    }

    /// The families, their keys in the order of their lines; `None` for one that is unusual.
    pub(super) fn families(&self) -> impl Iterator<Item = Option<Family<'_>>> {
        let heads = self.keys.families().iter();
        heads
            .zip(self.keys.by_family(&self.label_ranks))
            .map(|(head, keys)| Family::of(self, head, keys))
    }
}
