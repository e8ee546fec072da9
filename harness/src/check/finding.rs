//! A finding: what is wrong, whose fault it is, and the numbers that show it.

use serde::{Deserialize, Serialize};

/// Which of the two the comparison blames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// What the workers wrote is not what they were asked for.
    Writer,
    /// What is served is not what the workers wrote.
    Server,
    /// What is served is not what the workers were asked for; which of the two it is only files could tell.
    Exporter,
    /// Processes are not started or ended as they should be.
    Supervisor,
}

/// What one process's file holds of a series.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Part {
    /// The process, as its file names it.
    pub pid: String,
    /// The file.
    pub file: String,
    /// What it contributes, as text renders it.
    pub value: String,
    /// Whether the scrape shows it; `None` where that cannot be told.
    pub served: Option<bool>,
}

/// One series on which two accounts differ.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Difference {
    /// The series, as text renders it.
    pub series: String,
    /// What it should be, with the account that says so (`truth 30`).
    pub expected: String,
    /// What it is (`scrape 11`, `scrape nothing`).
    pub got: String,
    /// Every process's share.
    pub parts: Vec<Part>,
}

/// Something that is wrong with an exporter.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Finding {
    /// One sentence.
    pub summary: String,
    /// Whose fault it is.
    pub side: Side,
    /// Series by series.
    pub differences: Vec<Difference>,
    /// What else belongs to it, a line each.
    pub notes: Vec<String>,
}

impl Finding {
    /// A finding without numbers.
    pub fn plain(side: Side, summary: impl Into<String>) -> Self {
        Self {
            summary: summary.into(),
            side,
            differences: Vec::new(),
            notes: Vec::new(),
        }
    }
}
