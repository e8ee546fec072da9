//! Task queues that get their work from a feeder, but for the last. What they ask of Redis, such as scripts and streams, the embedded
//! broker does not have.

use counterfoil::broker::Choice;
use counterfoil::testing::Prerequisite::{Network, Python};
use counterfoil::testing::Prerequisites;
use libtest_mimic::Trial;

use crate::site::{on, without_container};

/// What is played on each, and each with a lock.
pub(crate) const RELEASES: [&str; 7] = [
    "celery@5.7.0",
    "dramatiq@2.2.1",
    // The one that serves what is asked for.
    "dramatiq@2.0.1",
    "arq@0.28.0",
    "taskiq-stream@0.13.0",
    "taskiq-pubsub@0.13.0",
    "taskiq-process-pool@0.13.0",
];

/// `counterfoil run --exporter NAME` plays all.
const SOME: [&str; 5] = [
    "counter/sums-across-workers",
    "gauge/all-keeps-processes-apart",
    "lifecycle/failing-tasks",
    "lifecycle/ends-without-orphans",
    "death/killed-in-the-middle-of-a-task",
];

pub(crate) fn trials(prerequisites: &Prerequisites) -> Vec<Trial> {
    let trial = |release: &'static str| {
        let name = format!("task-queues/{release}");
        let trial = prerequisites.trial(&name, &[Python, Network], move || {
            let site = on(release).on(Choice::Process);
            site.only(&SOME).jobs(2).play("")?.must_pass()
        });
        match without_container() {
            "process" => trial,
            _ => trial
                .with_ignored_flag(true)
                .with_kind("ignored: no redis-server"),
        }
    };
    RELEASES.into_iter().map(trial).collect()
}
