//! A property of directories that a client wrote: proptest's runner, with what a failure must leave behind.

use std::cell::RefCell;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, FileFailurePersistence, TestCaseError, TestError, TestRunner};

use crate::program::Program;

/// How many directories each client writes.
const DIRECTORIES: &str = "COUNTERFOIL_CLIENT_DIRECTORIES";
const FEW: u32 = 40;

/// From so many directories on, what is rare must have come.
const ENOUGH_FOR_WHAT_IS_RARE: usize = 200;

/// How many of them a trial takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Share {
    /// A client's merge.
    All,
    /// What is said about the reference beside the clients.
    Quarter,
}

/// What was compared, for the line that each trial prints.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) directories: usize,
    pub(crate) series: usize,
    /// Of the series, those with several admissible answers.
    pub(crate) sets: usize,
    /// Of the series, those whose sum rounds.
    pub(crate) near: usize,
    /// Families that files declare differently.
    pub(crate) conflicts: usize,
    /// Directories that cannot be merged, by the client either.
    pub(crate) refused: usize,
    /// Whole texts that were the same, byte for byte up to the order of families and label sets.
    pub(crate) texts: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} directories, {} series", self.directories, self.series)?;
        let kinds = [
            (self.sets, "series with several answers"),
            (self.near, "sums that round"),
            (self.conflicts, "conflicting families"),
            (self.refused, "refused by both"),
            (self.texts, "texts the same"),
        ];
        let named: Vec<String> = kinds
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        if named.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", named.join(", "))
        }
    }
}

/// Has `check` look at that many directories, each the record of one program of `programs`, and prints what was
/// compared. `check` gets the program and an empty folder, and records and compares.
///
/// The folder of a failure stays, and the message names it; its seed goes to the regressions beside the other crates'.
pub(crate) fn holds(
    title: &str,
    name: &str,
    share: Share,
    programs: impl Strategy<Value = Program>,
    check: impl FnMut(&Program, &Path, &mut Counts) -> Result<(), String>,
) -> Result<Counts, Failed> {
    let root = tempfile::Builder::new().prefix("counterfoil-client.").tempdir()?;
    let state = RefCell::new((check, Counts::default(), Folders::below(root.path())));
    let mut runner = TestRunner::new(config(name, share)?);
    let outcome = runner.run(&programs, |program| {
        let (check, counts, folders) = &mut *state.borrow_mut();
        let mut so_far = *counts;
        let folder = folders
            .fresh()
            .map_err(|error| TestCaseError::fail(error.to_string()))?;
        match check(&program, &folder, &mut so_far) {
            Ok(()) => {
                so_far.directories += 1;
                *counts = so_far;
                folders.done(&folder);
                Ok(())
            }
            Err(difference) => Err(TestCaseError::fail(folders.failed(folder, difference))),
        }
    });
    let (_, counts, folders) = state.into_inner();
    // Nothing captures what a trial prints: this is where a reader of the log sees how much was compared.
    let differences = usize::from(outcome.is_err());
    println!("clients: {title}: {counts}, {differences} differences");
    match outcome {
        Ok(()) if counts.series == 0 => Err(Failed::from("no series was compared")),
        Ok(()) => Ok(counts),
        Err(TestError::Fail(reason, program)) => {
            let _ = root.keep();
            let kept = folders
                .kept
                .map(|path| path.display().to_string())
                .unwrap_or_default();
            Err(Failed::from(format!("{reason}\ndirectory: {kept}\n{program:#?}")))
        }
        Err(TestError::Abort(reason)) => Err(Failed::from(reason.to_string())),
    }
}

/// What must have come among enough directories, so that a generator which lost it is noticed.
pub(crate) fn must_have_come(counts: &Counts, rare: &[(&str, usize)]) -> Result<(), Failed> {
    if counts.directories < ENOUGH_FOR_WHAT_IS_RARE {
        return Ok(());
    }
    match rare.iter().find(|(_, count)| *count == 0) {
        None => Ok(()),
        Some((what, _)) => Err(Failed::from(format!(
            "{} directories had no {what}",
            counts.directories
        ))),
    }
}

fn config(name: &str, share: Share) -> Result<Config, String> {
    let cases = match std::env::var(DIRECTORIES) {
        Ok(number) => number
            .parse()
            .map_err(|_| format!("{DIRECTORIES}: {number:?} is no number"))?,
        Err(_) => FEW,
    };
    let file = format!(
        "{}/proptest-regressions/clients/{name}.txt",
        env!("CARGO_MANIFEST_DIR")
    );
    Ok(Config {
        cases: match share {
            Share::All => cases,
            Share::Quarter => cases.div_ceil(4),
        },
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(file.leak()))),
        max_shrink_iters: 2000,
        max_shrink_time: 60_000,
        ..Config::default()
    })
}

/// A folder a directory, of which only the last one that failed stays.
struct Folders {
    root: PathBuf,
    number: usize,
    kept: Option<PathBuf>,
}

impl Folders {
    fn below(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            number: 0,
            kept: None,
        }
    }

    fn fresh(&mut self) -> std::io::Result<PathBuf> {
        self.number += 1;
        let folder = self.root.join(self.number.to_string());
        fs::create_dir(&folder)?;
        Ok(folder)
    }

    fn done(&self, folder: &Path) {
        let _ = fs::remove_dir_all(folder);
    }

    /// The failure that shrinking replaces loses its folder.
    fn failed(&mut self, folder: PathBuf, difference: String) -> String {
        if let Some(earlier) = self.kept.replace(folder) {
            self.done(&earlier);
        }
        difference
    }
}
