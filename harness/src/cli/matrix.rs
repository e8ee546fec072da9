//! `counterfoil matrix`

use std::io;
use std::process::ExitCode;

use clap::Args;
use counterfoil::exporter::Selector;
use counterfoil::matrix::{FIRST_PAGE, Plan, matrix};
use counterfoil::run::Shard;

use super::options::{Options, shown};
use super::output::Output;
use super::watch::Watch;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// NAME, NAME@VERSION, NAME@PATH or the path of a manifest.toml; every embedded adapter, if there is none
    exporter: Vec<Selector>,
    /// EXPORTER=A,B, or A,B where there is one exporter; those that it has a lock for, if nothing is said
    #[arg(long, value_name = "VERSIONS")]
    versions: Vec<String>,
    /// Scenarios whose id contains one of these; all, if there is none
    #[arg(long, value_name = "FILTER")]
    only: Vec<String>,
    /// Runs share K of N of the releases; `report merge` joins the shares
    #[arg(long, value_name = "K/N")]
    shard: Option<Shard>,
    /// Leaves aside what the baseline.toml beside a manifest says is known to fail
    #[arg(long)]
    no_baseline: bool,
    #[command(flatten)]
    options: Options,
}

pub(crate) fn main(arguments: Arguments) -> ExitCode {
    let command = command(&arguments);
    let Arguments {
        exporter,
        versions,
        only,
        shard,
        no_baseline,
        options,
    } = arguments;
    let plan = match Plan::of(&exporter, &versions, shard, counterfoil_reference::MANIFEST) {
        Ok(plan) => plan,
        Err(error) => {
            let exit = error.exit();
            super::complain(error);
            return exit.into();
        }
    };
    let settings = match options.settings(only, no_baseline) {
        Ok(settings) => settings,
        Err(error) => return super::stopped(error),
    };
    let out = Output::default();
    out.line(format_args!(
        "counterfoil {}, {command}\n",
        env!("CARGO_PKG_VERSION")
    ));
    let mut watch = Watch::new(out.clone());
    let done =
        super::to_the_end(async |interrupt| matrix(interrupt, &settings, &plan, command, &mut watch).await);
    watch.finish();
    match done {
        Ok((matrix, folder)) => {
            out.line("");
            out.text(matrix.draw(super::colour(&io::stdout())));
            out.line(format_args!("kept      {}", folder.join(FIRST_PAGE).display()));
            out.end(matrix.exit())
        }
        Err(error) => super::stopped(error),
    }
}

/// The command that makes the same matrix anywhere: without share, folder, broker and number of jobs.
fn command(arguments: &Arguments) -> String {
    let mut words = vec!["counterfoil".to_owned(), "matrix".to_owned()];
    words.extend(
        arguments
            .exporter
            .iter()
            .map(|exporter| shown(&exporter.to_string())),
    );
    let options = [("--versions", &arguments.versions), ("--only", &arguments.only)];
    for (name, values) in options {
        words.extend(values.iter().flat_map(|value| [name.to_owned(), shown(value)]));
    }
    if arguments.no_baseline {
        words.push("--no-baseline".to_owned());
    }
    words.extend(arguments.options.words());
    words.join(" ")
}
