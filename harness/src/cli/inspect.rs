//! `counterfoil inspect`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use counterfoil::exposition::go_float;
use counterfoil::report::{ExitStatus, clip, printable};
use counterfoil::series::Series;
use counterfoil::truth::{Entry, Key, MetricFile};

use super::output::Output;

/// A file with more entries is shown by its first and its last ones.
const SHOWN_WHOLE: usize = 1000;
const SHOWN_FIRST: usize = 100;
/// What precedes a break tells more than what is far from it.
const SHOWN_LAST: usize = 10;
/// A HELP text or a label is the file's, and of any length.
const LONGEST_KEY: usize = 400;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A metric file, `*.db`
    file: PathBuf,
    /// Show every entry, and all of its key
    #[arg(long)]
    all: bool,
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
    print_entries(&out, &file.entries, arguments.all);
    match &file.fault {
        None => out.end(ExitStatus::Conformant),
        Some((offset, fault)) => {
            out.line(format_args!("\nbreaks at byte {offset}: {fault}"));
            print_bytes(&out, file.bytes(), *offset);
            out.end(ExitStatus::Nonconformant)
        }
    }
}

fn print_entries(out: &Output, entries: &[Entry], all: bool) {
    if !entries.is_empty() {
        out.line("\n  offset  value                    timestamp           key");
    }
    let whole = all || entries.len() <= SHOWN_WHOLE;
    let first = if whole { entries.len() } else { SHOWN_FIRST };
    let last = entries.len() - if whole { 0 } else { SHOWN_LAST };
    let longest = if all { usize::MAX } else { LONGEST_KEY };
    entries[..first]
        .iter()
        .for_each(|entry| print_entry(out, entry, longest));
    if last > first {
        out.line(format_args!("  … and {} more, --all shows them", last - first));
    }
    entries[last..]
        .iter()
        .for_each(|entry| print_entry(out, entry, longest));
}

fn print_entry(out: &Output, entry: &Entry, longest_key: usize) {
    out.line(format_args!(
        "{:>8}  {:<23}  {:<18}  {}",
        entry.offset,
        go_float(entry.value),
        go_float(entry.timestamp),
        clip(&printable(&key(&entry.key)), longest_key)
    ));
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
