//! What became of a merge that a run found to be wrong.

use serde::{Deserialize, Serialize};

use crate::reduce::Size;

/// A merge that is wrong, as a fixture.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum FixtureReport {
    /// There is one.
    Made {
        /// Its folder.
        path: String,
        /// The files that the scrape was compared with.
        before: Size,
        /// What is left of them.
        after: Size,
        /// How many merges that took.
        merges: usize,
        /// Whether the search ended because nothing more could be taken away, not because its time did.
        exhausted: bool,
    },
    /// There is none.
    None {
        /// Why.
        reason: String,
    },
}
