//! `counterfoil::testing` itself: a suite fails where it should, and is never green for want of anything to judge.

use counterfoil::testing::SuiteError;
use libtest_mimic::{Failed, Trial};

use crate::site::{on, reference};

const COUNTER: &str = "counter/sums-across-workers";

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("suite/a-defect-fails-the-test-with-its-report", || {
            let failed = reference()
                .mutant("serves-own-process")
                .play(COUNTER)?
                .must_pass();
            says(&failed, "the endpoint serves one process of 2")
        }),
        Trial::test("suite/a-run-that-judged-nothing-fails", || {
            // Declares nothing, so that nothing applies.
            let folder = tempfile::tempdir()?;
            let manifest = folder.path().join("manifest.toml");
            let (head, rest) = halves(counterfoil_reference::MANIFEST, "capabilities = [")?;
            let (_, tail) = halves(rest, "]")?;
            let text = format!("{head}capabilities = []{tail}").replace("\"reference\"\n", "\"elsewhere\"\n");
            std::fs::write(&manifest, text)?;
            let suite = on(&manifest.display().to_string());
            says(&suite.play(COUNTER)?.must_pass(), "0 scenarios do not pass, 0 do")?;
            match suite.trials() {
                Err(SuiteError::Nothing { .. }) => Ok(()),
                other => Err(Failed::from(format!("{:?}", other.map(|trials| trials.len())))),
            }
        }),
        Trial::test("suite/an-exporter-that-is-not-there-is-named", || {
            match on("adapter/manifest.toml").trials() {
                Err(SuiteError::Exporter(error)) => {
                    says(&Err(Failed::from(error.to_string())), "adapter/manifest.toml")
                }
                other => Err(Failed::from(format!("{:?}", other.map(|trials| trials.len())))),
            }
        }),
    ]
}

fn says(failed: &Result<(), Failed>, what: &str) -> Result<(), Failed> {
    let message = failed.as_ref().err().and_then(Failed::message);
    match message {
        Some(message) if message.contains(what) => Ok(()),
        other => Err(Failed::from(format!("not {what:?}, but {other:?}"))),
    }
}

fn halves<'a>(text: &'a str, at: &str) -> Result<(&'a str, &'a str), Failed> {
    text.split_once(at)
        .ok_or_else(|| Failed::from(format!("no {at:?} in the manifest")))
}
