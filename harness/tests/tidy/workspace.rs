//! The files of the workspace, and what is found in them.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, OnceLock};

use crate::code::Code;

/// A text file, under its path from the workspace's root.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
    code: OnceLock<Code>,
}

impl File {
    /// A file of the workspace.
    pub(crate) fn read(path: &str) -> Self {
        let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self::made_up(path, &text)
    }

    /// A file that is not there, to show that a rule can fail.
    pub(crate) fn made_up(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code: OnceLock::new(),
        }
    }

    /// The Rust that it is.
    pub(crate) fn code(&self) -> &Code {
        self.code.get_or_init(|| Code::of(self))
    }

    /// The lines, counted from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// The first line that contains `text`, or the last of all.
    pub(crate) fn line_of(&self, text: &str) -> usize {
        let at = self.text.find(text).unwrap_or(self.text.len());
        self.text[..at].lines().count().max(1) + usize::from(self.text[..at].ends_with('\n'))
    }

    pub(crate) fn finding(&self, line: usize, what: impl Into<String>) -> Finding {
        Finding {
            path: self.path.clone(),
            line,
            what: what.into(),
        }
    }

    /// Whether the file is below a folder, or is that file.
    pub(crate) fn is_in(&self, place: &str) -> bool {
        Path::new(&self.path).starts_with(place)
    }

    /// Whether all of it is test code, bench code or an example, by the folder that it is in.
    pub(crate) fn is_outside_of_src(&self) -> bool {
        !self.path.split('/').any(|folder| folder == "src")
    }
}

/// A violation of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// What a rule found in the files that it looked at: a rule that looked at nothing has shown nothing.
#[track_caller]
pub(crate) fn none_in<'f>(
    files: impl IntoIterator<Item = &'f File>,
    look: impl Fn(&File) -> Vec<Finding>,
    remedy: &str,
) {
    let (mut looked_at, mut findings) = (0, Vec::new());
    for file in files {
        looked_at += 1;
        findings.extend(look(file));
    }
    assert!(looked_at > 0, "no file was looked at");
    none(findings, remedy);
}

#[track_caller]
pub(crate) fn none(mut findings: Vec<Finding>, remedy: &str) {
    findings.sort();
    let lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
    assert!(lines.is_empty(), "\n{}\nremedy: {remedy}\n", lines.join("\n"));
}

/// The lines of the findings, for the tests of the rules themselves.
pub(crate) fn lines_of(findings: &[Finding]) -> Vec<usize> {
    findings.iter().map(|finding| finding.line).collect()
}

/// All files of the workspace whose names end with one of `extensions`.
pub(crate) fn files(extensions: &[&str]) -> Vec<File> {
    let has_one = |path: &String| {
        let extension = Path::new(path).extension();
        extension.is_some_and(|extension| extensions.iter().any(|wanted| extension == *wanted))
    };
    paths()
        .into_iter()
        .filter(has_one)
        .map(|path| File::read(&path))
        .collect()
}

/// The files of `extensions` that name ids in earnest: the tests of these rules make some up.
pub(crate) fn files_with_ids(extensions: &[&str]) -> Vec<File> {
    let files = files(extensions).into_iter();
    files.filter(|file| !file.is_in("harness/tests/tidy")).collect()
}

/// The paths of all files, from the root.
pub(crate) fn paths() -> Vec<String> {
    let mut paths = Vec::new();
    collect(&root(), &mut paths);
    let relative = paths.iter().map(|path| {
        let relative = path.strip_prefix(root()).expect("it was found below the root");
        relative.to_str().expect("our names are plain").to_owned()
    });
    let mut relative: Vec<String> = relative.collect();
    relative.sort();
    relative
}

/// All Rust of the workspace, read once for all rules.
pub(crate) fn rust_files() -> &'static [File] {
    static FILES: LazyLock<Vec<File>> = LazyLock::new(|| files(&["rs"]));
    for part in [
        "harness/src",
        "harness/tests",
        "harness/benches/src",
        "harness/fuzz/src",
        "reference-impl/src",
        "snapshots",
    ] {
        assert!(
            FILES.iter().any(|file| file.is_in(part)),
            "nothing is below {part}"
        );
    }
    &FILES
}

/// The workspace's root. Links are not followed: `harness/scenarios` is the folder at the top.
pub(crate) fn root() -> PathBuf {
    let harness = Path::new(env!("CARGO_MANIFEST_DIR"));
    harness
        .parent()
        .expect("the harness is a member of the workspace")
        .to_owned()
}

fn collect(dir: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let (name, kind) = (entry.file_name(), entry.file_type().unwrap());
        let is_ours =
            !name.as_encoded_bytes().starts_with(b".") && name != "target" && name != "counterfoil.out";
        if kind.is_dir() && is_ours {
            collect(&entry.path(), paths);
        } else if kind.is_file() {
            paths.push(entry.path());
        }
    }
}

#[test]
fn a_line_is_found_by_what_it_contains() {
    let file = File::made_up("x.toml", "one\ntwo\nthree\n");
    assert_eq!(file.line_of("one"), 1);
    assert_eq!(file.line_of("ee"), 3);
    assert_eq!(file.line_of("wo"), 2);
}

#[test]
#[should_panic(expected = "x.rs:7: bad\nremedy: do well")]
fn a_finding_is_shown_with_its_place_and_the_remedy() {
    none(vec![File::made_up("x.rs", "").finding(7, "bad")], "do well");
}

#[test]
#[should_panic(expected = "no file was looked at")]
fn a_rule_that_looks_at_nothing_does_not_pass() {
    none_in([], |_| Vec::new(), "");
}
