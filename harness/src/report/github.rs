//! What GitHub shows of a run: annotations, and a summary of the job.

use std::fmt::Write;

use super::failure::headline;
use super::third_party::{LINE, clip, printable};
use super::{ScenarioReport, Summary, Verdict};

/// One workflow command per scenario that needs attention, each a line. Warnings are what fails no run by
/// itself: warn and inconclusive.
pub fn annotations(reports: &[ScenarioReport]) -> String {
    let mut text = String::new();
    for report in reports.iter().filter(|report| report.verdict.needs_attention()) {
        let command = match report.verdict {
            Verdict::Warn | Verdict::Inconclusive => "warning",
            _ => "error",
        };
        let title = property(&format!("counterfoil {}: {}", report.verdict, report.id));
        let said = format!("{}\n{}", clip(&printable(&headline(report)), LINE), report.rerun);
        let _ = writeln!(text, "::{command} title={title}::{}", message(&said));
    }
    text
}

/// A table in Markdown for `GITHUB_STEP_SUMMARY`: the counts, then what needs attention, the worst first.
pub fn job_summary(exporter: &str, summary: &Summary, reports: &[ScenarioReport]) -> String {
    let counts = summary.verdicts.iter().filter(|(_, count)| **count > 0);
    let counts: Vec<String> = counts
        .map(|(verdict, count)| format!("{count} {verdict}"))
        .collect();
    let Summary {
        planned,
        judged,
        exercised,
        ..
    } = summary;
    let mut text = format!("### counterfoil: {}\n\n", cell(exporter));
    let _ = writeln!(
        text,
        "{planned} planned, {judged} judged, {exercised} exercised: {}\n",
        counts.join(", ")
    );
    let mut attention: Vec<_> = reports
        .iter()
        .filter(|report| report.verdict.needs_attention())
        .collect();
    attention.sort_by(|a, b| b.verdict.cmp(&a.verdict).then_with(|| a.id.cmp(&b.id)));
    if !attention.is_empty() {
        text.push_str("| verdict | scenario | what |\n|---|---|---|\n");
    }
    for report in attention {
        let id = if report.control {
            format!("control: {}", report.id)
        } else {
            report.id.clone()
        };
        let what = cell(&clip(&printable(&headline(report)), LINE));
        let _ = writeln!(text, "| {} | {} | {what} |", report.verdict, cell(&id));
    }
    text
}

/// A command's message: `%` first, or the others would be escaped twice.
fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A command's property, which a comma or a colon would end.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

/// Text in a cell of a table: nothing of it is Markdown or HTML.
pub(crate) fn cell(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '!' | '#' | '@' | '~' => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_message_is_one_line_whatever_it_holds() {
        assert_eq!(message("100 %\r\n::error::x, y"), "100 %25%0D%0A::error::x, y");
    }

    #[test]
    fn a_property_ends_neither_itself_nor_the_properties() {
        assert_eq!(property("a: b, c%\n"), "a%3A b%2C c%25%0A");
    }

    #[test]
    fn what_needs_attention_is_annotated_and_nothing_else() {
        let reports = Verdict::ALL.map(|verdict| sample::report("a/b", verdict));
        let text = annotations(&reports);
        let levels: Vec<&str> = text.lines().map(|line| line.split(' ').next().unwrap()).collect();
        assert_eq!(
            levels,
            ["::warning", "::warning", "::error", "::error", "::error"]
        );
        assert!(annotations(&[sample::failed("a/b")]).starts_with(
            "::error title=counterfoil fail%3A a/b::the endpoint serves one process of 2%0Acounterfoil run a/b\n"
        ));
    }

    #[test]
    fn a_cell_ends_neither_itself_nor_the_table() {
        assert_eq!(cell("a|b\nc <b> `d` @e"), "a\\|b\u{fffd}c &lt;b> \\`d\\` \\@e");
    }

    #[test]
    fn the_job_summary_has_a_row_per_scenario_that_needs_attention() {
        let reports = [sample::failed("a/b"), sample::report("c/d", Verdict::Pass)];
        let text = job_summary("reference@0.1.0", &Summary::of(2, &reports, false, 10), &reports);
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
        assert_eq!(
            rows,
            [
                "| verdict | scenario | what |",
                "| fail | a/b | the endpoint serves one process of 2 |"
            ]
        );
        assert!(
            text.contains("2 planned, 2 judged, 2 exercised: 1 pass, 1 fail"),
            "{text}"
        );
    }
}
