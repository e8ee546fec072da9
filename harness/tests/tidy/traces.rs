//! From a rule or a bug to the scenarios that stand on it, and from a scenario to the mutants that it kills: a page that is
//! generated, and a scenario that kills nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::{env, fs};

use counterfoil::scenario::{Catalogue, Scenario};
use counterfoil_reference::mutant;

use crate::bugs::upstream;
use crate::lists::{self, Row};
use crate::rules;
use crate::workspace::{File, Finding, none, root};

const PAGE: &str = "harness/docs/traceability.md";
/// The environment variable that has generated pages written.
pub(crate) const WRITE: &str = "COUNTERFOIL_WRITE";

/// Names by what they belong to.
type Names = BTreeMap<String, Vec<String>>;

#[test]
fn every_scenario_kills_a_mutant() {
    let catalogue = Catalogue::embedded().expect("it is tested elsewhere");
    let ids = catalogue.judging().map(|scenario| scenario.id.as_str());
    let remedy = "declare a death in it, in reference-impl/src/mutant/catalogue.rs: what no defect fails proves nothing";
    none(harmless(ids, &killed()), remedy);
}

#[test]
fn the_page_on_traceability_is_what_the_catalogue_says() {
    let catalogue = Catalogue::embedded().expect("it is tested elsewhere");
    let scenarios: Vec<&Scenario> = catalogue.judging().collect();
    let page = Traces::of(&scenarios).page(&scenarios);
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

/// The rules and the bugs, each with the scenarios that name it.
struct Traces {
    rules: Vec<Row>,
    of_rules: Names,
    bugs: Vec<Row>,
    of_bugs: Names,
    reasons: Vec<Row>,
}

impl Traces {
    fn of(scenarios: &[&Scenario]) -> Self {
        let (rules, bugs) = (lists::rules(), lists::bugs());
        let of_rules = standing(scenarios, |scenario| scenario.rules.clone());
        let bug_of = |source: &String| {
            let row = bugs
                .iter()
                .find(|row| row.id == *source || upstream(row).contains(source));
            row.map(|row| row.id.clone())
        };
        let of_bugs = standing(scenarios, |scenario| {
            scenario.sources.iter().filter_map(bug_of).collect()
        });
        let reasons = lists::reasons();
        Self {
            rules,
            of_rules,
            bugs,
            of_bugs,
            reasons,
        }
    }

    fn page(&self, scenarios: &[&Scenario]) -> String {
        let killed = killed();
        let mut page = format!(
            "# What is checked, and what shows that it is\n\n\
             From a rule or a bug to the scenarios that stand on it, and to the mutants of the reference that break it; from a\n\
             scenario to its checks and to the mutants that it kills. Generated: `{WRITE}=1 cargo test -p counterfoil --test tidy\n\
             traces`. A scenario that kills nothing fails that test, and so does a rule or bug that has neither a scenario nor a\n\
             reason in [without-a-scenario.md](without-a-scenario.md).\n\n\
             ## Scenarios\n\n| scenario | level | checks | mutants that it kills |\n|---|---|---|---|\n"
        );
        for scenario in scenarios {
            let mut checks = scenario.checks();
            checks.sort_unstable();
            let mutants = killed.get(&scenario.id).map(Vec::as_slice).unwrap_or_default();
            let (checks, mutants) = (checks.join(", "), mutants.join(", "));
            let _ = writeln!(
                page,
                "| `{}` | {} | {checks} | {mutants} |",
                scenario.id, scenario.level
            );
        }
        let tests = rules::tests_by_rule();
        self.section(&mut page, "Rules", &self.rules, &self.of_rules, Some(&tests));
        self.section(&mut page, "Bugs", &self.bugs, &self.of_bugs, None);
        page
    }

    fn section(
        &self,
        page: &mut String,
        title: &str,
        rows: &[Row],
        scenarios: &Names,
        tests: Option<&BTreeMap<String, usize>>,
    ) {
        let without = rows.iter().filter(|row| !scenarios.contains_key(&row.id)).count();
        let (head, rule) = if tests.is_some() {
            (" tests |", "---|")
        } else {
            ("", "")
        };
        let _ = write!(
            page,
            "\n## {title}\n\n{} {}, {without} of them without a scenario.\n\n\
             | id | scenarios |{head} mutants that break it |\n|---|---|{rule}---|\n",
            rows.len(),
            title.to_lowercase()
        );
        for Row { id, .. } in rows {
            let scenarios = scenarios.get(id).map(|ids| ids.join(", "));
            let scenarios = scenarios.or_else(|| self.reason(id)).unwrap_or_default();
            let tests = tests.map(|tests| format!(" {} |", tests.get(id).unwrap_or(&0)));
            let mutants = mutant::ALL.into_iter().filter(|mutant| mutant.stands_for() == id);
            let mutants: Vec<&str> = mutants.map(mutant::Mutant::name).collect();
            let (tests, mutants) = (tests.unwrap_or_default(), mutants.join(", "));
            let _ = writeln!(page, "| {id} | {scenarios} |{tests} {mutants} |");
        }
    }

    fn reason(&self, id: &str) -> Option<String> {
        let row = self.reasons.iter().find(|row| row.id == id)?;
        Some(format!("none. {}", row.cells["reason"]))
    }

    /// What has neither a scenario nor a reason, and what has both.
    fn holes(&self) -> Vec<Finding> {
        let traced = |id: &str| self.of_rules.contains_key(id) || self.of_bugs.contains_key(id);
        let known = || self.rules.iter().chain(&self.bugs);
        let finding = |row: &Row, what: &str| Finding {
            path: row.path.clone(),
            line: row.line,
            what: format!("{} {what}", row.id),
        };
        let holes = known()
            .filter(|row| !traced(&row.id) && self.reason(&row.id).is_none())
            .map(|row| finding(row, "has no scenario"));
        let stale = self
            .reasons
            .iter()
            .filter(|reason| traced(&reason.id) || !known().any(|row| row.id == reason.id))
            .map(|reason| finding(reason, "has a scenario, or is no rule and no bug"));
        holes.chain(stale).collect()
    }
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

#[test]
fn every_rule_and_every_bug_has_a_scenario_or_a_reason_to_have_none() {
    let catalogue = Catalogue::embedded().expect("it is tested elsewhere");
    let holes = Traces::of(&catalogue.judging().collect::<Vec<_>>()).holes();
    none(
        holes,
        "have a scenario name it in `rules` or `sources`, or give the reason in harness/docs/without-a-scenario.md",
    );
}

#[test]
fn a_hole_and_a_reason_for_what_is_none_are_seen() {
    let row = |id: &str| Row {
        id: id.to_owned(),
        path: "x.md".to_owned(),
        line: 1,
        cells: [("reason".to_owned(), "Because.".to_owned())].into(),
    };
    let scenarios = || Names::from([("F1".to_owned(), vec!["a/b".to_owned()])]);
    let traces = Traces {
        rules: ["F1", "F2", "F3"].map(row).into(),
        of_rules: scenarios(),
        bugs: ["C1", "C2"].map(row).into(),
        of_bugs: Names::new(),
        reasons: ["F1", "F2", "C1", "C7"].map(row).into(),
    };
    let found: Vec<String> = traces.holes().into_iter().map(|finding| finding.what).collect();
    let stale = "has a scenario, or is no rule and no bug";
    assert_eq!(
        found,
        [
            "F3 has no scenario".to_owned(),
            "C2 has no scenario".to_owned(),
            format!("F1 {stale}"),
            format!("C7 {stale}")
        ]
    );
}

#[test]
fn a_scenario_that_kills_nothing_is_seen() {
    let killed = Names::from([("a/b".to_owned(), vec!["some".to_owned()])]);
    let found = harmless(["a/b", "a/c"].into_iter(), &killed);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path, "scenarios/a/c.toml");
}
