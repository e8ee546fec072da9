//! What the suite costs: what it adds to a scrape of M, and how long a scenario takes.

use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::contender::Contender;
use crate::data_set::Size;
use crate::own::{self, argument};
use crate::process::Process;
use crate::rounds::{Rounds, Spread};
use crate::server::Prebuilt;
use crate::site::Site;
use crate::table::Limit::AtMost;
use crate::table::{Row, Scale, Section, Times};

const ROUNDS: usize = 9;
const OWN: &str = "counterfoil: files, transfer, parse, files, comparison";
const CLIENT: &str = "prometheus_client 0.26.0, one scrape";

/// An observation against a scrape, and the scenarios of the embedded broker.
pub(crate) fn section(site: &Site, rounds: Option<usize>) -> anyhow::Result<Section> {
    let (data, script) = (site.data(Size::M), site.peer("merge.py"));
    let text = std::fs::read(site.text(Size::M)).context("the text of M")?;
    let prebuilt = Prebuilt::serve(text)?;
    let url = format!("http://{}/metrics", prebuilt.address());
    let contenders: Vec<Box<dyn Contender>> = vec![
        own::start(OWN, &["observe", argument(&data), &url])?,
        Process::start(
            CLIENT,
            &site.python("python"),
            [argument(&script), "client", argument(&data)],
        )?,
    ];
    let measured = Rounds::of(contenders, rounds.unwrap_or(ROUNDS));
    let mut adds = Row::ratio(
        "what one observation of M adds, of a prometheus_client scrape".to_owned(),
        &measured,
        OWN,
        CLIENT,
        (AtMost(5.0), AtMost(2.0)),
    );
    adds.unit = " %";
    adds.got = adds.got.map(|got| Spread {
        median: got.median * 100.0,
        least: got.least * 100.0,
        greatest: got.greatest * 100.0,
    });
    Ok(Section {
        title: "The suite itself".to_owned(),
        rows: vec![
            adds,
            Row {
                what: "a scenario on the reference, embedded broker".to_owned(),
                got: Spread::of(scenarios(site)?),
                unit: " s",
                gate: AtMost(0.5),
                goal: AtMost(0.2),
            },
        ],
        times: vec![Times {
            what: "an observation of M".to_owned(),
            rounds: measured,
            scale: Scale::Milliseconds,
        }],
    })
}

/// How long each scenario took, in seconds.
fn scenarios(site: &Site) -> anyhow::Result<Vec<f64>> {
    let out = tempfile::tempdir()?;
    let output = Command::new(site.counterfoil())
        .args([
            "run",
            "--broker",
            "embedded",
            "--message-format",
            "json",
            "--jobs",
            "1",
            "--out",
        ])
        .arg(out.path())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start counterfoil")?;
    ensure!(output.status.success(), "the suite ended with {}", output.status);
    let mut seconds = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let event: Value = serde_json::from_str(line)?;
        if event["event"] == "scenario-finished" {
            let elapsed = event["elapsed_ms"]
                .as_f64()
                .context("a scenario without a time")?;
            seconds.push(elapsed / 1000.0);
        }
    }
    Ok(seconds)
}
