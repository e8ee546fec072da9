//! The reference against prometheus_client itself. Needs a Python with prometheus_client 0.26:
//! `COUNTERFOIL_PYTHON=… cargo test -p counterfoil-reference --test python -- --ignored`.
#![allow(clippy::unwrap_used)]

use std::env;
use std::path::Path;
use std::process::Command;
use std::thread;

use counterfoil_reference::directory::Listing;
use counterfoil_reference::exposition::Format;
use counterfoil_reference::file_name::Mode;
use counterfoil_reference::merge::Merge;
use counterfoil_reference::record::{Description, Registry};

const ODD_VALUES: [&str; 8] = [
    "",
    "plain",
    "quote\"",
    "back\\slash",
    "new\nline\t\r",
    "é ü",
    "😀 \u{7f}\u{1}",
    "{\"a\": 1}, [/]",
];

/// Runs a script with `PROMETHEUS_MULTIPROC_DIR` set, and returns what it prints.
fn python(directory: &Path, script: &str) -> String {
    let python = env::var_os("COUNTERFOIL_PYTHON").expect("COUNTERFOIL_PYTHON is set");
    let output = Command::new(python)
        .args(["-c", script])
        .env("PROMETHEUS_MULTIPROC_DIR", directory)
        .env("PYTHONIOENCODING", "utf-8")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn python_text(directory: &Path, module: &str) -> String {
    python(
        directory,
        &format!(
            "import sys\n\
             from prometheus_client import CollectorRegistry\n\
             from prometheus_client.multiprocess import MultiProcessCollector\n\
             from {module} import generate_latest\n\
             registry = CollectorRegistry()\n\
             MultiProcessCollector(registry)\n\
             sys.stdout.buffer.write(generate_latest(registry))"
        ),
    )
}

fn own_text(directory: &Path, format: Format) -> String {
    let merge = Merge::of(Listing::of(directory).unwrap(), None);
    assert!(merge.skipped().is_empty(), "{:?}", merge.skipped());
    format.write(&merge.families(), None)
}

/// The lines, sorted: the order of samples within a family is not fixed.
fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}

/// Records with every type and mode, from several threads, as several processes would.
fn record(directory: &Path) {
    for pid in 1..=3 {
        let registry = Registry::new(directory, pid);
        let named = |name: &str| Description::new(name, "A \"help\"\\ with\nall: é😀.");
        let jobs = registry
            .counter(named("jobs").with_labels(["queue", "a"]))
            .unwrap();
        let bounds = [0.005, 0.25, 1.0, 4.0, 1e6, 1e10, 1e17];
        let wait = registry
            .histogram(named("wait").with_labels(["queue"]), &bounds)
            .unwrap();
        let size = registry.summary(named("size").with_labels(["zone"])).unwrap();
        registry.summary(named("plain")).unwrap();
        let gauges = Mode::ALL.map(|mode| {
            let level = named(&format!("level_{}", mode.name())).with_labels(["zone"]);
            registry.gauge(level, mode).unwrap()
        });
        thread::scope(|scope| {
            for thread in 0..4 {
                let (jobs, wait, size, gauges) = (&jobs, &wait, &size, &gauges);
                scope.spawn(move || {
                    for step in 0..500_u32 {
                        let value = ODD_VALUES[(step as usize + thread) % ODD_VALUES.len()];
                        let amount = f64::from(step % 64) * 0.25;
                        let other = format!("{}", step % 50);
                        jobs.labels(&[value, &other]).unwrap().inc(amount);
                        wait.labels(&[value]).unwrap().observe(amount * 1e5);
                        size.labels(&[value]).unwrap().observe(amount);
                        for gauge in gauges {
                            gauge.labels(&[value]).unwrap().set(amount - f64::from(pid));
                        }
                    }
                });
            }
        });
    }
}

#[test]
#[ignore = "needs prometheus_client 0.26 in $COUNTERFOIL_PYTHON"]
fn what_the_reference_writes_the_python_client_reads_to_the_same_text() {
    let directory = tempfile::tempdir().unwrap();
    record(directory.path());
    for (format, module) in [
        (Format::Text, "prometheus_client"),
        (Format::OpenMetrics, "prometheus_client.openmetrics.exposition"),
    ] {
        let theirs = python_text(directory.path(), module);
        let own = own_text(directory.path(), format);
        assert!(own.lines().count() > 400);
        assert_eq!(sorted(&own), sorted(&theirs), "{format:?}");
    }
}

#[test]
#[ignore = "needs prometheus_client 0.26 in $COUNTERFOIL_PYTHON"]
fn f4_f10_what_the_python_client_wrote_the_reference_continues() {
    let directory = tempfile::tempdir().unwrap();
    let pid: u32 = python(
        directory.path(),
        r#"
import os
from prometheus_client import Counter, Gauge, Histogram, Summary
values = ["", "quote\"", "back\\slash", "new\nline\t\r\b\f", "é😀\x7f\x01"]
jobs = Counter("jobs", "Help: é \"x\"", ["queue", "a"])
wait = Histogram("wait", "Wait.", ["queue"], buckets=[0.005, 0.25, 1.0, 1e6, 1e10])
level = Gauge("level", "Level.", ["queue"], multiprocess_mode="livemostrecent")
Summary("size", "Size.").observe(2)
for value in values:
    jobs.labels(value, "x").inc(2)
    wait.labels(value).observe(0.5)
    level.labels(value).set(7)
print(os.getpid())
"#,
    )
    .trim()
    .parse()
    .unwrap();
    let before = python_text(directory.path(), "prometheus_client");
    let registry = Registry::new(directory.path(), pid);
    let jobs = Description::new("jobs", "Help: é \"x\"").with_labels(["queue", "a"]);
    let jobs = registry.counter(jobs).unwrap();
    let wait = Description::new("wait", "Wait.").with_labels(["queue"]);
    let wait = registry.histogram(wait, &[0.005, 0.25, 1.0, 1e6, 1e10]).unwrap();
    let level = Description::new("level", "Level.").with_labels(["queue"]);
    let level = registry.gauge(level, Mode::LiveMostRecent).unwrap();
    let size = registry.summary(Description::new("size", "Size.")).unwrap();
    for value in [
        "",
        "quote\"",
        "back\\slash",
        "new\nline\t\r\u{8}\u{c}",
        "é😀\u{7f}\u{1}",
    ] {
        assert_eq!(jobs.labels(&[value, "x"]).unwrap().get(), 2.0, "{value:?}");
        assert_eq!(wait.labels(&[value]).unwrap().count(), 1.0, "{value:?}");
        assert_eq!(level.labels(&[value]).unwrap().get(), 7.0, "{value:?}");
    }
    assert_eq!(size.labels(&[]).unwrap().sum(), 2.0);
    // Every key was found again: looking them up has added nothing.
    let after = python_text(directory.path(), "prometheus_client");
    assert_eq!(sorted(&after), sorted(&before));
    jobs.labels(&["", "x"]).unwrap().inc(1.0);
    let own = own_text(directory.path(), Format::Text);
    let theirs = python_text(directory.path(), "prometheus_client");
    assert_eq!(sorted(&own), sorted(&theirs));
    assert!(own.contains("jobs_total{a=\"x\",queue=\"\"} 3.0\n"));
}
