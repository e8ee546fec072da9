//! `counterfoil run`

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use counterfoil::broker::Choice;
use counterfoil::exporter::Selector;
use counterfoil::fleet::FleetKind;
use counterfoil::report::{ExitStatus, JsonLines, Listener, Terminal};
use counterfoil::run::{BaselineUse, RunError, Settings, Shard, run_until};
use counterfoil_reference::mutant;

use super::MessageFormat;
use super::outlets::{tell_github, write_junit};
use super::output::Output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Scenarios whose id contains one of these; all, if there is none
    filter: Vec<String>,
    /// Plays the scenarios of this folder, DIR/<family>/<behaviour>.toml, instead of the embedded ones
    #[arg(long, value_name = "DIR")]
    scenarios: Option<PathBuf>,
    /// Plays the scenarios of that requirement set alone; without it all, and those beyond the newest set only warn
    #[arg(long, value_name = "SET", conflicts_with_all = ["scenarios", "property"])]
    requirements: Option<u32>,
    /// NAME, NAME@VERSION, NAME@PATH of a checkout, or the path of a manifest.toml
    #[arg(long, default_value = "reference", value_name = "EXPORTER")]
    exporter: Selector,
    /// Brings the baseline.toml beside the manifest up to date: adds what fails, takes out what holds
    #[arg(long, conflicts_with_all = ["no_baseline", "property"])]
    update_baseline: bool,
    /// Leaves aside what the baseline.toml beside the manifest says is known to fail
    #[arg(long)]
    no_baseline: bool,
    /// auto, embedded, process, container, or redis://HOST:PORT
    #[arg(long, default_value = "auto")]
    broker: String,
    /// process, or container: each fleet in a container of its own, beside a broker in one
    #[arg(long, default_value_t, value_name = "KIND")]
    fleet: FleetKind,
    /// How the report is written to stdout
    #[arg(long, value_enum, default_value_t = MessageFormat::Human)]
    message_format: MessageFormat,
    /// Also writes the report as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Where runs are kept
    #[arg(long, value_name = "DIR", default_value = "counterfoil.out")]
    out: PathBuf,
    /// The seed of the order in which tasks are dispatched, and of generated programs
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Runs share K of N of the scenarios, chosen by their ids
    #[arg(long, value_name = "K/N")]
    shard: Option<Shard>,
    /// Plays N generated programs instead of scenarios; one that fails is shrunk to the smallest plan that does
    #[arg(long, value_name = "N", conflicts_with_all = ["filter", "scenarios", "shard"])]
    property: Option<std::num::NonZeroU32>,
    /// Runs every scenario N times; one that passes and fails is flaky
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// Plays what fails, or cannot be judged, again, alone, until it has had N turns; what does not fail each time is flaky
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with_all = ["repeat", "fail_fast", "property"], value_parser = clap::value_parser!(u32).range(1..))]
    confirm: u32,
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
    #[arg(long, value_name = "NAME", value_parser = known_mutant)]
    mutant: Option<String>,
}

/// What a kept scenario was played with.
pub(super) struct Again {
    pub(super) id: String,
    pub(super) scenarios: Option<PathBuf>,
    pub(super) requirements: Option<u32>,
    pub(super) exporter: Selector,
    pub(super) no_baseline: bool,
    pub(super) seed: u64,
    pub(super) mutant: Option<String>,
    pub(super) broker: String,
    pub(super) fleet: FleetKind,
    pub(super) out: PathBuf,
}

impl Arguments {
    /// Those that play a kept scenario again.
    pub(super) fn again(again: Again) -> Self {
        Self {
            filter: vec![again.id],
            scenarios: again.scenarios,
            requirements: again.requirements,
            exporter: again.exporter,
            update_baseline: false,
            no_baseline: again.no_baseline,
            broker: again.broker,
            fleet: again.fleet,
            message_format: MessageFormat::Human,
            junit: None,
            out: again.out,
            seed: again.seed,
            shard: None,
            property: None,
            repeat: 1,
            confirm: 1,
            jobs: None,
            no_fail_fast: false,
            fail_fast: false,
            timings: false,
            mutant: again.mutant,
        }
    }
}

pub(crate) fn main(arguments: Arguments) -> ExitCode {
    let (junit_file, format, timings) = (
        arguments.junit.clone(),
        arguments.message_format,
        arguments.timings,
    );
    let settings = match settings(arguments) {
        Ok(settings) => settings,
        Err(error) => return super::stopped(error),
    };
    let out = Output::default();
    let mut listener: Box<dyn Listener> = match format {
        MessageFormat::Json => Box::new(JsonLines::new(out.clone())),
        MessageFormat::Human => {
            let progress = io::stderr().is_terminal();
            Box::new(Terminal::new(
                out.clone(),
                super::colour(&io::stdout()),
                progress,
                timings,
            ))
        }
    };
    let finished =
        super::to_the_end(async |interrupt| run_until(interrupt, &settings, listener.as_mut()).await);
    let finished = match finished {
        Ok(finished) => finished,
        Err(error) => return super::stopped(error),
    };
    if let Some(update) = &finished.update {
        eprintln!("{update}");
    }
    let report = &finished.report;
    let junit = junit_file.as_deref().map(|file| write_junit(file, report));
    let told = junit
        .unwrap_or(Ok(()))
        .and_then(|()| tell_github(format, &out, report));
    let exit = report.summary.exit();
    match told {
        Ok(()) => out.end(exit),
        Err(unwritten) => {
            super::complain(unwritten);
            out.end(exit.worst(ExitStatus::NotJudged))
        }
    }
}

fn settings(arguments: Arguments) -> Result<Settings, RunError> {
    Ok(Settings {
        jobs: super::jobs(arguments.jobs),
        broker: arguments.broker.parse::<Choice>()?,
        fleet: arguments.fleet,
        exporter: arguments.exporter,
        scenarios: arguments.scenarios,
        filters: arguments.filter,
        requirements: arguments.requirements,
        shard: arguments.shard,
        property: arguments.property,
        out: arguments.out,
        seed: arguments.seed,
        repeat: arguments.repeat,
        confirm: arguments.confirm,
        fail_fast: arguments.fail_fast,
        mutant: arguments.mutant,
        baseline: match (arguments.update_baseline, arguments.no_baseline) {
            (true, _) => BaselineUse::Update,
            (false, true) => BaselineUse::Ignore,
            (false, false) => BaselineUse::Judge,
        },
        ..super::of_the_reference()?
    })
}

fn known_mutant(name: &str) -> Result<String, String> {
    if mutant::Mutant::parse(name).is_some() {
        return Ok(name.to_owned());
    }
    let known: Vec<&str> = mutant::ALL.iter().map(|mutant| mutant.name()).collect();
    Err(format!("known: {}", known.join(", ")))
}
