//! Counterfoil's scenarios as tests of this crate's exporter: `cargo test -p job-runner`.

use std::process::ExitCode;

use counterfoil::testing::Suite;

fn main() -> ExitCode {
    Suite::of("adapter/manifest.toml")
        .with("job_runner", env!("CARGO_BIN_EXE_job-runner"))
        .main()
}
