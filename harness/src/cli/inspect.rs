//! `counterfoil inspect`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use counterfoil::exposition::go_float;
use counterfoil::report::{ExitStatus, printable};
use counterfoil::series::Series;
use counterfoil::truth::{Key, MetricFile};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A metric file, `*.db`
    file: PathBuf,
}

pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    let file = match MetricFile::read(&arguments.file) {
        Ok(file) => file,
        Err(error) => return super::merge::failed(&error),
    };
    println!("file     {}", file.path.display());
    match &file.layout {
        Some(layout) => println!("layout   {layout}"),
        None => println!("layout   unknown: the file holds no entry that could tell"),
    }
    println!("used     {} bytes", file.bytes().len());
    println!("entries  {}", file.entries.len());
    if !file.entries.is_empty() {
        println!("\n  offset  value                    timestamp           key");
    }
    for entry in &file.entries {
        println!(
            "{:>8}  {:<23}  {:<18}  {}",
            entry.offset,
            go_float(entry.value),
            go_float(entry.timestamp),
            printable(&key(&entry.key))
        );
    }
    match &file.fault {
        None => ExitCode::SUCCESS,
        Some((offset, fault)) => {
            println!("\nbreaks at byte {offset}: {fault}");
            print_bytes(file.bytes(), *offset);
            ExitStatus::Nonconformant.into()
        }
    }
}

/// The series, then its family and HELP where the series does not say them.
fn key(key: &Key) -> String {
    let series = Series::new(key.sample.clone(), key.labels.clone());
    format!("{series}  family {:?}, help {:?}", key.family, key.help)
}

/// Sixteen bytes a line around the place, as numbers and as text.
fn print_bytes(bytes: &[u8], offset: usize) {
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
        println!("{mark} {at:>7}  {numbers:<48}  {text}");
    }
}
