//! Recording into a metric file.

use crate::contender::Contender;
use crate::own::{self, argument};
use crate::process::Process;
use crate::rounds::Rounds;
use crate::site::Site;
use crate::table::Limit::AtMost;
use crate::table::{Row, Scale, Section, Times};

const ROUNDS: usize = 15;
const ONE: &str = "reference, one writer";
const MANY: &str = "reference, many writers";
const CRATES: [(&str, &str); 3] = [
    ("prometheus 0.14.0", "prometheus"),
    ("prometheus-client (client_rust) 0.26.0", "prometheus-client"),
    ("fastmetrics 0.7.1", "fastmetrics"),
];
const CLIENT: &str = "prometheus_client 0.26.0";

/// Three operations.
pub(crate) fn section(site: &Site, rounds: Option<usize>) -> anyhow::Result<Section> {
    let mut section = Section {
        title: "Recording".to_owned(),
        rows: Vec::new(),
        times: Vec::new(),
    };
    let operations = [
        ("inc", "cached counter", (0.7, 0.62), (1.1, 1.05)),
        ("labels", "lookup of three labels and add", (0.8, 0.5), (0.8, 0.5)),
        ("observe", "histogram of 15 buckets", (0.5, 0.37), (0.75, 0.37)),
    ];
    for (what, title, one, many) in operations {
        let measured = Rounds::of(contenders(site, what)?, rounds.unwrap_or(ROUNDS));
        let crates = CRATES.map(|(name, _)| name);
        for (own, (gate, goal)) in [(ONE, one), (MANY, many)] {
            section.rows.push(Row::part_of_best(
                format!("{title}, {own}, of the fastest crate's time"),
                &measured,
                own,
                &crates,
                (AtMost(gate), AtMost(goal)),
            ));
        }
        section.times.push(Times {
            what: title.to_owned(),
            rounds: measured,
            scale: Scale::Nanoseconds,
        });
    }
    Ok(section)
}

fn contenders(site: &Site, what: &str) -> anyhow::Result<Vec<Box<dyn Contender>>> {
    let mut contenders: Vec<Box<dyn Contender>> = vec![
        own::start(ONE, &["record", what, "one-writer"])?,
        own::start(MANY, &["record", what, "many-writers"])?,
    ];
    for (name, recorder) in CRATES {
        contenders.push(own::start(name, &["record", what, recorder])?);
    }
    if what == "inc" {
        contenders.push(own::start("limit: load, add, store", &["record", what, "limit"])?);
        contenders.push(own::start(
            "limit: compare and swap",
            &["record", what, "limit-cas"],
        )?);
    }
    let script = site.peer("record.py");
    contenders.push(Process::start(
        CLIENT,
        &site.python("python"),
        [argument(&script), what],
    )?);
    Ok(contenders)
}
