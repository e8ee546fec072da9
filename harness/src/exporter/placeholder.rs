//! The names in braces that a manifest's texts may hold, and those that were meant to be one.

use std::ops::Range;

use super::{Manifest, QueueSpec};
use crate::spelling::nearest;

/// The names that are expanded; PROTOCOL.md lists them.
const KNOWN: [&str; 11] = [
    "workers",
    "broker_url",
    "queue",
    "metrics_dir",
    "metrics_host",
    "metrics_port",
    "adapter_dir",
    "python",
    "node_modules",
    "counterfoil",
    "version",
];

/// A name in braces that is none of those that are expanded, and like one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Slip {
    /// Where it stands in the manifest's text.
    pub(super) at: Range<usize>,
    /// The name.
    pub(super) name: String,
    /// The one that it is like.
    pub(super) meant: &'static str,
}

impl Slip {
    /// The first in what is started, installed, posted to or scraped. What is like no name may be the program's own.
    pub(super) fn first(manifest: &Manifest, text: &str) -> Option<Self> {
        texts(manifest).into_iter().flat_map(names).find_map(|name| {
            let meant = meant_by(name)?;
            Some(Self {
                at: place(text, name),
                name: name.to_owned(),
                meant,
            })
        })
    }
}

/// The texts in which names are expanded.
fn texts(manifest: &Manifest) -> Vec<&str> {
    let workers = &manifest.workers;
    let url = match &manifest.queue {
        QueueSpec::Http { url } => Some(url),
        QueueSpec::List(_) => None,
    };
    let python = manifest.python.as_ref().map(|of| (&of.requirements, &of.locks));
    let node = manifest.node.as_ref().map(|of| (&of.requirements, &of.locks));
    let installed = [python, node].into_iter().flatten();
    let programs = manifest.programs.iter().flat_map(|of| &of.installed);
    workers
        .command
        .iter()
        .chain([&workers.cwd, &manifest.scrape.url])
        .chain(workers.env.values())
        .chain(url)
        .chain(installed.flat_map(|(requirements, locks)| requirements.iter().chain([locks])))
        .chain(programs)
        .map(String::as_str)
        .collect()
}

/// The names in braces, but for those of a shell's variables.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('{').filter_map(|(at, _)| {
        let (name, _) = text[at + 1..].split_once('}')?;
        let is_name = !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        (is_name && !text[..at].ends_with('$')).then_some(name)
    })
}

/// The known name that is spelled like it, or that it is a part of.
fn meant_by(name: &str) -> Option<&'static str> {
    if KNOWN.contains(&name) {
        return None;
    }
    let has_it = |known: &&&str| known.split('_').any(|part| part == name);
    KNOWN
        .iter()
        .find(has_it)
        .copied()
        .or_else(|| nearest(name, KNOWN))
}

/// Where it stands outside of comments.
fn place(text: &str, name: &str) -> Range<usize> {
    let written = format!("{{{name}}}");
    let in_comment = |at: usize| {
        let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
        text[line..at].trim_start().starts_with('#')
    };
    let mut places = text.match_indices(&written).map(|(at, _)| at);
    places
        .find(|&at| !in_comment(at))
        .map_or(0..0, |at| at..at + written.len())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_name_and_a_slip_of_the_pen_are_recognised() {
        for (name, meant) in [
            ("port", "metrics_port"),
            ("broker", "broker_url"),
            ("metric_dir", "metrics_dir"),
            ("worker", "workers"),
            ("Version", "version"),
        ] {
            assert_eq!(meant_by(name), Some(meant), "{name}");
        }
        for known_or_else in ["metrics_port", "task", "message", "HOME"] {
            assert_eq!(meant_by(known_or_else), None, "{known_or_else}");
        }
    }

    #[test]
    fn neither_braces_of_a_shell_nor_of_data_are_names() {
        let text = r#"exec ${metrics} {port} {a,b} {"dir": 1} {} { url } {broker"#;
        assert_eq!(names(text).collect::<Vec<_>>(), ["port"]);
    }

    #[test]
    fn the_contract_lists_the_same_names() {
        let contract = include_str!("../../exporters/PROTOCOL.md");
        let list = contract
            .lines()
            .find(|line| line.starts_with("`{workers}`"))
            .unwrap();
        let listed = names(list);
        assert!(listed.eq(KNOWN), "{list}");
    }
}
