//! What a scenario asks of an exporter that has no files: there what is served is held against what was asked of the workers.

use toml::Spanned;

use super::{Fault, GaugeMode, Scenario, Step};
use crate::check::Check;

/// What a check comes to where there are no files: another one, or `None`, where it is about files alone.
fn check_without_files(id: &str) -> Option<&str> {
    match Check::named(id) {
        Some(Check::TruthEqualsLedger | Check::ScrapeEqualsTruth) => Some(Check::ScrapeEqualsLedger.id()),
        Some(Check::TruthReadable | Check::ScrapeBracketed) => None,
        _ => Some(id),
    }
}

impl Scenario {
    /// Why it cannot be played where there are no files, if it cannot.
    pub fn beyond_no_files(&self) -> Option<&'static str> {
        let mut steps = self.steps.iter().map(Spanned::get_ref);
        let reason = steps.find_map(|step| match step {
            Step::Plant(_) | Step::Inherit(_) => Some("there are no files that another could lie among"),
            Step::Wipe(_) => Some("there are no files that could be removed"),
            Step::Fault(Fault::Directory { .. }) => {
                Some("there are no files that a disk could be too small for")
            }
            Step::Successor(_) => Some("without files two generations have nothing in common"),
            _ => None,
        });
        if reason.is_none() && !self.names.is_empty() {
            return Some("what a scrape of chosen names must serve is told by the files");
        }
        let is_left = || !self.without_files().checks().is_empty();
        reason.or_else(|| (!is_left()).then_some("all that it checks is in files"))
    }

    /// The same for an exporter without files. Once its fleet was ended nothing is served, so that nothing is left to be held
    /// against the ledger.
    #[must_use]
    pub fn without_files(&self) -> Self {
        let mut asked = self.clone();
        let mut is_served = true;
        // Of the live gauges, only those of this mode are served process by process.
        let shows_processes = self
            .metrics
            .iter()
            .any(|metric| metric.mode == Some(GaugeMode::Liveall));
        for step in &mut asked.steps {
            match step.get_mut() {
                Step::Stop(_) => is_served = false,
                Step::Restart(_) => is_served = true,
                Step::Check(checks) => {
                    *checks = translated(checks);
                    checks.retain(|check| match Check::named(check.get_ref()) {
                        Some(Check::ScrapeEqualsLedger) => is_served,
                        Some(Check::LivePids) => shows_processes,
                        _ => true,
                    });
                }
                _ => {}
            }
        }
        asked.canary = asked.canary.as_ref().and_then(one_translated);
        asked
    }
}

/// A list of checks for an exporter without files, each once.
pub(crate) fn translated(checks: &[Spanned<String>]) -> Vec<Spanned<String>> {
    let mut asked: Vec<Spanned<String>> = Vec::new();
    for check in checks.iter().filter_map(one_translated) {
        if asked.iter().all(|other| other.get_ref() != check.get_ref()) {
            asked.push(check);
        }
    }
    asked
}

fn one_translated(check: &Spanned<String>) -> Option<Spanned<String>> {
    let id = check_without_files(check.get_ref())?;
    Some(Spanned::new(check.span(), id.to_owned()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use crate::scenario::{Catalogue, Scenario, parse};

    fn scenario(steps: &str) -> Scenario {
        let head = "title = ''\nlevel = 'must'\nsince = '0.1.0'\nwhy = ''\nfleet = { workers = 1 }\n";
        parse("counter/by-hand", &format!("{head}{steps}")).unwrap()
    }

    const ALL: &str = "check = ['scrape/available', 'truth/readable', 'scrape/equals-truth', 'truth/equals-ledger', \
                       'scrape/bracketed', 'scrape/monotonic', 'fleet/no-orphans']\n";

    #[test]
    fn what_is_served_is_held_against_the_ledger_in_the_place_of_the_files() {
        let asked = scenario(&format!("[[steps]]\n{ALL}")).without_files();
        let left = [
            "scrape/available",
            "scrape/equals-ledger",
            "scrape/monotonic",
            "fleet/no-orphans",
        ];
        assert_eq!(asked.checks(), left);
        assert_eq!(asked.without_files().checks(), left);
    }

    #[test]
    fn once_a_fleet_was_ended_nothing_is_served_until_it_is_started_again() {
        let after = |step: &str| {
            scenario(&format!(
                "[[steps]]\n{step} = 'gracefully'\n[[steps]]\n{}",
                ALL.replace("'scrape/monotonic', ", "")
            ))
        };
        let asked = |step: &str| {
            after(step)
                .without_files()
                .checks()
                .contains(&"scrape/equals-ledger")
        };
        assert!(!asked("stop") && asked("restart"));
        let both = scenario(
            "[[steps]]\nstop = 'gracefully'\n[[steps]]\nrestart = 'gracefully'\n[[steps]]\ncheck = ['truth/equals-ledger']\n",
        );
        assert_eq!(both.without_files().checks(), ["scrape/equals-ledger"]);
    }

    #[test]
    fn whose_live_gauge_it_is_shows_only_where_each_process_has_a_series() {
        let asked = |mode: &str| {
            let gauge = format!(
                "[[metrics]]\nname = 'busy'\ntype = 'gauge'\nhelp = ''\nlabels = ['q']\nmode = '{mode}'\n"
            );
            let steps = "[[steps]]\ncheck = ['scrape/available', 'gauge/live-pids']\n";
            let asked = scenario(&format!("{gauge}{steps}")).without_files();
            asked.checks().len()
        };
        assert_eq!((asked("liveall"), asked("livesum"), asked("all")), (2, 1, 1));
    }

    #[test]
    fn a_canary_must_fail_in_the_check_that_stands_in_for_its_own() {
        let canaries = Catalogue::embedded().unwrap();
        let canary = canaries
            .scenarios()
            .iter()
            .find(|scenario| scenario.canary.is_some())
            .unwrap();
        let asked = canary.without_files();
        assert_eq!(asked.canary.unwrap().get_ref(), "scrape/equals-ledger");
    }

    #[test]
    fn what_needs_files_cannot_be_played_without_them_and_says_why() {
        let beyond = |steps: &str| scenario(&format!("{steps}[[steps]]\n{ALL}")).beyond_no_files();
        assert_eq!(beyond(""), None);
        for (step, reason) in [
            (
                "plant = { file = 'counter_1.db', holds = 'nothing' }",
                "lie among",
            ),
            ("inherit = { processes = 1 }", "lie among"),
            ("wipe = 'files'", "be removed"),
        ] {
            assert!(
                beyond(&format!("[[steps]]\n{step}\n")).unwrap().ends_with(reason),
                "{step}"
            );
        }
        let only = |check: &str| scenario(&format!("[[steps]]\ncheck = ['{check}']\n")).beyond_no_files();
        assert_eq!(only("truth/readable"), Some("all that it checks is in files"));
        assert_eq!(only("truth/equals-ledger"), None);
        let named = scenario("names = ['jobs_total']\n[[steps]]\ncheck = ['scrape/names']\n");
        assert!(named.beyond_no_files().unwrap().contains("chosen names"));
    }

    #[test]
    fn the_scenarios_that_are_beyond_an_exporter_without_files() {
        let catalogue = Catalogue::embedded().unwrap();
        let all = catalogue
            .scenarios()
            .iter()
            .filter(|scenario| scenario.canary.is_none());
        let beyond = all.filter(|scenario| scenario.beyond_no_files().is_some());
        let mut families: Vec<&str> = beyond.map(Scenario::family).collect();
        families.dedup();
        assert_eq!(families, ["directory", "isolation", "lifecycle", "negotiation"]);
    }
}
