//! `counterfoil matrix`: releases beside each other, one that cannot be installed, shares, and a control that fails.

use std::fs;
use std::path::Path;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;

use crate::{Counterfoil, QUICK, acme, stdout};

/// Releases of an exporter of which 1.* serves one worker's share, and 3.* cannot be installed.
fn matrix(versions: &str, arguments: &[&str]) -> Counterfoil {
    let fixed = [
        "matrix",
        "acme",
        "--versions",
        versions,
        "--only",
        QUICK,
        "--broker",
        "embedded",
    ];
    let manifest = acme::installed(&acme::manifest(&acme::defect("1.*", "serves-own-process")));
    acme::counterfoil(&[&fixed, arguments].concat(), &manifest)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn releases_stand_beside_each_other_and_one_that_cannot_be_installed_says_why() {
    let mut counterfoil = matrix("1.0,2.0,3.0", &[]);
    let text = stdout(&counterfoil.exits(1).stderr(""));
    let rows = ["acme@1.0  1F", "acme@2.0  1p", "acme@3.0  ? not judged"];
    assert!(
        rows.iter().all(|row| text.lines().any(|line| line == *row)),
        "{text}"
    );
    assert!(
        text.contains("FAIL  acme@1.0 counter/sums-across-workers: the endpoint serves one process"),
        "{text}"
    );
    assert!(text.contains("--exporter acme@1.0"), "{text}");
    assert!(
        text.contains("INCONCLUSIVE  acme@3.0: uv pip install failed"),
        "{text}"
    );
    assert!(
        text.contains("3 releases, 2 run; 2 planned, 2 judged, 2 exercised"),
        "{text}"
    );
    let log = text
        .split_whitespace()
        .find(|word| word.ends_with("install.log"))
        .unwrap();
    assert!(
        fs::read_to_string(log)
            .unwrap()
            .contains("there is no acme of that version")
    );

    let kept = counterfoil.kept();
    let matrix = json(&kept.join("matrix.json"));
    let verdict = |at: usize| &matrix["cells"][at]["report"]["reports"][0]["verdict"];
    assert_eq!((verdict(0), verdict(1)), (&"fail".into(), &"pass".into()));
    // One control stands for all.
    assert_eq!(matrix["controls"].as_array().unwrap().len(), 1);
    let of_cell = fs::read_dir(kept.join("acme@1.0"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    assert!(of_cell.join("counter__sums-across-workers").is_dir());
    assert!(!of_cell.join("counter__sums-across-workers.control").exists());

    pages_name_what_was_run_and_no_path(&kept, counterfoil.folder.path().to_str().unwrap());
}

fn pages_name_what_was_run_and_no_path(kept: &Path, folder: &str) {
    let made_by = "counterfoil matrix acme --versions 1.0,2.0,3.0 --only counter/sums-across-workers";
    for (path, lines) in [
        (
            "matrix.md",
            &[
                made_by,
                "| [acme 2.0](exporters/acme.md) | 1 | 0 | 0 | 0 | 0 | 0 | 0 |",
                "| acme 3.0 | could not be run: `matrix.json` says why | | | | | | |",
            ][..],
        ),
        (
            "exporters/acme.md",
            &[
                made_by,
                "- fail, `scrape/equals-truth`",
                "  - 1.0: `counter/sums-across-workers`",
                "| scenario | 1.0 | 2.0 |",
                "| counter/sums-across-workers | fail | pass |",
                "- 2.0: acme==0",
            ],
        ),
    ] {
        let page = fs::read_to_string(kept.join(path)).unwrap();
        assert!(!page.contains(folder) && !page.contains("/tmp"), "{page}");
        for line in lines {
            assert!(page.lines().any(|of_page| of_page == *line), "{line}\n{page}");
        }
    }
}

#[test]
fn the_exit_code_is_that_of_the_worst_release() {
    matrix("2.0,2.1", &[]).exits(0).stderr("");
    matrix("2.0,3.0", &[]).exits(3);
    matrix("3.0", &[]).exits(3);
    matrix("2.0", &["--only", "no-such-scenario"]).exits(4);
}

#[test]
fn a_baseline_is_judged_by_unless_it_is_left_aside() {
    let known = format!(
        "[[known]]\nscenarios = [\"{QUICK}\"]\ncheck = \"scrape/equals-truth\"\nversions = \"<2\"\nreason = \"It was so.\"\n\
         url = \"https://acme.example/issues/7\"\nreproducer = \"findings/share.py\"\n"
    );
    let listed = |arguments: &[&str]| matrix("1.0", arguments).with_file("acme/baseline.toml", &known);
    let mut counterfoil = listed(&[]);
    counterfoil.exits(0).stdout(contains("1 known-fail"));
    let page = fs::read_to_string(counterfoil.kept().join("exporters/acme.md")).unwrap();
    let found = "- known-fail, `scrape/equals-truth`. It was so. <https://acme.example/issues/7> Shown by findings/share.py.\n  \
                 - 1.0: `counter/sums-across-workers`\n";
    assert!(page.contains(found), "{page}");
    listed(&["--no-baseline"])
        .exits(1)
        .stdout(contains("--no-baseline"));
}

#[test]
fn what_fails_beside_others_and_passes_alone_is_flaky_and_no_defect_is_claimed() {
    let once = "2.*) mkdir {adapter_dir}/once && export COUNTERFOIL_MUTANT=serves-own-process;;";
    let flaky = |arguments: &[&str]| {
        let fixed = ["matrix", "acme@2.0", "--only", QUICK, "--broker", "embedded"];
        let manifest = acme::installed(&acme::manifest(once));
        acme::counterfoil(&[&fixed, arguments].concat(), &manifest)
    };
    let mut counterfoil = flaky(&[]);
    counterfoil.exits(1).stdout(contains("1 flaky"));
    let kept = counterfoil.kept();
    let matrix = json(&kept.join("matrix.json"));
    let report = &matrix["cells"][0]["report"]["reports"][0];
    assert_eq!(report["turns"], serde_json::json!(["fail", "pass", "pass"]));
    assert_eq!(report["reason"], "failed 1 of 3 times");
    let page = fs::read_to_string(kept.join("exporters/acme.md")).unwrap();
    assert!(
        page.contains("- flaky, failed 1 of 3 times, `scrape/equals-truth`"),
        "{page}"
    );
    flaky(&["--confirm", "1"])
        .exits(1)
        .stdout(contains("1 fail").and(contains("--confirm 1")));
}

#[test]
fn where_the_reference_does_not_pass_nothing_is_judged() {
    // A canary is told a lie, so that even the reference fails it.
    let mut counterfoil = matrix("2.0", &["--only", "counter/canary"]);
    let text = stdout(
        &counterfoil
            .exits(5)
            .stdout(contains("the control failed: nothing was judged")),
    );
    assert!(text.contains("acme@2.0  ? not judged"), "{text}");
    let page = fs::read_to_string(counterfoil.kept().join("matrix.md")).unwrap();
    assert!(
        page.contains("**The control failed**") && page.contains("| acme 2.0 | not run |"),
        "{page}"
    );
}

#[test]
fn shares_are_joined_to_the_whole_and_a_missing_one_is_named() {
    let shares = ["1/2", "2/2"].map(|share| {
        let mut counterfoil = matrix("1.0,2.0,2.1", &["--shard", share]);
        counterfoil.exits(if share == "1/2" { 1 } else { 0 });
        counterfoil
    });
    let [first, second] = shares
        .each_ref()
        .map(|share| share.folder.path().join("counterfoil.out"));
    let (first, second) = (first.to_str().unwrap(), second.to_str().unwrap());
    let merge = |given: &[&str]| Counterfoil::new(&[&["report", "merge", "--out", "all"], given].concat());

    let mut joined = merge(&[second, first]);
    let shown = contains("acme@1.0  1F\nacme@2.0  1p\nacme@2.1  1p\n");
    joined
        .exits(1)
        .stdout(shown.and(contains("3 releases, 3 run; 3 planned, 3 judged, 3 exercised")))
        .stderr("");
    let all = joined.folder.path().join("all");
    let page = fs::read_to_string(all.join("exporters/acme.md")).unwrap();
    assert!(
        page.contains("| counter/sums-across-workers | fail | pass | pass |"),
        "{page}"
    );
    let again = merge(&[all.join("matrix.json").to_str().unwrap()]).exits(1);
    assert!(stdout(&again).contains("3 releases, 3 run"));

    merge(&[second])
        .exits(3)
        .stdout("")
        .stderr(contains("shard 1/2 is missing"));
    merge(&[first, second, first])
        .exits(2)
        .stderr(contains("acme@1.0 is in"));
    let mut other = matrix("1.0,2.0,2.1", &["--shard", "2/2", "--seed", "7"]);
    other.exits(0);
    let other = other.folder.path().join("counterfoil.out");
    merge(&[first, other.to_str().unwrap()])
        .exits(2)
        .stderr(contains("the command of").and(contains("--seed 7")));
    let mut run = Counterfoil::run(&[QUICK]);
    run.exits(0);
    let run = run.kept();
    merge(&[first, second, run.to_str().unwrap()])
        .exits(2)
        .stderr(contains("is of a run, and"));
    merge(&[first, second, "--junit", "all.xml"]).exits(2);
}

#[test]
fn what_cannot_be_planned_is_refused_before_anything_is_played() {
    for (arguments, code, said) in [
        (&["matrix", "no-such-exporter"][..], 2, "there is no exporter"),
        (
            &["matrix", "--versions", "1.0"],
            2,
            "is of no exporter of this matrix",
        ),
        (
            &["matrix", "reference", "--versions", "9"],
            2,
            "no other version of it",
        ),
        (&["matrix", "taskiq", "--shard", "9/9"], 4, "belongs to shard 9/9"),
    ] {
        let mut counterfoil = Counterfoil::new(arguments);
        counterfoil.exits(code).stdout("").stderr(contains(said));
        assert!(!counterfoil.folder.path().join("counterfoil.out").exists());
    }
}
