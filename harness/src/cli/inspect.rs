//! `counterfoil inspect`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use counterfoil::exposition::go_float;
use counterfoil::report::{ExitStatus, printable};
use counterfoil::series::Series;
use counterfoil::truth::{Key, MetricFile};

use super::output::Output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A metric file, `*.db`
    file: PathBuf,
}

pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    let file = match MetricFile::read(&arguments.file) {
        Ok(file) => file,
        Err(error) => {
            super::complain(error);
            return ExitStatus::NotJudged.into();
        }
    };
    let out = Output::default();
    out.line(format_args!("file     {}", file.path.display()));
    match &file.layout {
        Some(layout) => out.line(format_args!("layout   {layout}")),
        None if file.fault.is_some() => out.line("layout   unknown: the file breaks before it could be told"),
        None => out.line("layout   unknown: the file holds no entry that could tell"),
    }
    out.line(format_args!("used     {} bytes", file.bytes().len()));
    out.line(format_args!("entries  {}", file.entries.len()));
    if !file.entries.is_empty() {
        out.line("\n  offset  value                    timestamp           key");
    }
    for entry in &file.entries {
        out.line(format_args!(
            "{:>8}  {:<23}  {:<18}  {}",
            entry.offset,
            go_float(entry.value),
            go_float(entry.timestamp),
            printable(&key(&entry.key))
        ));
    }
    match &file.fault {
        None => out.end(ExitStatus::Conformant),
        Some((offset, fault)) => {
            out.line(format_args!("\nbreaks at byte {offset}: {fault}"));
            print_bytes(&out, file.bytes(), *offset);
            out.end(ExitStatus::Nonconformant)
        }
    }
}

/// The series, then its family and HELP where the series does not say them.
fn key(key: &Key) -> String {
    let series = Series::new(key.sample.clone(), key.labels.clone());
    format!("{series}  family {:?}, help {:?}", key.family, key.help)
}

/// Sixteen bytes a line around the place, as numbers and as text.
fn print_bytes(out: &Output, bytes: &[u8], offset: usize) {
    let from = offset.saturating_sub(32) / 16 * 16;
    for (at, line) in bytes
        .iter()
        .enumerate()
        .skip(from)
        .take(96)
        .collect::<Vec<_>>()
        .chunks(16)
        .map(|line| (line[0].0, line))
    {
        let numbers: String = line.iter().map(|(_, byte)| format!("{byte:02x} ")).collect();
        let text: String = line
            .iter()
            .map(|(_, byte)| {
                if byte.is_ascii_graphic() {
                    char::from(**byte)
                } else {
                    '.'
                }
            })
            .collect();
        let mark = if (at..at + 16).contains(&offset) { ">" } else { " " };
        out.line(format_args!("{mark} {at:>7}  {numbers:<48}  {text}"));
    }
}
