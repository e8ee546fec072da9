//! `counterfoil diff`: a running system, no fleet: files, scrape, files again.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use counterfoil::check::{Bracket, Difference, Reading, Scraped, bracket, diagnose};
use counterfoil::exposition::Parsed;
use counterfoil::report::{ExitStatus, printable};
use counterfoil::scrape::{Format, Response, ScrapeError, Scraper};
use counterfoil::truth::TruthError;
use miette::Diagnostic;
use thiserror::Error;

use super::output::Output;

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
    let compared = match compare(arguments) {
        Ok(compared) => compared,
        Err(stopped) => {
            let exit = stopped.exit();
            super::complain(stopped);
            return exit.into();
        }
    };
    let out = Output::default();
    report(&out, arguments, &compared);
    out.end(exit(&compared))
}

/// The files, what was served between two reads of them, and how the two lie to each other.
struct Compared {
    served: Parsed,
    bracket: Bracket,
    after: Reading,
}

fn compare(arguments: &Arguments) -> Result<Compared, Stopped> {
    let scraper = Scraper::new(&arguments.url, Duration::from_secs(arguments.timeout_s))?;
    let before = Reading::take(&arguments.dir)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|source| Stopped::NoRuntime { source })?;
    let scraped = Scraped::of(runtime.block_on(scraper.get(Format::Text))?);
    let after = before.later(before.snapshot.raw().read_again(&arguments.dir)?)?;
    let Scraped { response, parsed } = scraped;
    let url = || arguments.url.clone();
    let served = match (parsed, response.unreadable()) {
        (Some(parsed), None) => parsed,
        (_, unreadable) => {
            return Err(Stopped::NoExposition {
                url: url(),
                served: unreadable.unwrap_or_default(),
                remedy: remedy(&response),
            });
        }
    };
    if !response.format.is_served_as(&response.content_type) {
        return Err(Stopped::NoExposition {
            url: url(),
            served: match response.content_type.as_str() {
                "" => "something without a content type".to_owned(),
                other => format!("something of content type {other:?}"),
            },
            remedy: "is this where it serves its metrics? text 0.0.4 is text/plain, and Prometheus refuses other types too",
        });
    }
    let bracket = bracket(&before, &served.exposition, &after);
    Ok(Compared {
        served,
        bracket,
        after,
    })
}

fn remedy(response: &Response) -> &'static str {
    match response.status {
        200 => "let it serve text to those who ask for text with Accept",
        300..400 => "give --url the address that it points to, `curl -v` shows it",
        400..500 => "is this where it serves its metrics?",
        _ => "see the exporter's log",
    }
}

/// What keeps an endpoint from being held against its files.
#[derive(Debug, Error, Diagnostic)]
enum Stopped {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Files(#[from] TruthError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Scrape(#[from] ScrapeError),
    #[error("{url} serves no exposition, but {served}")]
    #[diagnostic(help("{remedy}"))]
    NoExposition {
        url: String,
        served: String,
        remedy: &'static str,
    },
    #[error("cannot open sockets")]
    #[diagnostic(help("see what limits this process: its user, its sandbox, `ulimit -a`"))]
    NoRuntime { source: std::io::Error },
}

impl Stopped {
    fn exit(&self) -> ExitStatus {
        match self {
            Self::Scrape(ScrapeError::Url { .. }) => ExitStatus::Usage,
            _ => ExitStatus::NotJudged,
        }
    }
}

/// Outside the bracket, or malformed, is nonconformant; a difference that moved or cannot be bracketed is no evidence.
fn exit(Compared { served, bracket, .. }: &Compared) -> ExitStatus {
    if !bracket.outside.is_empty() || !served.findings.is_empty() {
        ExitStatus::Nonconformant
    } else if !bracket.undecided.is_empty() {
        ExitStatus::NotJudged
    } else if bracket.inside == 0 {
        ExitStatus::Nothing
    } else {
        ExitStatus::Conformant
    }
}

fn report(out: &Output, arguments: &Arguments, compared: &Compared) {
    let Compared {
        served,
        bracket,
        after,
    } = compared;
    let processes = after.snapshot.pids();
    let layout = after.snapshot.layout();
    out.line(format_args!(
        "{} files of {} processes in {}{}",
        after.snapshot.files().len(),
        processes.len(),
        arguments.dir.display(),
        layout.map_or(String::new(), |layout| format!(", layout {layout}"))
    ));
    out.line(format_args!(
        "{} series inside the bracket, {} of them exactly equal",
        bracket.inside, bracket.exact
    ));
    if bracket.width > 0.0 {
        out.line(format_args!("the widest bracket is {}", bracket.width));
    }
    if bracket.files_removed {
        out.line("a file was removed during the scrape: nothing can be bracketed");
    }
    if let Some(first) = served.findings.first() {
        let more = match served.findings.len() {
            1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        let (message, context) = (printable(&first.message), printable(&first.context));
        out.line(format_args!(
            "\nthe body is malformed at line {}, column {}: {message}: {context}{more}",
            first.line, first.column
        ));
    }
    if !bracket.outside.is_empty() {
        if let Some(diagnosis) = diagnose(&after.snapshot, &after.truth, &served.exposition) {
            out.line(format_args!("\n{}", printable(&diagnosis.to_string())));
        }
        print_series(out, arguments, "outside the bracket", &bracket.outside);
    }
    if !bracket.undecided.is_empty() {
        print_series(
            out,
            arguments,
            "moved, or cannot be bracketed",
            &bracket.undecided,
        );
    }
}

fn print_series(out: &Output, arguments: &Arguments, title: &str, differences: &[Difference]) {
    out.line(format_args!("\n{} series {title}", differences.len()));
    let shown = if arguments.all { differences.len() } else { SHOWN };
    for difference in differences.iter().take(shown) {
        out.line(format_args!(
            "  {}: {}, {}",
            printable(&difference.series),
            difference.got,
            difference.expected
        ));
        for part in &difference.parts {
            let (pid, file) = (printable(&part.pid), printable(&part.file));
            out.line(format_args!("      pid {pid}  {}  {file}", part.value));
        }
    }
    if differences.len() > shown {
        out.line(format_args!(
            "  and {} more, --all prints them",
            differences.len() - shown
        ));
    }
}
