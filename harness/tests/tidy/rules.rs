//! A rule's id stands at its code and at its test, and no other id does.

use std::collections::{BTreeMap, BTreeSet};

use crate::lists::{self, Row, ids_in_name, is_id, letters, words};
use crate::workspace::{File, Finding, files_with_ids, lines_of, none, none_in, rust_files};

#[test]
fn every_rule_stands_at_the_code_that_follows_it() {
    let code = code_outside_of_tests(rust_files());
    let missing = lists::rules()
        .iter()
        .flat_map(|rule| unimplemented_in(rule, &code))
        .collect();
    none(
        missing,
        "name the id where the rule is followed, or correct the column `code`",
    );
}

#[test]
fn every_rule_stands_in_the_name_of_a_test() {
    let tests = names_of_tests(rust_files());
    let missing = untested(&lists::rules(), &tests);
    none(
        missing,
        "test the rule, under a name that ends with its id: `…_f3`",
    );
}

#[test]
fn every_rule_that_is_named_anywhere_is_in_the_list() {
    let rules = lists::rules();
    let texts = files_with_ids(&["rs", "toml", "md", "py", "rb"]);
    let remedy = "correct the id, or list the rule in harness/docs";
    none_in(&texts, |file| unknown(file, &rules), remedy);
}

/// Every line of the libraries that is no test's, with the place that it is in.
fn code_outside_of_tests(files: &[File]) -> Vec<File> {
    let of_libraries = files.iter().filter(|file| !file.is_outside_of_src());
    let without_tests = of_libraries.map(|file| {
        let tests = file.code().test_modules();
        let lines = file
            .lines()
            .filter(|(line, _)| !tests.iter().any(|test| test.contains(line)));
        let text: Vec<&str> = lines.map(|(_, text)| text).collect();
        File::made_up(&file.path, &text.join("\n"))
    });
    without_tests.collect()
}

/// The places of the rule's column `code` where its id does not stand; without such a column any place will do.
fn unimplemented_in(rule: &Row, code: &[File]) -> Vec<Finding> {
    let places = rule.cells.get("code").map_or("", String::as_str);
    let places = places.split(',').map(|place| place.trim().trim_matches('`'));
    let stands_in = |place: &str| {
        code.iter()
            .filter(|file| place.is_empty() || file.is_in(place))
            .any(|file| words(file).any(|(_, word)| word == rule.id))
    };
    let missing = places.filter(|place| !stands_in(place));
    missing
        .map(|place| Finding {
            path: rule.path.clone(),
            line: rule.line,
            what: format!(
                "{} does not stand in {}",
                rule.id,
                if place.is_empty() { "any code" } else { place }
            ),
        })
        .collect()
}

/// How many tests are named for each rule.
pub(crate) fn tests_by_rule() -> BTreeMap<String, usize> {
    let letters = letters(&lists::rules());
    let mut tests = BTreeMap::new();
    for name in names_of_tests(rust_files()) {
        for id in ids_in_name(&name, &letters) {
            *tests.entry(id).or_default() += 1;
        }
    }
    tests
}

fn names_of_tests(files: &[File]) -> Vec<String> {
    let functions = files.iter().flat_map(|file| file.code().functions());
    functions
        .filter(|function| function.is_test)
        .map(|function| function.name)
        .collect()
}

fn untested(rules: &[Row], tests: &[String]) -> Vec<Finding> {
    let letters = letters(rules);
    let tested: BTreeSet<String> = tests
        .iter()
        .flat_map(|name| ids_in_name(name, &letters))
        .collect();
    let untested = rules.iter().filter(|rule| !tested.contains(&rule.id));
    untested
        .map(|rule| Finding {
            path: rule.path.clone(),
            line: rule.line,
            what: format!("no test is named for {}", rule.id),
        })
        .collect()
}

fn unknown(file: &File, rules: &[Row]) -> Vec<Finding> {
    let letters = letters(rules);
    let is_known = |id: &str| rules.iter().any(|rule| rule.id == id);
    let in_text = words(file)
        .filter(|(_, word)| is_id(word, &letters))
        .map(|(line, word)| (line, word.to_owned()));
    let in_names = words(file).flat_map(|(line, word)| {
        let ids = word.contains('_').then(|| ids_in_name(word, &letters));
        ids.into_iter().flatten().map(move |id| (line, id))
    });
    let unknown = in_text.chain(in_names).filter(|(_, id)| !is_known(id));
    unknown
        .map(|(line, id)| file.finding(line, format!("there is no rule {id}")))
        .collect()
}

fn rule(id: &str, code: &str) -> Row {
    let cells = [("code".to_owned(), code.to_owned())].into();
    let (id, path) = (id.to_owned(), "rules.md".to_owned());
    Row {
        id,
        path,
        line: 3,
        cells,
    }
}

#[test]
fn a_rule_without_code_in_one_of_its_places_is_seen_and_a_test_is_no_code() {
    let truth = "//! F1\n#[cfg(test)]\nmod tests {\n    // F2\n}\n";
    let files = [
        File::made_up("harness/src/truth/name.rs", truth),
        File::made_up("harness/tests/truth.rs", "// F3\n"),
        File::made_up("reference-impl/src/name.rs", "// F3\n"),
    ];
    let code = code_outside_of_tests(&files);
    let missing = |id: &str, place: &str| unimplemented_in(&rule(id, place), &code).len();
    assert_eq!(missing("F1", "`harness/src/truth`"), 0);
    assert_eq!(missing("F1", "`harness/src/truth`, `reference-impl/src`"), 1);
    assert_eq!(missing("F2", "`harness/src/truth`"), 1);
    assert_eq!(missing("F3", "`harness/src`"), 1);
    assert_eq!(missing("F3", ""), 0);
}

#[test]
fn a_rule_without_a_test_is_seen() {
    let text = "#[test]\nfn this_is_so_f1() {}\nfn no_test_f2() {}\n";
    let tests = names_of_tests(&[File::made_up("x.rs", text)]);
    let missing = untested(&[rule("F1", ""), rule("F2", "")], &tests);
    assert_eq!(
        missing.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["rules.md:3: no test is named for F2"]
    );
}

#[test]
fn a_rule_that_does_not_exist_is_seen_in_comments_texts_and_names() {
    let text = "// F1, F7\nlet rules = \"F8\";\nfn that_holds_f1_f9(x: f64) {}\nlet M1 = visit_f32();\n";
    let found = unknown(&File::made_up("x.rs", text), &[rule("F1", "")]);
    let mut lines = lines_of(&found);
    lines.sort_unstable();
    assert_eq!(lines, [1, 2, 3]);
}
