//! `counterfoil self-test`

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use counterfoil::report::{Bar, Event, ExitStatus, Listener};
use counterfoil::run::{RunError, Settings};
use counterfoil::scenario::Catalogue;
use counterfoil::self_test::{Death, Plan, self_test};
use counterfoil_reference::mutant::{self, Mutant};
use miette::Diagnostic;
use thiserror::Error;

use super::output::Output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Mutants whose name contains one of these; all, if there is none
    mutant: Vec<String>,
    /// Plays every mutant in every scenario; takes some twenty times as long
    #[arg(long)]
    full: bool,
    /// auto, embedded, process, container, or redis://HOST:PORT
    #[arg(long, default_value = "auto")]
    broker: String,
    /// Where runs are kept
    #[arg(long, value_name = "DIR", default_value = "counterfoil.out")]
    out: PathBuf,
    /// How many scenarios run at once; as many as there are processors, if nothing is said
    #[arg(long, value_name = "N")]
    jobs: Option<std::num::NonZeroUsize>,
}

pub(crate) fn main(arguments: Arguments) -> ExitCode {
    let catalogue = match Catalogue::embedded() {
        Ok(catalogue) => catalogue,
        Err(error) => return super::stopped(error.into()),
    };
    let plan = match plan(&arguments, &catalogue) {
        Ok(plan) => plan,
        Err(unknown) => {
            super::complain(unknown);
            return ExitStatus::Nothing.into();
        }
    };
    let settings = match settings(arguments) {
        Ok(settings) => settings,
        Err(error) => return super::stopped(error),
    };
    let out = Output::default();
    let mut watch = Watch::new(out.clone());
    let matrix =
        super::to_the_end(async |interrupt| self_test(interrupt, &settings, &plan, &mut watch).await);
    watch.bar.clear();
    match matrix {
        Ok(matrix) => {
            out.text(matrix.draw(super::colour(&io::stdout())));
            out.end(matrix.exit())
        }
        Err(error) => super::stopped(error),
    }
}

/// A filter that chooses nothing.
#[derive(Debug, Error, Diagnostic)]
#[error("no mutant matches {filter}")]
#[diagnostic(help("`counterfoil list mutants` names them all"))]
struct NoMutant {
    filter: String,
}

/// Every death that a mutant declares, and the mutants that were asked for. What is to be played apart is played for who
/// is named.
fn plan(arguments: &Arguments, catalogue: &Catalogue) -> Result<Plan, NoMutant> {
    let is_named = |mutant: Mutant| arguments.mutant.iter().any(|name| name == mutant.name());
    let is_apart = |id: &str| catalogue.get(id).is_some_and(|scenario| scenario.apart);
    let deaths = mutant::ALL.into_iter().flat_map(|mutant| {
        let owned = move |death: &mutant::Death| Death {
            mutant: mutant.name().to_owned(),
            scenario: death.scenario.to_owned(),
            check: death.check.to_owned(),
            because: death.because.to_owned(),
            also: death.also.iter().map(|&check| check.to_owned()).collect(),
        };
        let due = mutant
            .deaths()
            .iter()
            .filter(move |death| is_named(mutant) || !is_apart(death.scenario));
        due.map(owned)
    });
    let names = || mutant::ALL.into_iter().map(Mutant::name);
    let mut only = Vec::new();
    for filter in &arguments.mutant {
        let is_exact = Mutant::parse(filter).is_some();
        let before = only.len();
        only.extend(names().filter(|name| match is_exact {
            true => name == filter,
            false => name.contains(filter.as_str()),
        }));
        if only.len() == before {
            return Err(NoMutant {
                filter: filter.clone(),
            });
        }
    }
    Ok(Plan {
        deaths: deaths.collect(),
        only: only.into_iter().map(str::to_owned).collect(),
        full: arguments.full,
    })
}

fn settings(arguments: Arguments) -> Result<Settings, RunError> {
    Ok(Settings {
        broker: arguments.broker.parse()?,
        out: arguments.out,
        jobs: super::jobs(arguments.jobs),
        ..super::of_the_reference()?
    })
}

/// Says where it runs, and shows on a terminal how far it is.
struct Watch {
    out: Output,
    bar: Bar,
}

impl Watch {
    fn new(out: Output) -> Self {
        Self {
            out,
            bar: Bar::for_people(),
        }
    }
}

impl Listener for Watch {
    fn on(&mut self, event: &Event) {
        match event {
            Event::RunStarted {
                counterfoil,
                run,
                broker,
                planned,
                kept,
                ..
            } => {
                self.out
                    .line(format_args!("counterfoil {counterfoil}, self-test {run}"));
                self.out.line(format_args!("broker    {broker}"));
                self.out.line(format_args!("kept      {kept}\n"));
                self.bar.count(*planned);
            }
            Event::ScenarioFinished(report) => {
                self.bar.advance();
                let mutant = report.mutant.as_deref().unwrap_or("as it should be");
                self.bar.show(&format!("{}: {mutant}", report.id));
            }
            _ => {}
        }
    }

    fn progress(&mut self, what: &str) {
        self.bar.show(what);
    }
}
