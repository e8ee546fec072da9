//! Metric files of processes that are none of the fleet's: most of them are gone.

use std::fs::{self, File};
use std::io::{self, Write as _};

use super::Stage;
use crate::exporter::FileLayout;
use crate::ledger::INHERITED;
use crate::run::RunError;
use crate::run::timeline::Moment;
use crate::scenario::Inherit;
use crate::truth::Layout;

/// Linux gives no process a greater pid than this (proc(5), `pid_max`).
const GREATEST_PID: u32 = 1 << 22;
/// The length of a client's file at first (F5).
const FIRST_LENGTH: u64 = 64 * 1024;
const HELP: &str = "Processes that are none of the fleet's.";

impl Stage<'_> {
    /// The layout of the fleet's own files.
    pub(super) fn layout(&self) -> Result<Layout, RunError> {
        match self.plan.adapter.manifest.files.layout {
            FileLayout::Of(layout) => Ok(layout),
            FileLayout::None => Err(self.step_failed("the exporter has no metric files".to_owned())),
        }
    }

    /// Writes them, and has the ledger count on them: whoever died, what it counted counts (M1).
    pub(super) fn inherit(&mut self, inherit: Inherit) -> Result<(), RunError> {
        let layout = self.layout()?;
        let used = one_count(layout);
        for process in 0..inherit.processes {
            let pid = match inherit.living {
                true => std::process::id(),
                false => GREATEST_PID + 1 + self.ledger.inherited() + process,
            };
            let path = self.metrics_dir.path().join(name(layout, pid));
            write(&path, &used).map_err(|source| RunError::Io { path, source })?;
        }
        self.ledger.inherit(inherit.processes);
        self.timeline.record(Moment::Inherited {
            processes: inherit.processes,
        })
    }
}

/// Under another name at first: whoever lists the directory meanwhile sees no half-written file.
fn write(path: &std::path::Path, used: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut file = File::create_new(&unfinished)?;
    file.write_all(used)?;
    file.set_len(FIRST_LENGTH)?;
    fs::rename(unfinished, path)
}

/// F1, R1.
fn name(layout: Layout, pid: u32) -> String {
    match layout {
        Layout::GitlabRuby => format!("counter_{pid}-0.db"),
        Layout::Python16 | Layout::Python8 | Layout::Python3Key => format!("counter_{pid}.db"),
    }
}

/// The used bytes of a file with one counter of 1 (F2 to F4, R2, R3).
pub(super) fn one_count(layout: Layout) -> Vec<u8> {
    let sample = format!("{INHERITED}_total");
    let key = match layout {
        Layout::Python16 | Layout::Python8 => format!(r#"["{INHERITED}", "{sample}", {{}}, "{HELP}"]"#),
        Layout::Python3Key => format!(r#"["{INHERITED}", "{sample}", {{}}]"#),
        Layout::GitlabRuby => format!(r#"["{sample}","{sample}",[],[]]"#),
    };
    let blanks = 8 - (key.len() + size_of::<u32>()) % 8;
    let timestamp: &[f64] = match layout {
        Layout::Python16 => &[0.0],
        Layout::Python8 | Layout::Python3Key | Layout::GitlabRuby => &[],
    };
    let length = u32::try_from(key.len()).expect("the keys above are short");
    let mut entry = length.to_ne_bytes().to_vec();
    entry.extend(key.as_bytes());
    entry.resize(entry.len() + blanks, b' ');
    for number in [&[1.0], timestamp].concat() {
        entry.extend(number.to_ne_bytes());
    }
    let used = u32::try_from(8 + entry.len()).expect("an entry is short");
    [&used.to_ne_bytes(), &[0; 4], &entry[..]].concat()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::*;
    use crate::series::{Labels, Series};
    use crate::truth::Snapshot;

    #[test]
    fn what_is_left_behind_is_read_as_files_of_the_layout_f3_f4_r2_r3() {
        for layout in [
            Layout::Python16,
            Layout::Python8,
            Layout::Python3Key,
            Layout::GitlabRuby,
        ] {
            let dir = tempfile::tempdir().unwrap();
            for pid in 1..=3 {
                write(&dir.path().join(name(layout, pid)), &one_count(layout)).unwrap();
            }
            let files = Snapshot::read(dir.path()).unwrap();
            assert_eq!(files.layout(), Some(layout));
            assert_eq!(files.pids().into_iter().collect::<Vec<_>>(), ["1", "2", "3"]);
            let inherited = Series::new(format!("{INHERITED}_total"), Labels::default());
            let truth = files.merge().unwrap();
            assert_eq!(
                truth.admissible(&inherited).unwrap().representative(),
                3.0,
                "{layout}"
            );
        }
    }
}
