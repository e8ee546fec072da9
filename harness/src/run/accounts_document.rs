//! `accounts-NN.json`: what a check step judged, but for the observations, which are beside it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::check::Stored;
use crate::exporter::Pid;
use crate::ledger::LedgerDocument;

/// What a check step judged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AccountsDocument {
    /// The step, from 1.
    pub(crate) step: usize,
    /// The checks that it asked for.
    pub(crate) checks: Vec<String>,
    /// The observations before its own, `scrape-001` and so on; its own is the one after them.
    pub(crate) on_the_way: usize,
    /// The tasks.
    pub(crate) ledger: LedgerDocument,
    /// What Prometheus had stored, if it scraped the fleet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stored: Option<Stored>,
    /// The processes of the fleet when its own observation was made, as long as there was a fleet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) living: Option<BTreeSet<Pid>>,
    /// The processes that outlived the fleet's end, or each of its ends, once a step has ended it.
    pub(crate) left_over: Option<BTreeSet<Pid>>,
    /// Why the accounts did not come to rest, if they did not.
    pub(crate) unrest: Option<String>,
    /// What the fleet did not do that an earlier step waited for.
    #[serde(default)]
    pub(crate) stuck: Option<String>,
}

impl AccountsDocument {
    /// The name of the file of that step.
    pub(crate) fn name(step: usize) -> String {
        format!("accounts-{step:02}.json")
    }
}
