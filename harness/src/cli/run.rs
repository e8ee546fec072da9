//! `counterfoil run`

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use counterfoil::broker::Choice;
use counterfoil::exporter::Selector;
use counterfoil::report::{ExitStatus, JsonLines, Listener, Terminal, junit};
use counterfoil::run::{Finished, Interrupt, RunError, Settings, Shard, run_until};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Scenarios whose id contains one of these; all, if there is none
    filter: Vec<String>,
    /// NAME, NAME@VERSION, NAME@PATH of a checkout, or the path of a manifest.toml
    #[arg(long, default_value = "reference", value_name = "EXPORTER")]
    exporter: Selector,
    /// auto, embedded, process, container, or redis://HOST:PORT
    #[arg(long, default_value = "auto")]
    broker: String,
    /// How the report is written to stdout
    #[arg(long, value_enum, default_value_t = MessageFormat::Human)]
    message_format: MessageFormat,
    /// Also writes the report as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Where runs are kept
    #[arg(long, value_name = "DIR", default_value = "counterfoil.out")]
    out: PathBuf,
    /// The seed of the order in which tasks are dispatched
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Runs share K of N of the scenarios, chosen by their ids
    #[arg(long, value_name = "K/N")]
    shard: Option<Shard>,
    /// Runs every scenario N times; one that passes and fails is flaky
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// How many scenarios run at once; as many as there are processors, if nothing is said
    #[arg(long, value_name = "N")]
    jobs: Option<std::num::NonZeroUsize>,
    /// Goes on after a failure (the default)
    #[arg(long, overrides_with = "fail_fast")]
    no_fail_fast: bool,
    /// Ends the run at the first failure
    #[arg(long)]
    fail_fast: bool,
    /// Prints how long each stage of each scenario took
    #[arg(long)]
    timings: bool,
    /// Gives the reference a named defect, to see that it is caught
    #[arg(long, value_name = "NAME")]
    mutant: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MessageFormat {
    Human,
    Json,
}

pub(crate) fn main(arguments: Arguments) -> ExitCode {
    let (junit_file, format, timings) = (
        arguments.junit.clone(),
        arguments.message_format,
        arguments.timings,
    );
    let settings = match settings(arguments) {
        Ok(settings) => settings,
        Err(error) => return stopped(error),
    };
    let mut listener: Box<dyn Listener> = match format {
        MessageFormat::Json => Box::new(JsonLines::new(io::stdout())),
        MessageFormat::Human => {
            let progress = io::stderr().is_terminal();
            Box::new(Terminal::new(
                io::stdout(),
                super::colour(&io::stdout()),
                progress,
                timings,
            ))
        }
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("counterfoil: no runtime: {error}");
            return ExitStatus::NotJudged.into();
        }
    };
    let finished = runtime.block_on(async {
        let interrupt = Interrupt::on_signals().map_err(|source| RunError::Io {
            path: "signals".into(),
            source,
        })?;
        run_until(interrupt, &settings, listener.as_mut()).await
    });
    // Whatever still hangs on the runtime is the reaper's to end; it must not hold up the exit.
    runtime.shutdown_background();
    let finished = match finished {
        Ok(finished) => finished,
        Err(error) => return stopped(error),
    };
    if let Some(Err(message)) = junit_file.map(|file| write_junit(&file, &finished)) {
        eprintln!("counterfoil: {message}");
        return ExitStatus::NotJudged.into();
    }
    finished.summary.exit().into()
}

fn stopped(error: RunError) -> ExitCode {
    let exit = error.exit();
    super::complain(error);
    exit.into()
}

fn settings(arguments: Arguments) -> Result<Settings, RunError> {
    let program = std::env::current_exe().map_err(|source| RunError::Io {
        path: PathBuf::from("/proc/self/exe"),
        source,
    })?;
    let processors = std::thread::available_parallelism();
    Ok(Settings {
        jobs: arguments
            .jobs
            .or(processors.ok())
            .map_or(1, std::num::NonZeroUsize::get),
        broker: arguments.broker.parse::<Choice>()?,
        exporter: arguments.exporter,
        reference_manifest: counterfoil_reference::MANIFEST,
        program,
        filters: arguments.filter,
        shard: arguments.shard,
        out: arguments.out,
        seed: arguments.seed,
        repeat: arguments.repeat,
        fail_fast: arguments.fail_fast,
        mutant: arguments.mutant,
    })
}

fn write_junit(file: &std::path::Path, finished: &Finished) -> Result<(), String> {
    let text = junit::render(&finished.exporter, &finished.reports).map_err(|error| error.to_string())?;
    std::fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))
}
