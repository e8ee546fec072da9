//! The matrix as a page of Markdown: for an exporter's author, and to be committed. It names no path of the machine.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use super::Matrix;
use crate::report::{Judgement, KnownFailure, ScenarioReport, Verdict, markdown_cell};
use crate::run::Release;

pub(super) fn page(matrix: &Matrix) -> String {
    let mut out = String::from("# Exporters and their releases, judged\n\n");
    head(&mut out, matrix);
    let mut exporters: Vec<&str> = matrix.cells.iter().map(|cell| cell.exporter.as_str()).collect();
    exporters.dedup();
    for exporter in exporters {
        let cells: Vec<&Release> = matrix
            .cells
            .iter()
            .filter(|cell| cell.exporter == exporter)
            .collect();
        section(&mut out, exporter, &cells);
    }
    out
}

fn head(out: &mut String, matrix: &Matrix) {
    let date = matrix.started.split('T').next().unwrap_or_default();
    let (version, set) = match matrix.conditions() {
        Some(of) => (of.counterfoil.as_str(), of.requirements),
        None => ("", None),
    };
    let by = set.map_or_else(
        || "by what each scenario declares".to_owned(),
        |set| format!("by requirement set {set}"),
    );
    let fleet = matrix.fleet();
    let _ = writeln!(
        out,
        "Made on {date} with counterfoil {version}, {by}, each fleet a {fleet}:\n\n```\n{}\n```\n",
        matrix.command
    );
    let control = match matrix.control_failed() {
        true => {
            "**The control failed**: the reference does not pass in this environment either, so nothing is judged."
        }
        false => "The control passed: the reference, in the same environment, on the same scenarios.",
    };
    let _ = writeln!(out, "{control}\n");
    out.push_str(
        "| release | pass | known-fail | warn | flaky | fail | not-applicable | inconclusive or error |\n",
    );
    out.push_str("|---|---|---|---|---|---|---|---|\n");
    for cell in &matrix.cells {
        let title = format!("{} {}", cell.exporter, shown(&cell.version));
        let title = markdown_cell(&title);
        let Some(report) = &cell.report else {
            let why = match matrix.control_failed() {
                true => "not run",
                false => "could not be run: `matrix.json` says why",
            };
            let _ = writeln!(out, "| {title} | {why} | | | | | | |");
            continue;
        };
        let count = |verdict| report.summary.verdicts.get(&verdict).copied().unwrap_or_default();
        let _ = writeln!(
            out,
            "| {title} | {} | {} | {} | {} | {} | {} | {} |",
            count(Verdict::Pass),
            count(Verdict::KnownFail),
            count(Verdict::Warn),
            count(Verdict::Flaky),
            count(Verdict::Fail),
            count(Verdict::NotApplicable),
            count(Verdict::Inconclusive) + count(Verdict::Error)
        );
    }
}

/// One exporter: a row for each scenario, a column for each version, and what does not hold.
fn section(out: &mut String, exporter: &str, cells: &[&Release]) {
    let ran: Vec<&&Release> = cells.iter().filter(|cell| cell.report.is_some()).collect();
    if ran.is_empty() {
        return;
    }
    let versions: Vec<String> = ran
        .iter()
        .map(|cell| markdown_cell(shown(&cell.version)))
        .collect();
    let _ = writeln!(out, "\n## {}\n", markdown_cell(exporter));
    let _ = writeln!(out, "| scenario | {} |", versions.join(" | "));
    let _ = writeln!(out, "|---{}|", "|---".repeat(versions.len()));
    let reports = |cell: &Release| {
        cell.report
            .iter()
            .flat_map(|report| report.reports.clone())
            .collect::<Vec<_>>()
    };
    let columns: Vec<Vec<ScenarioReport>> = ran.iter().map(|cell| reports(cell)).collect();
    let mut ids: Vec<&str> = columns
        .iter()
        .flatten()
        .map(|report| report.id.as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        let verdict = |column: &Vec<ScenarioReport>| {
            let report = column.iter().find(|report| report.id == id);
            report.map_or("", |report| report.verdict.name())
        };
        let verdicts: Vec<&str> = columns.iter().map(verdict).collect();
        let _ = writeln!(out, "| {} | {} |", markdown_cell(id), verdicts.join(" | "));
    }
    let mut wrong: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    for (column, cell) in columns.iter().zip(&ran) {
        for report in column.iter().filter(|report| !report.verdict.is_sound()) {
            let key = (report.id.clone(), said(report));
            wrong.entry(key).or_default().push(shown(&cell.version));
        }
    }
    if !wrong.is_empty() {
        out.push_str("\nWhat does not hold, and in which versions:\n\n");
    }
    for ((id, said), versions) in wrong {
        let _ = writeln!(out, "- `{id}` ({}): {said}", markdown_cell(&versions.join(", ")));
    }
}

/// The verdict with the checks that failed, and what is known of them. Not what they found: that names processes and files of
/// one run.
fn said(report: &ScenarioReport) -> String {
    let failed = report
        .checks
        .iter()
        .filter(|check| matches!(check.judgement, Judgement::Fail { .. }));
    let mut checks: Vec<String> = failed.map(|check| format!("`{}`", check.check)).collect();
    checks.sort_unstable();
    checks.dedup();
    let mut said = report.verdict.name().to_owned();
    if !checks.is_empty() {
        let _ = write!(said, ", {}", checks.join(", "));
    }
    let mut known: Vec<String> = Vec::new();
    for KnownFailure { reason, url, .. } in &report.terms.known {
        let url = url.as_ref().map_or_else(String::new, |url| format!(" <{url}>"));
        let text = format!("{}{url}", markdown_cell(reason));
        if !known.contains(&text) {
            known.push(text);
        }
    }
    match known.is_empty() {
        true => said,
        false => format!("{said}. {}", known.join(" ")),
    }
}

/// A version, or the last part of a checkout's path.
fn shown(version: &str) -> &str {
    match version.contains('/') {
        true => Path::new(version)
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or("a checkout"),
        false => version,
    }
}
