//! `exposition/valid`: every body follows its format to the letter.

use super::{Accounts, Difference, Finding, Outcome, Side};

pub(super) fn judge(accounts: &Accounts<'_>) -> Outcome {
    let mut exercised = 0;
    for (at, observation) in accounts.observations().enumerate() {
        let Ok(scraped) = &observation.scrape else {
            continue;
        };
        let Some(parsed) = &scraped.parsed else { continue };
        let Some(first) = parsed.findings.first() else {
            exercised += 1;
            continue;
        };
        let more = match parsed.findings.len() {
            1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        let summary = format!(
            "body {} is malformed at line {}, column {}: {}{more}",
            at + 1,
            first.line,
            first.column,
            first.message
        );
        let differences = parsed.findings.iter().map(|finding| Difference {
            series: format!("line {}, column {}", finding.line, finding.column),
            expected: finding.rule.to_owned(),
            got: format!("{}: {}", finding.message, finding.context),
            parts: Vec::new(),
        });
        let differences = differences.collect();
        return Outcome::Fail(Box::new(Finding {
            summary,
            side: Side::Server,
            differences,
            notes: Vec::new(),
        }));
    }
    if exercised == 0 {
        return Outcome::Inconclusive {
            reason: "no exposition was served".to_owned(),
        };
    }
    Outcome::Pass { exercised }
}
