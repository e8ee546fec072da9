//! Metric files that are not there, are none, or are broken.

use super::Scene;
use crate::encoder::{encode, padded};
use crate::fixtures;

/// The files of the real client, and one that is not like them.
fn with(name: &str, content: &[u8]) -> Scene {
    let files = fixtures::unpacked("two-workers");
    let mut scene = Scene::new();
    for entry in std::fs::read_dir(files.path()).unwrap() {
        let entry = entry.unwrap();
        let name = format!("metrics/{}", entry.file_name().to_str().unwrap());
        scene = scene.with(&name, std::fs::read(entry.path()).unwrap());
    }
    scene.with(&format!("metrics/{name}"), content)
}

/// A file of the real client, cut off.
fn cut(length: usize) -> Vec<u8> {
    let files = fixtures::unpacked("two-workers");
    let mut bytes = std::fs::read(files.path().join("counter_102.db")).unwrap();
    bytes.truncate(length);
    bytes
}

/// A file as prometheus_client 0.15 wrote it.
fn of_an_older_client() -> Vec<u8> {
    padded(&encode(
        &[(r#"["jobs", "jobs_total", {}]"#.to_owned(), 1.0, 0.0)],
        8,
    ))
}

const SQLITE: &[u8] = b"SQLite format 3\0\x10\0\x01\x01\0\x40\x20\x20 and what comes then";

#[test]
fn a_directory_that_cannot_be_merged_is_shown_with_the_file_at_fault() {
    let merge = "merge metrics";
    Scene::new().shows("merge-missing", 3, merge);
    Scene::new().with("metrics", "").shows("merge-a-file", 3, merge);
    with("cache.db", &cut(usize::MAX)).shows("merge-foreign-name", 3, merge);
    with("counter_9.db", SQLITE).shows("merge-foreign-content", 3, merge);
    with("counter_9.db", b"").shows("merge-empty-file", 3, merge);
    with("counter_9.db", &cut(100)).shows("merge-truncated", 3, merge);
    with("counter_9.db", &cut(100)).shows(
        "diff-truncated",
        3,
        "diff --dir metrics --url http://127.0.0.1:1/metrics",
    );
    with("counter_9.db", &of_an_older_client()).shows("merge-several-layouts", 3, merge);
    Scene::new().shows(
        "diff-missing",
        3,
        "diff --dir metrics --url http://127.0.0.1:1/metrics",
    );
}

#[test]
fn a_file_that_cannot_be_read_is_told_from_one_that_breaks() {
    let inspect = "inspect metrics/counter_9.db";
    Scene::new().shows("inspect-missing", 3, inspect);
    Scene::new()
        .with("metrics/x.db", "")
        .shows("inspect-a-folder", 3, "inspect metrics");
    with("counter_9.db", SQLITE).shows("inspect-foreign", 1, inspect);
    with("counter_9.db", &cut(100)).shows("inspect-truncated", 1, inspect);
    with("counter_9.db", b"").shows("inspect-empty", 1, inspect);
}
