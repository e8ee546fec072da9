//! Merging a directory to text.

use crate::contender::Contender;
use crate::data_set::Size;
use crate::own::{self, argument};
use crate::process::Process;
use crate::rounds::{Rounds, Spread};
use crate::site::Site;
use crate::table::Limit::{self, AtLeast, AtMost};
use crate::table::{Row, Scale, Section, Times};

const CLIENT: &str = "prometheus_client 0.26.0";
const SPEEDUPS: &str = "prometheus-client-python-speedups 0.1.0";
const RUBY: &str = "ruby-prometheus-client-mmap 0.16.2 (its own layout)";
const ONE: &str = "counterfoil, 1 thread";
const TWO: &str = "counterfoil, 2 threads";
const TOUCH: &str = "limit: touch every used byte";

/// Every size, against every peer that can do it.
pub(crate) fn section(site: &Site, sizes: &[Size], rounds: Option<usize>) -> anyhow::Result<Section> {
    let mut section = Section {
        title: "Merge to text, warm".to_owned(),
        rows: Vec::new(),
        times: Vec::new(),
    };
    for size in sizes {
        let measured = Rounds::of(contenders(site, *size)?, rounds.unwrap_or(size.rounds()));
        section.rows.extend(rows(*size, &measured, site));
        section.times.push(Times {
            what: format!("data set {}", size.name()),
            rounds: measured,
            scale: Scale::Milliseconds,
        });
    }
    Ok(section)
}

fn contenders(site: &Site, size: Size) -> anyhow::Result<Vec<Box<dyn Contender>>> {
    let data = site.data(size);
    let data = argument(&data);
    let script = site.peer("merge.py");
    let python = |name, environment, which| {
        Process::start(name, &site.python(environment), [argument(&script), which, data])
    };
    let mut contenders: Vec<Box<dyn Contender>> = vec![
        own::start(ONE, &["merge", data, "1"])?,
        own::start(TWO, &["merge", data, "2"])?,
        own::start(TOUCH, &["touch", data])?,
        python(CLIENT, "python", "client")?,
        python(SPEEDUPS, "speedups", "speedups")?,
    ];
    // It takes 5 s for M, and did not finish L in ten minutes.
    if size != Size::L {
        let (script, data) = (site.peer("merge.rb"), site.ruby_data(size));
        contenders.push(Process::start(
            RUBY,
            "ruby".as_ref(),
            [argument(&script), argument(&data)],
        )?);
    }
    Ok(contenders)
}

fn rows(size: Size, measured: &Rounds, site: &Site) -> Vec<Row> {
    let name = size.name();
    let client = |own: &str, gate, goal| {
        Row::ratio(
            format!("merge {name}, {own} against prometheus_client"),
            measured,
            CLIENT,
            own,
            (AtLeast(gate), AtLeast(goal)),
        )
    };
    let touch = |own: &str, gate, goal| {
        let limits = (AtMost(gate), AtMost(goal));
        let what = format!("merge {name}, {own} over the touch limit");
        Row::ratio(what, measured, own, TOUCH, limits)
    };
    match size {
        Size::S => vec![
            client(ONE, 50.0, 80.0),
            Row::ratio(
                format!("merge S, {ONE} against ruby-prometheus-client-mmap"),
                measured,
                RUBY,
                ONE,
                (AtLeast(10.0), AtLeast(15.0)),
            ),
        ],
        Size::M => vec![
            client(ONE, 75.0, 110.0),
            client(TWO, 110.0, 150.0),
            touch(ONE, 5.0, 3.0),
            touch(TWO, 3.2, 2.0),
        ],
        Size::L => vec![
            client(ONE, 90.0, 130.0),
            client(TWO, 140.0, 200.0),
            touch(ONE, 5.0, 3.0),
            touch(TWO, 3.2, 2.0),
            memory(ONE, measured, site, (AtMost(64.0), AtMost(40.0))),
            memory(TWO, measured, site, (AtMost(64.0), AtMost(40.0))),
        ],
    }
}

/// The process's peak, less the text that it makes.
fn memory(own: &str, measured: &Rounds, site: &Site, (gate, goal): (Limit, Limit)) -> Row {
    let text = std::fs::metadata(site.text(Size::L)).map(|file| file.len() as f64 / f64::from(1 << 20));
    let peak = measured.get(own).and_then(|measured| measured.peak_mib);
    let beyond = peak.zip(text.ok()).map(|(peak, text)| peak - text);
    Row {
        what: format!("merge L, {own}: peak memory beyond the output"),
        got: beyond.and_then(|beyond| Spread::of(vec![beyond])),
        unit: " MiB",
        gate,
        goal,
    }
}
