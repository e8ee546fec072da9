//! The finished run as `JUnit` XML, in the subset that Jenkins, `GitLab` and GitHub's viewers share.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::failure::{headline, render_failure};
use super::{ScenarioReport, Verdict};

/// One test suite per family of scenarios, one test case per scenario.
///
/// # Errors
/// The XML cannot be written, which no report can cause.
pub fn render(exporter: &str, reports: &[ScenarioReport]) -> Result<String, quick_junit::SerializeError> {
    let mut junit = Report::new(format!("counterfoil {exporter}"));
    let mut families: Vec<&str> = reports.iter().map(|report| family(&report.id)).collect();
    families.dedup();
    for name in families {
        let mut suite = TestSuite::new(name);
        suite.add_test_cases(
            reports
                .iter()
                .filter(|report| family(&report.id) == name)
                .map(case),
        );
        junit.add_test_suite(suite);
    }
    junit.to_string()
}

fn family(id: &str) -> &str {
    id.split_once('/').map_or(id, |(family, _)| family)
}

fn case(report: &ScenarioReport) -> TestCase {
    let status = match report.verdict {
        Verdict::Pass | Verdict::Warn | Verdict::KnownFail => TestCaseStatus::success(),
        Verdict::NotApplicable => {
            let mut skipped = TestCaseStatus::skipped();
            skipped.set_message(report.reason.clone().unwrap_or_default());
            skipped
        }
        Verdict::Fail | Verdict::Flaky => unsuccessful(NonSuccessKind::Failure, report),
        Verdict::Inconclusive | Verdict::Error => unsuccessful(NonSuccessKind::Error, report),
    };
    let mut case = TestCase::new(report.id.clone(), status);
    case.set_classname(format!("counterfoil.{}", family(&report.id)));
    case.set_time(Duration::from_millis(report.elapsed_ms));
    case
}

fn unsuccessful(kind: NonSuccessKind, report: &ScenarioReport) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(report.verdict.name());
    status.set_message(headline(report));
    status.set_description(render_failure(report));
    status
}
