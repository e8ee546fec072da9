//! `truth/readable`: the metric files decode and merge.

use super::{Accounts, Finding, Outcome, Side};

pub(super) fn judge(accounts: &Accounts<'_>) -> Outcome {
    match &accounts.last.after {
        Ok(reading) => Outcome::Pass {
            exercised: reading.snapshot.files().len(),
        },
        Err(error) => {
            let mut summary = format!("the files cannot be merged: {error}");
            let mut cause = std::error::Error::source(error);
            while let Some(source) = cause {
                summary.push_str(&format!(": {source}"));
                cause = source.source();
            }
            Outcome::Fail(Box::new(Finding::plain(Side::Writer, summary)))
        }
    }
}
