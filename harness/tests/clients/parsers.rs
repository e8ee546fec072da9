//! The reference's text of directories that the real client wrote, read by parsers that others wrote.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use counterfoil::fleet::on_path;
use counterfoil::testing::Prerequisite::{Network, Promtool, Python};
use counterfoil::testing::Prerequisites;
use counterfoil::truth::{Snapshot, Truth};
use counterfoil_reference::directory::Listing;
use counterfoil_reference::exposition::Format;
use counterfoil_reference::merge::Merge;
use libtest_mimic::{Failed, Trial};
use serde::Deserialize;

use crate::answer::Served;
use crate::client::{Client, Request};
use crate::difference::{Order, agree, bare, count};
use crate::property::{self, Counts, Share};
use crate::python::{NEWEST, Release};
use crate::scope::{NAMES_WITHOUT_CLASH, PIDS, Scope};
use crate::strategy::programs;

pub(crate) fn trials(prerequisites: &Prerequisites) -> Vec<Trial> {
    let parser = format!("clients/parser-{}", NEWEST.version);
    vec![
        prerequisites.trial(&parser, &[Python, Network], || read_back(NEWEST)),
        prerequisites.trial("clients/promtool", &[Python, Network, Promtool], || {
            accepted(NEWEST)
        }),
    ]
}

/// No parser accepts a series twice, and OpenMetrics' neither negative counts nor observations.
fn scope(release: Release) -> Scope {
    Scope {
        conflicts: false,
        own_pid: false,
        harm: None,
        names: NAMES_WITHOUT_CLASH,
        ids: PIDS,
        tame: true,
        ..release.scope()
    }
}

#[derive(Deserialize)]
struct Parsed {
    families: Vec<Served>,
}

/// The client's own parsers read the reference's text, in both formats, to the samples of the truth.
fn read_back(release: Release) -> Result<(), Failed> {
    let mut client = release.start()?;
    let title = format!(
        "the reference's text, read by the parsers of {}",
        release.title(" ")
    );
    property::holds(
        &title,
        "parser",
        Share::Quarter,
        programs(scope(release)),
        |program, dir, counts| {
            client.record(program, dir)?;
            let truth = merged(dir, counts)?;
            for (format, name) in [(Format::Text, "text"), (Format::OpenMetrics, "openmetrics")] {
                parsed_alike(&mut client, &truth, &reference_text(dir, format), name)
                    .map_err(|difference| format!("{name}: {difference}"))?;
            }
            Ok(())
        },
    )
    .map(drop)
}

fn parsed_alike(client: &mut Client, truth: &Truth, text: &str, format: &'static str) -> Result<(), String> {
    let parsed: Parsed = client.ask(&Request::Parse { text, format })?;
    agree(truth, &parsed.families, bare, Order::Any)
}

/// `promtool check metrics`, which reads with the parser of Prometheus itself, finds nothing malformed.
fn accepted(release: Release) -> Result<(), Failed> {
    let mut client = release.start()?;
    let promtool = on_path("promtool").ok_or("there is no promtool on PATH")?;
    let title = "the reference's text, read by promtool";
    property::holds(
        title,
        "promtool",
        Share::Quarter,
        programs(scope(release)),
        |program, dir, counts| {
            client.record(program, dir)?;
            merged(dir, counts)?;
            checked(&promtool, &reference_text(dir, Format::Text))
        },
    )
    .map(drop)
}

/// It exits 3 where it only dislikes a name or a HELP.
pub(crate) fn checked(promtool: &Path, text: &str) -> Result<(), String> {
    let mut child = Command::new(promtool)
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut input = child.stdin.take().ok_or("it has no input")?;
    let written = input.write_all(text.as_bytes());
    drop(input);
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    match (output.status.code(), written) {
        (Some(0 | 3), Ok(())) => Ok(()),
        _ => Err(format!(
            "{}: {}\n{text}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

fn merged(dir: &Path, counts: &mut Counts) -> Result<Truth, String> {
    let truth = Snapshot::read(dir)
        .and_then(|snapshot| snapshot.merge())
        .map_err(|error| error.to_string())?;
    count(&truth, counts);
    Ok(truth)
}

fn reference_text(dir: &Path, format: Format) -> String {
    let merge = Merge::of(Listing::of(dir).unwrap(), None);
    assert!(merge.skipped().is_empty(), "{:?}", merge.skipped());
    format.write(&merge.families(), None)
}
