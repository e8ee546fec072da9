//! The matrix as people look at it: a row for each release, a column for each family.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Matrix;
use crate::report::{ScenarioReport, Verdict, clip, headline, printable};
use crate::run::Release;

/// How much of a sentence stands in a line.
const LINE: usize = 160;

pub(super) fn draw(matrix: &Matrix, colour: bool) -> String {
    let mut out = String::new();
    rows(&mut out, matrix, colour);
    for control in &matrix.controls {
        let (failed, planned) = (control.control_failures.len(), control.summary.planned);
        let passed = planned - failed;
        let _ = writeln!(
            out,
            "\ncontrol   {passed} of {planned} scenarios pass or do not apply"
        );
        for report in &control.control_failures {
            attention(&mut out, "control", report, colour);
        }
    }
    for cell in &matrix.cells {
        let reports = cell.report.iter().flat_map(|report| &report.reports);
        for report in reports.filter(|report| report.verdict.needs_attention()) {
            attention(&mut out, &cell.title(), report, colour);
        }
        if let Some(reason) = &cell.reason {
            let verdict = paint(colour, Verdict::Inconclusive, "INCONCLUSIVE");
            let _ = writeln!(out, "\n{verdict}  {}: {}", cell.title(), printable(reason));
            if let Some(remedy) = &cell.remedy {
                let _ = writeln!(out, "  what to do: {}", printable(remedy));
            }
        }
    }
    sum(&mut out, matrix, colour);
    out
}

/// Something that needs attention: the sentence, and the command that shows all of it.
fn attention(out: &mut String, title: &str, report: &ScenarioReport, colour: bool) {
    let verdict = report.verdict.name().to_uppercase();
    let verdict = paint(colour, report.verdict, &verdict);
    let said = clip(&printable(&headline(report)), LINE);
    let _ = writeln!(out, "\n{verdict}  {title} {}: {said}", report.id);
    let _ = writeln!(out, "  run it alone: {}", report.rerun);
}

/// How many of each verdict, by family.
type ByFamily<'a> = BTreeMap<&'a str, BTreeMap<Verdict, usize>>;

fn by_family(cell: &Release) -> ByFamily<'_> {
    let mut counts = ByFamily::new();
    for report in cell.report.iter().flat_map(|report| &report.reports) {
        let (family, _) = report.id.split_once('/').unwrap_or((&report.id, ""));
        *counts
            .entry(family)
            .or_default()
            .entry(report.verdict)
            .or_default() += 1;
    }
    counts
}

/// Letters for verdicts, as many as there are: `3p 1k`. What does not apply is only said where nothing does.
fn short(counts: &BTreeMap<Verdict, usize>) -> String {
    let applies = counts.keys().any(|verdict| *verdict != Verdict::NotApplicable);
    let said = counts
        .iter()
        .filter(|(verdict, count)| **count > 0 && (!applies || **verdict != Verdict::NotApplicable));
    let said: Vec<String> = said
        .map(|(verdict, count)| format!("{count}{}", letter(*verdict)))
        .collect();
    said.join(" ")
}

fn letter(verdict: Verdict) -> char {
    match verdict {
        Verdict::Pass => 'p',
        Verdict::Warn => 'w',
        Verdict::KnownFail => 'k',
        Verdict::NotApplicable => '-',
        Verdict::Inconclusive => '?',
        Verdict::Flaky => '~',
        Verdict::Fail => 'F',
        Verdict::Error => 'E',
    }
}

fn rows(out: &mut String, matrix: &Matrix, colour: bool) {
    let cells: Vec<(String, ByFamily<'_>)> = matrix
        .cells
        .iter()
        .map(|cell| (cell.title(), by_family(cell)))
        .collect();
    let mut families: Vec<&str> = cells
        .iter()
        .flat_map(|(_, counts)| counts.keys().copied())
        .collect();
    families.sort_unstable();
    families.dedup();
    let text = |counts: &ByFamily<'_>, family: &str| counts.get(family).map(short).unwrap_or_default();
    let width = |family: &&str| {
        let texts = cells.iter().map(|(_, counts)| text(counts, family).len());
        (texts.max().unwrap_or_default() + 2).max(3)
    };
    let widths: Vec<usize> = families.iter().map(width).collect();
    let name_width = cells
        .iter()
        .map(|(title, _)| title.len())
        .max()
        .unwrap_or_default()
        + 2;
    for (at, family) in families.iter().enumerate() {
        let before: String = widths[..at]
            .iter()
            .map(|width| format!("{:width$}", "│"))
            .collect();
        let _ = writeln!(out, "{:name_width$}{before}┌ {family}", "");
    }
    for ((title, counts), cell) in cells.iter().zip(&matrix.cells) {
        let row: String = families
            .iter()
            .zip(&widths)
            .map(|(family, width)| format!("{:width$}", text(counts, family)))
            .collect();
        let row = match &cell.reason {
            Some(_) => "? not judged".to_owned(),
            None => row,
        };
        let title = paint(colour, worst(cell), &format!("{title:name_width$}"));
        let _ = writeln!(out, "{}", format!("{title}{row}").trim_end());
    }
    let legend: Vec<String> = Verdict::ALL
        .iter()
        .filter(|verdict| cells.iter().any(|(_, counts)| has(counts, **verdict)))
        .map(|verdict| format!("{} {verdict}", letter(*verdict)))
        .collect();
    let _ = writeln!(out, "\n{}", legend.join("   "));
}

fn has(counts: &ByFamily<'_>, verdict: Verdict) -> bool {
    counts.values().any(|counts| counts.contains_key(&verdict))
}

/// The worst that a release came to.
fn worst(cell: &Release) -> Verdict {
    let reports = cell.report.iter().flat_map(|report| &report.reports);
    let verdicts = reports.map(|report| report.verdict);
    verdicts.max().unwrap_or(Verdict::Inconclusive)
}

fn sum(out: &mut String, matrix: &Matrix, colour: bool) {
    let summaries = || {
        matrix
            .cells
            .iter()
            .filter_map(|cell| Some(&cell.report.as_ref()?.summary))
    };
    let (cells, runs) = (matrix.cells.len(), summaries().count());
    let add = |of: &dyn Fn(&crate::report::Summary) -> usize| summaries().map(of).sum::<usize>();
    let (planned, judged, exercised) = (
        add(&|sum| sum.planned),
        add(&|sum| sum.judged),
        add(&|sum| sum.exercised),
    );
    let counts: Vec<String> = Verdict::ALL
        .into_iter()
        .map(|verdict| {
            (
                verdict,
                add(&|sum| sum.verdicts.get(&verdict).copied().unwrap_or_default()),
            )
        })
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| paint(colour, verdict, &format!("{count} {verdict}")))
        .collect();
    let counts = match counts.is_empty() {
        true => "nothing".to_owned(),
        false => counts.join(", "),
    };
    let took = std::time::Duration::from_millis(matrix.elapsed_ms).as_secs_f64();
    let _ = writeln!(
        out,
        "\n{cells} releases, {runs} run; {planned} planned, {judged} judged, {exercised} exercised in {took:.1} s: {counts}"
    );
    if matrix.control_failed() {
        let _ = writeln!(
            out,
            "the control failed: nothing was judged, because the reference does not pass here either"
        );
    }
}

fn paint(colour: bool, verdict: Verdict, text: &str) -> String {
    match colour {
        true => verdict.paint(text),
        false => text.to_owned(),
    }
}
