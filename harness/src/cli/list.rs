//! `counterfoil list`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use counterfoil::check;
use counterfoil::exporter::Adapter;
use counterfoil::report::ExitStatus;
use counterfoil::run::RunError;
use counterfoil::scenario::{Catalogue, Scenario};
use counterfoil_reference::mutant::{self, Mutant};

use super::output::Output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What is listed; everything, if nothing is said
    #[arg(value_enum)]
    what: Option<What>,
    /// Scenarios whose id contains one of these
    filter: Vec<String>,
    /// The scenarios of this folder, DIR/<family>/<behaviour>.toml, instead of the embedded ones
    #[arg(long, value_name = "DIR")]
    scenarios: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    Scenarios,
    Exporters,
    Checks,
    Mutants,
}

pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    let catalogue = arguments
        .scenarios
        .as_deref()
        .map_or_else(Catalogue::embedded, Catalogue::read);
    let catalogue = match catalogue {
        Ok(catalogue) => catalogue,
        Err(error) => {
            let error = RunError::from(error);
            let exit = error.exit();
            super::complain(error);
            return exit.into();
        }
    };
    let out = Output::default();
    let wanted = |what: What| arguments.what.is_none_or(|have| have == what);
    if wanted(What::Scenarios) {
        if let Some((filters, remedy)) = catalogue.unmatched(&arguments.filter) {
            super::complain(RunError::NothingMatches { filters, remedy });
            return ExitStatus::Nothing.into();
        }
        let chosen = match arguments.filter.is_empty() {
            true => catalogue.judging().collect(),
            false => catalogue.select(&arguments.filter),
        };
        out.line(format_args!("{} scenarios", chosen.len()));
        chosen.iter().for_each(|scenario| print_scenario(&out, scenario));
        let canaries: Vec<&Scenario> = catalogue.canaries().collect();
        if arguments.filter.is_empty() && !canaries.is_empty() {
            out.line(format_args!("{} canaries, which must fail", canaries.len()));
            canaries
                .iter()
                .for_each(|scenario| print_scenario(&out, scenario));
        }
    }
    if wanted(What::Exporters) {
        out.line("exporters");
        for name in Adapter::known() {
            out.line(format_args!("  {name}"));
        }
    }
    if wanted(What::Checks) {
        out.line("checks");
        for check in check::ALL {
            out.line(format_args!("  {:<22} {}", check.id(), check.title()));
        }
    }
    if wanted(What::Mutants) {
        out.line("mutants of the reference");
        mutant::ALL
            .into_iter()
            .for_each(|mutant| print_mutant(&out, mutant));
    }
    out.end(ExitStatus::Conformant)
}

fn print_mutant(out: &Output, mutant: Mutant) {
    let (name, stands_for) = (mutant.name(), mutant.stands_for());
    out.line(format_args!(
        "  {name:<34} {stands_for:<18} {}",
        mutant.description()
    ));
    for death in mutant.deaths() {
        let (scenario, check) = (death.scenario, death.check);
        out.line(format_args!(
            "  {:<34} {:<18} killed in {scenario} by {check}",
            "", ""
        ));
    }
}

fn print_scenario(out: &Output, scenario: &Scenario) {
    let mut stands_on = scenario.rules.clone();
    stands_on.extend(scenario.sources.iter().cloned());
    out.line(format_args!(
        "  {:<44} {:<6} {}",
        scenario.id,
        scenario.level.to_string(),
        scenario.title
    ));
    out.line(format_args!(
        "  {:<44} {:<6} {}; {}",
        "",
        "",
        stands_on.join(" "),
        scenario.checks().join(" ")
    ));
}
