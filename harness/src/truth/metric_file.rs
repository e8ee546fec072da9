//! One metric file: its bytes and its entries.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::content::Content;
use super::entry::{self, HEADER_LENGTH, TIMESTAMP_AT};
use super::key::{KeyId, Keys};
use super::{Fault, FileName, Key, Layout, TruthError};

/// A metric file as it was at one moment.
#[derive(Clone, Debug)]
pub struct MetricFile {
    /// Where it is.
    pub path: PathBuf,
    /// Type, mode and pid (M2).
    pub name: FileName,
    /// Told from the first entry; `None` for a file without one, or of no known layout.
    pub layout: Option<Layout>,
    /// The entries in the order of the file, up to the fault if there is one.
    pub entries: Vec<Entry>,
    /// Where the file breaks, from byte 0, and how: a merge fails there (M13).
    pub fault: Option<(usize, Fault)>,
    content: Arc<Content>,
}

/// A decoded entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where it begins, from byte 0.
    pub offset: usize,
    /// Which series it is of. Entries of several files that share a key share its decoded form.
    pub key: Arc<Key>,
    pub(super) key_id: KeyId,
    /// The value.
    pub value: f64,
    /// UNIX time in seconds; zero unless it was set in a mostrecent mode (F8).
    pub timestamp: f64,
}

impl MetricFile {
    /// Reads one file by itself. Corrupt content is no error here: it is the file's [`fault`](Self::fault).
    pub fn read(path: &Path) -> Result<Self, TruthError> {
        let content = Content::read(path).map_err(|source| TruthError::Read {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self::decoded(path, content.into(), &mut Keys::default()))
    }

    /// A file that holds `content`. Entries of files that are decoded with the same keys share these.
    pub(super) fn decoded(path: &Path, content: Arc<Content>, keys: &mut Keys) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut file = Self {
            path: path.to_owned(),
            layout: content.layout(),
            name: FileName::parse(&name, content.layout().unwrap_or(Layout::Python16)),
            entries: Vec::new(),
            fault: content.fault.clone().map(|fault| (0, fault)),
            content,
        };
        if file.fault.is_none() {
            file.decode(keys);
        }
        file
    }

    /// The bytes that count: the used ones. Of a file whose header is wrong, its first ones.
    pub fn bytes(&self) -> &[u8] {
        &self.content.bytes
    }

    /// The key of an entry of this file as it is written.
    pub(super) fn key_bytes(&self, entry: &Entry) -> &[u8] {
        entry::read(self.bytes(), entry.offset, 0)
            .map(|raw| raw.key)
            .unwrap_or_default()
    }

    /// The entries, or where the file breaks.
    pub fn intact(&self) -> Result<&[Entry], TruthError> {
        match &self.fault {
            None => Ok(&self.entries),
            Some((offset, fault)) => Err(self.corrupt(*offset, fault.clone())),
        }
    }

    pub(super) fn corrupt(&self, offset: usize, fault: Fault) -> TruthError {
        TruthError::Corrupt {
            path: self.path.clone(),
            offset,
            fault,
        }
    }

    /// How long a client's file with these bytes is (F5); a file with a wrong header stays as long as it is.
    pub(super) fn length_on_disk(&self) -> usize {
        let initial_length = self.layout.unwrap_or(Layout::Python16).form().initial_length;
        match self.fault {
            Some((0, _)) => self.content.length,
            _ => initial_length.max(self.bytes().len().next_power_of_two()),
        }
    }

    fn decode(&mut self, keys: &mut Keys) {
        // A first key of no layout is a fault in any of them.
        let layout = self.layout.unwrap_or(Layout::Python16);
        let (form, keys) = (layout.form(), keys.of(layout));
        let bytes = &*self.content.bytes;
        // Few entries are shorter.
        self.entries.reserve(bytes.len().div_ceil(128));
        let mut offset = HEADER_LENGTH;
        while offset + form.ignored_tail < bytes.len() {
            let decoded =
                entry::read(bytes, offset, form.value_length).and_then(|raw| Ok((keys.id_of(raw.key)?, raw)));
            match decoded {
                Ok((key_id, raw)) => {
                    self.entries.push(Entry {
                        offset,
                        key: Arc::clone(keys.key(key_id)),
                        key_id,
                        value: raw.double(0),
                        timestamp: raw.double(TIMESTAMP_AT),
                    });
                    offset = raw.end;
                }
                Err(fault) => {
                    self.fault = Some((offset, fault));
                    return;
                }
            }
        }
    }

    /// Reads a file that says nothing of its layout as one of the `layout` that its directory has: clients differ
    /// in what they make of its name, and of a header that is none.
    pub(super) fn adopt(&mut self, layout: Layout) {
        self.name = FileName::parse(&self.name.text, layout);
        if layout == Layout::GitlabRuby {
            self.fault = self.fault_without_entries_r11();
        }
    }

    /// R11: what is shorter than a header is empty, and `used` has no sign.
    fn fault_without_entries_r11(&self) -> Option<(usize, Fault)> {
        let used = entry::used(self.bytes()).map_or(0, i32::cast_unsigned);
        let used = usize::try_from(used).unwrap_or(usize::MAX);
        if self.content.length < HEADER_LENGTH {
            return None;
        }
        let length = self.content.length;
        (used > length)
            .then_some((0, Fault::UsedBeyondEnd { used, length }))
            .or_else(|| self.fault.clone())
    }
}
