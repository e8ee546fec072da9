//! What a reader can do about a system's refusal.

use std::io::{Error, ErrorKind};

/// About a file of the run that cannot be written; `option` is what chooses another place.
pub fn unwritten(source: &Error, option: &str) -> String {
    match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            format!("make room there, or choose a place on another disk with {option}")
        }
        _ => format!("choose a place that this user can write to with {option}"),
    }
}

/// About a file that was given and cannot be read.
pub(crate) fn unread(source: &Error) -> &'static str {
    match source.kind() {
        ErrorKind::InvalidData => "save it as UTF-8",
        ErrorKind::PermissionDenied => "let this user read it",
        ErrorKind::NotFound => "is the path right, and seen from the folder that the command runs in?",
        _ => "it must be a file that this user can read",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_needs_room_and_a_closed_one_another_place() {
        let full = Error::from(ErrorKind::StorageFull);
        assert!(unwritten(&full, "--out").starts_with("make room"));
        let closed = Error::from(ErrorKind::PermissionDenied);
        assert!(unwritten(&closed, "--junit").ends_with("with --junit"));
    }
}
