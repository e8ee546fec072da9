//! What a metric file's name says.

use crate::series::MetricType;

/// A metric file's name, read as the client reads it (F1, M2): split at every `_`, also those within an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName {
    /// The whole name.
    pub text: String,
    /// The type; `None` where field 0 is not one.
    pub kind: Option<MetricType>,
    /// Field 1 of a gauge's name.
    pub mode: Option<String>,
    /// Field 2 of a gauge's name, field 1 of any other, less its last three characters. An id with `_` is cut
    /// there: `gauge_all_worker_1.db` has the pid `wor` (C11).
    pub pid: Option<String>,
    /// The id as it was meant: everything after type and mode, without `.db`.
    pub id: String,
}

/// How the values of a gauge's processes become one (M5 to M8). The `live` modes merge as their base modes do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// One series a process, told apart by `pid`. Also what the client makes of a mode that it does not know.
    All,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// The sum.
    Sum,
    /// The one that was set last.
    MostRecent,
}

impl FileName {
    /// Reads a name. Never fails: what is missing is only missed when the file has entries.
    pub fn parse(text: &str) -> Self {
        let fields: Vec<&str> = text.split('_').collect();
        let kind = kind_of(fields[0]);
        let (mode, pid, before_id) = match kind {
            Some(MetricType::Gauge) => (fields.get(1), fields.get(2), 2),
            _ => (None, fields.get(1), 1),
        };
        let id = text.splitn(before_id + 1, '_').nth(before_id).unwrap_or_default();
        Self {
            text: text.to_owned(),
            kind,
            mode: mode.map(|mode| (*mode).to_owned()),
            pid: pid.map(|field| without_last_three(field).to_owned()),
            id: id.strip_suffix(".db").unwrap_or(id).to_owned(),
        }
    }

    /// Whether marking the pid dead unlinks the file (M8), so that it may be gone without harm (M13).
    pub fn is_live_gauge(&self) -> bool {
        self.kind == Some(MetricType::Gauge)
            && self.mode.as_deref().is_some_and(|mode| mode.starts_with("live"))
    }

    /// How a gauge of this file merges; `None` for any other file.
    pub fn merge_mode(&self) -> Option<Mode> {
        let mode = self.mode.as_deref()?;
        Some(match mode.strip_prefix("live").unwrap_or(mode) {
            "min" => Mode::Min,
            "max" => Mode::Max,
            "sum" => Mode::Sum,
            "mostrecent" => Mode::MostRecent,
            _ => Mode::All,
        })
    }
}

/// The types that the client's `Metric` knows, under the names it has for them.
fn kind_of(field: &str) -> Option<MetricType> {
    Some(match field {
        "counter" => MetricType::Counter,
        "gauge" => MetricType::Gauge,
        "histogram" => MetricType::Histogram,
        "summary" => MetricType::Summary,
        "unknown" | "untyped" => MetricType::Unknown,
        "info" => MetricType::Info,
        "stateset" => MetricType::StateSet,
        "gaugehistogram" => MetricType::GaugeHistogram,
        _ => return None,
    })
}

/// The client takes `.db` for granted.
fn without_last_three(field: &str) -> &str {
    let end = field.char_indices().rev().nth(2).map_or(0, |(at, _)| at);
    &field[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_mode_and_pid_are_fields_of_the_name_f1_m2() {
        let name = FileName::parse("gauge_livesum_4312.db");
        assert_eq!(
            (name.kind, name.merge_mode()),
            (Some(MetricType::Gauge), Some(Mode::Sum))
        );
        assert_eq!(name.pid.as_deref(), Some("4312"));
        let name = FileName::parse("histogram_7.db");
        assert_eq!(
            (name.kind, name.merge_mode()),
            (Some(MetricType::Histogram), None)
        );
        assert_eq!(name.pid.as_deref(), Some("7"));
    }

    #[test]
    fn an_id_with_an_underscore_is_cut_there_m2() {
        for text in ["gauge_all_worker_1.db", "gauge_all_worker_2.db"] {
            let name = FileName::parse(text);
            assert_eq!(name.pid.as_deref(), Some("wor"));
            assert!(name.id.starts_with("worker_"));
        }
        assert_eq!(FileName::parse("gauge_all_a_1.db").pid.as_deref(), Some(""));
    }

    #[test]
    fn a_live_mode_merges_as_its_base_mode_m8() {
        for (live, base) in [
            ("liveall", "all"),
            ("livemin", "min"),
            ("livemax", "max"),
            ("livemostrecent", "mostrecent"),
        ] {
            let of = |mode: &str| FileName::parse(&format!("gauge_{mode}_1.db"));
            assert_eq!(of(live).merge_mode(), of(base).merge_mode());
            assert!(of(live).is_live_gauge() && !of(base).is_live_gauge());
        }
    }

    #[test]
    fn a_foreign_name_has_no_type() {
        for text in ["counter.db", "gauges_all_1.db", "", "_", ".db"] {
            assert_eq!(FileName::parse(text).kind, None, "{text}");
        }
        assert_eq!(FileName::parse("gauge_all.db").pid, None);
    }
}
