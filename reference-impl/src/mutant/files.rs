//! The mutants that choose which files are read.

use super::Mutant;
use crate::directory::MetricPath;
use crate::file_name::Kind;

/// What such a mutant remembers between scrapes.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    scrapes: u64,
    files: Vec<MetricPath>,
}

/// Leaves out files, or takes some of them twice.
pub(crate) fn choose(mutant: Mutant, memory: &mut Memory, files: &mut Vec<MetricPath>) {
    memory.scrapes += 1;
    let ids = || files.iter().map(|file| file.name.id.clone());
    let (first, last) = (ids().min(), ids().max());
    let is = |id: &Option<String>, file: &MetricPath| id.as_ref() == Some(&file.name.id);
    match mutant {
        Mutant::ServesOwnProcess => files.retain(|file| is(&first, file)),
        Mutant::GoesBackwards if memory.scrapes.is_multiple_of(2) => {
            files.retain(|file| is(&first, file));
        }
        Mutant::DropsAProcess if first != last => files.retain(|file| !is(&last, file)),
        Mutant::CountsAProcessTwice => {
            let again: Vec<_> = files.iter().filter(|file| is(&first, file)).cloned().collect();
            files.extend(again);
        }
        Mutant::ForgetsNewFiles => {
            if memory.files.is_empty() {
                memory.files.clone_from(files);
            }
            files.clone_from(&memory.files);
        }
        Mutant::ForgetsHistograms => files.retain(|file| file.name.kind != Kind::Histogram),
        _ => {}
    }
}
