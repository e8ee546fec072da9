//! What holds for any text: it is read or refused, and a refusal points into the text.

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

use crate::{MANIFEST, Refusal, SCENARIO, manifest, scenario};

fn config() -> ProptestConfig {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/proptest-regressions/declaration_rules.txt"
    );
    ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(file))),
        ..Default::default()
    }
}

/// Both parsers on the same text; where one refuses, it says where and why.
fn is_sound(text: &str) -> Result<(), TestCaseError> {
    for refusal in [scenario(text).err(), manifest(text).err()].into_iter().flatten() {
        points_into(text, &refusal)?;
    }
    Ok(())
}

fn points_into(text: &str, refusal: &Refusal) -> Result<(), TestCaseError> {
    prop_assert!(
        refusal.at <= text.len() && text.is_char_boundary(refusal.at),
        "byte {}",
        refusal.at
    );
    prop_assert!(!refusal.message.trim().is_empty());
    Ok(())
}

/// A number that means something to a scenario, or to the machine.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| format!("{number:?}")),
        prop::sample::select(vec![
            "0",
            "-1",
            "4294967296",
            "18446744073709551616",
            "nan",
            "-inf",
            "1e400",
            "0x1F"
        ])
        .prop_map(str::to_owned),
    ]
}

/// The text with every line kept, dropped, doubled or given to another table.
fn shuffled(text: &'static str) -> impl Strategy<Value = String> {
    let lines: Vec<&str> = text.lines().collect();
    let places = prop::collection::vec(0..lines.len(), 0..lines.len());
    places.prop_map(move |places| places.into_iter().map(|at| format!("{}\n", lines[at])).collect())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_text_makes_a_parser_panic(text in any::<String>()) {
        is_sound(&text)?;
    }

    #[test]
    fn no_harm_to_a_sound_text_makes_a_parser_panic(
        of_scenario in any::<bool>(), at in any::<prop::sample::Index>(), cut in 0_usize..12, put in "[^\u{0}]{0,6}",
    ) {
        let text = if of_scenario { SCENARIO } else { MANIFEST };
        let chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len());
        let rest = chars.iter().skip(at + cut);
        let harmed: String = chars[..at].iter().copied().chain(put.chars()).chain(rest.copied()).collect();
        is_sound(&harmed)?;
    }

    #[test]
    fn no_order_of_sound_lines_makes_a_parser_panic(scenario in shuffled(SCENARIO), manifest in shuffled(MANIFEST)) {
        is_sound(&scenario)?;
        is_sound(&manifest)?;
    }

    #[test]
    fn no_number_makes_the_scenario_parser_panic(number in number(), which in any::<prop::sample::Index>()) {
        let keys = [
            "workers = 2", "value = 1.5", "repeat = 3", "value = 2", "ms = 5", "code = 3", "all = 5", "min_pids = 2",
            "count = 2", "indeterminate_tasks = 3", "quiesce_deadline_ms = 1000",
        ];
        let key = keys[which.index(keys.len())];
        let (name, _) = key.split_once(" = ").unwrap();
        is_sound(&SCENARIO.replacen(key, &format!("{name} = {number}"), 1))?;
    }
}
