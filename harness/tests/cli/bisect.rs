//! `counterfoil bisect`: a verdict that changes more than once, releases from an index or by hand, and what cannot be told.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;

use crate::{Counterfoil, QUICK, acme, stdout};

/// An interpreter whose environments have a pip that knows an index.
const PYTHON: &str = r#"#!/bin/sh
for last; do :; done
mkdir -p "$last/bin"
cat > "$last/bin/python" <<'END'
#!/bin/sh
test "$*" = "-m pip index versions --disable-pip-version-check acme" || exit 1
echo "WARNING: experimental" >&2
echo "acme (4.0)"
echo "Available versions: 4.0, 3.0, 1.10, 1.3rc1, 1.2, 1.1, 1.0, 0.9"
END
chmod +x "$last/bin/python"
"#;

/// A bisection of an exporter that serves one worker's share in 1.1 and 1.2, and cannot be installed in 3.0.
fn bisect(arguments: &[&str]) -> Counterfoil {
    let manifest = acme::manifest(&acme::defect("1.1|1.2", "serves-own-process"));
    of(&acme::installed(&manifest), arguments)
}

fn of(manifest: &str, arguments: &[&str]) -> Counterfoil {
    // What fails here fails each time.
    let fixed = ["bisect", "acme", "--broker", "embedded", "--confirm", "1"];
    let counterfoil = acme::counterfoil(&[&fixed, arguments].concat(), manifest);
    let counterfoil = counterfoil.with_file("bin/python-of-acme", PYTHON);
    let python = counterfoil.folder.path().join("bin/python-of-acme");
    fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
    counterfoil.env("COUNTERFOIL_PYTHON", python.to_str().unwrap())
}

fn document(counterfoil: &Counterfoil) -> Value {
    let file = fs::read(counterfoil.kept().join("bisect.json")).unwrap();
    serde_json::from_slice(&file).unwrap()
}

#[test]
fn each_change_over_the_releases_of_an_index_is_told_with_check_and_smallest_case() {
    let mut counterfoil = bisect(&["--from", "1.0", "--to", "3", QUICK]);
    let text = stdout(&counterfoil.exits(0).stderr(""));
    for line in [
        "counter/sums-across-workers",
        "  pass        1.0",
        "  fail        1.1 to 1.2, 2 releases",
        "  pass        1.10",
        "changes from 1.0 to 1.1",
        "  counter/sums-across-workers: pass → fail",
        "changes from 1.2 to 1.10",
        "  counter/sums-across-workers: fail → pass",
        "could not be judged, and are left aside",
    ] {
        assert!(text.lines().any(|of_text| of_text == line), "{line}\n{text}");
    }
    let said = "    1.1 scrape/equals-truth: the endpoint serves one process of 2";
    assert!(text.contains(said), "{text}");
    assert!(
        text.contains("smallest failing case: counter/sums-across-workers on 1.2: 2 workers"),
        "{text}"
    );
    let rerun = "run it alone: counterfoil run counter/sums-across-workers --exporter acme@1.2 --no-baseline";
    assert!(text.contains(rerun), "{text}");
    assert!(text.contains("  3.0: uv pip install failed"), "{text}");
    assert!(text.contains("acme: 5 releases, 5 run, 4 judged in"), "{text}");
    let document = document(&counterfoil);
    assert_eq!(
        document["versions"],
        serde_json::json!(["1.0", "1.1", "1.2", "1.10", "3.0"])
    );
    assert_eq!(document["changes"].as_array().unwrap().len(), 2);
}

#[test]
fn releases_are_given_by_hand_where_no_index_has_them_and_a_known_failure_is_a_failure() {
    let known = format!(
        "[[known]]\nscenarios = [\"{QUICK}\"]\ncheck = \"scrape/equals-truth\"\nreason = \"It was so.\"\n"
    );
    let manifest = acme::manifest(&acme::defect("1.1", "serves-own-process"));
    let by_hand = |arguments: &[&str]| of(&manifest, arguments).with_file("acme/baseline.toml", &known);
    by_hand(&["--versions", "2.0,1.1", QUICK])
        .exits(0)
        .stdout(contains("changes from 1.1 to 2.0").and(contains("known-fail").not()));
    by_hand(&["--versions", "2.0,2.1", QUICK])
        .exits(0)
        .stdout(contains("2 judged").and(contains("no change")));
    by_hand(&["--from", "1.1", "--to", "2.0", QUICK])
        .exits(2)
        .stderr(contains("name them with --versions"));
}

#[test]
fn a_wrong_merge_is_told_as_a_fixture() {
    let manifest = acme::manifest(&acme::defect("1.1", "gauge-min-as-sum"));
    let mut counterfoil = of(&manifest, &["--versions", "1.1,2.0", "gauge/min-and-max"]);
    let text = stdout(&counterfoil.exits(0));
    let fixture = text
        .lines()
        .find_map(|line| line.strip_prefix("    fixture: "))
        .unwrap_or_else(|| panic!("{text}"));
    assert!(Path::new(fixture).join("expected.txt").is_file(), "{fixture}");
}

#[test]
fn what_cannot_be_told_is_no_success() {
    let hand = |versions: &'static str| ["--versions", versions, QUICK];
    bisect(&hand("2.0,3.0"))
        .exits(3)
        .stdout(contains("it takes two releases that are judged"));
    bisect(&["--from", "5", "--to", "6", QUICK])
        .exits(4)
        .stderr(contains(
            "there are not two releases of acme between 5 and 6: none",
        ));
    bisect(&["--from", "3", "--to", "1", QUICK]).exits(4);
    bisect(&["--from", "soon", "--to", "1", QUICK])
        .exits(2)
        .stderr(contains("\"soon\" is no version"));
    bisect(&["--from", "1.0", QUICK]).exits(2);
    bisect(&["--versions", "1.0,1.1", "no-such-scenario"]).exits(4);
    bisect(&["--versions", "1.0,1.1", "counter/canary"])
        .exits(5)
        .stdout(contains("the control failed"));
}
