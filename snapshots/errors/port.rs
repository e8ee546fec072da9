//! A port that others take.
//!
//! The system picks a fleet's port, so a stranger has to be told: the fleet's command carries it, and does nothing
//! until the stranger has it.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{QUICK, Scene, manifest, reference_command};

/// Takes every port for which there is a file `wanted-PORT` in a folder, and says so with a file `taken-PORT`.
struct Stranger {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<usize>>,
}

impl Stranger {
    fn watching(folder: &Path) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, folder) = (Arc::clone(&stop), folder.to_path_buf());
        let thread = std::thread::spawn(move || {
            let (mut seen, mut held) = (BTreeSet::new(), Vec::new());
            while !stopped.load(Ordering::Relaxed) {
                for (port, name) in wanted(&folder) {
                    if seen.insert(port) {
                        // Where somebody else has it already, that is a stranger too.
                        held.extend(TcpListener::bind(("127.0.0.1", port)));
                        std::fs::write(folder.join(name), "").unwrap();
                    }
                }
                // Sleeps, bounded by the test, which stops it.
                std::thread::sleep(Duration::from_millis(2));
            }
            seen.len()
        });
        Self {
            stop,
            thread: Some(thread),
        }
    }

    /// How many ports it took.
    fn stop(mut self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap()
    }
}

/// The ports that are wanted, and the name of the file that says that they are taken.
fn wanted(folder: &Path) -> Vec<(u16, PathBuf)> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let ports = entries.filter_map(|entry| {
        let name = entry.file_name();
        name.to_str()?.strip_prefix("wanted-")?.parse().ok()
    });
    ports.map(|port| (port, format!("taken-{port}").into())).collect()
}

/// Asks for the port, waits until it is taken, and goes on as `then`.
fn after_the_stranger(then: &str) -> String {
    let script = "touch '{adapter_dir}/wanted-{metrics_port}'; \
                  while ! test -e '{adapter_dir}/taken-{metrics_port}'; do sleep 0.01; done; exec \\\"$@\\\"";
    format!(r#""sh", "-c", "{script}", "sh", {then}"#)
}

fn loses_every_port(name: &str, command: &str) {
    let text = manifest(command).replace("ready_deadline_ms = 300", "ready_deadline_ms = 30000");
    let scene = Scene::new().with("manifest.toml", text);
    let stranger = Stranger::watching(scene.path());
    let line = format!("run {QUICK} --broker embedded --exporter manifest.toml");
    let child = scene.start(&line, Stdio::piped());
    scene.ends(child, name, 3, &line);
    assert_eq!(
        stranger.stop(),
        3,
        "a lost race restarts the fleet on another port"
    );
}

#[test]
fn a_fleet_whose_port_is_taken_each_time_cannot_be_judged() {
    loses_every_port(
        "port-taken",
        &format!("[{}]", after_the_stranger(r#""sleep", "60""#)),
    );
}

/// Most exporters end when they cannot have their port; that is a lost race all the same.
#[test]
fn a_fleet_that_ends_because_its_port_is_taken_has_lost_a_race() {
    loses_every_port(
        "port-taken-and-ended",
        &reference_command(&after_the_stranger("")),
    );
}
