//! What stands for a bug names one that is known.

use std::collections::BTreeSet;

use counterfoil::check;
use counterfoil_reference::mutant;

use crate::lists::{self, Row, ids_in_name, is_id, words};
use crate::workspace::{File, Finding, files_with_ids, lines_of, none, none_in};

const REMEDY: &str = "correct the id, or list the bug in harness/docs/bugs.md";

#[test]
fn every_bug_that_is_named_anywhere_is_in_the_list() {
    let bugs = Known::now();
    let texts = files_with_ids(&["rs", "md", "py", "rb"]);
    none_in(&texts, |file| unknown(file, &bugs), REMEDY);
}

#[test]
fn every_mutant_stands_for_a_rule_a_bug_or_a_check_that_exists() {
    let known = Known::now();
    let source = File::read("reference-impl/src/mutant.rs");
    let strangers = mutant::ALL.into_iter().filter(|mutant| {
        let stands_for = mutant.stands_for();
        !known.rules.contains(stands_for)
            && !known.has(stands_for)
            && check::Check::named(stands_for).is_none()
    });
    let findings = strangers.map(|mutant| {
        let line = source.line_of(&format!("\"{}\"", mutant.name()));
        source.finding(
            line,
            format!("{} stands for {:?}", mutant.name(), mutant.stands_for()),
        )
    });
    none(findings.collect(), REMEDY);
}

/// The ids and references that may be named.
pub(crate) struct Known {
    pub(crate) rules: BTreeSet<String>,
    bugs: BTreeSet<String>,
}

impl Known {
    pub(crate) fn now() -> Self {
        Self::of(&lists::rules(), &lists::bugs())
    }

    /// A bug is named by its id or by one of its references upstream, `owner/repository#number`.
    pub(crate) fn of(rules: &[Row], bugs: &[Row]) -> Self {
        Self {
            rules: rules.iter().map(|row| row.id.clone()).collect(),
            bugs: bugs
                .iter()
                .flat_map(|row| [upstream(row), vec![row.id.clone()]].concat())
                .collect(),
        }
    }

    pub(crate) fn has(&self, bug: &str) -> bool {
        self.bugs.contains(bug)
    }
}

/// A bug's references upstream.
pub(crate) fn upstream(row: &Row) -> Vec<String> {
    let references = row.cells.get("upstream").map_or("", String::as_str);
    let references = references.split([',', ' ']).filter(|text| text.contains('#'));
    references.map(str::to_owned).collect()
}

/// In a text only `C` and a number is surely a bug: T0 and T1 are the reads around a scrape.
fn unknown(file: &File, known: &Known) -> Vec<Finding> {
    let (in_text, in_names) = (BTreeSet::from(['C']), BTreeSet::from(['C', 'T']));
    let ids = words(file).flat_map(|(line, word)| {
        let of_name = word.contains('_').then(|| ids_in_name(word, &in_names));
        let alone = is_id(word, &in_text).then(|| word.to_owned());
        of_name
            .into_iter()
            .flatten()
            .chain(alone)
            .map(move |id| (line, id))
    });
    let unknown = ids.filter(|(_, id)| !known.has(id));
    unknown
        .map(|(line, id)| file.finding(line, format!("there is no bug {id}")))
        .collect()
}

pub(crate) fn made_up() -> Known {
    let row = |id: &str, upstream: &str| Row {
        id: id.to_owned(),
        path: String::new(),
        line: 1,
        cells: [("upstream".to_owned(), upstream.to_owned())].into(),
    };
    Known::of(
        &[row("F1", "")],
        &[row("C1", "a/b#590, PR a/b#594"), row("T4", "")],
    )
}

#[test]
fn a_bug_that_does_not_exist_is_seen_in_comments_and_names() {
    let text = "// C1, C2\nfn it_is_caught_c1_t4_t5() {}\n// T0 <= S <= T1\n";
    assert_eq!(
        lines_of(&unknown(&File::made_up("x.rs", text), &made_up())),
        [1, 2]
    );
}

#[test]
fn a_bug_is_known_by_its_id_and_by_its_references() {
    let known = made_up();
    assert!(
        ["C1", "T4", "a/b#590", "a/b#594"]
            .iter()
            .all(|bug| known.has(bug))
    );
    assert!(!known.has("a/b#1") && !known.has("F1"));
}
