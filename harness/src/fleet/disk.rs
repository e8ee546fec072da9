//! A small file system on a directory of a run, which is gone with the run: there a disk can be full, or read-only, for real.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::mount::{MountFlags, UnmountFlags, mount, mount_bind, mount_remount, unmount};

use super::{FleetError, Reaper};
use crate::scenario::DirectoryFault;

/// What it is given as its size: room for the files of a fleet at work.
const OPTIONS: &std::ffi::CStr = c"size=16m,mode=0755";
/// What fills it up; its name is no metric file's.
const BALLAST: &str = ".ballast";

/// A file system that is there until this is dropped. What its files hold then stays in the directory.
#[derive(Debug)]
pub struct Disk {
    path: PathBuf,
    reaper: Arc<Reaper>,
    state: DiskState,
}

/// What steps have done to a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskState {
    /// Nothing yet.
    Untouched,
    /// It takes no new files, or no more bytes.
    Harmed,
    /// It was harmed, and is as good as new.
    Relieved,
}

impl Disk {
    /// Mounts one on `path`, which is created.
    ///
    /// # Errors
    /// The directory cannot be made, or this user may not mount.
    pub fn mount(path: &Path, reaper: &Arc<Reaper>) -> Result<Self, FleetError> {
        let io = |source| FleetError::Io {
            path: path.to_path_buf(),
            source,
        };
        fs::create_dir_all(path).map_err(io)?;
        // The reaper is told before: it may find nothing there, but never leaves one behind.
        reaper.watch_disk(path);
        match mount("counterfoil", path, "tmpfs", MountFlags::empty(), OPTIONS) {
            Ok(()) => Ok(Self {
                path: path.to_path_buf(),
                reaper: Arc::clone(reaper),
                state: DiskState::Untouched,
            }),
            Err(errno) => {
                reaper.forget_disk(path);
                let (path, source) = (path.to_path_buf(), errno.into());
                Err(FleetError::Mount { path, source })
            }
        }
    }

    /// What steps have done to it.
    pub fn state(&self) -> DiskState {
        self.state
    }

    /// Does harm to it, or ends that.
    ///
    /// # Errors
    /// The system refuses; the directory is named.
    pub fn suffer(&mut self, harm: DirectoryFault) -> Result<(), FleetError> {
        let suffered = match harm {
            DirectoryFault::Full => self.fill(),
            DirectoryFault::ReadOnly => self.forbid(),
            DirectoryFault::Writable => self.relieve(),
        };
        suffered.map_err(|source| FleetError::Io {
            path: self.path.clone(),
            source,
        })?;
        self.state = match harm {
            DirectoryFault::Writable => DiskState::Relieved,
            DirectoryFault::Full | DirectoryFault::ReadOnly => DiskState::Harmed,
        };
        Ok(())
    }

    /// Takes every block that is left.
    fn fill(&self) -> io::Result<()> {
        let mut ballast = File::create(self.path.join(BALLAST))?;
        let zeros = [0; 4096];
        loop {
            match ballast.write_all(&zeros) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::StorageFull => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Shows the same files read-only, above the writable ones: whoever has a file open can go on, as on a file system that
    /// has found an error in itself. A remount of the file system itself is refused as long as one is open.
    fn forbid(&self) -> io::Result<()> {
        mount_bind(&self.path, &self.path)?;
        mount_remount(&self.path, MountFlags::BIND | MountFlags::RDONLY, c"")?;
        Ok(())
    }

    fn relieve(&self) -> io::Result<()> {
        if fs::exists(self.path.join(BALLAST))? {
            return fs::remove_file(self.path.join(BALLAST));
        }
        Ok(unmount(&self.path, UnmountFlags::DETACH)?)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // What does not fit where the run is kept has been kept with each observation.
        let _ = release(&self.path);
        self.reaper.forget_disk(&self.path);
    }
}

/// Takes a file system away from a directory, whose files stay.
///
/// # Errors
/// The files cannot be copied; the file system is gone all the same.
pub(super) fn release(path: &Path) -> io::Result<()> {
    let mut kept = path.as_os_str().to_owned();
    kept.push(".kept");
    let kept = PathBuf::from(kept);
    let copied = copy(path, &kept);
    // Two, where one is shown read-only.
    while unmount(path, UnmountFlags::DETACH).is_ok() {}
    copied?;
    fs::rename(kept, path)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() && entry.file_name() != BALLAST {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
