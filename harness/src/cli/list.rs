//! `counterfoil list`

mod document;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use counterfoil::check;
use counterfoil::exporter::Adapter;
use counterfoil::report::ExitStatus;
use counterfoil::requirements::RequirementSet;
use counterfoil::run::RunError;
use counterfoil::scenario::{Catalogue, Level, Scenario};
use counterfoil_reference::mutant::{self, Mutant};

use super::MessageFormat;
use super::output::Output;
use document::Document;

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
    /// How the list is written to stdout
    #[arg(long, value_enum, default_value_t = MessageFormat::Human)]
    message_format: MessageFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    Scenarios,
    Exporters,
    Checks,
    Mutants,
}

/// What was asked for; a part that was not is `None`.
struct Listed<'a> {
    scenarios: Option<Vec<&'a Scenario>>,
    canaries: Vec<&'a Scenario>,
    /// What scenarios can be of.
    sets: Vec<RequirementSet>,
    exporters: Option<Vec<String>>,
    checks: Option<&'static [check::Check]>,
    mutants: Option<Vec<Mutant>>,
}

impl Listed<'_> {
    /// The numbers of the requirement sets that a scenario is of. One of a folder is of none, whatever its id.
    fn sets_of(&self, scenario: &Scenario) -> Vec<u32> {
        let has = |set: &&RequirementSet| set.requirement(&scenario.id).is_some();
        self.sets.iter().filter(has).map(|set| set.number).collect()
    }
}

pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    let catalogue = arguments
        .scenarios
        .as_deref()
        .map_or_else(Catalogue::embedded, Catalogue::read);
    let catalogue = match catalogue {
        Ok(catalogue) => catalogue,
        Err(error) => return super::stopped(error.into()),
    };
    let listed = match listed(arguments, &catalogue) {
        Ok(listed) => listed,
        Err(error) => return super::stopped(error),
    };
    let out = Output::default();
    match arguments.message_format {
        MessageFormat::Human => print(&out, &listed),
        MessageFormat::Json => out.line(Document::of(&listed).text()),
    }
    out.end(ExitStatus::Conformant)
}

fn listed<'a>(arguments: &Arguments, catalogue: &'a Catalogue) -> Result<Listed<'a>, RunError> {
    let wanted = |what: What| arguments.what.is_none_or(|have| have == what);
    let scenarios = wanted(What::Scenarios);
    if scenarios && let Some((filters, remedy)) = catalogue.unmatched(&arguments.filter) {
        return Err(RunError::NothingMatches { filters, remedy });
    }
    let canaries = catalogue
        .canaries()
        .filter(|_| scenarios && arguments.filter.is_empty());
    Ok(Listed {
        scenarios: scenarios.then(|| match arguments.filter.is_empty() {
            true => catalogue.judging().collect(),
            false => catalogue.select(&arguments.filter),
        }),
        canaries: canaries.collect(),
        sets: match arguments.scenarios {
            Some(_) => Vec::new(),
            None => RequirementSet::all()?,
        },
        exporters: wanted(What::Exporters).then(Adapter::known),
        checks: wanted(What::Checks).then_some(&check::ALL),
        mutants: wanted(What::Mutants).then(|| mutant::ALL.into_iter().collect()),
    })
}

fn print(out: &Output, listed: &Listed<'_>) {
    if let Some(scenarios) = &listed.scenarios {
        out.line(format_args!("{} scenarios", scenarios.len()));
        scenarios
            .iter()
            .for_each(|scenario| print_scenario(out, listed, scenario));
        print_counts(out, &Counts::of(scenarios));
    }
    if !listed.canaries.is_empty() {
        out.line(format_args!(
            "{} canaries, which must fail",
            listed.canaries.len()
        ));
        listed
            .canaries
            .iter()
            .for_each(|scenario| print_scenario(out, listed, scenario));
    }
    if let Some(exporters) = &listed.exporters {
        out.line("exporters");
        exporters
            .iter()
            .for_each(|name| out.line(format_args!("  {name}")));
    }
    if let Some(checks) = listed.checks {
        out.line("checks");
        for check in checks {
            out.line(format_args!("  {:<22} {}", check.id(), check.title()));
        }
    }
    if let Some(mutants) = &listed.mutants {
        out.line("mutants of the reference");
        mutants.iter().for_each(|mutant| print_mutant(out, *mutant));
    }
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

fn print_scenario(out: &Output, listed: &Listed<'_>, scenario: &Scenario) {
    let mut stands_on = scenario.rules.clone();
    stands_on.extend(scenario.sources.iter().cloned());
    out.line(format_args!(
        "  {:<44} {:<6} {}",
        scenario.id,
        scenario.level.to_string(),
        scenario.title
    ));
    let sets: Vec<String> = listed.sets_of(scenario).iter().map(u32::to_string).collect();
    let sets = match sets.is_empty() {
        true => "no requirement set".to_owned(),
        false => format!("requirement set {}", sets.join(", ")),
    };
    let apart = if scenario.apart {
        "; played by its id alone"
    } else {
        ""
    };
    out.line(format_args!(
        "  {:<44} {:<6} {}; {}; {sets}{apart}",
        "",
        "",
        stands_on.join(" "),
        scenario.checks().join(" ")
    ));
}

/// How many scenarios of each level there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
struct Levels {
    must: usize,
    should: usize,
}

impl Levels {
    fn count(&mut self, level: Level) {
        match level {
            Level::Must => self.must += 1,
            Level::Should => self.should += 1,
        }
    }
}

/// The same in all, and family by family.
#[derive(Debug, Default, PartialEq, Eq, serde::Serialize)]
struct Counts {
    total: Levels,
    families: BTreeMap<String, Levels>,
}

impl Counts {
    fn of(scenarios: &[&Scenario]) -> Self {
        let mut counts = Self::default();
        for scenario in scenarios {
            counts.total.count(scenario.level);
            let family = counts.families.entry(scenario.family().to_owned());
            family.or_default().count(scenario.level);
        }
        counts
    }
}

fn print_counts(out: &Output, counts: &Counts) {
    let row = |name: &str, levels: Levels| {
        let Levels { must, should } = levels;
        out.line(format_args!(
            "  {name:<44} {must:>4} must  {should:>4} should  {:>4} in all",
            must + should
        ));
    };
    out.line("scenarios by family and level");
    for (family, levels) in &counts.families {
        row(family, *levels);
    }
    row(&format!("{} families", counts.families.len()), counts.total);
}
