//! `counterfoil diff`: a running system, no fleet: files, scrape, files again.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use counterfoil::check::{Bracket, Difference, Reading, Scraped, bracket, diagnose};
use counterfoil::exposition::Exposition;
use counterfoil::report::{ExitStatus, printable};
use counterfoil::scrape::{Format, Scraper};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The metrics directory of the running system
    #[arg(long)]
    dir: PathBuf,
    /// Its endpoint
    #[arg(long)]
    url: String,
    /// How long the scrape may take, in seconds
    #[arg(long, default_value_t = 10)]
    timeout_s: u64,
    /// Prints every series that differs, not only the first
    #[arg(long)]
    all: bool,
}

/// How many series are printed unless all are asked for.
const SHOWN: usize = 8;

pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    let before = match Reading::take(&arguments.dir) {
        Ok(reading) => reading,
        Err(error) => return super::merge::failed(&error),
    };
    let scraped = match scrape(arguments) {
        Ok(scraped) => scraped,
        Err(message) => {
            eprintln!("counterfoil: {message}");
            return ExitStatus::NotJudged.into();
        }
    };
    let after = match Reading::take(&arguments.dir) {
        Ok(reading) => reading,
        Err(error) => return super::merge::failed(&error),
    };
    let Some(parsed) = &scraped.parsed else {
        eprintln!(
            "counterfoil: {}: status {}",
            arguments.url, scraped.response.status
        );
        return ExitStatus::NotJudged.into();
    };
    let bracket = bracket(&before, &parsed.exposition, &after);
    report(arguments, &bracket, &parsed.exposition, &after);
    exit(&bracket).into()
}

/// Outside the bracket is nonconformant; a difference that moved or cannot be bracketed is no evidence.
fn exit(bracket: &Bracket) -> ExitStatus {
    if !bracket.outside.is_empty() {
        ExitStatus::Nonconformant
    } else if !bracket.undecided.is_empty() {
        ExitStatus::NotJudged
    } else if bracket.inside == 0 {
        ExitStatus::Nothing
    } else {
        ExitStatus::Conformant
    }
}

fn scrape(arguments: &Arguments) -> Result<Scraped, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let scraper = Scraper::new(&arguments.url, Duration::from_secs(arguments.timeout_s));
    let scraper = scraper.map_err(|error| error.to_string())?;
    let response = runtime
        .block_on(scraper.get(Format::Text))
        .map_err(|error| error.to_string())?;
    Ok(Scraped::of(response))
}

fn report(arguments: &Arguments, bracket: &Bracket, served: &Exposition, after: &Reading) {
    let processes = after.snapshot.pids();
    println!(
        "{} files of {} processes in {}",
        after.snapshot.files().len(),
        processes.len(),
        arguments.dir.display()
    );
    println!(
        "{} series inside the bracket, {} of them exactly equal",
        bracket.inside, bracket.exact
    );
    if bracket.width > 0.0 {
        println!("the widest bracket is {}", bracket.width);
    }
    if bracket.files_removed {
        println!("a file was removed during the scrape: nothing can be bracketed");
    }
    if !bracket.outside.is_empty() {
        if let Some(diagnosis) = diagnose(&after.snapshot, &after.truth, served) {
            println!("\n{}", printable(&diagnosis.to_string()));
        }
        print_series(arguments, "outside the bracket", &bracket.outside);
    }
    if !bracket.undecided.is_empty() {
        print_series(arguments, "moved, or cannot be bracketed", &bracket.undecided);
    }
}

fn print_series(arguments: &Arguments, title: &str, differences: &[Difference]) {
    println!("\n{} series {title}", differences.len());
    let shown = if arguments.all { differences.len() } else { SHOWN };
    for difference in differences.iter().take(shown) {
        println!(
            "  {}: {}, {}",
            printable(&difference.series),
            difference.got,
            difference.expected
        );
        for part in &difference.parts {
            let (pid, file) = (printable(&part.pid), printable(&part.file));
            println!("      pid {pid}  {}  {file}", part.value);
        }
    }
    if differences.len() > shown {
        println!("  and {} more, --all prints them", differences.len() - shown);
    }
}
