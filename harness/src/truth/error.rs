//! Why the metric files cannot be judged.

use std::io;
use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use crate::remedy;

/// The files cannot be read or merged: a client's scrape fails (M13), or the suite cannot say what it serves.
#[derive(Debug, Error, Diagnostic)]
pub enum TruthError {
    /// The directory cannot be listed.
    #[error("cannot list the metrics directory {}", path.display())]
    #[diagnostic(help(
        "give the folder that the processes write to, PROMETHEUS_MULTIPROC_DIR for Python's client"
    ))]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What a kept run says of files that could not be read, judged again.
    #[error("{error}")]
    Kept {
        /// What was said then.
        error: String,
    },
    /// A file cannot be opened or read, or was gone when it was opened (`gauge_live*` excepted).
    #[error("cannot read {}", path.display())]
    #[diagnostic(help("{}", remedy::unread(source)))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file holds something else than a client writes.
    #[error("{} is corrupt at byte {offset}", path.display())]
    #[diagnostic(help("`counterfoil inspect {}` shows the bytes; move it away if no client wrote it: as long as it is there, a client's scrape fails too", path.display()))]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Where, from 0.
        offset: usize,
        /// What is there.
        #[source]
        fault: Fault,
    },
    /// A file's name does not say what a merge needs to know (F1, M2).
    #[error("the name of {} does not say {missing}", path.display())]
    #[diagnostic(help(
        "metric files are called counter_PID.db, gauge_MODE_PID.db and the like: move away what is none"
    ))]
    Name {
        /// The file.
        path: PathBuf,
        /// What the name lacks: "a known type", "a mode and a pid".
        missing: &'static str,
    },
    /// Files of several layouts lie side by side: every client fails on those that it did not write (M13).
    #[error("{} holds files of several layouts: {found}", path.display())]
    #[diagnostic(help(
        "no client reads them together: empty the directory before the workers start, and let all of them use one \
         release of one client"
    ))]
    Mixed {
        /// The directory.
        path: PathBuf,
        /// Each layout with the names of some of its files.
        found: String,
    },
    /// A bucket's `le` is not a number that can be sorted (M9).
    #[error("bucket bound `{le}` in {} at byte {offset} is not a number", path.display())]
    #[diagnostic(help("`counterfoil inspect {}` shows the entry; whoever wrote it must write numbers", path.display()))]
    Bound {
        /// The file.
        path: PathBuf,
        /// Where its key begins, from 0.
        offset: usize,
        /// The label as it is written, or how it begins.
        le: String,
    },
}

/// What is wrong with a file's bytes.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Fault {
    /// Not even a header (M13: an empty or truncated file).
    #[error("the file has {length} bytes, too few for a header")]
    NoHeader {
        /// The file's length.
        length: usize,
    },
    /// `used` promises more than the file holds.
    #[error("used is {used}, but the file has {length} bytes")]
    UsedBeyondEnd {
        /// As the header says.
        used: usize,
        /// The file's length.
        length: usize,
    },
    /// More than the suite is willing to hold in memory.
    #[error("used is {used}, more than the {limit} bytes that are read at most")]
    TooLarge {
        /// As the header says.
        used: usize,
        /// The suite's limit.
        limit: usize,
    },
    /// The entry reaches beyond `used` (M13: `used` too small, or not where an entry ends).
    #[error("the entry reaches beyond used, {used}")]
    BeyondUsed {
        /// As the header says.
        used: usize,
    },
    /// A negative key length.
    #[error("the key length is {length}")]
    KeyLength {
        /// As it is written.
        length: i32,
    },
    /// A key that is longer than the suite is willing to decode.
    #[error("the key has {length} bytes, more than the {limit} that are decoded at most")]
    KeyTooLong {
        /// As it is written.
        length: usize,
        /// The suite's limit.
        limit: usize,
    },
    /// The key is not UTF-8.
    #[error("the key is not UTF-8")]
    KeyNotUtf8,
    /// The key is not the JSON that the layout has for it (F4, R3).
    #[error("the key is not {shape}: {reason}")]
    KeyNotJson {
        /// What it should be.
        shape: &'static str,
        /// What the JSON decoder says.
        reason: String,
    },
    /// The family's name is empty.
    #[error("the family has no name")]
    NoFamily,
}
