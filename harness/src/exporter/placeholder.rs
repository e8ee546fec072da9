//! The names in braces that a manifest's texts may hold, and those that were meant to be one.

use std::ops::Range;

use miette::NamedSource;
use strsim::osa_distance;

use super::{ExporterError, Manifest, ManifestError, QueueSpec};

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

/// Refuses a name in braces that is none of those that are expanded, and like one: in what is started, installed, posted to or
/// scraped. `own` are the names that the caller expands on top; what is like no name may be the program's own.
///
/// # Errors
/// The first of them, with its place and the name that was meant.
pub(super) fn refuse_slips(
    manifest: &Manifest,
    path: &str,
    own: &[(String, String)],
) -> Result<(), ExporterError> {
    let slip = texts(manifest).into_iter().find_map(|text| {
        let mut slips = names(text).filter(|name| !own.iter().any(|(known, _)| known == name));
        slips.find_map(|name| Some((name, meant_by(name, text)?)))
    });
    let Some((name, meant)) = slip else {
        return Ok(());
    };
    Err(ManifestError {
        path: path.to_owned(),
        message: format!("nothing is put in the place of {{{name}}}"),
        text: NamedSource::new(path, manifest.text.clone()).with_language("toml"),
        at: place(&manifest.text, name).into(),
        remedy: Some(format!(
            "did you mean {{{meant}}}? What is meant for the program itself can be given to it in a file beside the manifest"
        )),
    }
    .into())
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

/// The names in braces, but for a shell's variables and what a template doubles its braces for.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('{').filter_map(|(at, _)| {
        let (name, _) = text[at + 1..].split_once('}')?;
        let is_name = !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        (is_name && !text[..at].ends_with(['$', '{'])).then_some(name)
    })
}

/// The known name that is spelled almost like it, or that it is a part of. A text of several words is a program, which has parts
/// of its own.
fn meant_by(name: &str, text: &str) -> Option<&'static str> {
    if KNOWN.contains(&name) {
        return None;
    }
    let is_part =
        |known: &&&str| known.split('_').any(|part| part == name) && !text.contains(char::is_whitespace);
    let slips =
        |known: &&&str| osa_distance(&name.to_lowercase(), known) <= if known.len() < 8 { 1 } else { 2 };
    KNOWN
        .iter()
        .find(slips)
        .or_else(|| KNOWN.iter().find(is_part))
        .copied()
}

/// Where it stands, outside of comments and not as a shell's variable.
fn place(text: &str, name: &str) -> Range<usize> {
    let written = format!("{{{name}}}");
    let is_one = |at: usize| {
        let line = &text[text[..at].rfind('\n').map_or(0, |end| end + 1)..at];
        !line.trim_start().starts_with('#') && !line.contains(" # ") && !line.ends_with(['$', '{'])
    };
    let mut places = text.match_indices(&written).map(|(at, _)| at);
    places
        .find(|&at| is_one(at))
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
            ("qeue", "queue"),
        ] {
            assert_eq!(meant_by(name, "--option={}"), Some(meant), "{name}");
        }
        for word in [
            "metrics_port",
            "task",
            "message",
            "HOME",
            "count",
            "counter",
            "session",
            "verbose",
            "word",
            "queue_name",
        ] {
            assert_eq!(meant_by(word, "--option={}"), None, "{word}");
        }
        assert_eq!(meant_by("port", "jq '{port}'"), None);
        assert_eq!(meant_by("metric_port", "exec serve {}"), Some("metrics_port"));
    }

    #[test]
    fn neither_braces_of_a_shell_nor_of_data_are_names() {
        let text = r#"exec ${metrics} {port} {a,b} {"dir": 1} {} { url } {{url}} {broker"#;
        assert_eq!(names(text).collect::<Vec<_>>(), ["port"]);
    }

    #[test]
    fn a_slip_in_a_manifest_is_refused_at_its_place_unless_the_caller_knows_the_name() {
        let text = r#"
protocol = 1
name = "acme"
homepage = "https://acme.example"
version = "2.0.0"
workers = { command = ["{worker}", "--metrics", "{metrics_dir}"] }
queue = { format = "plain-list" }
scrape = { url = "http://127.0.0.1:{port}/metrics" }
files = { layout = "python-16" }
"#;
        let manifest = Manifest::parse("acme/manifest.toml", text).unwrap();
        let own = |names: &[&str]| -> Vec<(String, String)> {
            names
                .iter()
                .map(|name| ((*name).to_owned(), "/bin/true".to_owned()))
                .collect()
        };
        for (names, slip, meant) in [
            (&[][..], "{worker}", "{workers}"),
            (&["worker"], "{port}", "{metrics_port}"),
        ] {
            let refused = refuse_slips(&manifest, "acme/manifest.toml", &own(names));
            let Err(ExporterError::Manifest(error)) = refused else {
                panic!("{refused:?}")
            };
            assert!(error.message.contains(slip), "{}", error.message);
            assert_eq!(&text[error.at.offset()..][..error.at.len()], slip);
            assert!(error.remedy.unwrap().contains(meant));
        }
        assert!(refuse_slips(&manifest, "acme/manifest.toml", &own(&["worker", "port"])).is_ok());
    }

    #[test]
    fn it_is_shown_where_it_is_meant() {
        let text = "# {port}\nhelp = 1 # {port}\ncommand = [\"${port}\", \"{port}\"]\n";
        let last = text.rfind("{port}").unwrap();
        assert_eq!(place(text, "port"), last..last + "{port}".len());
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
