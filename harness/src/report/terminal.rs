//! The report for people: a line per scenario, failures again at the end, each with its command.

use std::io::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::failure::{printable, render_failure};
use super::{Event, Listener, ScenarioReport, Summary, Verdict};

/// Writes the report to `out` (stdout) and progress to stderr, where that is a terminal.
#[derive(Debug)]
pub struct Terminal<W> {
    out: W,
    colour: bool,
    timings: bool,
    bar: ProgressBar,
    attention: Vec<ScenarioReport>,
    control: bool,
}

impl<W: Write + Send> Terminal<W> {
    /// `colour` says whether `out` takes escape sequences; `progress` whether stderr is a terminal; `timings`
    /// adds a line of stage timings per scenario.
    pub fn new(out: W, colour: bool, progress: bool, timings: bool) -> Self {
        let target = if progress {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        Self {
            out,
            colour,
            timings,
            bar,
            attention: Vec::new(),
            control: false,
        }
    }

    fn line(&mut self, text: &str) {
        let Self { out, bar, .. } = self;
        // A reader that went away (`| head`) has seen what it wanted.
        bar.suspend(|| drop(writeln!(out, "{text}")));
    }

    fn paint(&self, verdict: Verdict, text: &str) -> String {
        let code = match verdict {
            Verdict::Pass => 32,
            Verdict::Warn | Verdict::KnownFail | Verdict::Inconclusive => 33,
            Verdict::NotApplicable => 2,
            Verdict::Flaky | Verdict::Fail | Verdict::Error => 31,
        };
        if self.colour {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn started(&mut self, planned: usize, what: &str) {
        let style = ProgressStyle::with_template("{spinner} {pos}/{len} {bar:24} {elapsed} {msg}");
        self.bar
            .set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        self.bar.set_length(planned as u64);
        self.bar.set_position(0);
        self.bar.set_message(what.to_owned());
        self.bar.enable_steady_tick(Duration::from_millis(120));
    }

    fn scenario(&mut self, report: &ScenarioReport) {
        self.bar.inc(1);
        let verdict = self.paint(report.verdict, &format!("{:>14}", report.verdict.name()));
        let detail = match (&report.reason, report.verdict) {
            (Some(reason), _) => format!("  {}", printable(reason)),
            (None, Verdict::Pass) => format!("  {} compared", report.exercised),
            (None, _) => String::new(),
        };
        let seconds = Duration::from_millis(report.elapsed_ms).as_secs_f64();
        self.line(&format!("{verdict} [{seconds:>7.3} s] {}{detail}", report.id));
        if self.timings {
            let stages: Vec<String> = report
                .stages_ms
                .iter()
                .map(|(stage, ms)| format!("{stage} {ms:.1} ms"))
                .collect();
            self.line(&format!("{:>14} {}", "", stages.join(", ")));
        }
        if report.verdict.needs_attention() {
            self.attention.push(report.clone());
        }
    }

    fn finished(&mut self, summary: &Summary) {
        self.bar.finish_and_clear();
        for report in std::mem::take(&mut self.attention) {
            let text = render_failure(&report);
            let (headline, rest) = text.split_once('\n').unwrap_or((&text, ""));
            let headline = self.paint(report.verdict, headline);
            self.line(&format!("\n{headline}\n{}", rest.trim_end()));
        }
        let named: Vec<String> = summary
            .verdicts
            .iter()
            .filter(|(_, count)| **count > 0)
            .map(|(verdict, count)| format!("{count} {verdict}"))
            .collect();
        let seconds = Duration::from_millis(summary.elapsed_ms).as_secs_f64();
        let named = if named.is_empty() {
            "nothing".to_owned()
        } else {
            named.join(", ")
        };
        self.line(&format!(
            "\n{} planned, {} judged, {} exercised in {seconds:.1} s: {named}",
            summary.planned, summary.judged, summary.exercised
        ));
    }
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
                planned,
                kept,
                ..
            } => {
                let unlocked = if *locked { "" } else { " (versions not locked)" };
                self.line(&format!("counterfoil {counterfoil}, run {run}"));
                self.line(&format!("exporter  {exporter}{unlocked}"));
                self.line(&format!("broker    {}", printable(broker)));
                self.line(&format!("kept      {kept}\n"));
                self.started(*planned, exporter);
            }
            Event::ControlStarted { planned } => {
                self.control = true;
                self.started(*planned, "control: the reference");
            }
            Event::ControlFinished { passed, failures } => {
                self.control = false;
                let verdict = if *passed { Verdict::Pass } else { Verdict::Fail };
                let word = self.paint(verdict, &format!("{:>14}", verdict.name()));
                self.line(&format!("{word} control: the reference in the same environment"));
                self.attention.extend(failures.iter().cloned());
            }
            Event::ScenarioStarted { id } => self.bar.set_message(id.clone()),
            Event::ScenarioFinished(report) if !self.control => self.scenario(report),
            Event::ScenarioFinished(_) => self.bar.inc(1),
            Event::RunFinished(summary) => self.finished(summary),
        }
    }

    fn progress(&mut self, what: &str) {
        self.bar.set_message(what.to_owned());
        self.bar.enable_steady_tick(Duration::from_millis(120));
    }
}
