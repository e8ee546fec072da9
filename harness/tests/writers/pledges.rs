//! What writers say of themselves: how many steps they have begun, and how many of them are done.
//!
//! Each is a file that grows by a byte a batch: a file's length is read whole, whatever happens meanwhile.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Steps of a batch.
pub(crate) const STEPS: u64 = 100;

/// A writer's own two files.
pub(crate) struct Pledge {
    begun: File,
    done: File,
}

impl Pledge {
    pub(crate) fn of_this_process(folder: &Path) -> Self {
        let open = |what: &str| {
            let path = pledges(folder).join(format!("{}.{what}", std::process::id()));
            File::options().append(true).create(true).open(path).unwrap()
        };
        Self {
            begun: open("begun"),
            done: open("done"),
        }
    }

    /// Before a batch.
    pub(crate) fn begin(&mut self) {
        self.begun.write_all(b"+").unwrap();
    }

    /// After it.
    pub(crate) fn fulfil(&mut self) {
        self.done.write_all(b"+").unwrap();
    }
}

/// Where they are.
pub(crate) fn pledges(folder: &Path) -> PathBuf {
    folder.join("pledges")
}

/// Steps by pid, at one moment.
#[derive(Default)]
pub(crate) struct Steps(BTreeMap<String, f64>);

impl Steps {
    pub(crate) fn begun(folder: &Path) -> Self {
        Self::of(folder, "begun")
    }

    pub(crate) fn done(folder: &Path) -> Self {
        Self::of(folder, "done")
    }

    fn of(folder: &Path, what: &str) -> Self {
        let mut steps = BTreeMap::new();
        for entry in fs::read_dir(pledges(folder)).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            if let Some((pid, _)) = name.split_once('.').filter(|(_, of)| *of == what) {
                let batches = entry.metadata().unwrap().len();
                steps.insert(pid.to_owned(), (batches * STEPS) as f64);
            }
        }
        Self(steps)
    }

    /// Of one process; 0 if it has not said anything yet.
    pub(crate) fn of_pid(&self, pid: &str) -> f64 {
        self.0.get(pid).copied().unwrap_or_default()
    }

    pub(crate) fn sum(&self) -> f64 {
        self.0.values().sum()
    }

    pub(crate) fn processes(&self) -> usize {
        self.0.len()
    }
}
