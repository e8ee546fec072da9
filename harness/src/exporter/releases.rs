//! What some releases of an exporter are not, or do otherwise.

use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifiers};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::{FileLayout, Manifest};
use crate::scenario::Capability;

/// Releases that the rest of the manifest does not describe.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Releases {
    /// Which, as a specifier of PEP 440.
    #[serde(deserialize_with = "specifiers")]
    pub versions: VersionSpecifiers,
    /// The layout of their metric files; `None`: as the others'.
    pub layout: Option<FileLayout>,
    /// What they cannot do yet, or cannot do any more.
    #[serde(default)]
    pub lacks: Vec<Capability>,
    /// Requirement specifiers on top of the others', used where no lock exists.
    #[serde(default)]
    pub requirements: Vec<String>,
}

fn specifiers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<VersionSpecifiers, D::Error> {
    let text = String::deserialize(deserializer)?;
    VersionSpecifiers::from_str(&text).map_err(|error| D::Error::custom(error.to_string().trim_end()))
}

/// Whether a version is one of these. What is no version, such as a checkout's path, is in no range.
pub(crate) fn include(versions: &VersionSpecifiers, version: &str) -> bool {
    Version::from_str(version).is_ok_and(|version| versions.contains(&version))
}

impl Manifest {
    /// The manifest as it holds for one version.
    ///
    /// ```
    /// use counterfoil::exporter::{FileLayout, Manifest};
    /// use counterfoil::truth::Layout;
    ///
    /// let text = r#"
    /// protocol = 1
    /// name = "acme"
    /// homepage = "https://acme.example"
    /// version = "2.0.0"
    /// workers = { command = ["acme", "--version", "{version}"] }
    /// python = { requirements = ["acme=={version}", "acme-redis"], locks = "locks/{version}.txt" }
    /// queue = { format = "plain-list" }
    /// scrape = { url = "http://127.0.0.1:{metrics_port}/metrics" }
    /// files = { layout = "python-16" }
    /// capabilities = ["counter", "gzip"]
    ///
    /// [[releases]]
    /// versions = "<1.4"
    /// layout = "python-8"
    /// lacks = ["gzip"]
    /// requirements = ["acme-redis<1"]
    /// "#;
    /// let manifest = Manifest::parse("acme/manifest.toml", text)?;
    /// assert_eq!(manifest.clone().of_version("1.3.9").files.layout, FileLayout::Of(Layout::Python8));
    /// assert_eq!(manifest.clone().of_version("1.3.9").capabilities.len(), 1);
    /// let requirements = |manifest: Manifest| manifest.python.map(|python| python.requirements.len());
    /// assert_eq!(requirements(manifest.clone().of_version("1.3.9")), Some(3));
    /// assert_eq!(requirements(manifest.clone().of_version("1.4")), Some(2));
    /// assert_eq!(manifest.of_version("1.4").files.layout, FileLayout::Of(Layout::Python16));
    /// # Ok::<(), counterfoil::exporter::ExporterError>(())
    /// ```
    #[must_use]
    pub fn of_version(mut self, version: &str) -> Self {
        for releases in &self.releases {
            if include(&releases.versions, version) {
                self.files.layout = releases.layout.unwrap_or(self.files.layout);
                let python = self.python.as_mut().map(|python| &mut python.requirements);
                let node = self.node.as_mut().map(|node| &mut node.requirements);
                for requirements in python.into_iter().chain(node) {
                    requirements.extend(releases.requirements.iter().cloned());
                }
                self.capabilities
                    .retain(|capability| !releases.lacks.contains(capability));
            }
        }
        self
    }
}
