//! What judges shares no code with what is judged, in either direction.

use crate::workspace::{File, Finding, lines_of, none_in, rust_files};

/// Where the truth, the parser and the rules of both are: their tests must not ask the reference either.
const JUDGES: [&str; 6] = [
    "harness/src/truth",
    "harness/src/exposition",
    "harness/src/series.rs",
    "harness/src/series",
    "harness/tests/truth_rules",
    "harness/tests/exposition_rules",
];

/// The parts of the harness that carry the reference along, to start it.
const CARRIERS: [&str; 3] = ["harness/src/cli", "harness/src/testing", "harness/src/main.rs"];

#[test]
fn truth_and_exposition_share_no_code_with_the_reference() {
    let files = rust_files();
    let judges: Vec<&File> = files
        .iter()
        .filter(|file| JUDGES.iter().any(|part| file.is_in(part)))
        .collect();
    let remedy = "write it again there: what judges must not share a mistake with what is judged";
    none_in(judges, uses_of_the_reference, remedy);
}

#[test]
fn no_library_module_but_the_command_line_and_the_test_runner_uses_the_reference() {
    let files = rust_files();
    let library = files
        .iter()
        .filter(|file| file.is_in("harness/src") && !CARRIERS.iter().any(|part| file.is_in(part)));
    let remedy = "hand it in from `cli/` or `testing/`: the reference is an exporter like any other";
    none_in(library, uses_of_the_reference, remedy);
}

#[test]
fn the_reference_shares_no_code_with_the_suite() {
    let files = rust_files();
    let reference = files.iter().filter(|file| file.is_in("reference-impl"));
    none_in(reference, uses_of_the_suite, "write it again in the reference");
    let manifest = File::read("reference-impl/Cargo.toml");
    let remedy = "the reference must build without the suite";
    none_in([&manifest], dependences_on_the_suite, remedy);
}

fn uses_of_the_reference(file: &File) -> Vec<Finding> {
    let lines = file.code().lines_with(&["counterfoil_reference"]);
    lines
        .into_iter()
        .map(|line| file.finding(line, "uses the reference"))
        .collect()
}

fn uses_of_the_suite(file: &File) -> Vec<Finding> {
    let lines = file.code().lines_with(&["counterfoil"]);
    lines
        .into_iter()
        .map(|line| file.finding(line, "uses the suite"))
        .collect()
}

fn dependences_on_the_suite(file: &File) -> Vec<Finding> {
    let names_it = |line: &str| {
        let key = line.split(['=', '.', ' ']).next();
        key == Some("counterfoil") || line.contains("package = \"counterfoil\"")
    };
    let lines = file.lines().filter(|(_, line)| names_it(line));
    lines
        .map(|(line, _)| file.finding(line, "depends on the suite"))
        .collect()
}

#[test]
fn a_use_is_seen_and_a_mention_is_not() {
    let text = "//! Not counterfoil_reference.\nuse counterfoil_reference::merge;\nlet x = \"counterfoil_reference\";\n";
    assert_eq!(
        lines_of(&uses_of_the_reference(&File::made_up("x.rs", text))),
        [2]
    );
    let text =
        "use counterfoil_reference::key;\n\nlet x = counterfoil::truth::Key;\nuse {counterfoil as suite};\n";
    assert_eq!(lines_of(&uses_of_the_suite(&File::made_up("x.rs", text))), [3, 4]);
}

#[test]
fn a_dependence_is_seen_under_any_name() {
    let text = "name = \"counterfoil-reference\"\n[dependencies]\ncounterfoil.workspace = true\n\
                suite = { package = \"counterfoil\", path = \"../harness\" }\ncounterfoil-reference = \"1\"\n";
    assert_eq!(
        lines_of(&dependences_on_the_suite(&File::made_up("Cargo.toml", text))),
        [3, 4]
    );
}
