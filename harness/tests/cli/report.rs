//! `counterfoil report merge`: shards become one report, or what keeps them apart is told.

use std::fs;
use std::path::Path;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;
use tempfile::TempDir;

use crate::{Counterfoil, stdout};

/// A family of some scenarios that are over in a moment.
const FAMILY: &str = "labels/";

/// Share K/N of the family, kept below that folder.
fn shard(folder: &Path, share: &str, arguments: &[&str]) -> Counterfoil {
    let out = folder.join(share.replace('/', "-"));
    let fixed = [FAMILY, "--shard", share, "--out", out.to_str().unwrap()];
    Counterfoil::run(&[&fixed, arguments].concat())
}

fn merge(folder: &Path, shares: &[&str], arguments: &[&str]) -> Counterfoil {
    let mut all = vec!["report".to_owned(), "merge".to_owned()];
    let shares = shares.iter().map(|share| folder.join(share.replace('/', "-")));
    all.extend(shares.map(|path| path.to_str().unwrap().to_owned()));
    all.extend(arguments.iter().map(|&argument| argument.to_owned()));
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    Counterfoil::new(&all)
}

fn ids(report: &Value) -> Vec<&str> {
    let reports = report["reports"].as_array().unwrap().iter();
    reports.map(|report| report["id"].as_str().unwrap()).collect()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn shards_are_joined_to_what_the_whole_run_would_have_said() {
    let folder = TempDir::new().unwrap();
    let mutant = ["--mutant", "serves-own-process"];
    for share in ["1/2", "2/2"] {
        shard(folder.path(), share, &mutant).exits(1);
    }
    let mut whole = Counterfoil::run(&[&[FAMILY], &mutant[..]].concat());
    whole.exits(1);
    let whole = json(&whole.kept().join("report.json"));

    let mut joined = merge(
        folder.path(),
        &["2/2", "1/2"],
        &["--out", "all", "--junit", "all.xml"],
    );
    let shown = contains("exporter  reference@").and(contains("run it alone: counterfoil run labels/"));
    let text = stdout(&joined.exits(1).stderr("").stdout(shown));
    let report = json(&joined.folder.path().join("all/report.json"));
    assert_eq!(ids(&report), ids(&whole));
    for count in ["planned", "judged", "exercised", "verdicts", "exit_code"] {
        assert_eq!(report["summary"][count], whole["summary"][count], "{count}");
    }
    let planned = format!("\n{} planned, ", ids(&whole).len());
    assert!(text.contains(&planned), "{text}");
    let junit = fs::read_to_string(joined.folder.path().join("all.xml")).unwrap();
    let junit = quick_junit::Report::deserialize_from_str(&junit).unwrap();
    assert_eq!(junit.tests, ids(&whole).len());
}

#[test]
fn what_does_not_belong_together_is_refused_with_both_files() {
    let folder = TempDir::new().unwrap();
    shard(folder.path(), "1/2", &[]).exits(0);
    let out = ["--out", "all"];
    merge(folder.path(), &["1/2"], &out)
        .exits(3)
        .stdout("")
        .stderr(contains("shard 2/2 is missing").and(contains("report.json")));
    let both = contains("1-2").and(contains("2-2"));
    shard(folder.path(), "2/2", &["--seed", "7"]).exits(0);
    merge(folder.path(), &["1/2", "2/2"], &out)
        .exits(2)
        .stdout("")
        .stderr(contains("the seed of").and(both));
    merge(folder.path(), &["1/2", "1/2"], &out)
        .exits(2)
        .stderr(contains("shard 1/2 is in"));
}

#[test]
fn what_is_no_report_is_refused() {
    let out = ["--out", "all"];
    let refused = |file: &str, text: &str, given: &str, code| {
        let arguments = [&["report", "merge", given], &out[..]].concat();
        let mut merge = Counterfoil::new(&arguments).with_file(file, text);
        merge.exits(code).stdout("").get_output().stderr.clone()
    };
    let told = |output: Vec<u8>| String::from_utf8(output).unwrap();
    let interrupted = told(refused("runs/one/run.json", "{}", "runs", 3));
    assert!(interrupted.contains("runs/one holds no report"), "{interrupted}");
    let other = told(refused("report.json", "{\"id\": \"a/b\"}", "report.json", 2));
    assert!(
        other.contains("report.json is not the report of a run"),
        "{other}"
    );
    let missing = told(refused("x", "", "nowhere", 3));
    assert!(missing.contains("cannot read nowhere"), "{missing}");
    let empty = told(refused("empty/x", "", "empty", 3));
    assert!(empty.contains("empty holds no report"), "{empty}");
}
