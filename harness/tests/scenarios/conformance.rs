//! One trial per embedded scenario, by its id, on the reference.

use counterfoil::exporter::Manifest;
use counterfoil::report::Verdict;
use counterfoil::scenario::Catalogue;
use libtest_mimic::Trial;

use crate::site::{Order, play};

pub(crate) fn trials() -> Vec<Trial> {
    let catalogue = Catalogue::embedded().expect("the embedded scenarios are sound");
    assert!(!catalogue.scenarios().is_empty(), "no scenario is embedded");
    let reference = Manifest::parse("reference-impl/manifest.toml", counterfoil_reference::MANIFEST);
    let capabilities = reference.expect("the reference's manifest is sound").capabilities;
    let trial = |scenario: &counterfoil::scenario::Scenario| {
        let id = scenario.id.clone();
        let trial = Trial::test(&scenario.id, move || {
            let over = play(Order::of(&id))?;
            match over.report(&id)?.verdict {
                Verdict::Pass => Ok(()),
                verdict => Err(over.failure(&format!("the verdict is {verdict}"))),
            }
        });
        match scenario.needs.iter().find(|need| !capabilities.contains(need)) {
            Some(need) => trial
                .with_ignored_flag(true)
                .with_kind(format!("not applicable: needs {need}")),
            None => trial,
        }
    };
    catalogue.scenarios().iter().map(trial).collect()
}
