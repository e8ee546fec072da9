//! Every file says what it is, and the page on the architecture has a sentence for every module.

use std::collections::BTreeMap;

use crate::workspace::{File, Finding, lines_of, none, none_in, rust_files};

const PAGE: &str = "harness/docs/ARCHITECTURE.md";

#[test]
fn every_file_begins_by_saying_what_it_is() {
    let remedy = "begin it with `//!` and a sentence: what it is, not what it contains";
    none_in(rust_files(), speechless, remedy);
}

#[test]
fn the_page_on_the_architecture_has_a_sentence_for_every_module_and_for_no_other() {
    let page = File::read(PAGE);
    let modules: Vec<String> = rust_files().iter().map(|file| file.path.clone()).collect();
    let remedy =
        format!("correct the tables in {PAGE}: a sentence per module, under the heading of its folder");
    none(differences(&page, &modules), &remedy);
}

fn speechless(file: &File) -> Vec<Finding> {
    let first = file.text.lines().next().unwrap_or_default();
    let says = first
        .strip_prefix("//! ")
        .is_some_and(|sentence| sentence.trim().len() > 3);
    let finding = (!says).then(|| file.finding(1, "does not say what it is"));
    finding.into_iter().collect()
}

/// A section `` ## Modules of `harness/src` `` has a heading per folder, `` ### `harness/src/run` ``, with a table of
/// its files: `` | `site.rs` | a sentence | ``.
fn differences(page: &File, modules: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut named: BTreeMap<String, usize> = BTreeMap::new();
    let (mut root, mut folder) = ("", "");
    let mut roots = Vec::new();
    for (line, text) in page.lines() {
        if let Some(heading) = text.strip_prefix("## ") {
            (root, folder) = (heading.strip_prefix("Modules of ").map_or("", quoted), "");
            roots.extend((!root.is_empty()).then_some(root));
        } else if let Some(heading) = text.strip_prefix("### ") {
            folder = quoted(heading);
        } else if let Some((name, sentence)) = row(text).filter(|_| !root.is_empty()) {
            let path = format!("{}/{name}", if folder.is_empty() { root } else { folder });
            if sentence.split_whitespace().count() < 3 {
                findings.push(page.finding(line, format!("`{path}` has no sentence")));
            }
            if !modules.contains(&path) {
                findings.push(page.finding(line, format!("there is no `{path}`")));
            }
            named.insert(path, line);
        }
    }
    let is_within = |path: &str| roots.iter().any(|root| path.starts_with(&format!("{root}/")));
    let missing = modules
        .iter()
        .filter(|path| is_within(path) && !named.contains_key(*path));
    findings.extend(missing.map(|path| File::made_up(path, "").finding(1, format!("is not in {PAGE}"))));
    assert!(
        !roots.is_empty(),
        "{}: no section is named `Modules of …`",
        page.path
    );
    findings
}

/// The name and the sentence of a table's row that begins with a file's name.
fn row(text: &str) -> Option<(&str, &str)> {
    let cells: Vec<&str> = text
        .strip_prefix('|')?
        .strip_suffix('|')?
        .splitn(2, '|')
        .collect();
    let name = quoted(cells[0].trim());
    name.ends_with(".rs")
        .then(|| (name, cells.get(1).map_or("", |sentence| sentence.trim())))
}

/// What stands between the first two backquotes.
fn quoted(text: &str) -> &str {
    text.split('`').nth(1).unwrap_or_default()
}

#[test]
fn a_file_that_does_not_say_what_it_is_is_seen() {
    assert_eq!(speechless(&File::made_up("x.rs", "//! The wire.\n")), []);
    for text in ["", "use std::fs;\n", "//!\n//! The wire.\n", "// The wire.\n"] {
        assert_eq!(
            lines_of(&speechless(&File::made_up("x.rs", text))),
            [1],
            "{text:?}"
        );
    }
}

const TABLES: &str = "# Page\n| `way.rs` | not a table of modules |\n## Modules of `h/src`\n| module | |\n|---|---|\n\
                      | `lib.rs` | what the library is |\n### `h/src/run`\n| `site.rs` | where it takes place |\n## End\n";

#[test]
fn a_module_without_a_sentence_and_a_sentence_without_a_module_are_seen() {
    let page = File::made_up(PAGE, TABLES);
    let of = |modules: &[&str]| -> Vec<String> {
        let modules: Vec<String> = modules.iter().map(|path| (*path).to_owned()).collect();
        differences(&page, &modules)
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(
        of(&["h/src/lib.rs", "h/src/run/site.rs", "other/src/x.rs"]),
        [""; 0]
    );
    let more = of(&["h/src/lib.rs", "h/src/run/site.rs", "h/src/run.rs"]);
    assert_eq!(more, [format!("h/src/run.rs:1: is not in {PAGE}")]);
    assert_eq!(
        of(&["h/src/lib.rs"]),
        [format!("{PAGE}:8: there is no `h/src/run/site.rs`")]
    );
    let silent = File::made_up(PAGE, &TABLES.replace("where it takes place", ""));
    assert_eq!(
        lines_of(&differences(
            &silent,
            &["h/src/lib.rs".into(), "h/src/run/site.rs".into()]
        )),
        [8]
    );
}
