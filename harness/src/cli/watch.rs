//! How far the runs of several releases are: a line for each that is over, and a bar on a terminal.

use counterfoil::report::{Bar, Event, Listener, Verdict, clip, printable};
use counterfoil::run::{Release, ReleaseListener};

use super::output::Output;

/// How much of a reason stands in a release's line; the whole follows at the end.
const REASON_WIDTH: usize = 90;

/// Writes to stdout what is over, and draws on stderr what is not.
pub(super) struct Watch {
    out: Output,
    bar: Bar,
    /// Which release, of how many.
    release: String,
}

impl Watch {
    pub(super) fn new(out: Output) -> Self {
        Self {
            out,
            bar: Bar::for_people(),
            release: String::new(),
        }
    }

    pub(super) fn finish(&self) {
        self.bar.clear();
    }

    fn show(&self, what: &str) {
        let text = format!("{}: {what}", self.release);
        self.bar.show(&text);
    }
}

impl Listener for Watch {
    fn on(&mut self, event: &Event) {
        match event {
            Event::RunStarted { planned, .. } => self.bar.count(*planned),
            Event::ScenarioStarted { id, .. } => self.show(id),
            Event::ScenarioFinished(_) => self.bar.advance(),
            _ => {}
        }
    }

    fn progress(&mut self, what: &str) {
        self.show(what);
    }
}

impl ReleaseListener for Watch {
    fn begun(&mut self, title: Option<&str>, at: usize, of: usize) {
        let title = title.unwrap_or("control: the reference");
        self.release = format!("{at} of {of}, {title}");
        self.show("");
    }

    fn over(&mut self, release: &Release) {
        let said = match (&release.report, &release.reason) {
            (Some(report), _) => {
                let verdicts = report.summary.verdicts.iter().filter(|(_, count)| **count > 0);
                let said: Vec<String> = verdicts
                    .map(|(verdict, count)| format!("{count} {verdict}"))
                    .collect();
                said.join(", ")
            }
            (None, reason) => {
                let reason = printable(reason.as_deref().unwrap_or_default());
                format!("{}: {}", Verdict::Inconclusive, clip(&reason, REASON_WIDTH))
            }
        };
        let Self { out, bar, .. } = self;
        bar.suspend(|| out.line(format_args!("{:<28} {said}", printable(&release.title()))));
    }
}
