//! Compares counterfoil with its peers, in interleaved rounds, and prints the ratios as Markdown.
//!
//! Machines drift, so a time by itself says little: every contender of a section has its turn once a round, and what
//! counts is the median of the rounds' ratios. `ci/bench.sh` obtains the peers and the data sets and runs this.

mod broker;
mod contender;
mod data_set;
mod endpoint;
mod fleet;
mod machine;
mod merge;
mod own;
mod parse;
mod process;
mod record;
mod redis;
mod rounds;
mod scenario;
mod server;
mod site;
mod table;

use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand, ValueEnum};

use crate::data_set::Size;
use crate::site::Site;
use crate::table::Section;

/// Ratios between counterfoil and its peers.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs sections and prints the table
    Run(Run),
    /// A contender written in Rust, in a process of its own; started by `run`
    #[command(hide = true)]
    Contender {
        /// Which
        #[command(subcommand)]
        which: own::Which,
    },
}

#[derive(Debug, clap::Args)]
struct Run {
    /// The sections; all, where none is named
    sections: Vec<Part>,
    /// The data sets
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Size::S, Size::M, Size::L])]
    sizes: Vec<Size>,
    /// How many rounds, in place of what each section and data set has by default
    #[arg(long)]
    rounds: Option<usize>,
    #[command(flatten)]
    site: Site,
}

/// A section of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    Merge,
    Parse,
    Record,
    Endpoint,
    Broker,
    Fleet,
    Scenario,
}

fn main() -> anyhow::Result<ExitCode> {
    // As in `counterfoil`, whose merge is measured here; the crates that it is compared with have it, too.
    counterfoil::memory::keep_what_is_freed();
    match Arguments::parse().command {
        Command::Run(run) => run.run(),
        Command::Contender { which } => {
            which.serve()?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

impl Run {
    fn run(&self) -> anyhow::Result<ExitCode> {
        let sections = match self.sections.as_slice() {
            [] => Part::value_variants(),
            named => named,
        };
        println!("{}\n", machine::facts());
        for part in sections {
            let section = self.section(*part).with_context(|| format!("section {part:?}"))?;
            println!("{section}");
        }
        Ok(ExitCode::SUCCESS)
    }

    fn section(&self, part: Part) -> anyhow::Result<Section> {
        match part {
            Part::Merge => merge::section(&self.site, &self.sizes, self.rounds),
            Part::Parse => parse::section(&self.site, &self.sizes, self.rounds),
            Part::Record => record::section(&self.site, self.rounds),
            Part::Endpoint => endpoint::section(&self.site, self.rounds),
            Part::Broker => broker::section(&self.site, self.rounds),
            Part::Fleet => fleet::section(&self.site, self.rounds),
            Part::Scenario => scenario::section(&self.site, self.rounds),
        }
    }
}
