//! One read of a metrics directory.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::key::Keys;
use super::merge::Merge;
use super::raw_snapshot::{RawFile, RawSnapshot};
use super::{Holdings, Layout, MetricFile, Share, Truth, TruthError};
use crate::series::Series;

/// The metric files of a directory, as they were when it was read ([`RawSnapshot`]), in the order of their names.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    raw: RawSnapshot,
    files: Arc<Vec<MetricFile>>,
}

impl Snapshot {
    /// Reads and decodes all of `*.db`, as [`RawSnapshot::read_without`] does. What the files hold is not judged yet: a
    /// corrupt one fails the merge.
    pub fn read(dir: &Path) -> Result<Self, TruthError> {
        Self::read_without(dir, &Arc::default())
    }

    /// The same without the files of these names, which are not looked at.
    pub fn read_without(dir: &Path, names: &Arc<BTreeSet<String>>) -> Result<Self, TruthError> {
        RawSnapshot::read_without(dir, names).map(RawSnapshot::decoded)
    }

    pub(super) fn of(raw: RawSnapshot) -> Self {
        let mut keys = Keys::default();
        let decoded = |file: &RawFile| MetricFile::decoded(&file.path, Arc::clone(&file.content), &mut keys);
        let mut files: Vec<MetricFile> = raw.files().iter().map(decoded).collect();
        if let Some(layout) = layout_of(&files) {
            let mute = files.iter_mut().filter(|file| file.layout.is_none());
            mute.for_each(|file| file.adopt(layout));
        }
        Self {
            raw,
            files: files.into(),
        }
    }

    /// What was read later, decoded: where nothing had changed ([`RawSnapshot::read_again`]), this is it.
    #[must_use]
    pub fn later(&self, raw: RawSnapshot) -> Self {
        match raw.is(&self.raw) {
            true => self.clone(),
            false => raw.decoded(),
        }
    }

    /// The files before they were decoded.
    pub fn raw(&self) -> &RawSnapshot {
        &self.raw
    }

    /// Whether names and used bytes of all files are those of `other`.
    pub fn is_same(&self, other: &Self) -> bool {
        let same = |(one, other): (&MetricFile, &MetricFile)| {
            one.name.text == other.name.text && one.bytes() == other.bytes()
        };
        Arc::ptr_eq(&self.files, &other.files)
            || (self.files.len() == other.files.len() && self.files.iter().zip(&*other.files).all(same))
    }

    /// The layout of the first file that tells one; `None` where no file has an entry.
    pub fn layout(&self) -> Option<Layout> {
        layout_of(&self.files)
    }

    /// The files, in the order of their names.
    pub fn files(&self) -> &[MetricFile] {
        &self.files
    }

    /// Merges all files by M2 to M9. Any corrupt file fails it (M13).
    pub fn merge(&self) -> Result<Truth, TruthError> {
        self.merge_of(|_| true)
    }

    /// Merges the files that `keep` keeps: what one process contributes, or all but a corrupt file.
    pub fn merge_of(&self, keep: impl Fn(&MetricFile) -> bool) -> Result<Truth, TruthError> {
        let kept: Vec<&MetricFile> = self.files.iter().filter(|file| keep(file)).collect();
        Merge::of(&kept)?.truth()
    }

    /// What each file contributes to one merged series; [`Self::holdings`] is the way to ask for many.
    pub fn shares(&self, series: &Series) -> Vec<Share> {
        self.holdings().of(series)
    }

    /// What each file contributes to any merged series. Corrupt files contribute nothing.
    pub fn holdings(&self) -> Holdings<'_> {
        let intact: Vec<&MetricFile> = self.files.iter().filter(|file| file.fault.is_none()).collect();
        Holdings::in_merge(Merge::of(&intact).ok())
    }

    /// The processes that wrote the files, named as M2 reads them.
    pub fn pids(&self) -> BTreeSet<String> {
        self.files
            .iter()
            .filter(|file| file.name.kind.is_some())
            .filter_map(|file| file.name.pid.clone())
            .collect()
    }

    /// Writes the files to `dir`, which is created: the used bytes, padded as a client's file is (F5).
    pub fn copy_to(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir)?;
        for file in &*self.files {
            let path = dir.join(file.path.file_name().unwrap_or_default());
            fs::write(&path, file.bytes())?;
            fs::OpenOptions::new()
                .write(true)
                .open(&path)?
                .set_len(file.length_on_disk() as u64)?;
        }
        Ok(())
    }
}

fn layout_of(files: &[MetricFile]) -> Option<Layout> {
    files.iter().find_map(|file| file.layout)
}
