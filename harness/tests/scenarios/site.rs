//! Where a trial runs: this build's program, the reference unless it names another exporter.

use std::path::Path;

use counterfoil::fleet::on_path;
use counterfoil::testing::Suite;

/// The binary that is also reaper, worker and endpoint.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_counterfoil");

/// Every scenario, on the reference.
pub(crate) fn reference() -> Suite {
    on("reference")
}

/// Every scenario, on that exporter.
pub(crate) fn on(exporter: &str) -> Suite {
    Suite::of(exporter).program(PROGRAM)
}

/// The broker of a machine without Docker, by the name that the command line knows it by.
pub(crate) fn without_container() -> &'static str {
    let installed = ["redis-server", "valkey-server"]
        .into_iter()
        .any(|program| on_path(program).is_some());
    if installed { "process" } else { "embedded" }
}

/// The processes that were started with the run's id in their environment.
pub(crate) fn processes_of(run: &str) -> Vec<i32> {
    let mark = format!("COUNTERFOIL_RUN={run}");
    let entries = std::fs::read_dir("/proc").expect("/proc can be listed");
    let pids = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid: &i32| {
        let environ = std::fs::read(Path::new("/proc").join(pid.to_string()).join("environ"));
        environ.is_ok_and(|environ| {
            environ
                .split(|byte| *byte == 0)
                .any(|entry| entry == mark.as_bytes())
        })
    })
    .collect()
}
