//! What a client can do, and what its programs are made of.

/// What a client can do, and how odd its programs are to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope {
    /// The modes that its gauges know.
    pub(crate) modes: &'static [&'static str],
    /// Whether labels may be other than strings.
    pub(crate) any_label_value: bool,
    /// Whether two processes may declare a metric differently.
    pub(crate) conflicts: bool,
    /// Whether a label may be called `pid`, so that series come twice.
    pub(crate) own_pid: bool,
    /// Keys of the files that are harmed, if any may be.
    pub(crate) harm: Option<&'static [&'static [u8]]>,
    /// What families are called.
    pub(crate) names: &'static [&'static str],
    /// The ids of processes.
    pub(crate) ids: &'static [&'static str],
    /// Whether all must be as a text can carry it: no bound and no observation is negative, HELP has no blanks at its
    /// ends.
    pub(crate) tame: bool,
}

pub(crate) const MODES_TO_0_17: &[&str] = &[
    "all", "liveall", "min", "livemin", "max", "livemax", "sum", "livesum",
];
pub(crate) const MODES: &[&str] = &[
    "all",
    "liveall",
    "min",
    "livemin",
    "max",
    "livemax",
    "sum",
    "livesum",
    "mostrecent",
    "livemostrecent",
];
/// Some of them are what samples of others are called.
pub(crate) const NAMES: &[&str] = &[
    "jobs",
    "wait",
    "wait_sum",
    "wait_count",
    "wait_bucket",
    "runs_total",
    "a:b",
    "_c",
    "a",
    "a_b",
    "size_total",
];
/// OpenMetrics forbids that.
pub(crate) const NAMES_WITHOUT_CLASH: &[&str] = &["jobs", "wait", "runs_total", "a:b", "_c", "a", "a_b"];

/// Ids with `_` collide in Python (M2), and lose numbers behind a `-` in Ruby (R5).
pub(crate) const IDS: &[&str] = &[
    "1", "2", "3", "41", "worker_1", "worker_2", "a_1", "b_1", "x.y", "7-1", "7-1_b", "é_7", "0",
];
pub(crate) const IDS_IN_ASCII: &[&str] = &[
    "1", "2", "3", "41", "worker_1", "worker_2", "a_1", "x.y", "7-1", "7-1_b", "7-2_b", "0",
];
pub(crate) const PIDS: &[&str] = &["1", "2", "3", "41", "4312", "0"];

pub(crate) const MODES_OF_RUBY: &[&str] = &["all", "liveall", "min", "max", "livesum"];
