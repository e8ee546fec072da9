//! What the files of a metrics directory hold, before anything of it is decoded.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::content::Content;
use super::{FileName, Layout, Snapshot, TruthError};
use crate::threads;

/// From so many files on, two threads read them.
const FILES_WORTH_A_THREAD: usize = 32;

/// The used bytes of a directory's metric files, as they were when it was read, in the order of their names.
///
/// Who brackets a scrape needs no more than these before and after it, and has the rest done meanwhile. The files are read
/// one after the other, or two at a time, while processes may write them: see "Bracketing a live scrape" in the rules for
/// what that allows to conclude.
#[derive(Clone, Debug, Default)]
pub struct RawSnapshot {
    files: Arc<Vec<RawFile>>,
    left_out: Arc<BTreeSet<String>>,
}

#[derive(Debug)]
pub(super) struct RawFile {
    pub(super) path: PathBuf,
    pub(super) content: Arc<Content>,
}

impl RawSnapshot {
    /// Reads all of `*.db` (M1) but the files of these names, which are not looked at.
    ///
    /// A file that is gone between listing and opening is an error (M13), unless it is a live gauge's (M8). A directory
    /// without files is no error: a process whose mode was chosen too late writes none (F12), which the ledger tells.
    pub fn read_without(dir: &Path, names: &Arc<BTreeSet<String>>) -> Result<Self, TruthError> {
        let paths = files_but(dir, names).map_err(|source| TruthError::Directory {
            path: dir.to_owned(),
            source,
        })?;
        // Two threads are as fast as memory is; of a few files they are not worth their start.
        let threads = if paths.len() < FILES_WORTH_A_THREAD { 1 } else { 2 };
        let read = threads::each(threads, &paths, |path| Content::read(path));
        let mut files = Vec::new();
        let mut gone = None;
        for (path, content) in paths.into_iter().zip(read) {
            match content {
                Ok(content) => files.push(RawFile {
                    path,
                    content: content.into(),
                }),
                Err(source) => {
                    // M8: a process that was marked dead.
                    let may_be_gone = source.kind() == io::ErrorKind::NotFound && is_live_gauge(&path);
                    let error = TruthError::Read { path, source };
                    if !may_be_gone {
                        return Err(error);
                    }
                    gone = Some(error);
                }
            }
        }
        let layout = files.iter().find_map(|file| file.content.layout());
        match gone {
            // R11: nobody marks a process dead, so no file may be gone.
            Some(error) if layout == Some(Layout::GitlabRuby) => Err(error),
            _ => Ok(Self {
                files: files.into(),
                left_out: Arc::clone(names),
            }),
        }
    }

    /// Decodes the files. What they hold is not judged yet: a corrupt one fails the merge.
    pub fn decoded(self) -> Snapshot {
        Snapshot::of(self)
    }

    /// Reads the files again, without those that were left out. Where every file is as it was, this is what is there.
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
            if !file.content.is_still_in(&file.path, &mut storage)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A number that two snapshots share if the names and used bytes of all their files are identical, and that
    /// differs otherwise (but for one chance in 2^64). Stable across processes.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = foldhash::quality::FixedState::default().build_hasher();
        for file in &*self.files {
            let name = file.path.file_name().unwrap_or_default().to_string_lossy();
            for part in [name.as_bytes(), &file.content.bytes] {
                hasher.write_usize(part.len());
                hasher.write(part);
            }
        }
        hasher.finish()
    }

    /// Whether one is the other, of which nothing had changed when it was read again.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.files, &other.files)
    }

    pub(super) fn files(&self) -> &[RawFile] {
        &self.files
    }
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

fn is_live_gauge(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    FileName::parse(&name, Layout::Python16).is_live_gauge()
}
