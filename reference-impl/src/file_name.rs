//! The names of metric files: type, gauge mode and process (F1, M2).

use std::fmt;

/// How a gauge's values of several processes become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are the format's own")]
pub enum Mode {
    All,
    LiveAll,
    Min,
    LiveMin,
    Max,
    LiveMax,
    Sum,
    LiveSum,
    MostRecent,
    LiveMostRecent,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 10] = [
        Self::All,
        Self::LiveAll,
        Self::Min,
        Self::LiveMin,
        Self::Max,
        Self::LiveMax,
        Self::Sum,
        Self::LiveSum,
        Self::MostRecent,
        Self::LiveMostRecent,
    ];

    /// The mode's name in file names and programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::LiveAll => "liveall",
            Self::Min => "min",
            Self::LiveMin => "livemin",
            Self::Max => "max",
            Self::LiveMax => "livemax",
            Self::Sum => "sum",
            Self::LiveSum => "livesum",
            Self::MostRecent => "mostrecent",
            Self::LiveMostRecent => "livemostrecent",
        }
    }

    /// The mode of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// Whether a dead process's file is removed (M8).
    #[must_use]
    pub fn is_live(self) -> bool {
        self.name().starts_with("live")
    }

    /// Whether the latest value counts, so that setting one notes the time (F8, M7).
    #[must_use]
    pub const fn is_most_recent(self) -> bool {
        matches!(self, Self::MostRecent | Self::LiveMostRecent)
    }
}

/// What a file holds; a process has at most one file of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the format's own")]
pub enum Kind {
    Counter,
    Gauge(Mode),
    Histogram,
    Summary,
}

impl Kind {
    /// Every kind of file that a process may have.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let others = [Self::Counter, Self::Histogram, Self::Summary];
        Mode::ALL.map(Self::Gauge).into_iter().chain(others)
    }

    /// The type's name, in file names and in `# TYPE`.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge(_) => "gauge",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
        }
    }
}

/// The name of a metric file, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileName {
    /// What the file holds.
    pub kind: Kind,
    /// The process, as the name says it.
    pub id: String,
}

impl FileName {
    /// The file of a process.
    #[must_use]
    pub fn of(kind: Kind, pid: u32) -> Self {
        Self {
            kind,
            id: pid.to_string(),
        }
    }

    /// Takes a name apart: fields 0, 1 and 2 of it, split at `_` (M2).
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let stem = name.strip_suffix(".db")?;
        let mut fields = name.split('_');
        let kind = match fields.next()? {
            "counter" => Kind::Counter,
            "histogram" => Kind::Histogram,
            "summary" => Kind::Summary,
            "gauge" => {
                let mode = Mode::parse(fields.next()?)?;
                let mut id = fields.next()?.chars();
                // The Python client cuts off three characters, whether or not they are `.db` (C11).
                id.nth_back(2)?;
                return Some(Self {
                    kind: Kind::Gauge(mode),
                    id: id.as_str().to_owned(),
                });
            }
            _ => return None,
        };
        let id = stem.strip_prefix(kind.type_name())?.strip_prefix('_')?;
        Some(Self {
            kind,
            id: id.to_owned(),
        })
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.type_name())?;
        if let Kind::Gauge(mode) = self.kind {
            write!(f, "_{}", mode.name())?;
        }
        write!(f, "_{}.db", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f1_names_are_type_mode_and_pid() {
        let name = FileName::of(Kind::Gauge(Mode::LiveSum), 7);
        assert_eq!(name.to_string(), "gauge_livesum_7.db");
        assert_eq!(FileName::of(Kind::Counter, 7).to_string(), "counter_7.db");
    }

    #[test]
    fn m2_every_name_is_taken_apart_as_it_was_made() {
        let gauges = Mode::ALL.map(Kind::Gauge);
        for kind in [Kind::Counter, Kind::Histogram, Kind::Summary]
            .into_iter()
            .chain(gauges)
        {
            let name = FileName::of(kind, 4312);
            assert_eq!(FileName::parse(&name.to_string()), Some(name));
        }
    }

    #[test]
    fn m2_an_id_with_an_underscore_is_cut_as_the_python_client_cuts_it() {
        let name = FileName::parse("gauge_all_worker_1.db").unwrap();
        assert_eq!(name.id, "wor");
    }

    #[test]
    fn foreign_names_are_no_metric_files() {
        for name in [
            "counter_1.txt",
            "cache.db",
            "gauge_all.db",
            "gauge_median_1.db",
            "counter.db",
        ] {
            assert_eq!(FileName::parse(name), None, "{name}");
        }
    }
}
