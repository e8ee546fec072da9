//! A wrong merge that a run met, made small at once: whoever reads of the failure has its fixture already.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;
use tokio::task::spawn_blocking;

use super::site::Site;
use super::{Play, defect};
use crate::check::Check;
use crate::exporter::Adapter;
use crate::reduce::{Merge, ReduceError, Size, reduce};
use crate::replay::failing_files;
use crate::report::{FixtureReport, Judgement, ScenarioReport, Verdict};

/// How long a run looks for fixtures in all: a client that needs a tenth of a second for a merge makes a dozen failures small
/// in that time. `counterfoil reduce` takes as long as it likes.
const SEARCH_AT_MOST: Duration = Duration::from_secs(60);

/// Ends a search when nobody waits for it any more.
struct Abandoned(Arc<AtomicBool>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Site {
    /// The fixture of a failure that nobody knew of, where the exporter's merge is wrong and can be had without a fleet.
    pub(super) async fn fixture(
        &self,
        adapter: &Adapter,
        play: &Play,
        report: &ScenarioReport,
        tell: &UnboundedSender<String>,
    ) -> Option<FixtureReport> {
        let is_news = matches!(report.verdict, Verdict::Fail | Verdict::Warn);
        if !is_news || !serves_another_merge(report) {
            return None;
        }
        let ground = &self.ground;
        let Some(mut merge) = Merge::declared(adapter, ground.spawner.program(), defect(play)) else {
            return Some(none(format!(
                "the manifest does not say how the exporter merges files: counterfoil reduce {} -- COMMAND",
                report.kept
            )));
        };
        merge.run = Some(ground.run.clone());
        // One search at a time: they keep a processor busy, beside the fleets of others.
        let mut spent = self.spent.lock().await;
        let left = SEARCH_AT_MOST.saturating_sub(*spent);
        if left.is_zero() {
            return Some(none(format!(
                "this run has looked for others long enough: counterfoil reduce {}",
                report.kept
            )));
        }
        let abandoned = Abandoned(Arc::default());
        let (is_over, tell, id) = (Arc::clone(&abandoned.0), tell.clone(), report.id.clone());
        let folder = report.kept.clone();
        let started = Instant::now();
        let search = move || {
            let progress = |size: Size, merges: usize| {
                // Whoever listened has gone: then the search is over as well.
                let _ = tell.send(format!("{id}: a fixture: {size} tried, {merges} merges"));
                match is_over.load(Ordering::Relaxed) || started.elapsed() > left {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            };
            found(Path::new(&folder), &merge, &progress)
        };
        let found = spawn_blocking(search).await;
        *spent += started.elapsed();
        // A panic is the suite's own fault, and the report as good without a fixture.
        found.ok()
    }
}

/// Whether what was served is an answer, but no merge of the files.
fn serves_another_merge(report: &ScenarioReport) -> bool {
    let failed = |id: &str| {
        let mut checks = report.checks.iter().filter(|check| check.check == id);
        checks.any(|check| matches!(check.judgement, Judgement::Fail { .. }))
    };
    failed(Check::ScrapeEqualsTruth.id()) && !failed(Check::ScrapeAvailable.id())
}

fn none(reason: String) -> FixtureReport {
    FixtureReport::None { reason }
}

fn found(folder: &Path, merge: &Merge, progress: &dyn Fn(Size, usize) -> ControlFlow<()>) -> FixtureReport {
    let dir = match failing_files(folder) {
        Ok(dir) => dir,
        Err(error) => return none(error.to_string()),
    };
    let path = folder.join("fixture");
    match reduce(&dir, merge, &path, progress) {
        Ok(reduced) => FixtureReport::Made {
            path: path.display().to_string(),
            before: reduced.before,
            after: reduced.after,
            merges: reduced.merges,
            exhausted: reduced.exhausted,
        },
        Err(ReduceError::Right { .. }) => none(
            "of the files alone the exporter makes what it should; what failed is when or how they are served".to_owned(),
        ),
        Err(error) => none(error.to_string()),
    }
}
