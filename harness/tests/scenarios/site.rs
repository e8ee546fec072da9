//! Where a trial runs: a folder that is kept when it fails, a broker that the machine has, this build's binary.

use std::path::{Path, PathBuf};

use counterfoil::broker::Choice;
use counterfoil::exporter::Selector;
use counterfoil::fleet::on_path;
use counterfoil::report::{Event, Judgement, Listener, ScenarioReport, Verdict, render_failure};
use counterfoil::run::{Finished, Settings, run};
use libtest_mimic::Failed;
use tempfile::TempDir;

/// The binary that is also reaper, worker and endpoint.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_counterfoil");

/// What a trial asks of a run.
pub(crate) struct Order {
    pub(crate) exporter: &'static str,
    pub(crate) filter: String,
    pub(crate) mutant: Option<&'static str>,
    pub(crate) broker: Choice,
}

impl Order {
    /// That scenario on the reference.
    pub(crate) fn of(scenario: &str) -> Self {
        Self {
            exporter: "reference",
            filter: scenario.to_owned(),
            mutant: None,
            broker: broker(),
        }
    }
}

/// A run that is over, in its folder.
pub(crate) struct Over {
    pub(crate) finished: Finished,
    /// The run's id.
    pub(crate) run: String,
    folder: TempDir,
}

impl Over {
    /// The report of one scenario.
    pub(crate) fn report(&self, id: &str) -> Result<&ScenarioReport, Failed> {
        let report = self.finished.reports.iter().find(|report| report.id == id);
        report.ok_or_else(|| Failed::from(format!("there is no report of {id}: the control failed")))
    }

    /// The trial's failure; the folder stays.
    pub(crate) fn failure(self, why: &str) -> Failed {
        let reports = self
            .finished
            .reports
            .iter()
            .filter(|report| report.verdict.needs_attention());
        let texts: Vec<String> = reports.map(render_failure).collect();
        Failed::from(format!(
            "{why}\n{}kept: {}",
            texts.join("\n"),
            self.folder.keep().display()
        ))
    }
}

/// Runs to the end.
///
/// # Errors
/// What kept the run from judging.
pub(crate) fn play(order: Order) -> Result<Over, Failed> {
    let folder = tempfile::tempdir()?;
    let settings = Settings {
        exporter: order.exporter.parse::<Selector>()?,
        reference_manifest: counterfoil_reference::MANIFEST,
        program: PathBuf::from(PROGRAM),
        broker: order.broker,
        filters: vec![order.filter],
        shard: None,
        out: folder.path().to_path_buf(),
        seed: 0,
        repeat: 1,
        jobs: 2,
        fail_fast: false,
        mutant: order.mutant.map(str::to_owned),
    };
    let mut witness = Witness::default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    match runtime.block_on(run(&settings, &mut witness)) {
        Ok(finished) => Ok(Over {
            finished,
            run: witness.run,
            folder,
        }),
        Err(error) => {
            let kept = folder.keep();
            Err(Failed::from(format!(
                "{}\nkept: {}",
                error.with_causes(),
                kept.display()
            )))
        }
    }
}

/// Whether the check of that id failed, passed, or was not judged.
pub(crate) fn judgement<'a>(report: &'a ScenarioReport, check: &str) -> Result<&'a Judgement, Failed> {
    let judged = report.checks.iter().find(|judged| judged.check == check);
    judged
        .map(|judged| &judged.judgement)
        .ok_or_else(|| Failed::from(format!("{check} was not judged")))
}

/// Every verdict of the run is a pass, or the scenario does not apply.
pub(crate) fn all_pass(over: Over) -> Result<(), Failed> {
    let good = |report: &ScenarioReport| matches!(report.verdict, Verdict::Pass | Verdict::NotApplicable);
    let passed = over
        .finished
        .reports
        .iter()
        .filter(|report| report.verdict == Verdict::Pass)
        .count();
    if over.finished.summary.control_failed {
        return Err(over.failure("the control failed"));
    }
    if over.finished.reports.iter().all(good) && passed > 0 {
        return Ok(());
    }
    let bad = over
        .finished
        .reports
        .iter()
        .filter(|report| !good(report))
        .count();
    Err(over.failure(&format!("{bad} scenarios do not pass, {passed} do")))
}

/// `COUNTERFOIL_TEST_BROKER`, else a Redis server on PATH, else the embedded one.
pub(crate) fn broker() -> Choice {
    if let Ok(broker) = std::env::var("COUNTERFOIL_TEST_BROKER") {
        return broker.parse().expect("COUNTERFOIL_TEST_BROKER names a broker");
    }
    if without_container() == "process" {
        Choice::Process
    } else {
        Choice::Embedded
    }
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

/// Remembers which run it was.
#[derive(Default)]
struct Witness {
    run: String,
}

impl Listener for Witness {
    fn on(&mut self, event: &Event) {
        if let Event::RunStarted { run, .. } = event {
            self.run.clone_from(run);
        }
    }
}
