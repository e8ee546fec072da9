//! The pages of the catalogue, one a family: what must hold, why, what broke, what shows that it is seen, how to play it.
//! They are generated from the scenarios, the lists of rules and bugs, and the mutants.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::{env, fs};

use counterfoil::scenario::{Catalogue, Scenario};
use counterfoil_reference::mutant;

use crate::bugs::upstream;
use crate::lists::{self, Row};
use crate::traces::WRITE;
use crate::workspace::{File, Finding, none, paths, root};

const FOLDER: &str = "harness/docs/catalogue";

#[test]
fn the_pages_of_the_catalogue_are_what_the_scenarios_say() {
    let catalogue = Catalogue::embedded().expect("it is tested elsewhere");
    let pages = pages(catalogue.judging(), &lists::rules(), &lists::bugs());
    if env::var_os(WRITE).is_some() {
        fs::create_dir_all(root().join(FOLDER)).unwrap();
        for (path, text) in &pages {
            fs::write(root().join(path), text).unwrap();
        }
    }
    let remedy = format!("{WRITE}=1 cargo test -p counterfoil --test tidy pages, then read the difference");
    none(differences(&pages, &paths()), &remedy);
}

fn differences(pages: &BTreeMap<String, String>, paths: &[String]) -> Vec<Finding> {
    let finding = |path: &str, what: &str| File::made_up(path, "").finding(1, what);
    let stale = pages
        .iter()
        .filter(|(path, text)| !paths.contains(path) || File::read(path).text != **text);
    let stale = stale.map(|(path, _)| finding(path, "is not what the scenarios say"));
    let others = paths
        .iter()
        .filter(|path| path.starts_with(FOLDER) && !pages.contains_key(*path));
    stale
        .chain(others.map(|path| finding(path, "is of no family")))
        .collect()
}

/// The text of each page by its path.
fn pages<'a>(
    scenarios: impl Iterator<Item = &'a Scenario>,
    rules: &[Row],
    bugs: &[Row],
) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    for scenario in scenarios {
        let (family, _) = scenario.id.split_once('/').expect("an id has a family");
        let page = pages
            .entry(format!("{FOLDER}/{family}.md"))
            .or_insert_with(|| head(family));
        section(page, scenario, rules, bugs);
    }
    pages
}

fn head(family: &str) -> String {
    format!(
        "# {family}\n\n\
         What counterfoil asks of an exporter in this family. Generated from `scenarios/{family}/` by `{WRITE}=1 cargo test\n\
         -p counterfoil --test tidy pages`.\n"
    )
}

fn section(page: &mut String, scenario: &Scenario, rules: &[Row], bugs: &[Row]) {
    let Scenario { id, title, level, .. } = scenario;
    let _ = write!(
        page,
        "\n## {title}\n\n`{id}`, {level}\n\n{}\n\n",
        scenario.why.trim()
    );
    for rule in rules.iter().filter(|row| scenario.rules.contains(&row.id)) {
        let _ = writeln!(page, "- Rule {}: {}", rule.id, cell(rule, "rule"));
    }
    for bug in bugs {
        let references = upstream(bug);
        let named = |source: &String| *source == bug.id || references.contains(source);
        if scenario.sources.iter().any(named) {
            let references = references.join(", ");
            let references = if references.is_empty() {
                references
            } else {
                format!(" ({references})")
            };
            let _ = writeln!(
                page,
                "- Broke before, {}: {}{references}",
                bug.id,
                cell(bug, "defect")
            );
        }
    }
    let _ = writeln!(page, "- Checks: {}", scenario.checks().join(", "));
    for mutant in mutant::ALL {
        if mutant.deaths().iter().any(|death| death.scenario == id) {
            let _ = writeln!(page, "- Finds `{}`: {}", mutant.name(), mutant.description());
        }
    }
    let _ = write!(page, "\n```\ncounterfoil run {id} --exporter NAME\n```\n");
}

fn cell<'a>(row: &'a Row, column: &str) -> &'a str {
    row.cells.get(column).map_or("", String::as_str)
}

#[test]
fn a_page_of_no_family_and_one_that_is_not_there_are_seen() {
    let pages = BTreeMap::from([(format!("{FOLDER}/counter.md"), String::new())]);
    let there = [format!("{FOLDER}/wrong.md"), "README.md".to_owned()];
    assert_eq!(differences(&pages, &there).len(), 2);
}
