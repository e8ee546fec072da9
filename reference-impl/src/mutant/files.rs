//! The mutants that choose which files are read.

use std::fs::{self, File};
use std::io::Read;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, getpgid};

use super::Mutant;
use crate::directory::MetricPath;
use crate::file_name::Kind;

/// What such a mutant remembers between scrapes.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    scrapes: u64,
    files: Vec<MetricPath>,
    /// Files that were there once, open, so that they can be read when they are gone.
    held: Vec<(MetricPath, File)>,
    /// Whether a file is there to which nothing was written.
    untouched: bool,
    /// Whether the directory takes no file of its own.
    locked_out: bool,
}

impl Memory {
    /// Whether the mutant fails the scrape for what it found among the files.
    pub(crate) fn has_found_zeros(&self) -> bool {
        self.untouched
    }

    /// Whether the mutant fails the scrape because it cannot leave its mark among the files.
    pub(crate) fn is_locked_out(&self) -> bool {
        self.locked_out
    }

    /// Adds the live gauges' files that were there once.
    fn bring_back(&mut self, files: &mut Vec<MetricPath>) {
        let is_there = |path: &Path| files.iter().any(|file| file.path == path);
        let gone = self.held.iter().filter(|(was, _)| !is_there(&was.path));
        let back: Vec<_> = gone
            .map(|(was, file)| MetricPath {
                path: format!("/proc/self/fd/{}", file.as_raw_fd()).into(),
                name: was.name.clone(),
            })
            .collect();
        let is_live = |kind: Kind| matches!(kind, Kind::Gauge(mode) if mode.is_live());
        let fresh = files.iter().filter(|file| {
            is_live(file.name.kind) && !self.held.iter().any(|(held, _)| held.path == file.path)
        });
        let opened = fresh.filter_map(|file| Some((file.clone(), File::open(&file.path).ok()?)));
        self.held.extend(opened.collect::<Vec<_>>());
        files.extend(back);
    }
}

/// What such a mutant creates among the files for every scrape.
const LOCK: &str = "scrape.lock";
/// How long such a mutant takes for a file.
const A_WHILE: Duration = Duration::from_millis(2);
/// How long such a mutant waits for others at most.
const PATIENCE: Duration = Duration::from_secs(20);

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
        Mutant::FailsOnZeros => memory.untouched = files.iter().any(|file| header(file) == Some([0; 8])),
        Mutant::LocksTheDirectory => {
            let lock = files.first().map(|file| file.path.with_file_name(LOCK));
            memory.locked_out = lock.is_some_and(|lock| File::create(lock).is_err());
        }
        Mutant::StopsAtABadFile => {
            files.sort_by(|one, other| one.path.cmp(&other.path));
            let bad = files.iter().position(|file| header(file).is_none());
            files.truncate(bad.unwrap_or(files.len()));
        }
        Mutant::WaitsForEveryWorker => {
            let began = Instant::now();
            while files.iter().any(|file| is_halted(&file.name.id)) && began.elapsed() < PATIENCE {
                // Sleeps, bounded by PATIENCE: nobody tells when a process goes on.
                thread::sleep(Duration::from_millis(10));
            }
        }
        Mutant::ServesItsOwnGroup => files.retain(|file| !is_a_strangers(&file.name.id)),
        Mutant::SkipsTheDead => files.retain(|file| Path::new("/proc").join(&file.name.id).exists()),
        // Sleeps, bounded by the number of files: it is to be slow.
        Mutant::SlowsWithEveryFile => thread::sleep(A_WHILE * u32::try_from(files.len()).unwrap_or(u32::MAX)),
        Mutant::ServesTheDeparted => memory.bring_back(files),
        Mutant::ForgetsHistograms => files.retain(|file| file.name.kind != Kind::Histogram),
        _ => {}
    }
}

/// The header of a file, if there is as much.
fn header(file: &MetricPath) -> Option<[u8; 8]> {
    let mut header = [0; 8];
    File::open(&file.path)
        .and_then(|mut file| file.read_exact(&mut header))
        .ok()?;
    Some(header)
}

/// Whether the process of that id lives in another process group than this one.
fn is_a_strangers(id: &str) -> bool {
    let group = |pid| getpgid(pid).ok();
    let pid = id.parse().ok().and_then(Pid::from_raw);
    pid.and_then(|pid| group(Some(pid)))
        .is_some_and(|theirs| Some(theirs) != group(None))
}

/// Whether the process of that id was halted by a signal.
fn is_halted(id: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| rest.starts_with(" T"))
}
