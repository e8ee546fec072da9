//! The file layouts that clients have used, and how one is told from its content.

use std::fmt;

use super::entry;

/// How a metric file is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layout {
    /// prometheus_client 0.18 and later: value and timestamp (F3).
    Python16,
    /// prometheus_client 0.16 and 0.17: no timestamp.
    Python8,
    /// prometheus_client up to 0.15: no timestamp, no HELP in the key.
    Python3Key,
    /// prometheus-client-mmap for Ruby: label names and values apart.
    GitlabRuby,
}

impl Layout {
    /// The layout of a file of which `used` are the used bytes, header included; `None` where there is no entry to
    /// tell by, and where no layout fits.
    pub fn recognise(used: &[u8]) -> Option<Self> {
        let key = entry::first_key(used)?;
        let fits = |value_length| entry::ends_at_used(used, value_length);
        match shape(key)? {
            Shape::Help if fits(16) => Some(Self::Python16),
            Shape::Help if fits(8) => Some(Self::Python8),
            Shape::NoHelp if fits(8) => Some(Self::Python3Key),
            Shape::Ruby if fits(8) => Some(Self::GitlabRuby),
            _ => None,
        }
    }

    /// Bytes after a key and its padding.
    pub(super) fn value_length(self) -> usize {
        match self {
            Self::Python16 => 16,
            Self::Python8 | Self::Python3Key | Self::GitlabRuby => 8,
        }
    }
}

/// The name that an adapter's manifest has for it.
impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Python16 => "python-16",
            Self::Python8 => "python-8",
            Self::Python3Key => "python-3key",
            Self::GitlabRuby => "gitlab-ruby",
        })
    }
}

/// What a key's JSON looks like.
enum Shape {
    Help,
    NoHelp,
    Ruby,
}

fn shape(key: &[u8]) -> Option<Shape> {
    let parts: Vec<serde_json::Value> = serde_json::from_slice(key).ok()?;
    match parts.as_slice() {
        [_, _, labels, _] if labels.is_object() => Some(Shape::Help),
        [_, _, labels] if labels.is_object() => Some(Shape::NoHelp),
        [_, _, names, values] if names.is_array() && values.is_array() => Some(Shape::Ruby),
        _ => None,
    }
}
