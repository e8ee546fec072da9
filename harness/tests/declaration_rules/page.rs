//! `harness/docs/scenarios.md` lists every key of a scenario, and its example is one.

use std::collections::BTreeSet;

use toml::Value;

use crate::{SCENARIO, scenario};

const PAGE: &str = include_str!("../../docs/scenarios.md");
/// Tables whose keys are names of the scenario's own.
const OF_ITS_OWN: [&str; 2] = ["tasks", "labels"];

/// The keys of a value and of all within it.
fn keys(value: &Value, below: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                if !OF_ITS_OWN.contains(&below) || value.is_array() {
                    found.insert(key.clone());
                }
                keys(value, key, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| keys(value, "", found)),
        _ => {}
    }
}

#[test]
fn every_key_of_the_format_is_on_its_page() {
    let mut found = BTreeSet::new();
    keys(&Value::Table(SCENARIO.parse().unwrap()), "", &mut found);
    let missing: Vec<&String> = found
        .iter()
        .filter(|key| !PAGE.contains(&format!("`{key}`")))
        .collect();
    assert!(found.len() > 50, "{found:?}");
    assert!(missing.is_empty(), "harness/docs/scenarios.md has no {missing:?}");
}

#[test]
fn the_example_of_the_page_is_a_scenario() {
    let example = PAGE.split("```toml").nth(1).unwrap().split("```").next().unwrap();
    let read = scenario(example).map_err(|refusal| refusal.message).unwrap();
    assert_eq!((read.steps.len(), read.tasks.len()), (3, 1));
}
