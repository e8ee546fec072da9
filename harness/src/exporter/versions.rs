//! The versions of an exporter that there are locks for.

use std::fs;
use std::str::FromStr;

use pep440_rs::Version;

use super::Adapter;

impl Adapter {
    /// The versions that there is a lock for, the oldest first; of an exporter without locks, its own one.
    pub fn locked_versions(&self) -> Vec<String> {
        let mut versions = self.locks();
        if versions.is_empty() {
            versions.push(self.manifest.version.clone());
        }
        sort(&mut versions);
        versions
    }

    fn locks(&self) -> Vec<String> {
        let Some(python) = &self.manifest.python else {
            return Vec::new();
        };
        let template = self.dir.join(&python.locks);
        let name = template.file_name().unwrap_or_default().to_string_lossy();
        let folder = template.parent().map(fs::read_dir);
        let (Some((before, after)), Some(Ok(files))) = (name.split_once("{version}"), folder) else {
            return Vec::new();
        };
        let names = files.filter_map(|file| file.ok()?.file_name().into_string().ok());
        let version = |name: String| {
            let version = name.strip_prefix(before)?.strip_suffix(after)?;
            Version::from_str(version).ok().map(|_| version.to_owned())
        };
        names.filter_map(version).collect()
    }
}

/// The oldest first; what is no version of PEP 440 comes last.
pub(super) fn sort(versions: &mut [String]) {
    versions.sort_by_cached_key(|text| {
        let version = Version::from_str(text).ok();
        (version.is_none(), version, text.clone())
    });
}
