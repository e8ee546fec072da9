//! The matrix as pages of Markdown, for an exporter's author and to be committed: one of all releases, and one for each exporter.
//! None names a path of the machine.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::Matrix;
use crate::report::{Judgement, KnownFailure, RunReport, ScenarioReport, Verdict, markdown_cell};
use crate::run::{Release, folder_name};

/// The page of all releases.
pub const FIRST_PAGE: &str = "matrix.md";
/// The folder of the others.
const FOLDER: &str = "exporters";
/// The verdicts that are counted, in the order of their columns.
const COUNTED: [Verdict; 6] = [
    Verdict::Pass,
    Verdict::KnownFail,
    Verdict::Warn,
    Verdict::Flaky,
    Verdict::Fail,
    Verdict::NotApplicable,
];

/// The pages, by their paths beside each other.
pub(super) fn pages(matrix: &Matrix) -> BTreeMap<PathBuf, String> {
    let paths = paths(matrix);
    let mut pages = BTreeMap::from([(PathBuf::from(FIRST_PAGE), overview(matrix, &paths))]);
    for (exporter, path) in paths {
        let cells = matrix.cells.iter().filter(|cell| cell.exporter == exporter);
        pages.insert(path, of_exporter(matrix, exporter, &cells.collect::<Vec<_>>()));
    }
    pages
}

/// The page of each exporter of which some release was run.
fn paths(matrix: &Matrix) -> BTreeMap<&str, PathBuf> {
    let mut paths: BTreeMap<&str, PathBuf> = BTreeMap::new();
    for cell in matrix.cells.iter().filter(|cell| cell.report.is_some()) {
        if paths.contains_key(cell.exporter.as_str()) {
            continue;
        }
        // Two names may come to one on disk.
        let name = folder_name(&cell.exporter);
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let mut names = std::iter::once(name.clone()).chain(numbered);
        let path = names.find_map(|name| {
            let path = Path::new(FOLDER).join(format!("{name}.md"));
            paths.values().all(|taken| *taken != path).then_some(path)
        });
        paths.extend(path.map(|path| (cell.exporter.as_str(), path)));
    }
    paths
}

fn overview(matrix: &Matrix, paths: &BTreeMap<&str, PathBuf>) -> String {
    let mut out = String::from("# Exporters and their releases, judged\n\n");
    head(&mut out, matrix);
    let counted = COUNTED.map(Verdict::name).join(" | ");
    let _ = writeln!(out, "| release | {counted} | inconclusive or error |");
    let _ = writeln!(out, "|---|{}---|", "---|".repeat(COUNTED.len()));
    for cell in &matrix.cells {
        let title = markdown_cell(&format!("{} {}", cell.exporter, shown(&cell.version)));
        let Some(report) = &cell.report else {
            let why = match matrix.control_failed() {
                true => "not run",
                false => "could not be run: `matrix.json` says why",
            };
            let _ = writeln!(out, "| {title} | {why} |{}", " |".repeat(COUNTED.len()));
            continue;
        };
        let count = |verdict| report.summary.verdicts.get(&verdict).copied().unwrap_or_default();
        let counts = COUNTED.map(|verdict| count(verdict).to_string()).join(" | ");
        let title = match paths.get(cell.exporter.as_str()) {
            Some(path) => format!("[{title}]({})", path.display()),
            None => title,
        };
        let unjudged = count(Verdict::Inconclusive) + count(Verdict::Error);
        let _ = writeln!(out, "| {title} | {counts} | {unjudged} |");
    }
    out
}

/// When, by what and how it was made, and that the control passed.
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
    let _ = writeln!(out, "{control}");
    if let Some(turns) = matrix
        .conditions()
        .map(|of| of.confirm)
        .filter(|turns| *turns > 1)
    {
        let _ = writeln!(
            out,
            "What failed, or could not be judged, was played again, alone, up to {turns} times in all: a failure was there each time that it could be judged."
        );
    }
    out.push('\n');
}

/// One exporter: what does not hold in which versions, a row for each scenario, and what was installed.
fn of_exporter(matrix: &Matrix, exporter: &str, cells: &[&Release]) -> String {
    let mut out = format!("# {}\n\n", markdown_cell(exporter));
    head(&mut out, matrix);
    for cell in cells.iter().filter(|cell| cell.report.is_none()) {
        let version = markdown_cell(shown(&cell.version));
        let _ = writeln!(out, "{version} could not be run: `matrix.json` says why.\n");
    }
    let ran: Vec<(&Release, &RunReport)> = cells
        .iter()
        .filter_map(|cell| Some((*cell, cell.report.as_ref()?)))
        .collect();
    let is_unjudged = |verdict| matches!(verdict, Verdict::Inconclusive | Verdict::Error);
    let fails = |verdict: Verdict| !verdict.is_sound() && !is_unjudged(verdict);
    let mut verdicts = ran
        .iter()
        .flat_map(|(_, report)| &report.reports)
        .map(|report| report.verdict);
    let nothing = match verdicts.any(|verdict| verdict == Verdict::Pass || fails(verdict)) {
        true => "Nothing was found.",
        false => "Nothing was judged.",
    };
    out.push_str("## What does not hold\n\n");
    if !write_findings(&mut out, &ran, &fails) {
        let _ = writeln!(out, "{nothing}");
    }
    let mut unjudged = String::new();
    if write_findings(&mut unjudged, &ran, &is_unjudged) {
        let _ = write!(out, "\n## What could not be judged\n\n{unjudged}");
    }
    out.push_str("\n## Scenario by scenario\n\n");
    write_scenarios(&mut out, &ran);
    out.push_str("\n## What was installed\n\n");
    for (cell, report) in ran {
        let installed = match report.conditions.installed.is_empty() {
            true => "nothing".to_owned(),
            false => markdown_cell(&report.conditions.installed.join(", ")),
        };
        let _ = writeln!(out, "- {}: {installed}", markdown_cell(shown(&cell.version)));
    }
    out
}

/// Scenarios of some verdicts: a list item for each reason, with the versions and scenarios that it is of. Whether there are any.
fn write_findings(
    out: &mut String,
    ran: &[(&Release, &RunReport)],
    are_meant: &dyn Fn(Verdict) -> bool,
) -> bool {
    let mut versions: BTreeMap<(String, &str), Vec<&str>> = BTreeMap::new();
    for (cell, report) in ran {
        for report in report.reports.iter().filter(|report| are_meant(report.verdict)) {
            let key = (said(report), report.id.as_str());
            versions.entry(key).or_default().push(shown(&cell.version));
        }
    }
    let mut findings: BTreeMap<String, BTreeMap<Vec<&str>, Vec<&str>>> = BTreeMap::new();
    for ((said, id), versions) in versions {
        findings
            .entry(said)
            .or_default()
            .entry(versions)
            .or_default()
            .push(id);
    }
    for (said, of) in &findings {
        let _ = writeln!(out, "- {said}");
        for (versions, ids) in of {
            let ids: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
            let _ = writeln!(
                out,
                "  - {}: {}",
                markdown_cell(&versions.join(", ")),
                ids.join(", ")
            );
        }
    }
    !findings.is_empty()
}

fn write_scenarios(out: &mut String, ran: &[(&Release, &RunReport)]) {
    let versions: Vec<String> = ran
        .iter()
        .map(|(cell, _)| markdown_cell(shown(&cell.version)))
        .collect();
    let _ = writeln!(out, "| scenario | {} |", versions.join(" | "));
    let _ = writeln!(out, "|---{}|", "|---".repeat(versions.len()));
    let all = ran.iter().flat_map(|(_, report)| &report.reports);
    let mut ids: Vec<&str> = all.map(|report| report.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        let verdict = |(_, report): &(&Release, &RunReport)| {
            let report = report.reports.iter().find(|report| report.id == id);
            report.map_or("", |report| report.verdict.name())
        };
        let verdicts: Vec<&str> = ran.iter().map(verdict).collect();
        let _ = writeln!(out, "| {} | {} |", markdown_cell(id), verdicts.join(" | "));
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
    // Of other verdicts the reason is the baseline's, or names what is of one run.
    if let (Some(reason), Verdict::Flaky | Verdict::Warn) = (&report.reason, report.verdict) {
        let _ = write!(said, ", {}", markdown_cell(reason));
    }
    if !checks.is_empty() {
        let _ = write!(said, ", {}", checks.join(", "));
    }
    let mut known: Vec<String> = Vec::new();
    for failure in &report.terms.known {
        let text = explained(failure);
        if !known.contains(&text) {
            known.push(text);
        }
    }
    match known.is_empty() {
        true => said,
        false => format!("{said}. {}", known.join(" ")),
    }
}

/// Why it fails, where that is reported, and what shows it.
fn explained(failure: &KnownFailure) -> String {
    let mut text = markdown_cell(&failure.reason);
    if let Some(url) = &failure.url {
        let _ = write!(text, " {}", link(url));
    }
    if let Some(reproducer) = &failure.reproducer {
        let _ = write!(text, " Shown by {}.", link(reproducer));
    }
    text
}

/// An address as a link, if it is one and nothing else; whatever it is otherwise, as text.
fn link(text: &str) -> String {
    let is_address = text.starts_with("http://") || text.starts_with("https://");
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>');
    match is_address && text.chars().all(is_plain) {
        true => format!("<{text}>"),
        false => markdown_cell(text),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::SCHEMA;
    use crate::report::{RunPart, sample};

    /// A matrix of these exporters, each with one release, of which one scenario came to the verdict.
    fn matrix(exporters: &[(&str, Verdict)]) -> Matrix {
        let run = |verdict| {
            let part = RunPart {
                run: "run".to_owned(),
                shard: None,
                chosen: vec!["a/b".to_owned()],
            };
            sample::run(part, vec![sample::report("a/b", verdict)])
        };
        let cells = exporters.iter().map(|(exporter, verdict)| Release {
            exporter: (*exporter).to_owned(),
            version: "2.1".to_owned(),
            report: Some(run(*verdict)),
            reason: None,
            remedy: None,
        });
        let cells: Vec<Release> = cells.collect();
        Matrix {
            schema: SCHEMA,
            started: "2026-11-29T06:18:48Z".to_owned(),
            command: "counterfoil matrix".to_owned(),
            shards: Vec::new(),
            planned: cells.iter().map(Release::title).collect(),
            controls: vec![run(Verdict::Pass)],
            cells,
            elapsed_ms: 100,
        }
    }

    #[test]
    fn two_names_that_are_one_on_disk_have_a_page_each() {
        let pages = pages(&matrix(&[("a b", Verdict::Pass), ("a_b", Verdict::Fail)]));
        let page = |path: &str| pages[Path::new(path)].as_str();
        assert!(page("exporters/a_b.md").starts_with("# a b\n"));
        assert!(page("exporters/a_b-2.md").starts_with("# a\\_b\n"));
        let overview = page(FIRST_PAGE);
        assert!(overview.contains("[a b 2.1](exporters/a_b.md)"), "{overview}");
        assert!(overview.contains("[a\\_b 2.1](exporters/a_b-2.md)"), "{overview}");
    }

    #[test]
    fn a_page_says_whether_nothing_was_found_or_nothing_judged() {
        let said = |verdict| {
            let page = pages(&matrix(&[("acme", verdict)])).remove(Path::new("exporters/acme.md"));
            let page = page.unwrap();
            (
                page.contains("Nothing was found."),
                page.contains("Nothing was judged."),
            )
        };
        assert_eq!(said(Verdict::Pass), (true, false));
        assert_eq!(said(Verdict::NotApplicable), (false, true));
        assert_eq!(said(Verdict::Inconclusive), (false, true));
        assert_eq!(said(Verdict::Fail), (false, false));
    }

    #[test]
    fn an_address_is_a_link_and_nothing_else_is() {
        let issue = "https://acme.example/issues/7_a";
        assert_eq!(link(issue), format!("<{issue}>"));
        for text in [
            "https://acme.example/> [x](y)",
            "https://acme.example/<b>",
            "https://acme.example/\n# x",
            "javascript:x",
        ] {
            let shown = link(text);
            assert!(!shown.contains(['<', '\n']) && !shown.contains("[x]"), "{shown}");
        }
        assert_eq!(link("findings/a_b.py"), "findings/a\\_b.py");
    }
}
