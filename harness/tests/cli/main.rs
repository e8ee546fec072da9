//! The command line from outside: exit codes, what is said, and where.

#![allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]

#[path = "../truth_rules/encoder.rs"]
#[allow(
    dead_code,
    reason = "the rules of the files need more of it than the command line does"
)]
mod encoder;
#[path = "../fixtures/mod.rs"]
mod fixtures;

mod acme;
mod baseline;
mod bisect;
mod diff;
mod files;
mod hostile;
mod init;
mod matrix;
mod output;
mod property;
mod reduce;
mod replay;
mod report;
mod run;
mod sidecar;
mod usage;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use tempfile::TempDir;

/// A scenario that is over in a moment.
const QUICK: &str = "counter/sums-across-workers";

/// `counterfoil` with a folder of its own to work in.
struct Counterfoil {
    command: Command,
    folder: TempDir,
}

impl Counterfoil {
    fn new(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_counterfoil"));
        command
            .args(arguments)
            .current_dir(folder.path())
            .timeout(std::time::Duration::from_secs(120));
        Self { command, folder }
    }

    /// `counterfoil run` on the embedded broker, which every machine has.
    fn run(arguments: &[&str]) -> Self {
        let mut counterfoil = Self::new(&["run", "--broker", "embedded"]);
        counterfoil.command.args(arguments);
        counterfoil
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Puts a file into the folder.
    fn with_file(self, name: &str, text: &str) -> Self {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// The run that it kept.
    fn kept(&self) -> std::path::PathBuf {
        let runs = std::fs::read_dir(self.folder.path().join("counterfoil.out")).unwrap();
        runs.map(|run| run.unwrap().path()).next().unwrap()
    }

    /// Runs it; the exit code is what design.md's table says.
    fn exits(&mut self, code: i32) -> Assert {
        self.command.assert().code(code)
    }
}

fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}
