//! Every kind of broker suffers what scenarios do to it, but for one that was there before the run.

use counterfoil::broker::Choice;
use counterfoil::broker::embedded::Embedded;
use counterfoil::report::Verdict;
use counterfoil::testing::Prerequisite::Docker;
use counterfoil::testing::Prerequisites;
use libtest_mimic::{Failed, Trial};

use crate::site::{reference, without_container};

/// The scenarios that do harm to the broker itself.
const HARMFUL: [&str; 4] = [
    "broker/connections-killed",
    "broker/paused",
    "broker/restarted",
    "broker/restarted-with-tasks-in-its-queue",
];

pub(crate) fn trials(prerequisites: &Prerequisites) -> Vec<Trial> {
    let mut trials = vec![
        Trial::test("brokers/embedded-is-harmed", || is_harmed(Choice::Embedded)),
        Trial::test("brokers/somebodys-is-not-harmed", somebodys_is_not_harmed),
        prerequisites.trial("brokers/container-is-harmed", &[Docker], || {
            is_harmed(Choice::Container)
        }),
    ];
    let process = Trial::test("brokers/process-is-harmed", || is_harmed(Choice::Process));
    trials.push(match without_container() {
        "process" => process,
        _ => process
            .with_ignored_flag(true)
            .with_kind("ignored: no redis-server"),
    });
    trials
}

fn is_harmed(broker: Choice) -> Result<(), Failed> {
    reference().on(broker).only(&HARMFUL).play("")?.must_pass()
}

fn somebodys_is_not_harmed() -> Result<(), Failed> {
    let runtime = tokio::runtime::Runtime::new()?;
    let somebodys = runtime.block_on(Embedded::start())?;
    let url = Choice::Url(format!("redis://{}", somebodys.address()));
    let played = reference().on(url).play("broker/restarted")?;
    let report = played.report("broker/restarted")?;
    let reason = report.reason.clone().unwrap_or_default();
    if report.verdict == Verdict::Inconclusive && reason.contains("was there before the run") {
        return Ok(());
    }
    Err(played.failure("it was harmed, or nobody was told that it was not"))
}
