//! The `counterfoil` command.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    counterfoil::memory::keep_what_is_freed();
    cli::main()
}
