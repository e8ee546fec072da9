//! Exporters in other languages than Python, whose programs the machine has or has not.

use counterfoil::testing::Prerequisite::{Network, Node, Programs};
use counterfoil::testing::{Prerequisite, Prerequisites};
use libtest_mimic::{Failed, Trial};

use crate::site::on;

/// In Ruby and in Node.
pub(crate) const RELEASES: [&str; 2] = ["prometheus-client-mmap@0.16.2", "prom-client@15.1.3"];

/// `counterfoil run --exporter NAME` plays all.
const IN_RUBY: [&str; 8] = [
    "counter/sums-across-workers",
    "gauge/",
    // Known to fail, which passes.
    "histogram/bounds-of-any-size",
    "directory/read-only",
    "labels/escapes-and-unicode",
    "lifecycle/",
    "death/killed-in-the-middle-of-a-task",
    "death/port-owner-killed",
];

/// Without files; the last is known to fail.
const IN_NODE: [&str; 3] = [
    "counter/served-as-asked",
    "histogram/bounds-of-any-size",
    "death/worker-killed-and-replaced",
];

pub(crate) fn trials(prerequisites: &Prerequisites) -> Vec<Trial> {
    let trial = |release: &'static str, needs: &[Prerequisite], some: &'static [&str]| {
        let name = format!("in-other-languages/{release}");
        prerequisites.trial(&name, needs, move || {
            on(release).only(some).jobs(2).play("")?.must_pass()
        })
    };
    let [ruby, node] = RELEASES;
    let mut trials = vec![
        trial(ruby, &[Programs], &IN_RUBY),
        trial(node, &[Node, Network], &IN_NODE),
    ];
    let missing = "in-other-languages/what-is-missing-is-told";
    trials.push(Trial::test(missing, what_is_missing_is_told));
    trials
}

/// Under `cargo test` that is no failure, and no success either; a run says it, and plays nothing.
fn what_is_missing_is_told() -> Result<(), Failed> {
    const SCENARIO: &str = "counter/sums-across-workers";
    let folder = tempfile::tempdir()?;
    let manifest = folder.path().join("manifest.toml");
    let programs = "[programs]\ninstalled = [\"sh\", \"-c\", \"echo no acme {version} >&2; exit 1\"]\n\
                    remedy = \"install acme\"\n\n[workers]\n";
    let text = counterfoil_reference::MANIFEST.replacen("[workers]\n", programs, 1);
    std::fs::write(&manifest, text.replace("\"reference\"\n", "\"acme\"\n"))?;
    let suite = on(&manifest.display().to_string()).only(&[SCENARIO]);
    let trials = suite.trials().map_err(|error| error.to_string())?;
    let trial = trials.first().ok_or("no trial")?;
    let reason =
        "exporter \"acme\" needs what is not on this machine: sh says (exit status: 1): no acme 0.1.0";
    // Where CI requires what is not there, the trial is one that fails.
    let is_required = std::env::var("COUNTERFOIL_REQUIRE").is_ok_and(|names| names.contains("programs"));
    let expected = match is_required {
        true => (false, String::new()),
        false => (true, format!("ignored: {reason}")),
    };
    if (trial.has_ignored_flag(), trial.kind()) != (expected.0, expected.1.as_str()) {
        return Err(format!("the trial is {:?}", trial.kind()).into());
    }
    match suite.play(SCENARIO) {
        Err(failed) if failed.message().is_some_and(|message| message.contains(reason)) => Ok(()),
        Err(failed) => Err(failed),
        Ok(played) => Err(played.failure("it was played without what is missing")),
    }
}
