//! What is done with an input, and what must hold then: more than that nothing panics.
//!
//! `harness/tests/corpus.rs` has this module too, and gives it every input that is committed.

mod broker;
mod declaration;
mod directory;
mod exposition;
mod file;
mod key;
mod reply;

/// A reader of hostile bytes.
#[derive(Debug)]
pub(crate) struct Target {
    /// Its name, and that of its folder below `corpus/`.
    pub(crate) name: &'static str,
    /// Gives it an input, and panics if what must hold does not.
    pub(crate) run: fn(&[u8]),
}

const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run }
}

/// All of them.
pub(crate) const ALL: [Target; 13] = [
    target("python-16", file::python_16),
    target("python-8", file::python_8),
    target("python-3key", file::python_3key),
    target("gitlab-ruby", file::gitlab_ruby),
    target("any-file", file::any),
    target("key", key::key),
    target("text", exposition::text),
    target("openmetrics", exposition::openmetrics),
    target("both-formats", exposition::both_formats),
    target("manifest", declaration::manifest),
    target("scenario", declaration::scenario),
    target("requests", broker::requests),
    target("commands", broker::commands),
];

/// The target of that name.
///
/// # Panics
/// If there is none.
#[allow(dead_code, reason = "the tests take all of them")]
pub(crate) fn named(name: &str) -> &'static Target {
    let known: Vec<_> = ALL.iter().map(|target| target.name).collect();
    let found = ALL.iter().find(|target| target.name == name);
    found.unwrap_or_else(|| panic!("{name:?} is no target; there are: {}", known.join(", ")))
}
