//! A scenario that needs attention, as text: what is wrong, the series, every process's share, the command.

use std::fmt::Write;

use super::{Judgement, ScenarioReport};
use crate::check::{Difference, Finding, Side};

/// How many differences are written out; the kept run holds all.
const SHOWN: usize = 12;

/// The report of one scenario: a headline, then check by check, then the command that runs it alone.
pub fn render_failure(report: &ScenarioReport) -> String {
    let mut text = format!(
        "{}  {}  ({} ms)\n",
        report.verdict.name().to_uppercase(),
        report.id,
        report.elapsed_ms
    );
    let _ = writeln!(text, "  must hold: {}", printable(&report.title));
    if let Some(reason) = &report.reason {
        let _ = writeln!(text, "  {}", printable(reason));
    }
    for check in &report.checks {
        match &check.judgement {
            Judgement::Pass { .. } => {}
            Judgement::Inconclusive { reason } => {
                let _ = writeln!(
                    text,
                    "  {} (step {}) cannot tell: {}",
                    check.check,
                    check.step,
                    printable(reason)
                );
            }
            Judgement::Fail { finding } => {
                let _ = writeln!(
                    text,
                    "  {} (step {}): {}",
                    check.check,
                    check.step,
                    printable(&finding.summary)
                );
                write_finding(&mut text, finding);
            }
        }
    }
    if !report.tasks_by_pid.is_empty() {
        let shares: Vec<String> = report
            .tasks_by_pid
            .iter()
            .map(|(pid, tasks)| format!("pid {pid} {tasks}"))
            .collect();
        let _ = writeln!(text, "  tasks acknowledged: {}", shares.join(", "));
    }
    let _ = writeln!(text, "  run it alone: {}", report.rerun);
    let _ = writeln!(text, "  kept: {}", report.kept);
    text
}

fn write_finding(text: &mut String, finding: &Finding) {
    let at_fault = match finding.side {
        Side::Server => "at fault: the server (what is served is not what the workers wrote)",
        Side::Supervisor => "at fault: the supervisor (processes are not ended as they should be)",
        Side::Writer => "at fault: the writer (what the workers wrote is not what they were asked for)",
    };
    let _ = writeln!(text, "    {at_fault}");
    for difference in finding.differences.iter().take(SHOWN) {
        write_difference(text, difference);
    }
    if finding.differences.len() > SHOWN {
        let _ = writeln!(text, "    and {} more series", finding.differences.len() - SHOWN);
    }
    for note in &finding.notes {
        let _ = writeln!(text, "    {}", printable(note));
    }
}

fn write_difference(text: &mut String, difference: &Difference) {
    let (series, got) = (printable(&difference.series), printable(&difference.got));
    let _ = writeln!(text, "    {series}: {got}, {}", difference.expected);
    for part in &difference.parts {
        let missing = if part.served == Some(false) {
            "  missing from the scrape"
        } else {
            ""
        };
        let (pid, file) = (printable(&part.pid), printable(&part.file));
        let _ = writeln!(text, "        pid {pid}  {}  {file}{missing}", part.value);
    }
}

/// Text of a third party without its control characters: it must not be able to drive the terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() && c != '\t' {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}
