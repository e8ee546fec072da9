//! A scenario as the text of a file: what is generated is kept like what is written by hand.

use serde::{Serialize, Serializer};

use super::{Limits, Scenario};

impl Scenario {
    /// The text of a file that declares the same. What has its default value is left out.
    ///
    /// # Errors
    /// TOML cannot hold a number of it, such as a deadline beyond 2^63 milliseconds.
    ///
    /// ```
    /// use counterfoil::scenario;
    ///
    /// let text = r#"
    /// title = "Counters add up"
    /// level = "must"
    /// since = "0.1.0"
    /// why = "An example."
    /// fleet = { workers = 2 }
    /// metrics = [{ name = "jobs", type = "counter", help = "Jobs.\nDone.", labels = ["queue"] }]
    /// tasks = [{ name = "mail", ops = [{ op = "inc", metric = "jobs", labels = { queue = "\"a\"" } }] }]
    /// steps = [{ dispatch = { tasks = { mail = 3 } } }, { wait = "quiet" }, { check = ["truth/equals-ledger"] }]
    /// "#;
    /// let written = scenario::parse("counter/adds-up", text)?.to_toml()?;
    /// let again = scenario::parse("counter/adds-up", &written)?;
    /// assert_eq!(again.metrics[0].help, "Jobs.\nDone.");
    /// assert_eq!(again.to_toml()?, written);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }
}

/// Only what is not the default.
impl Serialize for Limits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let defaults = fields(&Self::default());
        let given = fields(self).into_iter().zip(defaults);
        serializer.collect_map(
            given
                .filter(|(given, default)| given != default)
                .map(|(given, _)| given),
        )
    }
}

fn fields(limits: &Limits) -> [(&'static str, u64); 7] {
    [
        ("indeterminate_tasks", limits.indeterminate_tasks.into()),
        ("quiesce_deadline_ms", limits.quiesce_deadline_ms),
        ("disagreement_deadline_ms", limits.disagreement_deadline_ms),
        ("rest_reads", limits.rest_reads.into()),
        ("rest_interval_ms", limits.rest_interval_ms),
        ("scrape_ms", limits.scrape_ms),
        ("scrape_deadline_ms", limits.scrape_deadline_ms),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    /// A scenario that uses every part of the format.
    const WHOLE: &str = include_str!("../../tests/declaration_rules/whole-scenario.toml");

    #[test]
    fn every_part_of_the_format_is_written_and_only_what_is_no_default() {
        let written = parse("family/by-hand", WHOLE).unwrap().to_toml().unwrap();
        // As text: it holds a NaN, which equals nothing.
        let read = |text: &str| format!("{:?}", toml::from_str::<toml::Table>(text).unwrap());
        assert_eq!(read(&WHOLE.replace("value = 2 ", "value = 2.0 ")), read(&written));
    }
}
