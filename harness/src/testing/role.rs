//! What the program of a run also has to be.

use std::io;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use counterfoil_reference::command::ReferenceCommand;

use crate::fleet::{self, RunId};
use crate::report::ExitStatus;

/// A part that a run starts its own program again for.
#[derive(Debug, Subcommand)]
pub enum Role {
    /// The reference exporter
    #[command(subcommand)]
    Reference(ReferenceCommand),
    /// Ends what a run left behind; started by every run, not by people
    #[command(hide = true)]
    Reaper {
        /// The run's id
        #[arg(long)]
        run: RunId,
    },
}

impl Role {
    /// The part that this process was started for. Arguments of any other kind, a filter called `reference` among
    /// them, are for somebody else to read.
    pub(super) fn of_this_process() -> Option<Self> {
        #[derive(Parser)]
        struct Arguments {
            #[command(subcommand)]
            role: Role,
        }
        Arguments::try_parse().ok().map(|arguments| arguments.role)
    }

    /// Plays it to its end.
    #[must_use]
    pub fn play(self) -> ExitCode {
        match self {
            Self::Reference(command) => command.run().unwrap_or_else(|error| {
                eprintln!("counterfoil reference: {error:#}");
                ExitStatus::NotJudged.into()
            }),
            Self::Reaper { run } => match fleet::reap(&run, io::stdin(), io::stdout()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitStatus::Internal.into(),
            },
        }
    }
}
