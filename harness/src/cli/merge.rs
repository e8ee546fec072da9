//! `counterfoil merge`

use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

use clap::Args;
use counterfoil::exposition::{self, go_float};
use counterfoil::report::ExitStatus;
use counterfoil::scrape::TEXT_FORMATS_ONLY;
use counterfoil::truth::{Admissible, MergedText, Snapshot, Truth, TruthError};

use super::output::Output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The metrics directory
    dir: PathBuf,
    /// The format: text, openmetrics or json
    #[arg(long, value_parser = format, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug)]
enum Format {
    /// Text 0.0.4.
    Text,
    /// OpenMetrics 1.0.
    Openmetrics,
    /// A JSON document, with every admissible value and every process's share.
    Json,
}

fn format(name: &str) -> Result<Format, String> {
    match name {
        "text" => Ok(Format::Text),
        "openmetrics" => Ok(Format::Openmetrics),
        "json" => Ok(Format::Json),
        name if name.contains("proto") => Err(format!(
            "protobuf is not written, {TEXT_FORMATS_ONLY}: use text, openmetrics or json"
        )),
        _ => Err("use text, openmetrics or json".to_owned()),
    }
}

pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    let out = Output::default();
    match write(arguments, &out) {
        Ok(()) => out.end(ExitStatus::Conformant),
        Err(error) => {
            super::complain(error);
            ExitStatus::NotJudged.into()
        }
    }
}

fn write(arguments: &Arguments, out: &Output) -> Result<(), TruthError> {
    let Arguments { dir, format } = arguments;
    if matches!(format, Format::Text) {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        MergedText::read(dir, threads)?
            .parts()
            .for_each(|part| out.text(part));
        return Ok(());
    }
    let snapshot = Snapshot::read(dir)?;
    let truth = snapshot.merge()?;
    out.text(match format {
        Format::Json => format!("{:#}\n", json(&truth, &snapshot)),
        _ => exposition::openmetrics::write(&truth.to_exposition()),
    });
    Ok(())
}

fn json(truth: &Truth, snapshot: &Snapshot) -> serde_json::Value {
    use serde_json::json;
    let value = |admissible: &Admissible| match admissible {
        Admissible::Exact(value) => json!({"exact": go_float(*value)}),
        Admissible::OneOf(values) => {
            json!({"one_of": values.iter().map(|v| go_float(*v)).collect::<Vec<_>>()})
        }
        Admissible::Near { value, error } => json!({"near": go_float(*value), "error": error}),
    };
    let holdings = snapshot.holdings();
    let families = truth.families.iter().map(|family| {
        let outcomes = family.outcomes.iter().map(|outcome| {
            let mut samples: Vec<_> = outcome.samples.iter().collect();
            samples.sort_by_key(|(series, _)| *series);
            let samples = samples.into_iter().map(|(series, admissible)| {
                let labels: serde_json::Map<_, _> = series
                    .labels
                    .iter()
                    .map(|(name, value)| (name.to_owned(), json!(value)))
                    .collect();
                let shares = holdings.of(series).into_iter();
                let shares = shares.map(
                    |share| json!({"pid": share.pid, "file": share.file, "value": go_float(share.value)}),
                );
                json!({
                    "name": &*series.sample,
                    "labels": labels,
                    "value": value(admissible),
                    "shares": shares.collect::<Vec<_>>(),
                })
            });
            json!({
                "type": format!("{:?}", outcome.kind).to_lowercase(),
                "helps": outcome.helps,
                "samples": samples.collect::<Vec<_>>(),
            })
        });
        json!({"name": family.name, "outcomes": outcomes.collect::<Vec<_>>()})
    });
    let layout = snapshot.layout().map(|layout| layout.to_string());
    json!({"layout": layout, "families": families.collect::<Vec<_>>()})
}
