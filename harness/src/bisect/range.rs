//! Which releases are in question.

use std::path::Path;
use std::str::FromStr;

use pep440_rs::Version;

use super::BisectError;
use crate::exporter::{Adapter, sort_versions};

/// The releases between two, those among them.
#[derive(Clone, Debug, Default)]
pub struct Range {
    from: Option<Version>,
    to: Option<Version>,
    versions: Vec<String>,
}

impl Range {
    /// From the older to the newer end; of `versions`, or where there are none, of those that the package index has.
    ///
    /// # Errors
    /// One of them is no version.
    pub fn of(from: Option<&str>, to: Option<&str>, versions: &[String]) -> Result<Self, BisectError> {
        let version = |text: &str| {
            let no_version = |_| BisectError::NoVersion {
                text: text.to_owned(),
            };
            Version::from_str(text).map_err(no_version)
        };
        for text in versions {
            version(text)?;
        }
        Ok(Self {
            from: from.map(version).transpose()?,
            to: to.map(version).transpose()?,
            versions: versions.to_vec(),
        })
    }

    /// The releases, the oldest first; what the package index was asked for goes to `log`.
    pub(super) fn versions(&self, adapter: &Adapter, log: &Path) -> Result<Vec<String>, BisectError> {
        let mut versions = match self.versions.is_empty() {
            true => adapter.released_versions(log)?,
            false => self.versions.clone(),
        };
        versions.retain(|text| Version::from_str(text).is_ok_and(|version| self.has(&version)));
        sort_versions(&mut versions);
        versions.dedup();
        if versions.len() >= 2 {
            return Ok(versions);
        }
        let end = |end: &Option<Version>| end.as_ref().map_or("any".to_owned(), ToString::to_string);
        Err(BisectError::TooFew {
            exporter: adapter.manifest.name.clone(),
            from: end(&self.from),
            to: end(&self.to),
            found: versions.join(", "),
        })
    }

    fn has(&self, version: &Version) -> bool {
        self.from.as_ref().is_none_or(|from| from <= version)
            && self.to.as_ref().is_none_or(|to| version <= to)
    }
}
