//! The file layouts that clients have used: how one is told from a file's content, and what differs in each.
//!
//! All of them have the frame of [`entry`](super::entry); a layout says what a key looks like and what follows it.

mod gitlab_ruby;
pub(super) mod plain_key;
mod python_16;
mod python_3key;
mod python_8;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Fault;
use super::entry::{self, HEADER_LENGTH};
use super::key::KeyParts;

/// How a metric file is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Layout {
    /// prometheus_client 0.18 and later: value and timestamp (F3).
    #[serde(rename = "python-16")]
    Python16,
    /// prometheus_client 0.16 and 0.17: no timestamp.
    #[serde(rename = "python-8")]
    Python8,
    /// prometheus_client up to 0.15: no timestamp, no HELP in the key.
    #[serde(rename = "python-3key")]
    Python3Key,
    /// prometheus-client-mmap for Ruby: label names and values apart, no timestamp, no HELP (R3).
    #[serde(rename = "gitlab-ruby")]
    GitlabRuby,
}

/// What tells the files of one layout from those of another.
pub(super) struct Form {
    /// What a key's JSON is, for people.
    key_shape: &'static str,
    /// Decodes a key's JSON, without HELP where keys hold none; the error says what is wrong with it.
    key: for<'key> fn(&'key str) -> Result<KeyParts<'key>, serde_json::Error>,
    /// What is served for HELP where keys hold none.
    pub(super) help: Option<&'static str>,
    /// Bytes that follow a key and its padding: a value, and a timestamp where there is one.
    pub(super) value_length: usize,
    /// So many bytes or fewer behind the last entry are passed over (R11).
    pub(super) ignored_tail: usize,
    /// Bytes of a new file (F5).
    pub(super) initial_length: usize,
}

impl Layout {
    /// All of them, the newest Python client's first.
    pub const ALL: [Self; 4] = [Self::Python16, Self::Python8, Self::Python3Key, Self::GitlabRuby];

    /// The layout of a file of which `used` are the used bytes, header included; `None` where there is no entry to
    /// tell by, and where the first key is that of no layout.
    pub fn recognise(used: &[u8]) -> Option<Self> {
        Self::of_entries(used.get(HEADER_LENGTH..)?)
    }

    /// That of a file's first entries.
    pub(super) fn of_entries(used: &[u8]) -> Option<Self> {
        let key = entry::read(used, 0, 0).ok()?.key;
        match Shape::of(key)? {
            // The clients that write HELP differ in what follows the key; a file that fits neither is corrupt.
            Shape::Help if Self::Python16.fits(used) || !Self::Python8.fits(used) => Some(Self::Python16),
            Shape::Help => Some(Self::Python8),
            Shape::NoHelp => Some(Self::Python3Key),
            Shape::Ruby => Some(Self::GitlabRuby),
        }
    }

    /// A file of these entries, each with its key, padding and values as they are in a file (F2, F5); `None` where they are
    /// more than its header can say.
    pub fn file_of(self, entries: &[&[u8]]) -> Option<Vec<u8>> {
        let used = HEADER_LENGTH + entries.iter().map(|entry| entry.len()).sum::<usize>();
        let mut file = i32::try_from(used).ok()?.to_ne_bytes().to_vec();
        file.resize(HEADER_LENGTH, 0);
        entries.iter().for_each(|entry| file.extend_from_slice(entry));
        file.resize(self.form().initial_length.max(used.next_power_of_two()), 0);
        Some(file)
    }

    pub(super) fn form(self) -> &'static Form {
        match self {
            Self::Python16 => &python_16::FORM,
            Self::Python8 => &python_8::FORM,
            Self::Python3Key => &python_3key::FORM,
            Self::GitlabRuby => &gitlab_ruby::FORM,
        }
    }

    /// Whether the first entry, read with this layout's values, is followed by the end or by another key. That
    /// tells the two that write HELP apart: in the wrong place there is a key's text or half a value.
    fn fits(self, used: &[u8]) -> bool {
        let length = self.form().value_length;
        entry::read(used, 0, length).is_ok_and(|first| {
            first.end == used.len()
                || entry::read(used, first.end, length).is_ok_and(|second| second.key.starts_with(b"["))
        })
    }
}

impl Form {
    /// Decodes a key.
    pub(super) fn decode_key<'key>(&self, text: &'key str) -> Result<KeyParts<'key>, Fault> {
        let mut key = (self.key)(text).map_err(|error| Fault::KeyNotJson {
            shape: self.key_shape,
            // The decoder quotes what it found, which may be all of the key.
            reason: error.to_string().chars().take(200).collect(),
        })?;
        if key.family.is_empty() {
            return Err(Fault::NoFamily);
        }
        if let Some(help) = self.help {
            key.help = help.into();
        }
        Ok(key)
    }
}

/// The name that an adapter's manifest has for it.
impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// What a key's JSON looks like.
enum Shape {
    Help,
    NoHelp,
    Ruby,
}

impl Shape {
    fn of(key: &[u8]) -> Option<Self> {
        let parts: Vec<serde_json::Value> = serde_json::from_slice(key).ok()?;
        match parts.as_slice() {
            [_, _, labels] if labels.is_object() => Some(Self::NoHelp),
            [_, _, names, values] if names.is_array() && values.is_array() => Some(Self::Ruby),
            [_, _, _, _] => Some(Self::Help),
            _ => None,
        }
    }
}
