//! What one file contributes to a merged series.

/// One file's part of a merged series: the line of a verdict that names a process.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// The file's name.
    pub file: String,
    /// The process, as M2 reads it from the name.
    pub pid: String,
    /// The contribution.
    pub value: f64,
    /// UNIX time in seconds; zero unless it was set in a mostrecent mode (F8).
    pub timestamp: f64,
}
