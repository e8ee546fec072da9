//! A file that no worker wrote, among those that they write.

use std::fs;
use std::io;
use std::path::Path;

use super::{Stage, inherit};
use crate::run::RunError;
use crate::run::timeline::Moment;
use crate::scenario::{Contents, Plant};
use crate::truth::Layout;

/// What a client's file is long at first (F5).
const FIRST_LENGTH: usize = 64 * 1024;
/// What SQLite's file format begins with.
const SQLITE: &[u8] = b"SQLite format 3\0";

impl Stage<'_> {
    pub(super) fn plant(&mut self, plant: &Plant) -> Result<(), RunError> {
        let path = self.metrics_dir.path().join(&plant.file);
        if path.exists() {
            return Err(self.step_failed(format!("{} is there already", plant.file)));
        }
        // Before it is there: nobody may read it in between.
        if !plant.holds.is_metrics() {
            self.metrics_dir.plant(&plant.file);
        }
        put(&path, plant.holds, self.layout()?).map_err(|source| RunError::Io { path, source })?;
        self.timeline.record(Moment::Planted {
            file: &plant.file,
            holds: plant.holds,
        })
    }
}

/// Puts it there, among files of that layout.
fn put(path: &Path, contents: Contents, layout: Layout) -> io::Result<()> {
    let bytes = match contents {
        Contents::Nothing => Vec::new(),
        Contents::Zeros => vec![0; FIRST_LENGTH],
        Contents::Noise => noise(),
        Contents::Sqlite => {
            let mut page = SQLITE.to_vec();
            page.resize(4096, 0);
            page
        }
        Contents::HalfAnEntry => half_an_entry(),
        Contents::AnotherLayout => {
            let mut file = inherit::one_count(another(layout));
            file.resize(FIRST_LENGTH, 0);
            file
        }
        Contents::Folder => return fs::create_dir(path),
    };
    fs::write(path, bytes)
}

/// The layout that an upgrade comes from; of the first one, that to which it leads.
fn another(layout: Layout) -> Layout {
    match layout {
        Layout::Python16 | Layout::Python3Key | Layout::GitlabRuby => Layout::Python8,
        Layout::Python8 => Layout::Python3Key,
    }
}

/// The same bytes each time.
fn noise() -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(1199);
    (0..4096).map(|_| random.u8(..)).collect()
}

/// Its header counts 128 bytes, its key is to have 80, and there are 40 in all (F2, F3).
fn half_an_entry() -> Vec<u8> {
    let header = [128_i32.to_ne_bytes(), [0; 4]].concat();
    let mut file = [header, 80_i32.to_ne_bytes().to_vec()].concat();
    file.extend(br#"["jobs", "jobs_total", {"qu"#);
    file.resize(40, b'e');
    file
}
