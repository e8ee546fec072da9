//! A scenario as the text of a file: what is generated is kept like what is written by hand.

use super::Scenario;

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
