//! The finished run as `JUnit` XML, in the subset that Jenkins, `GitLab` and GitHub's viewers share.
//!
//! | reader | takes |
//! |---|---|
//! | Jenkins `junit` | suite `name`, `time`; case `classname`, `name`, `time`; one of `failure`, `error`, `skipped`; `properties`, `system-out`; counts the cases itself |
//! | `GitLab` | case `classname` (its column "Suite"), `name`, `time`; text of `failure` or `error`; `system-out`; `skipped` |
//! | GitHub viewers | suite `name`, `tests`, `failures`, `errors`, `skipped`, `time`; case as Jenkins |
//!
//! There is no `file`: it would have to be a path in the repository of whoever runs the suite. `JUnit` knows no
//! warning: warn and known-fail pass, with the verdict as a property and the whole report as output.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::failure::{headline, render_failure};
use super::third_party::printable;
use super::{ScenarioReport, Verdict};

/// One test suite per family of scenarios, one test case per scenario. What failed in the control comes first,
/// as errors in a suite of its own: then there are no other reports.
///
/// # Errors
/// The XML cannot be written, which no report can cause.
pub fn render(
    exporter: &str,
    control_failures: &[ScenarioReport],
    reports: &[ScenarioReport],
) -> Result<String, quick_junit::SerializeError> {
    let mut junit = Report::new(printable(&format!("counterfoil {exporter}")));
    if !control_failures.is_empty() {
        junit.add_test_suite(suite("control", control_failures.iter()));
    }
    let mut families: Vec<&str> = reports.iter().map(|report| family(&report.id)).collect();
    families.sort_unstable();
    families.dedup();
    for name in families {
        junit.add_test_suite(suite(
            name,
            reports.iter().filter(|report| family(&report.id) == name),
        ));
    }
    let all = control_failures.iter().chain(reports);
    junit.set_time(Duration::from_millis(all.map(|report| report.elapsed_ms).sum()));
    junit.to_string()
}

fn family(id: &str) -> &str {
    id.split_once('/').map_or(id, |(family, _)| family)
}

fn suite<'a>(name: &str, reports: impl Iterator<Item = &'a ScenarioReport> + Clone) -> TestSuite {
    let mut suite = TestSuite::new(name);
    suite.set_time(Duration::from_millis(
        reports.clone().map(|report| report.elapsed_ms).sum(),
    ));
    suite.add_test_cases(reports.map(case));
    suite
}

fn case(report: &ScenarioReport) -> TestCase {
    let status = match report.verdict {
        // Whatever keeps the reference from passing keeps the exporter from being judged.
        _ if report.control => unsuccessful(NonSuccessKind::Error, report),
        Verdict::Pass | Verdict::Warn | Verdict::KnownFail => TestCaseStatus::success(),
        Verdict::NotApplicable => {
            let mut skipped = TestCaseStatus::skipped();
            skipped.set_message(printable(report.reason.as_deref().unwrap_or_default()));
            skipped
        }
        Verdict::Fail | Verdict::Flaky => unsuccessful(NonSuccessKind::Failure, report),
        Verdict::Inconclusive | Verdict::Error => unsuccessful(NonSuccessKind::Error, report),
    };
    let mut case = TestCase::new(report.id.clone(), status);
    let suite = if report.control {
        "control"
    } else {
        family(&report.id)
    };
    case.set_classname(format!("counterfoil.{suite}"));
    case.set_time(Duration::from_millis(report.elapsed_ms));
    case.add_property(Property::new("verdict", report.verdict.name()));
    case.add_property(Property::new("level", report.terms.level.to_string()));
    let set = report.terms.set.map_or("none".to_owned(), |set| set.to_string());
    case.add_property(Property::new("requirement-set", set));
    if matches!(report.verdict, Verdict::Warn | Verdict::KnownFail) {
        case.set_system_out(render_failure(report));
    }
    case
}

fn unsuccessful(kind: NonSuccessKind, report: &ScenarioReport) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(report.verdict.name());
    status.set_message(printable(&headline(report)));
    status.set_description(render_failure(report));
    status
}

#[cfg(test)]
mod tests {
    use quick_xml::events::{BytesStart, Event};

    use super::super::sample;
    use super::*;

    /// Every element's start tag as `(name, attributes)`, read by a parser that checks the nesting.
    fn elements(xml: &str) -> Vec<(String, Vec<(String, String)>)> {
        let mut reader = quick_xml::Reader::from_str(xml);
        let mut found = Vec::new();
        let of = |tag: &BytesStart<'_>| {
            let name = String::from_utf8(tag.name().as_ref().to_vec()).unwrap();
            let attributes = tag.attributes().map(|attribute| {
                let attribute = attribute.unwrap();
                let key = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
                (key, String::from_utf8(attribute.value.to_vec()).unwrap())
            });
            (name, attributes.collect())
        };
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) | Event::Empty(tag) => found.push(of(&tag)),
                Event::Eof => return found,
                _ => {}
            }
        }
    }

    fn attribute<'a>(element: &'a (String, Vec<(String, String)>), name: &str) -> &'a str {
        &element
            .1
            .iter()
            .find(|(key, _)| key == name)
            .unwrap_or_else(|| panic!("{element:?} has no {name}"))
            .1
    }

    fn one_of_each() -> Vec<ScenarioReport> {
        let of = |verdict: Verdict| {
            let family = if verdict < Verdict::Inconclusive {
                "green"
            } else {
                "red"
            };
            ScenarioReport {
                verdict,
                ..sample::failed(&format!("{family}/{verdict}"))
            }
        };
        Verdict::ALL.map(of).to_vec()
    }

    #[test]
    fn the_counts_are_those_of_the_verdicts() {
        let xml = render("reference@0.1.0", &[], &one_of_each()).unwrap();
        let all = elements(&xml);
        let count = |name: &str| all.iter().filter(|(element, _)| element == name).count();
        assert_eq!(
            [
                count("testsuite"),
                count("testcase"),
                count("failure"),
                count("error"),
                count("skipped")
            ],
            [2, 8, 2, 2, 1]
        );
        let root = &all[0];
        assert_eq!(root.0, "testsuites");
        for (name, expected) in [
            ("tests", "8"),
            ("failures", "2"),
            ("errors", "2"),
            ("skipped", "1"),
            ("time", "2.624"),
        ] {
            assert_eq!(attribute(root, name), expected, "{name}");
        }
        for case in all.iter().filter(|(element, _)| element == "testcase") {
            assert!(attribute(case, "classname").starts_with("counterfoil."));
            assert_eq!(attribute(case, "time"), "0.328");
        }
    }

    #[test]
    fn warnings_and_known_failures_stay_visible() {
        let xml = render("reference@0.1.0", &[], &one_of_each()).unwrap();
        let all = elements(&xml);
        assert_eq!(
            all.iter().filter(|(element, _)| element == "system-out").count(),
            2
        );
        for verdict in ["warn", "known-fail"] {
            let of = |element: &&(String, Vec<(String, String)>)| {
                element.0 == "property" && attribute(element, "value") == verdict
            };
            assert_eq!(all.iter().filter(of).count(), 1, "{verdict}");
        }
    }

    #[test]
    fn every_case_names_the_requirement_set_that_it_is_of() {
        let mut beyond = sample::failed("counter/new");
        beyond.terms.set = None;
        let xml = render("taskiq@0.13.0", &[], &[sample::failed("counter/sums"), beyond]).unwrap();
        let of = |element: &&(String, Vec<(String, String)>)| {
            element.0 == "property" && attribute(element, "name") == "requirement-set"
        };
        let all = elements(&xml);
        let sets: Vec<&str> = all
            .iter()
            .filter(of)
            .map(|element| attribute(element, "value"))
            .collect();
        assert_eq!(sets, ["1", "none"]);
    }

    #[test]
    fn a_failed_control_is_an_error_even_though_nothing_was_judged() {
        let failure = ScenarioReport {
            control: true,
            ..sample::failed("counter/sums")
        };
        let all = elements(&render("taskiq@0.13.0", &[failure], &[]).unwrap());
        assert_eq!(
            (attribute(&all[0], "tests"), attribute(&all[0], "errors")),
            ("1", "1")
        );
        assert_eq!(attribute(&all[1], "name"), "control");
    }

    #[test]
    fn control_characters_cannot_break_the_xml() {
        let odd: String = (0..=0x20_u8)
            .map(char::from)
            .chain("\u{7f}\u{85}\u{fffe}\u{ffff}]]><&\"'".chars())
            .collect();
        let mut report = ScenarioReport {
            reason: Some(odd.clone()),
            title: odd.clone(),
            ..sample::failed("a/b")
        };
        report
            .checks
            .push(sample::failing_check("scrape/monotonic", &odd));
        for verdict in Verdict::ALL {
            report.verdict = verdict;
            let xml = render(&odd, &[], std::slice::from_ref(&report)).unwrap();
            let allowed = |c: char| {
                matches!(c, '\t' | '\n' | '\r') || (c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'))
            };
            assert!(xml.chars().all(allowed), "{xml:?}");
            assert_eq!(
                elements(&xml)
                    .iter()
                    .filter(|(element, _)| element == "testcase")
                    .count(),
                1
            );
        }
    }
}
