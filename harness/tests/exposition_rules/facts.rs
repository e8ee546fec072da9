//! Facts about the two formats: a body, whether a parser accepts it, and why.
//!
//! They are what the public parsers' own tests and the specifications know, in bodies and words of this suite. Where a
//! real reader decides otherwise, the fact says what makes it: whoever holds the table against that reader can tell a
//! deliberate difference from a mistake.

use serde::Deserialize;

/// A body and what becomes of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fact {
    /// What is read, without OpenMetrics' last line unless it is `whole`.
    lines: String,
    #[serde(default)]
    whole: bool,
    /// The rules that refuse it, all of them; none where it is accepted.
    #[serde(default)]
    pub(crate) by: Vec<String>,
    /// The reason, in a few words.
    pub(crate) why: String,
    /// What makes the parser of prometheus_client decide otherwise.
    pub(crate) client: Option<String>,
    /// What makes `promtool check metrics` decide otherwise, which reads text 0.0.4 as the Pushgateway does.
    pub(crate) promtool: Option<String>,
}

/// The facts about OpenMetrics 1.0.
pub(crate) fn openmetrics() -> Vec<Fact> {
    let mut facts = read(include_str!("facts.openmetrics.toml"));
    for fact in facts.iter_mut().filter(|fact| !fact.whole) {
        fact.lines.push_str("# EOF\n");
    }
    facts
}

/// The facts about text 0.0.4.
pub(crate) fn text() -> Vec<Fact> {
    read(include_str!("facts.text.toml"))
}

fn read(table: &str) -> Vec<Fact> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Table {
        facts: Vec<Fact>,
    }
    toml::from_str::<Table>(table).unwrap().facts
}

impl Fact {
    /// What is read.
    pub(crate) fn body(&self) -> &str {
        &self.lines
    }

    /// Whether this suite's parser accepts it.
    pub(crate) fn is_accepted(&self) -> bool {
        self.by.is_empty()
    }
}
