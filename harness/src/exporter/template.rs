//! A new adapter, begun as a copy of one that works.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, value};

use super::adapter::{EMBEDDED, REFERENCE, refuse_unless_it_is_known};
use super::{ExporterError, Manifest};

const MANIFEST: &str = "manifest.toml";
/// How a manifest names a folder beside its own.
const BESIDE: &str = "{adapter_dir}/../";
/// What every adapter is described by.
const CONTRACT: [&str; 2] = ["PROTOCOL.md", "protocol.schema.json"];

/// The files of an adapter called `name` that begins as the embedded one called `like`, by their paths in its folder: what
/// that one shares with others is its own here, and what only its exporter is known for (locks, baseline, older releases) is
/// left out.
///
/// `reference_manifest` is the text of the reference's own manifest.
///
/// # Errors
/// There is no adapter called `like`.
pub fn adapter_like(
    like: &str,
    name: &str,
    reference_manifest: &str,
) -> Result<BTreeMap<PathBuf, Vec<u8>>, ExporterError> {
    refuse_unless_it_is_known(like)?;
    let mut files = BTreeMap::new();
    for file in CONTRACT {
        files.extend(
            EMBEDDED
                .get_file(file)
                .map(|found| (file.into(), found.contents().to_vec())),
        );
    }
    let embedded = EMBEDDED.get_file(Path::new(like).join(MANIFEST));
    let text = embedded
        .and_then(|file| file.contents_utf8())
        .unwrap_or(reference_manifest);
    let own = if like == REFERENCE {
        BTreeMap::new()
    } else {
        programs(like)
    };
    let shared = shared(text).flat_map(programs).collect();
    files.extend(with_what_they_name(text, own, shared));
    let manifest = Manifest::parse(like, text)?;
    files.insert(MANIFEST.into(), renamed(text, &manifest, name).into_bytes());
    Ok(files)
}

/// The files of an embedded folder that are not about one exporter alone.
fn programs(folder: &str) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = EMBEDDED.get_dir(folder).into_iter().flat_map(|dir| dir.files());
    let named = files.map(|file| {
        let name = PathBuf::from(file.path().file_name().unwrap_or_default());
        (name, at_home(file.contents()))
    });
    named
        .filter(|(name, _)| name.extension().is_some_and(|extension| extension != "toml"))
        .collect()
}

/// An adapter's own programs, and of those that it shares with others the ones that it, its manifest or one of these names.
fn with_what_they_name(
    manifest: &str,
    mut taken: BTreeMap<PathBuf, Vec<u8>>,
    mut shared: BTreeMap<PathBuf, Vec<u8>>,
) -> BTreeMap<PathBuf, Vec<u8>> {
    loop {
        let is_named = |file: &PathBuf| {
            let module = file.file_stem().unwrap_or_default().to_string_lossy();
            let mut texts = taken.values().map(|program| String::from_utf8_lossy(program));
            manifest.contains(&*module) || texts.any(|program| program.contains(&*module))
        };
        let named: Vec<PathBuf> = shared.keys().filter(|file| is_named(file)).cloned().collect();
        if named.is_empty() {
            return taken;
        }
        taken.extend(named.iter().filter_map(|file| shared.remove_entry(file)));
    }
}

/// The folders beside its own that a manifest names.
fn shared(manifest: &str) -> impl Iterator<Item = &str> {
    let named = manifest.split(BESIDE).skip(1);
    named.filter_map(|rest| rest.split(['/', ':', '"']).next())
}

/// Where a program says that something is beside its folder: here it is in it.
fn at_home(program: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(program);
    let text = text.replace("../python/", "");
    text.replace("../PROTOCOL.md", "PROTOCOL.md").into_bytes()
}

/// The manifest under another name.
fn renamed(text: &str, manifest: &Manifest, name: &str) -> String {
    let mut flat = text.to_owned();
    for folder in shared(text) {
        flat = flat.replace(&format!("{BESIDE}{folder}"), "{adapter_dir}");
    }
    // A path that led to several of these folders now names one several times.
    while flat.contains("{adapter_dir}:{adapter_dir}") {
        flat = flat.replace("{adapter_dir}:{adapter_dir}", "{adapter_dir}");
    }
    let mut document: DocumentMut = flat.parse().unwrap_or_default();
    document["name"] = value(name);
    document["homepage"] = value(format!("https://example.org/{name}"));
    if let Some(python) = document.get_mut("python").and_then(Item::as_table_mut) {
        own_lock(python, manifest);
    }
    if let Some(node) = document.get_mut("node").and_then(Item::as_table_mut) {
        let package = manifest.node.as_ref().and_then(|node| node.package.clone());
        node["package"] = value(package.unwrap_or_else(|| manifest.name.clone()));
    }
    document.remove("releases");
    if let Some(mut first) = document.key_mut("protocol") {
        first.leaf_decor_mut().set_prefix(head(&manifest.name));
    }
    document.to_string()
}

fn own_lock(python: &mut Table, manifest: &Manifest) {
    python["locks"] = value("locks/{version}.txt");
    let distribution = manifest
        .python
        .as_ref()
        .and_then(|python| python.distribution.clone());
    python["distribution"] = value(distribution.unwrap_or_else(|| manifest.name.clone()));
}

fn head(like: &str) -> String {
    format!(
        "# An adapter, begun as that of {like}. PROTOCOL.md beside it describes every key.\n\
         # Yours to change: homepage, version, what is installed and the command; then, as scenarios tell you, the capabilities.\n"
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::super::Adapter;
    use super::*;

    const OTHER: &str = include_str!("../../exporters/taskiq/manifest.toml");

    #[test]
    fn each_adapter_makes_one_that_needs_nothing_beside_its_folder() {
        for like in Adapter::known().iter().filter(|name| *name != REFERENCE) {
            let files = adapter_like(like, "mine", OTHER).unwrap();
            let text = |path: &str| String::from_utf8(files[Path::new(path)].clone()).unwrap();
            let manifest = Manifest::parse("mine", &text(MANIFEST)).unwrap();
            assert_eq!(manifest.name, "mine", "{like}");
            assert!(manifest.releases.is_empty(), "{like}");
            for (path, content) in &files {
                let content = String::from_utf8_lossy(content);
                let leads_out = path.extension().unwrap() != "md" && content.contains("../");
                assert!(!leads_out, "{like}: {} leads out of the folder", path.display());
            }
            for named in text(MANIFEST).split("{adapter_dir}/").skip(1) {
                let file = named.split('"').next().unwrap();
                assert!(files.contains_key(Path::new(file)), "{like}: no {file}");
            }
            assert!(text("PROTOCOL.md").contains("# The adapter protocol"), "{like}");
            assert!(!files.contains_key(Path::new("baseline.toml")), "{like}");
            assert!(!text(MANIFEST).contains("{adapter_dir}:{adapter_dir}"), "{like}");
            // What is shared is there where something needs it.
            for module in [
                "counterfoil_workload",
                "counterfoil_feeder",
                "counterfoil_uvicorn",
            ] {
                let own = PathBuf::from(format!("{module}.py"));
                let others = files
                    .iter()
                    .filter(|(path, _)| **path != own && !CONTRACT.contains(&path.to_str().unwrap()));
                let is_named = others
                    .map(|(_, content)| String::from_utf8_lossy(content))
                    .any(|content| content.contains(module));
                assert_eq!(files.contains_key(&own), is_named, "{like}: {module}");
            }
        }
    }

    #[test]
    fn the_comments_of_the_manifest_are_kept_but_for_what_it_said_of_itself() {
        let files = adapter_like("taskiq", "mine", "").unwrap();
        let text = String::from_utf8(files[Path::new(MANIFEST)].clone()).unwrap();
        assert!(
            text.starts_with("# An adapter, begun as that of taskiq."),
            "{text}"
        );
        assert!(text.contains("# A process works on ten tasks at once"), "{text}");
        assert!(text.contains("distribution = \"taskiq\""), "{text}");
    }

    #[test]
    fn an_adapter_that_is_not_there_is_answered_with_those_that_are() {
        let refused = adapter_like("taskik", "mine", "").unwrap_err();
        assert!(
            refused.to_string().contains("no exporter \"taskik\""),
            "{refused}"
        );
    }
}
