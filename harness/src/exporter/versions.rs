//! The versions of an exporter: those that there are locks for, and those that are released.

use std::fs;
use std::path::Path;
use std::str::FromStr;

use pep440_rs::Version;

use super::{Adapter, ExporterError, Manifest, node, python};

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

    /// The releases that its package index has, the oldest first, without pre-releases and what was yanked: as
    /// `pip index versions` or `npm view` says. What it prints goes to `log`.
    ///
    /// # Errors
    /// Nothing is installed for it, or the index cannot be asked.
    pub fn released_versions(&self, log: &Path) -> Result<Vec<String>, ExporterError> {
        let name = &self.manifest.name;
        let Manifest { python, node, .. } = &self.manifest;
        let mut versions = match (python, node) {
            (Some(python), _) => {
                let distribution = python.distribution.as_ref().unwrap_or(name);
                available(&python::index_versions(name, distribution, log)?)
            }
            (None, Some(node)) => {
                let package = node.package.as_ref().unwrap_or(name);
                node::registry_versions(name, package, log)?
            }
            (None, None) => return Err(ExporterError::NoReleases { name: name.clone() }),
        };
        sort(&mut versions);
        Ok(versions)
    }

    fn locks(&self) -> Vec<String> {
        let Some(locks) = self.manifest.locks() else {
            return Vec::new();
        };
        let template = self.dir.join(locks);
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

/// The versions that `pip index versions` lists.
fn available(printed: &str) -> Vec<String> {
    let mut lines = printed.lines();
    let list = lines.find_map(|line| line.strip_prefix("Available versions:"));
    let versions = list.unwrap_or_default().split(',').map(str::trim);
    let is_final = |text: &&str| Version::from_str(text).is_ok_and(|version| version.is_stable());
    versions.filter(is_final).map(str::to_owned).collect()
}

/// The oldest first; what is no version of PEP 440 comes last.
pub(crate) fn sort(versions: &mut [String]) {
    versions.sort_by_cached_key(|text| {
        let version = Version::from_str(text).ok();
        (version.is_none(), version, text.clone())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pip_lists_is_sorted_as_versions_are_without_pre_releases() {
        let printed = "acme (0.12.0)\nAvailable versions: 0.12.0, 0.12.0rc1, 0.9.1, 0.10.0.post1, 0.10.0, 0.9.0.dev2\n  INSTALLED: 0.9.1\n";
        let mut versions = available(printed);
        sort(&mut versions);
        assert_eq!(versions, ["0.9.1", "0.10.0", "0.10.0.post1", "0.12.0"]);
        assert!(available("ERROR: No matching distribution found for acme\n").is_empty());
    }
}
