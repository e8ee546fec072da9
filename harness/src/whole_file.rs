//! A file that is written whole, or left as it was.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Writes a file, or leaves what was there. A device is written to as it is.
///
/// # Errors
/// What the system says.
pub fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    if file.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        return fs::write(file, bytes);
    }
    // Where a link points is where the file is.
    let file = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty());
    // As a file that is created: readable to whom the user's mask lets read it.
    let mut fresh = tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(dir.unwrap_or(Path::new(".")))?;
    fresh.write_all(bytes)?;
    fresh.persist(&file).map(drop).map_err(|error| error.error)
}
