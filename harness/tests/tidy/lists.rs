//! The ids that are known: tables in `harness/docs` whose first column is `id`.

use std::collections::{BTreeMap, BTreeSet};

use crate::workspace::{File, files};

/// A row of such a table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) path: String,
    pub(crate) line: usize,
    /// The other cells by the head of their column.
    pub(crate) cells: BTreeMap<String, String>,
}

/// The rules of the metric files and of their merges: `| id | rule | …`.
pub(crate) fn rules() -> Vec<Row> {
    listed("rule")
}

/// The defects of real exporters: `| id | defect | …`.
pub(crate) fn bugs() -> Vec<Row> {
    listed("defect")
}

/// Why a rule or a bug has no scenario: `| id | reason |`.
pub(crate) fn reasons() -> Vec<Row> {
    listed("reason")
}

fn listed(of_what: &str) -> Vec<Row> {
    let docs = files(&["md"]);
    let docs = docs.iter().filter(|file| file.is_in("harness/docs"));
    let rows: Vec<Row> = docs.flat_map(|file| table(file, of_what)).collect();
    assert!(
        !rows.is_empty(),
        "no document lists ids under `| id | {of_what} |`"
    );
    let ids: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids.len(), rows.len(), "an id is listed twice");
    rows
}

/// The rows of the tables of `file` whose first two columns are `id` and `of_what`.
fn table(file: &File, of_what: &str) -> Vec<Row> {
    let mut head: Option<Vec<String>> = None;
    let mut rows = Vec::new();
    for (line, text) in file.lines() {
        let Some(row) = text.strip_prefix('|').and_then(|text| text.strip_suffix('|')) else {
            head = None;
            continue;
        };
        let cells: Vec<String> = row.split('|').map(|cell| cell.trim().to_owned()).collect();
        match &head {
            None => head = Some(cells),
            Some(head) if head.iter().take(2).eq(["id", of_what]) && !cells[0].starts_with('-') => {
                rows.push(Row {
                    id: cells[0].clone(),
                    path: file.path.clone(),
                    line,
                    cells: head.iter().cloned().zip(cells).skip(1).collect(),
                });
            }
            Some(_) => {}
        }
    }
    rows
}

/// The words of a text, with their lines; an id is one.
pub(crate) fn words(file: &File) -> impl Iterator<Item = (usize, &str)> {
    file.lines().flat_map(|(line, text)| {
        let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        words.map(move |word| (line, word))
    })
}

/// Whether `word` is one of `letters` and a number of one or two digits.
pub(crate) fn is_id(word: &str, letters: &BTreeSet<char>) -> bool {
    let mut rest = word.chars();
    let letter = rest.next();
    letter.is_some_and(|letter| letters.contains(&letter))
        && (2..=3).contains(&word.len())
        && rest.all(|digit| digit.is_ascii_digit())
}

/// The ids in a function's name, in capitals: `a_tie_m7` has M7. The types `f32` and `f64` are none.
pub(crate) fn ids_in_name(name: &str, letters: &BTreeSet<char>) -> Vec<String> {
    let parts = name.split('_').filter(|part| !["f32", "f64"].contains(part));
    parts
        .map(str::to_uppercase)
        .filter(|part| is_id(part, letters))
        .collect()
}

/// The letters that the ids begin with.
pub(crate) fn letters(rows: &[Row]) -> BTreeSet<char> {
    rows.iter().filter_map(|row| row.id.chars().next()).collect()
}

#[test]
fn ids_are_read_from_the_tables_that_list_them() {
    let text = "| id | rule | code |\n|---|---|---|\n| F1 | names | `a`, `b` |\n\n| id | other |\n|---|---|\n| X1 | y |\n";
    let rows = table(&File::made_up("x.md", text), "rule");
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].id.as_str(), rows[0].line), ("F1", 3));
    assert_eq!(rows[0].cells["code"], "`a`, `b`");
}

#[test]
fn ids_are_told_from_other_words() {
    let letters = BTreeSet::from(['F', 'M']);
    for (word, is) in [
        ("F1", true),
        ("M15", true),
        ("F", false),
        ("F123", false),
        ("FF1", false),
        ("C1", false),
    ] {
        assert_eq!(is_id(word, &letters), is, "{word}");
    }
    assert_eq!(
        ids_in_name("a_nan_in_an_f64_stays_m6_f10", &letters),
        ["M6", "F10"]
    );
    let file = File::made_up("x.rs", "// (F2),\nlet F_3 = F4;");
    let found: Vec<_> = words(&file).filter(|(_, word)| is_id(word, &letters)).collect();
    assert_eq!(found, [(1, "F2"), (2, "F4")]);
}
