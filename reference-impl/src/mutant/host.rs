//! The mutants that do not keep to themselves on a host.

use std::path::PathBuf;

use super::Mutant;

/// Takes the directory of a fleet that is there already: the one of the same name a folder further up.
pub(crate) fn share(mutant: Option<Mutant>, directory: &mut PathBuf) {
    let Some(name) = directory
        .file_name()
        .filter(|_| mutant == Some(Mutant::SharesADirectory))
    else {
        return;
    };
    let taken = directory.ancestors().nth(2).map(|folder| folder.join(name));
    if let Some(taken) = taken.filter(|taken| taken.is_dir()) {
        *directory = taken;
    }
}

/// The queue that such a mutant takes tasks from before its own: the one whose name its own continues.
pub(crate) fn queue_of_others(mutant: Option<Mutant>, own: &str) -> Option<&str> {
    let (other, _) = own
        .rsplit_once(':')
        .filter(|_| mutant == Some(Mutant::SharesAQueue))?;
    Some(other)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::*;

    #[test]
    fn a_directory_of_the_same_name_further_up_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let (first, own) = (
            folder.path().join("metrics"),
            folder.path().join("beside/metrics"),
        );
        let taken = |mutant| {
            let mut directory = own.clone();
            share(mutant, &mut directory);
            directory
        };
        assert_eq!(taken(Some(Mutant::SharesADirectory)), own);
        std::fs::create_dir(&first).unwrap();
        assert_eq!(taken(Some(Mutant::SharesADirectory)), first);
        assert_eq!(taken(None), own);
    }

    #[test]
    fn a_queue_is_shared_with_the_one_whose_name_it_continues() {
        let mutant = Some(Mutant::SharesAQueue);
        assert_eq!(queue_of_others(mutant, "tasks:beside"), Some("tasks"));
        assert_eq!(queue_of_others(mutant, "tasks"), None);
        assert_eq!(queue_of_others(None, "tasks:beside"), None);
    }
}
