//! From a rule or a bug to the scenarios that stand on it, and from a scenario to the mutants that it kills: a page that is
//! generated, and a scenario that kills nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::{env, fs};

use counterfoil::scenario::{Catalogue, Scenario};
use counterfoil_reference::mutant;

use crate::bugs::upstream;
use crate::lists::{self, Row};
use crate::workspace::{File, Finding, none, root};

const PAGE: &str = "harness/docs/traceability.md";
/// The environment variable that has generated pages written.
pub(crate) const WRITE: &str = "COUNTERFOIL_WRITE";

/// Names by what they belong to.
type Names = BTreeMap<String, Vec<String>>;

#[test]
fn every_scenario_kills_a_mutant() {
    let catalogue = Catalogue::embedded().expect("it is tested elsewhere");
    let scenarios = catalogue.select(&[]);
    let ids = scenarios.iter().map(|scenario| scenario.id.as_str());
    let remedy = "declare a death in it, in reference-impl/src/mutant/catalogue.rs: what no defect fails proves nothing";
    none(harmless(ids, &killed()), remedy);
}

#[test]
fn the_page_on_traceability_is_what_the_catalogue_says() {
    let catalogue = Catalogue::embedded().expect("it is tested elsewhere");
    let page = page(&catalogue.select(&[]), &lists::rules(), &lists::bugs());
    if env::var_os(WRITE).is_some() {
        fs::write(root().join(PAGE), &page).unwrap();
    }
    let is_same = File::read(PAGE).text == page;
    let remedy = format!("{WRITE}=1 cargo test -p counterfoil --test tidy traces, then read the difference");
    let stale = (!is_same).then(|| File::made_up(PAGE, "").finding(1, "is not what the catalogue says"));
    none(stale.into_iter().collect(), &remedy);
}

/// The mutants that declare their death in each scenario.
fn killed() -> Names {
    let mut killed = Names::new();
    for mutant in mutant::ALL {
        for death in mutant.deaths() {
            let names = killed.entry(death.scenario.to_owned()).or_default();
            names.push(mutant.name().to_owned());
        }
    }
    killed
}

fn harmless<'a>(scenarios: impl Iterator<Item = &'a str>, killed: &Names) -> Vec<Finding> {
    let harmless = scenarios.filter(|id| !killed.contains_key(*id));
    harmless
        .map(|id| File::made_up(&format!("scenarios/{id}.toml"), "").finding(1, "kills no mutant"))
        .collect()
}

fn page(scenarios: &[&Scenario], rules: &[Row], bugs: &[Row]) -> String {
    let killed = killed();
    let mut page = format!(
        "# What is checked, and what shows that it is\n\n\
         From a rule or a bug to the scenarios that stand on it, and to the mutants of the reference that break it; from a\n\
         scenario to its checks and to the mutants that it kills. Generated: `{WRITE}=1 cargo test -p counterfoil --test tidy\n\
         traces`. A scenario that kills nothing fails that test.\n\n\
         ## Scenarios\n\n| scenario | level | checks | mutants that it kills |\n|---|---|---|---|\n"
    );
    for scenario in scenarios {
        let mut checks = scenario.checks();
        checks.sort_unstable();
        checks.dedup();
        let mutants = killed.get(&scenario.id).map(Vec::as_slice).unwrap_or_default();
        let (checks, mutants) = (checks.join(", "), mutants.join(", "));
        let _ = writeln!(
            page,
            "| `{}` | {} | {checks} | {mutants} |",
            scenario.id, scenario.level
        );
    }
    let ids = |rows: &[Row]| rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
    let named = |scenario: &Scenario| scenario.rules.clone();
    section(&mut page, "Rules", &ids(rules), &standing(scenarios, named));
    let bug_of = |source: &String| {
        let row = bugs
            .iter()
            .find(|row| row.id == *source || upstream(row).contains(source));
        row.map(|row| row.id.clone())
    };
    let named = |scenario: &Scenario| scenario.sources.iter().filter_map(bug_of).collect();
    section(&mut page, "Bugs", &ids(bugs), &standing(scenarios, named));
    page
}

/// The scenarios that name each id.
fn standing(scenarios: &[&Scenario], named: impl Fn(&Scenario) -> Vec<String>) -> Names {
    let mut standing = Names::new();
    for scenario in scenarios {
        for id in named(scenario) {
            let ids = standing.entry(id).or_default();
            if !ids.contains(&scenario.id) {
                ids.push(scenario.id.clone());
            }
        }
    }
    standing
}

fn section(page: &mut String, title: &str, ids: &[String], scenarios: &Names) {
    let without = ids.iter().filter(|id| !scenarios.contains_key(*id)).count();
    let _ = write!(
        page,
        "\n## {title}\n\n{} {}, {without} of them without a scenario.\n\n| id | scenarios | mutants that break it |\n|---|---|---|\n",
        ids.len(),
        title.to_lowercase()
    );
    for id in ids {
        let scenarios = scenarios
            .get(id)
            .map_or_else(|| "none".to_owned(), |ids| ids.join(", "));
        let mutants = mutant::ALL.into_iter().filter(|mutant| mutant.stands_for() == id);
        let mutants: Vec<&str> = mutants.map(mutant::Mutant::name).collect();
        let _ = writeln!(page, "| {id} | {scenarios} | {} |", mutants.join(", "));
    }
}

#[test]
fn a_scenario_that_kills_nothing_is_seen() {
    let killed = Names::from([("a/b".to_owned(), vec!["some".to_owned()])]);
    let found = harmless(["a/b", "a/c"].into_iter(), &killed);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path, "scenarios/a/c.toml");
}
