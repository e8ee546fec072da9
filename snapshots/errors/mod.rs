//! Every error that a user can meet: the command as it is typed, the exit code, and all that is printed.
//!
//! A file a place where errors come from. What the environment does (a port that is lost, a broker that goes, an
//! endpoint that misbehaves) the tests do themselves.

mod broker;
mod declarations;
mod disk;
mod endpoint;
mod exporters;
mod files;
mod fleet;
mod port;
mod usage;

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::redacted;

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A scenario that is over in a moment.
const QUICK: &str = "counter/sums-across-workers";

/// A scenario of the author's own.
const SCENARIO: &str = r#"title = "Jobs add up"
level = "must"
since = "0.1.0"
why = "Written by hand."

[fleet]
workers = 2

[[metrics]]
name = "jobs"
type = "counter"
help = "Jobs done."
labels = ["queue"]

[[tasks]]
name = "mail"
ops = [
    { op = "inc", metric = "jobs", labels = { queue = "mail" } },
    { op = "sleep", ms = 5 },
]

[[steps]]
dispatch = { tasks = { mail = 20 }, min_pids = 2 }

[[steps]]
wait = "quiet"

[[steps]]
check = ["scrape/available", "exposition/valid", "truth/equals-ledger"]
"#;

/// The same with tasks of half a second, hundreds of which are under way when their dispatch has been kept.
fn slow() -> String {
    SCENARIO
        .replace("ms = 5 }", "ms = 500 }")
        .replace("mail = 20 }, min_pids = 2", "mail = 200 }")
}

/// The manifest of a third party's exporter whose workers are started by `command`, an array of TOML.
fn manifest(command: &str) -> String {
    format!(
        r#"protocol = 1
name = "third-party"
homepage = "https://example.org"
version = "1.0"
capabilities = ["counter"]

[workers]
command = {command}
ready_deadline_ms = 300

[queue]
format = "plain-list"

[scrape]
url = "http://127.0.0.1:{{metrics_port}}/metrics"

[files]
layout = "python-16"
"#
    )
}

/// The command of the reference's fleet, with the queue and what is put before it.
fn reference_command(before: &str) -> String {
    format!(
        r#"[{before}"{{counterfoil}}", "reference", "fleet", "--workers", "{{workers}}", "--listen", "127.0.0.1:{{metrics_port}}", "--dir", "{{metrics_dir}}", "--broker", "{{broker_url}}", "--queue", "{{queue}}"]"#
    )
}

/// A folder of the test's own, in which commands run.
struct Scene {
    folder: TempDir,
    environment: Vec<(&'static str, &'static str)>,
}

impl Scene {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            environment: Vec::new(),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Puts a file into the folder.
    fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    fn env(mut self, name: &'static str, value: &'static str) -> Self {
        self.environment.push((name, value));
        self
    }

    /// Starts a command as it is typed behind `counterfoil`; `out` is its standard output.
    fn start(&self, line: &str, out: Stdio) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_counterfoil"));
        for theirs in ["GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "COUNTERFOIL_PYTHON"] {
            command.env_remove(theirs);
        }
        command
            .args(shlex::split(line).unwrap())
            .current_dir(self.path())
            .envs(self.environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// Waits until the one scenario of a run has dispatched its tasks.
    fn has_dispatched(&self) {
        until("dispatch", || {
            let runs = std::fs::read_dir(self.path().join("counterfoil.out")).ok()?;
            let mut plans = runs
                .flatten()
                .map(|run| run.path().join("jobs__add-up/plan.json"));
            plans.find(|plan| plan.is_file())
        });
    }

    /// Runs a command to its end, and compares what it came to.
    fn shows(&self, name: &str, exit: i32, line: &str) {
        let child = self.start(line, Stdio::piped());
        self.ends(child, name, exit, line);
    }

    /// Waits for a command that was started, and compares what it came to.
    fn ends(&self, mut child: Child, name: &str, exit: i32, line: &str) {
        let deadline = Instant::now() + PATIENCE;
        while child.try_wait().unwrap().is_none() {
            if Instant::now() > deadline {
                child.kill().unwrap();
            }
            // Sleeps, bounded by the deadline above.
            std::thread::sleep(Duration::from_millis(5));
        }
        let Output {
            status,
            stdout,
            stderr,
        } = child.wait_with_output().unwrap();
        let code = status
            .code()
            .unwrap_or_else(|| panic!("{line}: no end within {PATIENCE:?}"));
        let mut text = String::new();
        for (name, value) in &self.environment {
            text.push_str(&format!("{name}={value} "));
        }
        text.push_str(&format!("counterfoil {line}\nexit code {code}\n"));
        for (name, printed) in [("stdout", stdout), ("stderr", stderr)] {
            if !printed.is_empty() {
                text.push_str(&format!("\n{name}:\n{}", String::from_utf8(printed).unwrap()));
            }
        }
        redacted(&format!("error-{name}"), &text);
        assert_eq!(code, exit, "{text}");
    }
}

/// Waits until `what` is there.
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "no {what} within {PATIENCE:?}");
        // Sleeps, bounded by the deadline above.
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Writes as much as a client takes.
fn pour(stream: &mut impl Write, bytes: &[u8]) {
    while stream.write_all(bytes).is_ok() {}
}
