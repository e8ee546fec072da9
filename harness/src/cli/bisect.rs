//! `counterfoil bisect`

use std::io;
use std::process::ExitCode;

use clap::Args;
use counterfoil::bisect::{BisectError, Bisection, Range, bisect};
use counterfoil::exporter::Selector;
use counterfoil::run::Settings;

use super::options::Options;
use super::output::Output;
use super::watch::Watch;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// NAME, or the path of a manifest.toml
    exporter: Selector,
    /// Scenarios whose id contains one of these; all, if there is none
    filter: Vec<String>,
    /// The oldest release
    #[arg(long, value_name = "VERSION", required_unless_present = "versions")]
    from: Option<String>,
    /// The newest release
    #[arg(long, value_name = "VERSION", required_unless_present = "versions")]
    to: Option<String>,
    /// These releases, instead of those that the package index has
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    versions: Vec<String>,
    #[command(flatten)]
    options: Options,
}

pub(crate) fn main(arguments: Arguments) -> ExitCode {
    let Arguments {
        exporter,
        filter,
        from,
        to,
        versions,
        options,
    } = arguments;
    let range = match Range::of(from.as_deref(), to.as_deref(), &versions) {
        Ok(range) => range,
        Err(error) => return stopped(error),
    };
    // A known failure is one.
    let settings = match options.settings(filter, true) {
        Ok(settings) => settings,
        Err(error) => return super::stopped(error),
    };
    let out = Output::default();
    out.line(format_args!(
        "counterfoil {}, bisect of {exporter}\n",
        env!("CARGO_PKG_VERSION")
    ));
    let mut watch = Watch::new(out.clone());
    let done = run(&settings, &exporter, &range, &mut watch);
    watch.finish();
    match done {
        Ok((bisection, folder)) => {
            out.line("");
            out.text(bisection.draw(super::colour(&io::stdout())));
            out.line(format_args!("kept      {}", folder.join("bisect.json").display()));
            out.end(bisection.exit())
        }
        Err(error) => stopped(error),
    }
}

fn run(
    settings: &Settings,
    exporter: &Selector,
    range: &Range,
    watch: &mut Watch,
) -> Result<(Bisection, std::path::PathBuf), BisectError> {
    super::to_the_end(async |interrupt| Ok(bisect(interrupt, settings, exporter, range, watch).await))?
}

fn stopped(error: BisectError) -> ExitCode {
    let exit = error.exit();
    super::complain(error);
    exit.into()
}
