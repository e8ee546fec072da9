//! An exporter whose files nobody sees: what it serves is held against what was asked of its workers.

use counterfoil::report::Judgement;
use counterfoil::testing::{Played, Suite};
use libtest_mimic::{Failed, Trial};
use tempfile::TempDir;

use crate::site::on;

const AS_ASKED: &str = "scrape/equals-ledger";
const SOME: [&str; 7] = [
    "counter/served-as-asked",
    "death/worker-killed-and-replaced",
    "directory/untouched-file",
    "gauge/sums-across-workers",
    "histogram/buckets-add-up-across-workers",
    "lifecycle/ends-without-orphans",
    "negotiation/openmetrics",
];

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("without-files/what-is-served-is-what-was-asked", || {
            let (_folder, suite) = elsewhere("")?;
            let played = suite.only(&SOME).play("")?;
            let reason = &played.report("directory/untouched-file")?.reason;
            if reason.as_deref() != Some("there are no files that another could lie among") {
                return Err(Failed::from(format!("{reason:?}")));
            }
            asked(&played, "counter/served-as-asked", 3)?;
            asked(&played, "lifecycle/ends-without-orphans", 1)?;
            played.must_pass()
        }),
        Trial::test("without-files/a-share-of-many-is-not-what-was-asked", || {
            let (_folder, suite) = elsewhere("[workers.env]\nCOUNTERFOIL_MUTANT = \"serves-own-process\"\n")?;
            let played = suite.play("counter/sums-across-workers")?;
            let judged = played.judgement("counter/sums-across-workers", AS_ASKED)?;
            match judged {
                Judgement::Fail { finding } if finding.summary.contains("below") => Ok(()),
                other => Err(Failed::from(format!("{AS_ASKED}: {other:?}"))),
            }
        }),
    ]
}

/// How many checks a scenario was judged by, and that none of them is about files.
fn asked(played: &Played, scenario: &str, count: usize) -> Result<(), Failed> {
    let checks = played.report(scenario)?.checks.iter();
    let checks: Vec<&str> = checks.map(|check| check.check.as_str()).collect();
    match checks.len() == count && !checks.iter().any(|check| check.starts_with("truth/")) {
        true => Ok(()),
        false => Err(Failed::from(format!("{scenario} was judged by {checks:?}"))),
    }
}

/// The reference with its files in a folder that the suite does not know, and with more in its manifest.
fn elsewhere(more: &str) -> Result<(TempDir, Suite), Failed> {
    let folder = tempfile::tempdir()?;
    let (head, _) = counterfoil_reference::MANIFEST
        .split_once("[files]")
        .ok_or("no files in the manifest")?;
    let head = head.replacen("\"reference\"\n", "\"elsewhere\"\n", 1).replacen(
        "\"{metrics_dir}\"",
        "\"{metrics_dir}-elsewhere\"",
        1,
    );
    let head = head.replacen("[queue]\n", &format!("{more}[queue]\n"), 1);
    let text = format!("{head}[files]\nlayout = \"none\"\n");
    let manifest = folder.path().join("manifest.toml");
    std::fs::write(&manifest, text)?;
    let suite = on(&manifest.display().to_string());
    Ok((folder, suite))
}
