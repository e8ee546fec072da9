//! The command line: one file a command. Results go to stdout, everything else to stderr.

mod bisect;
mod diff;
mod init;
mod inspect;
mod list;
mod matrix;
mod merge;
mod options;
mod outlets;
mod output;
mod reduce;
mod replay;
mod report;
mod run;
mod self_test;
mod watch;

use std::io::{self, IsTerminal};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use counterfoil::broker::Choice;
use counterfoil::fleet::FleetKind;
use counterfoil::run::{BaselineUse, Control, Interrupt, RunError, Settings};
use counterfoil::testing::Role;

/// Conformance suite for multi-process Prometheus exporters.
#[derive(Debug, Parser)]
#[command(name = "counterfoil", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs scenarios on an exporter; without --exporter, on the reference
    Run(run::Arguments),
    /// Begins an adapter: the folder of a new one, as a copy of one that works
    Init(init::Arguments),
    /// Runs exporters × versions, after one control: one table, one report
    Matrix(matrix::Arguments),
    /// Finds where over released versions the verdict changes, each time that it does
    Bisect(bisect::Arguments),
    /// Makes a wrong merge small: a fixture of the files and entries that it needs, without a fleet
    Reduce(reduce::Arguments),
    /// Judges a kept run again, without a fleet
    Replay(replay::Arguments),
    /// Works on what runs have left: joins the reports of shards
    #[command(subcommand)]
    Report(report::Command),
    /// Shows that the suite finds what it is for: control, canaries, and mutants that must be killed
    SelfTest(self_test::Arguments),
    /// Lists scenarios, exporters, checks and mutants
    List(list::Arguments),
    /// Holds a live endpoint against its metric files: files, scrape, files again
    Diff(diff::Arguments),
    /// Prints the merged truth of a metrics directory
    Merge(merge::Arguments),
    /// Explains one metric file: header, entries, and where a corrupt one breaks
    Inspect(inspect::Arguments),
    #[command(flatten)]
    Role(Role),
}

/// For whom stdout is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MessageFormat {
    Human,
    Json,
}

pub(crate) fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Run(arguments) => run::main(arguments),
        Command::Init(arguments) => init::main(&arguments),
        Command::Matrix(arguments) => matrix::main(arguments),
        Command::Bisect(arguments) => bisect::main(arguments),
        Command::Reduce(arguments) => reduce::main(&arguments),
        Command::Replay(arguments) => replay::main(arguments),
        Command::Report(command) => report::main(command),
        Command::SelfTest(arguments) => self_test::main(arguments),
        Command::List(arguments) => list::main(&arguments),
        Command::Diff(arguments) => diff::main(&arguments),
        Command::Merge(arguments) => merge::main(&arguments),
        Command::Inspect(arguments) => inspect::main(&arguments),
        Command::Role(role) => role.play(),
    }
}

/// Does what takes an interrupt and tokio, to its end.
fn to_the_end<T>(work: impl AsyncFnOnce(Interrupt) -> Result<T, RunError>) -> Result<T, RunError> {
    let runtime = tokio::runtime::Runtime::new().map_err(|source| RunError::System {
        what: "start threads",
        source,
    })?;
    let done = runtime.block_on(async {
        let interrupt = Interrupt::on_signals().map_err(|source| RunError::System {
            what: "listen for SIGINT and SIGTERM",
            source,
        })?;
        work(interrupt).await
    });
    // Whatever still hangs on the runtime is the reaper's to end; it must not hold up the exit.
    runtime.shutdown_background();
    done
}

/// Says what kept a run from judging, and ends with its exit code.
fn stopped(error: RunError) -> ExitCode {
    let exit = error.exit();
    complain(error);
    exit.into()
}

/// What a run is asked to do where nothing is said: every scenario on the reference, once, one after the other.
fn of_the_reference() -> Result<Settings, RunError> {
    let Ok(exporter) = "reference".parse();
    Ok(Settings {
        exporter,
        reference_manifest: counterfoil_reference::MANIFEST,
        placeholders: Vec::new(),
        program: program()?,
        broker: Choice::Auto,
        fleet: FleetKind::Process,
        scenarios: None,
        filters: Vec::new(),
        requirements: None,
        shard: None,
        property: None,
        out: PathBuf::from("counterfoil.out"),
        seed: 0,
        repeat: 1,
        confirm: 1,
        jobs: 1,
        fail_fast: false,
        mutant: None,
        baseline: BaselineUse::Judge,
        control: Control::Own,
    })
}

/// This program's own file, which a run starts again.
fn program() -> Result<PathBuf, RunError> {
    std::env::current_exe().map_err(|source| RunError::System {
        what: "find this program's own file",
        source,
    })
}

/// So many scenarios at once; as many as there are processors, if nothing is said.
fn jobs(asked: Option<NonZeroUsize>) -> usize {
    let processors = std::thread::available_parallelism();
    asked.or(processors.ok()).map_or(1, NonZeroUsize::get)
}

/// Prints an error with everything it knows: the place, the source line, the remedy.
fn complain(error: impl miette::Diagnostic + Send + Sync + 'static) {
    let handler = miette::GraphicalReportHandler::new_themed(if colour(&io::stderr()) {
        miette::GraphicalTheme::unicode()
    } else {
        miette::GraphicalTheme::unicode_nocolor()
    });
    // A path or a command that is broken into lines cannot be copied.
    let handler = handler.with_wrap_lines(false);
    let mut text = String::new();
    match handler.render_report(&mut text, &error) {
        Ok(()) => eprint!("{text}"),
        Err(_) => eprintln!("{error}"),
    }
}

/// Whether escape sequences are welcome: a terminal, and no NO_COLOR.
fn colour(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
