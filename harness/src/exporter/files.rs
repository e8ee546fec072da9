//! What an exporter leaves on disk, as its manifest says.

use std::fmt;
use std::ops::Range;

use serde::de::Error as _;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use toml::Spanned;

use crate::truth::Layout;

/// What the exporter leaves on disk.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// The layout of its metric files.
    pub layout: FileLayout,
    /// A command that prints what the exporter serves of the files in `{metrics_dir}`, as text 0.0.4, without a fleet; for
    /// `counterfoil reduce`.
    #[serde(default)]
    merge: Option<Spanned<Vec<String>>>,
}

impl Files {
    /// The command that merges them, if there is one.
    pub fn merge(&self) -> &[String] {
        let command = self.merge.as_ref().filter(|_| self.layout != FileLayout::None);
        command.map_or(&[], |command| command.get_ref())
    }

    /// What is wrong with it: where, what, and what to do about it.
    pub(super) fn flaw(&self) -> Option<(Range<usize>, &'static str, &'static str)> {
        let command = self.merge.as_ref().filter(|_| self.layout == FileLayout::None)?;
        Some((
            command.span(),
            "there are no files to merge",
            "remove `merge`, or name the layout of the files",
        ))
    }
}

/// How metric files are laid out, if there are any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileLayout {
    /// There are none: what is served is held against what was asked of the workers.
    None,
    /// There are, and so they are.
    Of(Layout),
}

/// The name of a layout that is none.
const NONE: &str = "none";
/// What a manifest may say.
const NAMES: &[&str] = &["python-16", "python-8", "python-3key", "gitlab-ruby", NONE];

impl<'de> Deserialize<'de> for FileLayout {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name == NONE {
            return Ok(Self::None);
        }
        let layout = Layout::deserialize(StrDeserializer::<D::Error>::new(&name));
        layout
            .map(Self::Of)
            .map_err(|_| D::Error::unknown_variant(&name, NAMES))
    }
}

impl Serialize for FileLayout {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_str(NONE),
            Self::Of(layout) => layout.serialize(serializer),
        }
    }
}

/// The name that a manifest has for it.
impl fmt::Display for FileLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str(NONE),
            Self::Of(layout) => layout.fmt(f),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::*;

    #[test]
    fn a_layout_is_read_by_the_name_that_it_is_written_as() {
        let all = Layout::ALL
            .map(FileLayout::Of)
            .into_iter()
            .chain([FileLayout::None]);
        for layout in all {
            let text = serde_json::to_string(&layout).unwrap();
            assert_eq!(text, format!("\"{layout}\""));
            assert_eq!(serde_json::from_str::<FileLayout>(&text).unwrap(), layout);
            assert!(NAMES.contains(&layout.to_string().as_str()));
        }
        assert_eq!(NAMES.len(), Layout::ALL.len() + 1);
    }
}
