//! What the embedded adapters are known to fail: each entry is about a scenario and a check that there are, and says why.

use std::fs;

use counterfoil::baseline::Baseline;
use counterfoil::exporter::{Adapter, Manifest, REFERENCE};
use counterfoil::scenario::Catalogue;

use crate::workspace::root;

/// That of an embedded adapter.
fn baseline(name: &str) -> Baseline {
    let folder = root().join("harness/exporters").join(name);
    Baseline::in_folder(&folder).expect("its shape is right")
}

#[test]
fn what_an_embedded_adapter_is_known_to_fail_is_there_and_explained() {
    let catalogue = Catalogue::embedded().expect("it is tested elsewhere");
    for name in Adapter::known().iter().filter(|name| *name != REFERENCE) {
        let baseline = baseline(name);
        let path = root().join("harness/exporters").join(name).join("manifest.toml");
        let text = fs::read_to_string(&path).expect("every adapter has one");
        let manifest = Manifest::parse(name, &text).expect("it is tested elsewhere");
        let scenarios = catalogue.scenarios().iter();
        let asked: Vec<_> = scenarios
            .map(|scenario| manifest.asked(scenario).into_owned())
            .collect();
        let refused = baseline.refuse_unknown(&asked);
        refused.unwrap_or_else(|error| panic!("{name}: {error}"));
        let refused = baseline.refuse_unexplained();
        refused.unwrap_or_else(|error| panic!("{name}: {error}"));
        let text = fs::read_to_string(baseline.path()).unwrap_or_default();
        let scripts = text.lines().filter_map(|line| line.strip_prefix("reproducer = "));
        for script in scripts.map(|script| script.trim_matches('"')) {
            assert!(root().join(script).is_file(), "{name}: there is no {script}");
        }
    }
}

#[test]
fn taskiq_is_known_to_fail_what_each_of_its_releases_does() {
    let baseline = baseline("taskiq");
    let checks = |scenario: &str, version: &str| {
        let known = baseline.known(scenario, version).into_iter();
        known.map(|known| known.check).collect::<Vec<_>>()
    };
    let (sums, empty) = ("counter/sums-across-workers", "directory/empty-file");
    assert_eq!(checks(sums, "0.12.1"), ["scrape/equals-truth"]);
    assert_eq!(checks(sums, "0.12.2"), [""; 0]);
    assert_eq!(checks(empty, "0.12.1"), ["scrape/equals-truth"]);
    assert_eq!(
        checks(empty, "0.13.0"),
        ["scrape/available", "scrape/equals-truth"]
    );
}
