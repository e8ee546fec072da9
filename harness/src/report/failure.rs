//! A scenario that needs attention, as text: what is wrong, the series, every process's share, the command.

use std::fmt::Write;

use super::fold::{Fold, fold};
use super::third_party::{LINE, VALUE, clip, printable};
use super::{
    CheckReport, FixtureReport, Judgement, KnownFailure, ProgramReport, ScenarioReport, SmallestPlan,
};
use crate::check::{self, Finding, Part, Side};

/// How many differences of the leading check are written out; `events.jsonl` holds all.
const SHOWN: usize = 6;
/// How many of every further check, which as a rule sees the same defect.
const SHOWN_OF_FURTHER: usize = 2;
/// How many processes' shares are written out per series.
const PARTS_SHOWN: usize = 8;

/// The check with the baseline's reason, and where the failure is reported and what shows it.
fn explained(known: &KnownFailure) -> String {
    let KnownFailure {
        check,
        reason,
        url,
        reproducer,
    } = known;
    let links: Vec<&str> = [url, reproducer]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    match links.is_empty() {
        true => format!("{check}: {reason}"),
        false => format!("{check}: {reason} ({})", links.join(", ")),
    }
}

/// The report of one scenario: a headline with the diagnosis, the evidence check by check, the command that
/// runs it alone, and where it is kept.
pub fn render_failure(report: &ScenarioReport) -> String {
    let mut text = String::new();
    let (verdict, headline) = (report.verdict.name().to_uppercase(), headline(report));
    let _ = writeln!(
        text,
        "{verdict}  {}: {}",
        report.id,
        clip(&printable(&headline), LINE)
    );
    let _ = writeln!(text, "  must hold: {}", clip(&printable(&report.title), LINE));
    if !report.terms.beyond.is_empty() {
        let (set, beyond) = (
            report.terms.set.unwrap_or_default(),
            report.terms.beyond.join(", "),
        );
        let _ = writeln!(
            text,
            "  beyond requirement set {set}, and at most a warning: {beyond}"
        );
    }
    for known in &report.terms.known {
        let known = clip(&printable(&explained(known)), LINE);
        let _ = writeln!(text, "  known to fail: {known}");
    }
    let mut shown = SHOWN;
    for (at, check) in telling(report).into_iter().enumerate() {
        // The headline is the sentence of the first check, unless the scenario has a reason of its own.
        write_check(&mut text, check, at == 0 && report.reason.is_none(), shown);
        shown = SHOWN_OF_FURTHER;
    }
    if !report.tasks_by_pid.is_empty() {
        let shares: Vec<String> = report
            .tasks_by_pid
            .iter()
            .map(|(pid, tasks)| format!("pid {pid} {tasks}"))
            .collect();
        let _ = writeln!(text, "  tasks acknowledged: {}", clip(&shares.join(", "), LINE));
    }
    if let Some(program) = &report.program {
        write_program(&mut text, program);
    }
    if let Some(remedy) = &report.remedy {
        let _ = writeln!(text, "  what to do: {}", printable(remedy));
    }
    if let Some(fixture) = &report.fixture {
        write_fixture(&mut text, fixture);
    }
    let _ = writeln!(text, "  run it alone: {}", report.rerun);
    let _ = writeln!(text, "  kept: {}", report.kept);
    text
}

/// What is left of a merge that is wrong, or why there is nothing.
fn write_fixture(text: &mut String, fixture: &FixtureReport) {
    let _ = match fixture {
        FixtureReport::Made {
            path,
            before,
            after,
            merges,
            exhausted,
        } => {
            let end = if *exhausted {
                ""
            } else {
                ", which was all there was time for"
            };
            writeln!(
                text,
                "  fixture: {after} (of {before}) that are merged wrongly without a fleet, found by {merges} merges{end}\n    {path}"
            )
        }
        FixtureReport::None { reason } => {
            writeln!(text, "  no fixture: {}", clip(&printable(reason), LINE))
        }
    };
}

/// Whether a generated program failed again, and what is left of it.
fn write_program(text: &mut String, program: &ProgramReport) {
    let ProgramReport {
        check,
        replays,
        reproduced,
        size,
        ..
    } = program;
    let _ = writeln!(
        text,
        "  program: {size}; played again, {check} failed {reproduced} of {replays} times"
    );
    if let Some(SmallestPlan {
        size,
        plays,
        exhausted,
        confirmed,
        path,
    }) = &program.smallest
    {
        let end = if *exhausted {
            ""
        } else {
            ", which was all there was time for"
        };
        let _ = writeln!(
            text,
            "  smallest plan: {size}; after {plays} smaller ones{end}, failed {confirmed} of {confirmed} times"
        );
        let _ = writeln!(text, "    {path}");
    }
    if let Some(note) = &program.note {
        let _ = writeln!(text, "    {note}");
    }
}

/// The first thing that is wrong, in one sentence.
pub(crate) fn headline(report: &ScenarioReport) -> String {
    let of_check = telling(report)
        .first()
        .and_then(|check| sentence(check))
        .map(ToOwned::to_owned);
    report
        .reason
        .clone()
        .or(of_check)
        .unwrap_or_else(|| report.title.clone())
}

/// The checks that did not pass, the most telling first: failures before doubts, what is not known before what is, and
/// among them in the order of [`check::ALL`], in which an earlier check's failure explains the later ones.
fn telling(report: &ScenarioReport) -> Vec<&CheckReport> {
    let known = &report.terms.known;
    let mut checks: Vec<_> = report
        .checks
        .iter()
        .filter(|check| !matches!(check.judgement, Judgement::Pass { .. }))
        .collect();
    checks.sort_by_key(|report| {
        let doubt = matches!(report.judgement, Judgement::Inconclusive { .. });
        let is_known = known.iter().any(|known| known.check == report.check);
        (
            doubt,
            is_known,
            check::ALL.iter().position(|check| check.id() == report.check),
        )
    });
    checks
}

fn sentence(check: &CheckReport) -> Option<&str> {
    match &check.judgement {
        Judgement::Pass { .. } => None,
        Judgement::Fail { finding } => Some(&finding.summary),
        Judgement::Inconclusive { reason } => Some(reason),
    }
}

fn write_check(text: &mut String, check: &CheckReport, in_headline: bool, shown: usize) {
    let name = format!("{} (step {})", check.check, check.step);
    let said = |sentence: &str| {
        if in_headline {
            String::new()
        } else {
            format!(": {}", clip(&printable(sentence), LINE))
        }
    };
    match &check.judgement {
        Judgement::Pass { .. } => {}
        Judgement::Inconclusive { reason } => {
            let _ = writeln!(text, "  {name} cannot tell{}", said(reason));
        }
        Judgement::Fail { finding } => {
            let side = match finding.side {
                Side::Server => "the server",
                Side::Writer => "the writer",
                Side::Exporter => "the exporter",
                Side::Supervisor => "the supervisor",
            };
            let _ = writeln!(text, "  {name} blames {side}{}", said(&finding.summary));
            write_finding(text, finding, shown);
        }
    }
}

fn write_finding(text: &mut String, finding: &Finding, shown: usize) {
    for note in finding.notes.iter().take(shown) {
        let _ = writeln!(text, "    {}", clip(&printable(note), LINE));
    }
    let folds = fold(&finding.differences);
    for fold in folds.iter().take(shown) {
        write_fold(text, fold);
    }
    let more: usize = folds.iter().skip(shown).map(Fold::series).sum();
    let more = more + finding.notes.len().saturating_sub(shown);
    if more > 0 {
        let _ = writeln!(text, "    and {more} more");
    }
}

fn write_fold(text: &mut String, fold: &Fold<'_>) {
    let difference = fold.first;
    let series = clip(&printable(&difference.series), LINE);
    let (got, expected) = (
        clip(&printable(&difference.got), LINE),
        clip(&printable(&difference.expected), VALUE),
    );
    let _ = writeln!(text, "    {series}: {got}, {expected}");
    let width = |of: fn(&Part) -> &str| difference.parts.iter().map(|part| of(part).chars().count()).max();
    let (pids, values) = (
        width(|part| &part.pid).unwrap_or(0).min(20),
        width(|part| &part.value).unwrap_or(0).min(24),
    );
    for part in difference.parts.iter().take(PARTS_SHOWN) {
        let missing = if part.served == Some(false) {
            "  missing from the scrape"
        } else {
            ""
        };
        let (pid, file) = (
            clip(&printable(&part.pid), VALUE),
            clip(&printable(&part.file), VALUE),
        );
        let _ = writeln!(
            text,
            "      pid {pid:<pids$}  {:>values$}  {file}{missing}",
            part.value
        );
    }
    if difference.parts.len() > PARTS_SHOWN {
        let _ = writeln!(
            text,
            "      and {} more processes",
            difference.parts.len() - PARTS_SHOWN
        );
    }
    match fold.more {
        0 => {}
        1 => drop(writeln!(text, "      1 more bucket differs likewise")),
        more => drop(writeln!(text, "      {more} more buckets differ likewise")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn the_headline_carries_the_most_telling_checks_sentence() {
        let mut report = sample::failed("counter/sums");
        report.checks.insert(
            0,
            sample::failing_check("scrape/bracketed", "scrape 1 lies outside"),
        );
        let text = render_failure(&report);
        let first = text.lines().next().unwrap();
        assert_eq!(first, "FAIL  counter/sums: the endpoint serves one process of 2");
        assert_eq!(text.matches("serves one process").count(), 1, "said once: {text}");
        assert!(
            text.contains("scrape/bracketed (step 3) blames the server: scrape 1 lies outside"),
            "{text}"
        );
    }

    #[test]
    fn every_failure_ends_with_its_command_and_its_folder() {
        let text = render_failure(&sample::failed("counter/sums"));
        let last: Vec<&str> = text.lines().rev().take(2).collect();
        assert_eq!(
            last,
            [
                "  kept: out/run/counter__sums",
                "  run it alone: counterfoil run counter/sums"
            ]
        );
    }

    #[test]
    fn what_is_not_known_to_fail_comes_before_what_is() {
        let mut report = sample::failed("counter/sums");
        let fell = sample::failing_check("scrape/monotonic", "a series fell");
        report.checks.push(fell);
        assert_eq!(headline(&report), "the endpoint serves one process of 2");
        report.terms.known.push(KnownFailure {
            check: "scrape/equals-truth".to_owned(),
            reason: "It was always so.".to_owned(),
            url: None,
            reproducer: None,
        });
        assert_eq!(headline(&report), "a series fell");
    }

    #[test]
    fn text_of_a_third_party_neither_drives_the_terminal_nor_floods_it() {
        let mut report = sample::failed("counter/sums");
        report.reason = Some(format!("\u{1b}[2J\u{202e}{}", "x".repeat(10_000)));
        let text = render_failure(&report);
        assert!(!text.contains(['\u{1b}', '\u{202e}']));
        assert!(
            text.lines().all(|line| line.chars().count() < LINE + 100),
            "{text}"
        );
    }

    #[test]
    fn the_shares_of_many_processes_are_bounded() {
        let mut report = sample::failed("counter/sums");
        let Judgement::Fail { finding } = &mut report.checks[0].judgement else {
            panic!("it failed")
        };
        let part = finding.differences[0].parts[0].clone();
        finding.differences[0].parts = vec![part; 20];
        let text = render_failure(&report);
        assert!(text.contains("and 12 more processes"), "{text}");
    }
}
