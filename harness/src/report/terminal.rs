//! The report for people: a line per scenario, what needs attention at the end, the worst last.

use std::io::Write;
use std::time::Duration;

use super::failure::{headline, render_failure};
use super::third_party::{clip, printable};
use super::{Bar, Event, Listener, ScenarioReport, Summary, Verdict};
use crate::fleet::FleetKind;

/// How wide the column of verdicts is: the longest, `not-applicable`.
const VERDICT_WIDTH: usize = 14;
/// How much of a reason stands in a scenario's line; the whole follows at the end.
const REASON_WIDTH: usize = 60;
/// How wide the list at the end is: a line each on an ordinary terminal.
const LIST_WIDTH: usize = 80;
/// The stages of a scenario, as time goes by.
const STAGES: [&str; 8] = [
    "fleet", "dispatch", "fault", "wait", "scrape", "check", "stop", "end",
];

/// Writes the report to `out` (stdout) and progress to stderr, where that is a terminal.
#[derive(Debug)]
pub struct Terminal<W> {
    out: W,
    colour: bool,
    timings: bool,
    bar: Bar,
    attention: Vec<ScenarioReport>,
}

impl<W: Write + Send> Terminal<W> {
    /// `colour` says whether `out` takes escape sequences; `progress` whether stderr is a terminal; `timings`
    /// adds a line of stage timings per scenario.
    pub fn new(out: W, colour: bool, progress: bool, timings: bool) -> Self {
        Self {
            out,
            colour,
            timings,
            bar: Bar::new(progress),
            attention: Vec::new(),
        }
    }

    fn line(&mut self, text: &str) {
        let Self { out, bar, .. } = self;
        // A reader that went away (`| head`) has seen what it wanted.
        bar.suspend(|| drop(writeln!(out, "{text}")));
    }

    fn paint(&self, verdict: Verdict, text: &str) -> String {
        match self.colour {
            true => verdict.paint(text),
            false => text.to_owned(),
        }
    }

    fn started(&mut self, planned: usize, what: &str) {
        self.bar.count(planned);
        self.bar.show(what);
    }

    fn scenario(&mut self, report: &ScenarioReport) {
        let verdict = self.paint(
            report.verdict,
            &format!("{:>VERDICT_WIDTH$}", report.verdict.name()),
        );
        let detail = match (&report.reason, report.verdict) {
            (Some(reason), _) => clip(&printable(reason), REASON_WIDTH),
            (None, Verdict::Pass) => format!("{} compared", report.exercised),
            (None, _) => String::new(),
        };
        let turns = if report.turns.len() > 1 {
            format!("  {} times", report.turns.len())
        } else {
            String::new()
        };
        let line = format!(
            "{verdict} [{}] {}{turns}  {detail}",
            seconds(report.elapsed_ms),
            report.id
        );
        self.line(line.trim_end());
        if self.timings && !report.stages_ms.is_empty() {
            let took = |stage: &&str| report.stages_ms.get(*stage).map(|ms| format!("{stage} {ms:.0}"));
            let stages: Vec<String> = STAGES.iter().filter_map(took).collect();
            self.line(&format!("      ms: {}", stages.join(", ")));
        }
    }

    /// What needs attention, the worst last, because the end is what a reader sees first.
    fn attention(&mut self) -> Vec<ScenarioReport> {
        let mut reports = std::mem::take(&mut self.attention);
        reports.sort_by(|a, b| a.verdict.cmp(&b.verdict).then_with(|| a.id.cmp(&b.id)));
        reports
    }

    fn finished(&mut self, summary: &Summary) {
        self.bar.clear();
        let attention = self.attention();
        for report in &attention {
            let text = render_failure(report);
            let (headline, rest) = text.split_once('\n').unwrap_or((&text, ""));
            let headline = self.paint(report.verdict, headline);
            let whose = if report.control {
                "\n  this is the control: the reference in the same environment"
            } else {
                ""
            };
            self.line(&format!("\n{headline}{whose}\n{}", rest.trim_end()));
        }
        let named: Vec<String> = Verdict::ALL
            .iter()
            .filter_map(|verdict| Some((*verdict, *summary.verdicts.get(verdict)?)))
            .filter(|(_, count)| *count > 0)
            .map(|(verdict, count)| self.paint(verdict, &format!("{count} {verdict}")))
            .collect();
        let named = if named.is_empty() {
            "nothing".to_owned()
        } else {
            named.join(", ")
        };
        let took = Duration::from_millis(summary.elapsed_ms).as_secs_f64();
        let Summary {
            planned,
            judged,
            exercised,
            ..
        } = summary;
        self.line(&format!(
            "\n{planned} planned, {judged} judged, {exercised} exercised in {took:.1} s: {named}"
        ));
        if attention.len() > 1 {
            for report in &attention {
                let verdict = self.paint(
                    report.verdict,
                    &format!("{:>VERDICT_WIDTH$}", report.verdict.name()),
                );
                let taken = VERDICT_WIDTH + report.id.chars().count() + 3;
                let room = LIST_WIDTH.saturating_sub(taken).max(LIST_WIDTH / 4);
                self.line(&format!(
                    "{verdict} {}: {}",
                    report.id,
                    clip(&printable(&headline(report)), room)
                ));
            }
        }
        if summary.control_failed {
            self.line(
                "the control failed: nothing was judged, because the reference does not pass here either",
            );
        }
    }
}

fn seconds(ms: u64) -> String {
    format!("{:>7.3} s", Duration::from_millis(ms).as_secs_f64())
}

impl<W: Write + Send> Listener for Terminal<W> {
    fn on(&mut self, event: &Event) {
        match event {
            Event::RunStarted {
                counterfoil,
                run,
                exporter,
                locked,
                broker,
                fleet,
                scenarios_dir,
                requirements,
                baseline,
                planned,
                kept,
                ..
            } => {
                let unlocked = if *locked { "" } else { " (versions not locked)" };
                self.line(&format!("counterfoil {counterfoil}, run {run}"));
                self.line(&format!("exporter  {}{unlocked}", printable(exporter)));
                self.line(&format!("broker    {}", printable(broker)));
                if *fleet == FleetKind::Container {
                    self.line("fleet     each in a container");
                }
                if let Some(dir) = scenarios_dir {
                    self.line(&format!("scenarios {}", printable(dir)));
                }
                if let Some(set) = requirements {
                    self.line(&format!("judged by requirement set {set}"));
                }
                if let Some(baseline) = baseline {
                    self.line(&format!("baseline  {}", printable(baseline)));
                }
                self.line(&format!("kept      {kept}\n"));
                self.started(*planned, exporter);
            }
            Event::ControlStarted { planned } => self.started(*planned, "control: the reference"),
            Event::ControlFinished {
                passed,
                planned,
                failures,
            } => {
                let verdict = if *passed { Verdict::Pass } else { Verdict::Fail };
                let word = self.paint(verdict, &format!("{:>VERDICT_WIDTH$}", verdict.name()));
                self.line(&format!(
                    "{word} control: the reference in the same environment, scenarios: {planned}"
                ));
                self.attention.extend(failures.iter().cloned());
            }
            Event::ScenarioStarted { id, .. } => self.bar.show(id),
            Event::ScenarioFinished(report) => {
                self.bar.advance();
                if !report.control {
                    self.scenario(report);
                    self.attention
                        .extend(report.verdict.needs_attention().then(|| (**report).clone()));
                }
            }
            Event::RunFinished(summary) => self.finished(summary),
        }
    }

    fn progress(&mut self, what: &str) {
        self.bar.show(what);
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn drawn(reports: &[ScenarioReport], colour: bool, timings: bool) -> String {
        let mut out = Vec::new();
        let mut terminal = Terminal::new(&mut out, colour, false, timings);
        for report in reports {
            terminal.on(&Event::ScenarioFinished(Box::new(report.clone())));
        }
        terminal.on(&Event::RunFinished(Summary::of(
            reports.len(),
            reports,
            false,
            1234,
        )));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_wrong_stands_in_the_last_lines_the_worst_last() {
        let mut doubtful = sample::report("a/b", Verdict::Inconclusive);
        doubtful.reason = Some("the broker is gone".to_owned());
        let reports = [
            sample::failed("c/d"),
            doubtful,
            sample::report("e/f", Verdict::Pass),
        ];
        let text = drawn(&reports, false, false);
        let last: Vec<&str> = text.lines().rev().take(3).collect();
        assert_eq!(
            last,
            [
                "          fail c/d: the endpoint serves one process of 2",
                "  inconclusive a/b: the broker is gone",
                "3 planned, 2 judged, 2 exercised in 1.2 s: 1 pass, 1 inconclusive, 1 fail",
            ]
        );
        assert!(text.find("INCONCLUSIVE  a/b").unwrap() < text.find("FAIL  c/d").unwrap());
    }

    #[test]
    fn without_colour_there_is_no_escape_sequence() {
        let reports = [sample::failed("c/d"), sample::report("e/f", Verdict::Pass)];
        assert!(!drawn(&reports, false, true).contains('\u{1b}'));
        assert!(drawn(&reports, true, true).contains("\u{1b}[31m"));
    }

    #[test]
    fn timings_come_in_the_order_of_the_stages() {
        let text = drawn(&[sample::report("e/f", Verdict::Pass)], false, true);
        assert!(text.contains("ms: fleet 105, check 62"), "{text}");
    }

    #[test]
    fn the_lines_of_passing_scenarios_fit_eighty_columns() {
        let text = drawn(
            &[sample::report(
                &format!("family/{}", "x".repeat(32)),
                Verdict::Pass,
            )],
            false,
            false,
        );
        assert!(text.lines().all(|line| line.len() <= 80), "{text}");
    }
}
