//! What is printed where: results on stdout alone, no escape sequences but on a terminal, formats that parse.

use std::collections::BTreeMap;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;

use crate::{Counterfoil, QUICK, stdout};

#[test]
fn what_does_not_go_to_a_terminal_holds_no_escape_sequences() {
    for no_color in ["", "1"] {
        let mutant = [QUICK, "--mutant", "serves-own-process"];
        let assert = Counterfoil::run(&mutant).env("NO_COLOR", no_color).exits(1);
        assert.stdout(contains("\u{1b}").not()).stderr("");
    }
    Counterfoil::run(&["no-such-scenario"])
        .exits(4)
        .stderr(contains("\u{1b}").not());
}

#[test]
fn a_failure_is_repeated_last() {
    let text = stdout(&Counterfoil::run(&[QUICK, "lifecycle/", "--mutant", "loses-an-increment"]).exits(1));
    let (summary, repeated) = (
        text.rfind(" planned, ").unwrap(),
        text.rfind("run it alone").unwrap(),
    );
    let last_scenario = text.rfind(" s] ").unwrap();
    assert!(last_scenario < repeated && repeated < summary, "{text}");
}

#[test]
fn json_lines_parse_one_by_one_and_their_counts_add_up() {
    let mut counterfoil = Counterfoil::run(&[
        QUICK,
        "lifecycle/",
        "--mutant",
        "loses-an-increment",
        "--message-format",
        "json",
    ]);
    let assert = counterfoil.exits(1).stderr("");
    let events: Vec<Value> = stdout(&assert)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |kind: &str| {
        events
            .iter()
            .filter(|event| event["event"] == kind)
            .collect::<Vec<_>>()
    };
    let (started, finished) = (events.first().unwrap(), events.last().unwrap());
    assert_eq!(
        (&started["event"], &finished["event"]),
        (&"run-started".into(), &"run-finished".into())
    );
    assert_eq!(started["planned"], finished["planned"]);
    assert_eq!(
        of("scenario-started").len() as u64,
        started["planned"].as_u64().unwrap()
    );

    let mut verdicts: BTreeMap<&str, u64> = BTreeMap::new();
    for report in of("scenario-finished") {
        *verdicts.entry(report["verdict"].as_str().unwrap()).or_default() += 1;
    }
    for (verdict, count) in finished["verdicts"].as_object().unwrap() {
        assert_eq!(
            count.as_u64(),
            Some(verdicts.get(verdict.as_str()).copied().unwrap_or_default()),
            "{verdict}"
        );
    }
    assert!(verdicts["fail"] > 0 && verdicts["pass"] > 0, "{verdicts:?}");
    assert_eq!(finished["exit_code"], 1);
}

#[test]
fn the_junit_file_is_read_back_by_its_own_library() {
    let mut counterfoil = Counterfoil::run(&[
        QUICK,
        "lifecycle/",
        "--mutant",
        "loses-an-increment",
        "--junit",
        "junit.xml",
    ]);
    counterfoil.exits(1);
    let text = std::fs::read_to_string(counterfoil.folder.path().join("junit.xml")).unwrap();
    let report = quick_junit::Report::deserialize_from_str(&text).unwrap();
    let suites: Vec<&str> = report
        .test_suites
        .iter()
        .map(|suite| suite.name.as_str())
        .collect();
    assert_eq!(suites, ["counter", "lifecycle"]);
    let cases: Vec<_> = report
        .test_suites
        .iter()
        .flat_map(|suite| &suite.test_cases)
        .collect();
    let failed = |case: &&&quick_junit::TestCase| {
        matches!(case.status, quick_junit::TestCaseStatus::NonSuccess { .. })
    };
    assert!(
        cases
            .iter()
            .any(|case| case.name.as_str() == QUICK && failed(&case)),
        "{text}"
    );
    assert!(cases.iter().any(|case| !failed(&case)), "{text}");
}

#[test]
fn a_run_leaves_its_evidence_where_it_says() {
    let mut counterfoil = Counterfoil::run(&[QUICK, "--out", "kept", "--message-format", "json"]);
    let text = stdout(&counterfoil.exits(0));
    let finished: Value = text
        .lines()
        .find(|line| line.contains("scenario-finished"))
        .unwrap()
        .parse()
        .unwrap();
    let kept = std::path::Path::new(finished["kept"].as_str().unwrap());
    assert!(
        kept.starts_with(counterfoil.folder.path().canonicalize().unwrap()),
        "{}",
        kept.display()
    );
    for file in [
        "program.json",
        "acks.jsonl",
        "workers.log",
        "scrape-001/body",
        "scrape-001/body.gz",
        "scrape-001/response.json",
        "accounts-03.json",
        "manifest.toml",
        "report.json",
    ] {
        assert!(kept.join(file).is_file(), "{file}");
    }
    assert!(kept.join("scrape-001/after").read_dir().unwrap().count() > 0);
    let (read, served) = (kept.join("scrape-001/body"), kept.join("scrape-001/body.gz"));
    let mut unpacked = Vec::new();
    let mut decoder = flate2::read::GzDecoder::new(std::fs::File::open(served).unwrap());
    std::io::Read::read_to_end(&mut decoder, &mut unpacked).unwrap();
    assert_eq!(unpacked, std::fs::read(read).unwrap());
}

#[test]
fn list_shows_every_scenario_exporter_and_check() {
    let assert = Counterfoil::new(&["list"]).exits(0).stderr("");
    let text = stdout(&assert);
    for check in counterfoil::check::ALL {
        assert!(
            text.contains(check.id()) && text.contains(check.title()),
            "{}",
            check.id()
        );
    }
    for scenario in counterfoil::scenario::Catalogue::embedded().unwrap().scenarios() {
        assert!(
            text.contains(&scenario.id) && text.contains(&scenario.title),
            "{}",
            scenario.id
        );
    }
    for exporter in counterfoil::exporter::Adapter::known() {
        assert!(text.contains(&exporter), "{exporter}");
    }
}

#[test]
fn the_list_as_json_has_every_part_and_its_counts_add_up() {
    let text = stdout(&Counterfoil::new(&["list", "--message-format", "json"]).exits(0));
    let list: Value = text.parse().unwrap();
    let length = |part: &str| list[part].as_array().unwrap().len();
    let catalogue = counterfoil::scenario::Catalogue::embedded().unwrap();
    let canaries = catalogue.canaries().count();
    assert_eq!(length("scenarios"), catalogue.scenarios().len() - canaries);
    assert_eq!(length("canaries"), canaries);
    assert_eq!(length("checks"), counterfoil::check::ALL.len());
    assert_eq!(length("mutants"), counterfoil_reference::mutant::ALL.len());
    assert_eq!(length("exporters"), counterfoil::exporter::Adapter::known().len());

    let count = |levels: &Value, level: &str| levels[level].as_u64().unwrap();
    let counts = &list["counts"];
    for level in ["must", "should"] {
        let families = counts["families"].as_object().unwrap().values();
        let sum: u64 = families.map(|levels| count(levels, level)).sum();
        let rows = list["scenarios"].as_array().unwrap().iter();
        let listed = rows.filter(|row| row["level"] == level).count() as u64;
        assert_eq!((sum, listed), (count(&counts["total"], level), sum), "{level}");
    }
    let some = stdout(&Counterfoil::new(&["list", "checks", "--message-format", "json"]).exits(0));
    let some: Value = some.parse().unwrap();
    assert_eq!(some.as_object().unwrap().keys().collect::<Vec<_>>(), ["checks"]);
}
