//! The table, as Markdown.

use std::fmt;

use crate::rounds::{Rounds, Spread};

/// A part of the table: ratios with their gates and goals, and the times that they come from.
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) rows: Vec<Row>,
    pub(crate) times: Vec<Times>,
}

/// A quantity with what it should be.
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) got: Option<Spread>,
    /// Behind the numbers: `×`, ` MiB`, ` s`.
    pub(crate) unit: &'static str,
    pub(crate) gate: Limit,
    pub(crate) goal: Limit,
}

/// Where a quantity is good.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Limit {
    /// No less.
    AtLeast(f64),
    /// No more.
    AtMost(f64),
}

/// The times of one set of rounds.
pub(crate) struct Times {
    pub(crate) what: String,
    pub(crate) rounds: Rounds,
    /// What a time is divided by, and what it is then called.
    pub(crate) scale: Scale,
}

/// How times are shown.
#[derive(Clone, Copy)]
pub(crate) enum Scale {
    Milliseconds,
    Nanoseconds,
    /// So many bytes in that time: MB/s.
    Throughput(f64),
    /// So many in a second, of something that took that time each: thousands a second.
    Rate,
}

impl Row {
    /// How many times as long `over` takes as `under`.
    pub(crate) fn ratio(
        what: String,
        rounds: &Rounds,
        over: &str,
        under: &str,
        limits: (Limit, Limit),
    ) -> Self {
        Self {
            what,
            got: rounds.ratio(over, under),
            unit: " ×",
            gate: limits.0,
            goal: limits.1,
        }
    }

    /// How many times as long the fastest of `peers` takes as `own`.
    pub(crate) fn ratio_to_best(
        what: String,
        rounds: &Rounds,
        peers: &[&str],
        own: &str,
        (gate, goal): (Limit, Limit),
    ) -> Self {
        Self {
            what,
            got: rounds.best_over(peers, own),
            unit: " ×",
            gate,
            goal,
        }
    }

    /// What part of the fastest peer's time `own` takes.
    pub(crate) fn part_of_best(
        what: String,
        rounds: &Rounds,
        own: &str,
        peers: &[&str],
        (gate, goal): (Limit, Limit),
    ) -> Self {
        let got = rounds.best_over(peers, own).map(Spread::inverse);
        Self {
            what,
            got,
            unit: " ×",
            gate,
            goal,
        }
    }

    fn verdict(&self) -> &'static str {
        match self.got {
            None => "not measured",
            Some(got) if self.goal.holds(got.median) => "goal met",
            Some(got) if self.gate.holds(got.median) => "gate met",
            Some(_) => "**missed**",
        }
    }
}

impl Limit {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(least) => write!(f, "≥ {least}"),
            Self::AtMost(most) => write!(f, "≤ {most}"),
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## {}\n", self.title)?;
        writeln!(
            f,
            "| | median | least … greatest | gate | goal | |\n|---|---|---|---|---|---|"
        )?;
        for row in &self.rows {
            let (median, spread) = match row.got {
                None => ("–".to_owned(), "–".to_owned()),
                Some(got) => (
                    format!("{}{}", short(got.median), row.unit),
                    format!("{} … {}", short(got.least), short(got.greatest)),
                ),
            };
            let Row { what, gate, goal, .. } = row;
            writeln!(
                f,
                "| {what} | {median} | {spread} | {gate} | {goal} | {} |",
                row.verdict()
            )?;
        }
        for times in &self.times {
            write!(f, "\n{times}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.scale {
            Scale::Milliseconds => "ms",
            Scale::Nanoseconds => "ns",
            Scale::Throughput(_) => "MB/s",
            Scale::Rate => "thousand/s",
        };
        writeln!(
            f,
            "| {} | {unit} | least … greatest | peak MiB |\n|---|---|---|---|",
            self.what
        )?;
        for measured in &self.rounds.contenders {
            let shown = measured.times.iter().map(|time| self.scale.of(*time)).collect();
            let (median, spread) = match (Spread::of(shown), &measured.failure) {
                (Some(spread), _) => (
                    short(spread.median),
                    format!("{} … {}", short(spread.least), short(spread.greatest)),
                ),
                (None, Some(failure)) => ("–".to_owned(), failure.to_string()),
                (None, None) => ("–".to_owned(), "–".to_owned()),
            };
            let peak = measured
                .peak_mib
                .map_or_else(|| "–".to_owned(), |peak| format!("{peak:.0}"));
            writeln!(f, "| {} | {median} | {spread} | {peak} |", measured.name)?;
        }
        Ok(())
    }
}

impl Scale {
    fn of(self, nanoseconds: f64) -> f64 {
        match self {
            Self::Milliseconds => nanoseconds / 1e6,
            Self::Nanoseconds => nanoseconds,
            Self::Throughput(bytes) => bytes * 1e3 / nanoseconds,
            Self::Rate => 1e6 / nanoseconds,
        }
    }
}

/// Three digits that count.
fn short(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        small if small >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_what_was_met_by_its_median() {
        let row = |median| Row {
            what: "speed".to_owned(),
            got: Some(Spread {
                median,
                least: 1.0,
                greatest: 1000.0,
            }),
            unit: " ×",
            gate: Limit::AtLeast(50.0),
            goal: Limit::AtLeast(80.0),
        };
        assert_eq!(row(49.9).verdict(), "**missed**");
        assert_eq!(row(50.0).verdict(), "gate met");
        assert_eq!(row(81.0).verdict(), "goal met");
    }

    #[test]
    fn three_digits_are_shown() {
        assert_eq!(
            [123.4, 12.34, 1.234, 0.1234].map(short),
            ["123", "12.3", "1.23", "0.123"]
        );
    }
}
