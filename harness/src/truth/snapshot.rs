//! One read of a metrics directory.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::content::Content;
use super::key::Keys;
use super::merge::Merge;
use super::{FileName, Holdings, Layout, MetricFile, Share, Truth, TruthError};
use crate::series::Series;

/// The metric files of a directory, as they were when it was read, in the order of their names.
///
/// The files are read one after the other while processes may write them: see "Bracketing a live scrape" in the
/// rules for what that allows to conclude.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    files: Arc<Vec<MetricFile>>,
    left_out: Arc<BTreeSet<String>>,
}

impl Snapshot {
    /// Reads all of `*.db` (M1). What the files hold is not judged yet: a corrupt one fails the merge.
    ///
    /// A file that is gone between listing and opening is an error (M13), unless it is a live gauge's (M8). A directory
    /// without files is no error: a process whose mode was chosen too late writes none (F12), which the ledger tells.
    pub fn read(dir: &Path) -> Result<Self, TruthError> {
        Self::read_without(dir, &Arc::default())
    }

    /// The same without the files of these names, which are not looked at.
    pub fn read_without(dir: &Path, names: &Arc<BTreeSet<String>>) -> Result<Self, TruthError> {
        let mut keys = Keys::default();
        let mut files = Vec::new();
        let mut gone = None;
        let paths = files_but(dir, names).map_err(|source| TruthError::Directory {
            path: dir.to_owned(),
            source,
        })?;
        for path in paths {
            match read_unless_marked_dead(path, &mut keys)? {
                Read::File(file) => files.push(file),
                Read::Gone(error) => gone = Some(error),
            }
        }
        match (layout_of(&files), gone) {
            // R11: nobody marks a process dead, so no file may be gone.
            (Some(Layout::GitlabRuby), Some(error)) => return Err(error),
            (Some(layout), _) => adopt(&mut files, layout),
            (None, _) => {}
        }
        Ok(Self {
            files: files.into(),
            left_out: Arc::clone(names),
        })
    }

    /// Reads the files again, without those that were left out. Where every file is as it was, nothing is decoded anew.
    pub fn read_again(&self, dir: &Path) -> Result<Self, TruthError> {
        match self.is_unchanged(dir) {
            Ok(true) => Ok(self.clone()),
            // Whatever cannot be read says so when it is read whole.
            _ => Self::read_without(dir, &self.left_out),
        }
    }

    fn is_unchanged(&self, dir: &Path) -> io::Result<bool> {
        let paths = files_but(dir, &self.left_out)?;
        if !paths.iter().eq(self.files.iter().map(|file| &file.path)) {
            return Ok(false);
        }
        let mut storage = Vec::new();
        for file in &*self.files {
            let content = Content::read(&file.path, storage)?;
            if content.fault.is_some() || content.bytes[..] != *file.bytes() {
                return Ok(false);
            }
            storage = content.bytes.into_storage();
        }
        Ok(true)
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

    /// A number that two snapshots share if the names and used bytes of all their files are identical, and that
    /// differs otherwise (but for one chance in 2^64). Stable across processes.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = foldhash::quality::FixedState::default().build_hasher();
        for file in &*self.files {
            for part in [file.name.text.as_bytes(), file.bytes()] {
                hasher.write_usize(part.len());
                hasher.write(part);
            }
        }
        hasher.finish()
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

fn adopt(files: &mut [MetricFile], layout: Layout) {
    let mute = files.iter_mut().filter(|file| file.layout.is_none());
    mute.for_each(|file| file.adopt(layout));
}

/// All of `*.db` by name; as a shell's pattern does, this leaves hidden files out (M1).
pub(super) fn metric_files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        if name.ends_with(b".db") && !name.starts_with(b".") {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

/// The paths of all but these.
fn files_but(dir: &Path, names: &BTreeSet<String>) -> io::Result<Vec<PathBuf>> {
    let mut paths = metric_files(dir)?;
    if !names.is_empty() {
        let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
        paths.retain(|path| name(path).is_none_or(|name| !names.contains(&name)));
    }
    Ok(paths)
}

/// What came of a listed file.
enum Read {
    File(MetricFile),
    /// It was not there any more, as a live gauge's may be (M8).
    Gone(TruthError),
}

fn read_unless_marked_dead(path: PathBuf, keys: &mut Keys) -> Result<Read, TruthError> {
    match MetricFile::read_with(&path, keys) {
        Ok(file) => Ok(Read::File(file)),
        Err(source) => {
            let may_be_gone = source.kind() == io::ErrorKind::NotFound && is_live_gauge(&path);
            let error = TruthError::Read { path, source };
            if may_be_gone {
                Ok(Read::Gone(error))
            } else {
                Err(error)
            }
        }
    }
}

fn is_live_gauge(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    FileName::parse(&name, Layout::Python16).is_live_gauge()
}
