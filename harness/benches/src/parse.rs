//! Parsing text 0.0.4.

use crate::contender::Contender;
use crate::data_set::Size;
use crate::own::{self, argument};
use crate::process::Process;
use crate::rounds::Rounds;
use crate::site::Site;
use crate::table::Limit::AtLeast;
use crate::table::{Row, Scale, Section, Times};

const OWN: &str = "counterfoil, with full validation";
const CRATES: [(&str, &str); 3] = [
    (
        "prometheus-exposition-format-rs 0.1.2",
        "prometheus-exposition-format-rs",
    ),
    ("prometheus-parse 0.2.5", "prometheus-parse"),
    ("openmetrics-parser 0.5.1", "openmetrics-parser"),
];
const CLIENT: &str = "prometheus_client.parser 0.26.0";

/// The texts of M and L.
pub(crate) fn section(site: &Site, sizes: &[Size], rounds: Option<usize>) -> anyhow::Result<Section> {
    let mut section = Section {
        title: "Parse text 0.0.4".to_owned(),
        rows: Vec::new(),
        times: Vec::new(),
    };
    for size in sizes.iter().filter(|size| **size != Size::S) {
        let measured = Rounds::of(contenders(site, *size)?, rounds.unwrap_or(size.rounds()));
        let crates = CRATES.map(|(name, _)| name);
        section.rows.push(Row::ratio_to_best(
            format!("parse {}, against the best crate", size.name()),
            &measured,
            &crates,
            OWN,
            (AtLeast(5.0), AtLeast(10.0)),
        ));
        let bytes = std::fs::metadata(site.text(*size))?.len() as f64;
        section.times.push(Times {
            what: format!("text of {}, {:.1} MB", size.name(), bytes / 1e6),
            rounds: measured,
            scale: Scale::Throughput(bytes),
        });
    }
    Ok(section)
}

fn contenders(site: &Site, size: Size) -> anyhow::Result<Vec<Box<dyn Contender>>> {
    let text = site.text(size);
    let text = argument(&text);
    let mut contenders: Vec<Box<dyn Contender>> = vec![own::start(OWN, &["parse", "counterfoil", text])?];
    for (name, parser) in CRATES {
        contenders.push(own::start(name, &["parse", parser, text])?);
    }
    let script = site.peer("parse.py");
    contenders.push(Process::start(
        CLIENT,
        &site.python("python"),
        [argument(&script), text],
    )?);
    Ok(contenders)
}
