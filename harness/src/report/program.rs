//! What became of a generated program that failed: whether it fails again, and the smallest plan that does.

use serde::{Deserialize, Serialize};

use crate::property::Size;

/// A program that failed.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ProgramReport {
    /// The check that failed, and that must fail again.
    pub check: String,
    /// How often the same program was played again.
    pub replays: usize,
    /// In how many of these that check failed.
    pub reproduced: usize,
    /// How large the program is.
    pub size: Size,
    /// The smallest plan for which the check fails; `None`: it was not looked for.
    pub smallest: Option<SmallestPlan>,
    /// Why it was not looked for, or why what was found is not taken.
    pub note: Option<String>,
}

/// What a program was shrunk to.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SmallestPlan {
    /// How large it is.
    pub size: Size,
    /// How many smaller plans were played to find it.
    pub plays: usize,
    /// Whether the search ended because nothing more could be taken away, not because its time or plays did.
    pub exhausted: bool,
    /// How often it was played again in the end; the check failed each time.
    pub confirmed: usize,
    /// The scenario's file.
    pub path: String,
}
