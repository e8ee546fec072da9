//! The reference exporter by hand: `cargo run --example reference -- reference serve DIR …`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use counterfoil_reference::command::ReferenceCommand;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// As in the `counterfoil` command.
#[derive(Subcommand)]
enum Command {
    /// The reference exporter
    #[command(subcommand)]
    Reference(ReferenceCommand),
}

fn main() -> anyhow::Result<ExitCode> {
    let Command::Reference(command) = Arguments::parse().command;
    command.run()
}
