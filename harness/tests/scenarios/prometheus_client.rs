//! prometheus_client by itself: how workers are started, how it is served, and what older releases are.

use counterfoil::testing::Prerequisite::{Network, Python};
use counterfoil::testing::Prerequisites;
use libtest_mimic::Trial;

use crate::site::on;

/// What is played on each, and each with a lock: the four adapters, and the oldest release of each layout.
pub(crate) const RELEASES: [&str; 6] = [
    "prometheus_client@0.26.0",
    "prometheus_client-wsgi@0.26.0",
    "prometheus_client-asgi@0.26.0",
    "prometheus_client-prefork@0.26.0",
    "prometheus_client@0.17.1",
    "prometheus_client@0.15.0",
];

/// What concerns the files of a release, and is the same whoever starts its workers and serves them.
const OF_THE_FILES: &str = "gauge/";

/// `counterfoil run --exporter prometheus_client` plays all.
const SOME: [&str; 10] = [
    "counter/sums-across-workers",
    "gauge/min-and-max",
    "histogram/buckets-add-up-across-workers",
    "labels/escapes-and-unicode",
    // Known to fail, which passes.
    "directory/empty-file",
    "negotiation/",
    "lifecycle/ends-without-orphans",
    "lifecycle/constructed-before-the-fork",
    "death/live-gauges-end-with-their-process",
    "death/supervisor-killed",
];

pub(crate) fn trials(prerequisites: &Prerequisites) -> Vec<Trial> {
    let trial = |release: &'static str| {
        let name = format!("prometheus_client/{release}");
        prerequisites.trial(&name, &[Python, Network], move || {
            let mut some = SOME.to_vec();
            some.extend(release.starts_with("prometheus_client@").then_some(OF_THE_FILES));
            on(release).only(&some).jobs(2).play("")?.must_pass()
        })
    };
    RELEASES.into_iter().map(trial).collect()
}
