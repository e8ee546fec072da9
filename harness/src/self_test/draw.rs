//! The matrix as people look at it: a row for each mutant, a column for each check.

use std::fmt::Write;

use super::{Cell, Fate, Matrix};
use crate::check;
use crate::report::{Judgement, ScenarioReport, Verdict};

/// How wide the column of names is: the longest mutant's, and its indent.
const NAME_WIDTH: usize = 36;

pub(super) fn draw(matrix: &Matrix, colour: bool) -> String {
    let pen = Pen { colour };
    let mut out = String::new();
    pen.rows(&mut out, &matrix.mutants);
    if !matrix.others.is_empty() {
        pen.product(&mut out, matrix);
    }
    pen.ends(&mut out, matrix);
    pen.sum(&mut out, matrix);
    out
}

/// Writes with or without colours.
#[derive(Clone, Copy)]
struct Pen {
    colour: bool,
}

impl Pen {
    fn green(self, text: &str) -> String {
        self.paint(32, text)
    }

    fn red(self, text: &str) -> String {
        self.paint(31, text)
    }

    fn paint(self, code: u8, text: &str) -> String {
        match self.colour {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        }
    }

    /// Scenario by scenario, in the order in which they first kill.
    fn rows(self, out: &mut String, cells: &[Cell]) {
        if cells.is_empty() {
            return;
        }
        for (at, check) in check::ALL.iter().enumerate() {
            let line = "│ ".repeat(at);
            line_of(out, &format!("{:NAME_WIDTH$}{line}┌ {}", "", check.id()));
        }
        let mut scenarios: Vec<&str> = cells.iter().map(|cell| cell.death.scenario.as_str()).collect();
        scenarios.sort_unstable();
        scenarios.dedup();
        for scenario in scenarios {
            line_of(out, scenario);
            for cell in cells.iter().filter(|cell| cell.death.scenario == scenario) {
                let marks: Vec<String> = check::ALL
                    .iter()
                    .map(|check| self.mark(cell, check.id()))
                    .collect();
                let note = match cell.fate {
                    Fate::Killed => String::new(),
                    _ => self.red(" ← not as declared"),
                };
                let name = format!("  {}", cell.death.mutant);
                line_of(out, &format!("{name:NAME_WIDTH$}{}{note}", marks.join(" ")));
            }
        }
        line_of(
            out,
            "\n● kills it, as declared   ○ fails with it   · holds   ? could not be told   (nothing: not asked for)",
        );
    }

    fn mark(self, cell: &Cell, check: &str) -> String {
        match cell.judged(check) {
            None => " ".to_owned(),
            Some(Judgement::Pass { .. }) => "·".to_owned(),
            Some(Judgement::Inconclusive { .. }) => "?".to_owned(),
            Some(Judgement::Fail { .. }) if cell.death.check != check => "○".to_owned(),
            Some(Judgement::Fail { .. }) => match cell.fate {
                Fate::Killed => self.green("●"),
                _ => self.red("●"),
            },
        }
    }

    /// Every mutant and every scenario.
    fn product(self, out: &mut String, matrix: &Matrix) {
        let declared = matrix.mutants.iter().map(|cell| &cell.report);
        let all: Vec<&ScenarioReport> = declared.chain(&matrix.others).collect();
        let mut scenarios: Vec<&str> = all.iter().map(|report| report.id.as_str()).collect();
        scenarios.sort_unstable();
        scenarios.dedup();
        let mut mutants: Vec<&str> = Vec::new();
        for mutant in matrix.mutants.iter().map(|cell| cell.death.mutant.as_str()) {
            if !mutants.contains(&mutant) {
                mutants.push(mutant);
            }
        }
        line_of(out, "\nevery mutant in every scenario\n");
        for (at, scenario) in scenarios.iter().enumerate() {
            let line = "│ ".repeat(at);
            line_of(out, &format!("{:NAME_WIDTH$}{line}┌ {scenario}", ""));
        }
        for mutant in mutants {
            let marks: Vec<String> = scenarios
                .iter()
                .map(|scenario| {
                    let of = |report: &&&ScenarioReport| {
                        report.id == *scenario && report.mutant.as_deref() == Some(mutant)
                    };
                    match all.iter().find(of).map(|report| report.verdict) {
                        None => " ".to_owned(),
                        Some(Verdict::Fail | Verdict::Warn) => self.green("●"),
                        Some(Verdict::Pass) => "·".to_owned(),
                        Some(_) => "?".to_owned(),
                    }
                })
                .collect();
            line_of(out, &format!("{mutant:NAME_WIDTH$}{}", marks.join(" ")));
        }
        line_of(out, "\n● fails   · passes   ? could not be judged");
    }

    /// What did not die as declared, with what to look at.
    fn ends(self, out: &mut String, matrix: &Matrix) {
        for report in &matrix.control_failures {
            let word = self.red("CONTROL FAILS");
            line_of(out, &format!("\n{word}  {}: {}", report.id, report.verdict));
            places(out, report);
        }
        for cell in matrix.undead() {
            let Cell { death, fate, report } = cell;
            let who = match death.mutant.as_str() {
                "" => "the canary".to_owned(),
                mutant => format!("{mutant} in"),
            };
            let (word, why) = match fate {
                Fate::Survived | Fate::Killed => ("SURVIVES", "every check holds"),
                Fate::OtherReason { why } => ("ANOTHER REASON", why.as_str()),
                Fate::NotJudged { why } => ("NOT JUDGED", why.as_str()),
            };
            line_of(out, &format!("\n{}  {who} {}", self.red(word), death.scenario));
            let because = match death.because.as_str() {
                "" => String::new(),
                because => format!(", because of {because:?}"),
            };
            line_of(out, &format!("  was to fail: {}{because}", death.check));
            line_of(out, &format!("  but: {why}"));
            places(out, report);
        }
        for hole in &matrix.holes {
            line_of(out, &format!("\n{}  {hole}", self.red("HOLE")));
        }
        if matrix.missing > 0 {
            let missing = matrix.missing;
            line_of(
                out,
                &format!("\n{}  {missing} plays left no report", self.red("INTERNAL")),
            );
        }
    }

    fn sum(self, out: &mut String, matrix: &Matrix) {
        let killed = |cells: &[Cell]| cells.iter().filter(|cell| cell.fate == Fate::Killed).count();
        let of = |cells: &[Cell]| {
            let text = format!("{} of {}", killed(cells), cells.len());
            match killed(cells) == cells.len() {
                true => self.green(&text),
                false => self.red(&text),
            }
        };
        let failures = matrix.control_failures.len();
        let control = format!(
            "{} of {}",
            matrix.control_passed,
            matrix.control_passed + failures
        );
        let control = match failures {
            0 => self.green(&control),
            _ => self.red(&control),
        };
        line_of(out, &format!("\ncontrol   {control} scenarios pass"));
        if !matrix.canaries.is_empty() {
            line_of(
                out,
                &format!("canaries  {} fail, as they must", of(&matrix.canaries)),
            );
        }
        if !matrix.mutants.is_empty() {
            let kills: Vec<String> = matrix
                .kills()
                .iter()
                .filter(|(_, count)| **count > 0)
                .map(|(check, count)| format!("{check} {count}"))
                .collect();
            let deaths = of(&matrix.mutants);
            line_of(
                out,
                &format!("mutants   {deaths} deaths as declared: {}", kills.join(", ")),
            );
        }
        for left_out in &matrix.left_out {
            line_of(out, &format!("left out  {left_out}"));
        }
        let seconds = std::time::Duration::from_millis(matrix.elapsed_ms).as_secs_f64();
        line_of(out, &format!("          in {seconds:.1} s"));
    }
}

fn places(out: &mut String, report: &ScenarioReport) {
    line_of(out, &format!("  run it alone: {}", report.rerun));
    line_of(out, &format!("  kept: {}", report.kept));
}

fn line_of(out: &mut String, line: &str) {
    writeln!(out, "{}", line.trim_end()).expect("a string takes what it is given");
}
