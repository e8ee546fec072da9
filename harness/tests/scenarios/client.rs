//! The merged truth against the Python client: directories that the client wrote, and what it serves for them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use counterfoil::exporter::{Adapter, Selector};
use counterfoil::exposition::{Family, Parsed, text};
use counterfoil::testing::Prerequisite::{Network, Python};
use counterfoil::testing::Prerequisites;
use counterfoil::truth::{Admissible, Outcome, Snapshot, Truth, TruthFamily};
use libtest_mimic::{Failed, Trial};

/// Fixed, so that a failure can be looked at again.
const SEED: &str = "20240";
/// The client whose rules M1 to M13 are, and the exporter in whose environment it is.
const CLIENT: &str = "prometheus_client==0.26.0";
const ENVIRONMENT: &str = "taskiq@0.13.0";

pub(crate) fn trials(prerequisites: &Prerequisites) -> Vec<Trial> {
    vec![
        prerequisites.trial("client/merge-0.26.0", &[Python, Network], || {
            let folder = tempfile::tempdir()?;
            let selector = ENVIRONMENT.parse::<Selector>()?;
            let adapter =
                Adapter::obtain(&selector, counterfoil_reference::MANIFEST, folder.path(), &|_| {})?;
            if !adapter
                .installed
                .iter()
                .any(|distribution| distribution == CLIENT)
            {
                return Err(Failed::from(format!(
                    "{ENVIRONMENT} comes without {CLIENT}: {:?}",
                    adapter.installed
                )));
            }
            let python = adapter.python.ok_or("it has no interpreter")?;
            compare(&python, 200)
                .map(|summary| println!("{summary}"))
                .map_err(Failed::from)
        }),
    ]
}

/// What the client served for one order of the files.
#[derive(serde::Deserialize)]
struct Answer {
    order: String,
    text: Option<String>,
    error: Option<String>,
}

#[derive(Debug, Default)]
struct Counts {
    texts: usize,
    failures: usize,
    series: usize,
    sets: usize,
    near: usize,
    conflicts: usize,
    same_lines: usize,
}

/// Has the client write and merge that many directories, and holds the truth against every answer.
/// The summary says what was compared; the error names the directory's number and the first difference.
fn compare(python: &Path, directories: usize) -> Result<String, String> {
    let root = tempfile::tempdir().map_err(|error| error.to_string())?;
    let oracle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/merge_oracle.py");
    let output = Command::new(python)
        .args([oracle.as_path(), root.path()])
        .args([&directories.to_string(), SEED])
        .output()
        .map_err(|error| format!("{}: {error}", python.display()))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let mut counts = Counts::default();
    for number in 0..directories {
        let directory = root.path().join(number.to_string());
        compare_directory(&directory, &mut counts)
            .map_err(|difference| format!("directory {number}: {difference}"))?;
    }
    Ok(format!("{directories} directories agree: {counts:?}"))
}

fn compare_directory(directory: &Path, counts: &mut Counts) -> Result<(), String> {
    let expected = fs::read(directory.join("expected.json")).map_err(|error| error.to_string())?;
    let answers: Vec<Answer> = serde_json::from_slice(&expected).map_err(|error| error.to_string())?;
    let truth = Snapshot::read(&directory.join("files")).and_then(|snapshot| snapshot.merge());
    for answer in &answers {
        match (&truth, &answer.text) {
            (Ok(truth), Some(text)) => {
                compare_answer(truth, answer, text, counts)
                    .map_err(|difference| format!("{}: {difference}", answer.order))?;
                counts.texts += 1;
            }
            (Err(_), None) => counts.failures += 1,
            (Err(error), Some(_)) => return Err(format!("the client serves it, but: {error:?}")),
            (Ok(_), None) => return Err(format!("merges, but the client fails: {:?}", answer.error)),
        }
    }
    Ok(())
}

fn compare_answer(truth: &Truth, answer: &Answer, text: &str, counts: &mut Counts) -> Result<(), String> {
    let Parsed { exposition, findings } = text::parse(text.as_bytes());
    // Values are the generator's, and a user's `pid` doubles series: what remains is the form.
    let of_form = [
        "duplicate-series",
        "counter-value",
        "count-value",
        "bucket-not-cumulative",
        "count-differs",
        "missing-count",
        "missing-sum",
        "missing-inf-bucket",
        "summary-quantile",
        "bucket-without-le",
        "interleaved-families",
    ];
    if let Some(finding) = findings.iter().find(|finding| !of_form.contains(&finding.rule)) {
        return Err(finding.to_string());
    }
    let served = gathered(truth, exposition.families)?;
    if served.len() != truth.families.len() {
        return Err(format!(
            "{} families, the client serves {:?}",
            truth.families.len(),
            served.keys()
        ));
    }
    for (name, family) in &served {
        let known = truth
            .families
            .iter()
            .find(|known| known.name == *name)
            .ok_or_else(|| format!("no family {name}"))?;
        compare_family(known, family)?;
        counts.conflicts += usize::from(known.outcomes.len() > 1);
    }
    for admissible in truth
        .families
        .iter()
        .flat_map(|family| family.outcomes[0].samples.values())
    {
        counts.series += 1;
        counts.sets += usize::from(matches!(admissible, Admissible::OneOf(_)));
        counts.near += usize::from(matches!(admissible, Admissible::Near { .. }));
    }
    if answer.order == "name" && findings.is_empty() {
        compare_lines(truth, text)?;
        counts.same_lines += 1;
    }
    Ok(())
}

/// The families by name. Where files conflict, the client serves samples of one type under the header of another
/// (M3): what a parser takes for families without a header goes back to where it belongs.
fn gathered(truth: &Truth, families: Vec<Family>) -> Result<BTreeMap<String, Family>, String> {
    let (with_header, without): (Vec<_>, Vec<_>) =
        families.into_iter().partition(|family| family.help.is_some());
    let mut gathered: BTreeMap<String, Family> = with_header
        .into_iter()
        .map(|family| (family.family_name().to_owned(), family))
        .collect();
    for stray in without {
        let owner = truth.family_of(&stray.name).map(|known| &known.name);
        let family = owner
            .and_then(|name| gathered.get_mut(name))
            .ok_or_else(|| format!("stray {}", stray.name))?;
        family.samples.extend(stray.samples);
    }
    Ok(gathered)
}

/// Some outcome must explain all of what is served.
fn compare_family(known: &TruthFamily, served: &Family) -> Result<(), String> {
    let differences: Result<Vec<String>, ()> = known
        .outcomes
        .iter()
        .map(|outcome| difference(outcome, served).ok_or(()))
        .collect();
    match differences {
        Err(()) => Ok(()),
        Ok(differences) => Err(format!("family {}: {}", known.name, differences.join("; or "))),
    }
}

fn difference(outcome: &Outcome, served: &Family) -> Option<String> {
    let (kind, mode) = (outcome.kind, outcome.mode);
    if kind != served.kind {
        return Some(format!("type {kind:?}, served as {:?}", served.kind));
    }
    let help = served.help.as_deref().unwrap_or_default();
    if !outcome
        .helps
        .iter()
        .any(|known| known.trim_start_matches([' ', '\t']) == help)
    {
        return Some(format!("{mode:?} helps {:?}, served {help:?}", outcome.helps));
    }
    for sample in &served.samples {
        match outcome.samples.get(&sample.series) {
            None => return Some(format!("{mode:?} has no {}", sample.series)),
            Some(admissible) if !admissible.admits(sample.value) => {
                return Some(format!(
                    "{mode:?} {}: {admissible:?}, served {:?}",
                    sample.series, sample.value
                ));
            }
            Some(_) => {}
        }
    }
    let is_served =
        |series: &counterfoil::series::Series| served.samples.iter().any(|sample| sample.series == *series);
    let missing = outcome.samples.keys().find(|series| !is_served(series));
    missing.map(|series| format!("{mode:?} {series} is not served"))
}

/// With the files in name order every line comes out the same (M11, M12), but for sums that round.
fn compare_lines(truth: &Truth, text: &str) -> Result<(), String> {
    let rounds = |series: &str| {
        let mut known = truth
            .families
            .iter()
            .flat_map(|family| &family.outcomes[0].samples);
        known.any(|(known, value)| known.to_string() == series && matches!(value, Admissible::Near { .. }))
    };
    let lines = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.retain(|line| !rounds(line.rsplit_once(' ').map_or("", |(series, _)| series)));
        lines.sort();
        lines
    };
    let (own, clients) = (lines(&text::write(&truth.to_exposition())), lines(text));
    match own.iter().zip(&clients).find(|(own, clients)| own != clients) {
        Some((own, clients)) => Err(format!("writes {own:?}, the client {clients:?}")),
        None if own.len() != clients.len() => {
            Err(format!("{} lines, the client {}", own.len(), clients.len()))
        }
        None => Ok(()),
    }
}
