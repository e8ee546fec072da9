//! What a metric file's name says.

use super::Layout;
use crate::series::MetricType;

/// A metric file's name, read as the client of its layout reads it: split at every `_`, also those within an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName {
    /// The whole name.
    pub text: String,
    /// The type; `None` where field 0 is not one.
    pub kind: Option<MetricType>,
    /// Field 1 of a gauge's name.
    pub mode: Option<String>,
    /// The process. For Python, field 2 of a gauge's name and field 1 of any other, less its last three characters:
    /// `gauge_all_worker_1.db` has the pid `wor` (M2, C11). For Ruby, all the fields from there on (R5).
    pub pid: Option<String>,
    /// The id as it was meant: everything after type and mode, without `.db`, and without a Ruby client's file number.
    pub id: String,
    merge_mode: Option<Mode>,
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
    /// Reads a name. Never fails: what is missing is only missed when it is needed.
    pub fn parse(text: &str, layout: Layout) -> Self {
        let ruby = layout == Layout::GitlabRuby;
        // Python's client takes `.db` for granted, and three characters off the pid.
        let split = if ruby {
            text.strip_suffix(".db").unwrap_or(text)
        } else {
            text
        };
        let fields: Vec<&str> = split.split('_').collect();
        let kind = kind_of(fields[0]);
        let gauge = kind == Some(MetricType::Gauge);
        let before_id = if gauge { 2 } else { 1 };
        let mode = fields.get(1).filter(|_| gauge).copied();
        let pid = if ruby {
            (fields.len() > 1).then(|| without_numbers(fields.get(before_id..).unwrap_or_default()))
        } else {
            let field = fields.get(before_id);
            field.map(|field| without_last_three(field).to_owned())
        };
        let id = text.splitn(before_id + 1, '_').nth(before_id).unwrap_or_default();
        let id = id.strip_suffix(".db").unwrap_or(id);
        Self {
            text: text.to_owned(),
            kind,
            mode: mode.map(str::to_owned),
            pid,
            id: if ruby { without_number(id) } else { id }.to_owned(),
            merge_mode: mode.map(|mode| merge_mode(mode, layout)),
        }
    }

    /// Whether marking the pid dead unlinks the file (M8), so that it may be gone without harm (M13).
    pub fn is_live_gauge(&self) -> bool {
        self.mode.as_deref().is_some_and(|mode| mode.starts_with("live"))
    }

    /// How a gauge of this file merges; `None` for any other file.
    pub fn merge_mode(&self) -> Option<Mode> {
        self.merge_mode
    }
}

/// Which mode a client takes a word for; what it does not know is `all`. Clients that write no timestamps know no
/// `mostrecent` (M7), and Ruby's knows three modes (R7).
fn merge_mode(word: &str, layout: Layout) -> Mode {
    match (layout, word) {
        (Layout::GitlabRuby, "min") => Mode::Min,
        (Layout::GitlabRuby, "max") => Mode::Max,
        (Layout::GitlabRuby, "livesum") => Mode::Sum,
        (Layout::GitlabRuby, _) => Mode::All,
        (_, "min" | "livemin") => Mode::Min,
        (_, "max" | "livemax") => Mode::Max,
        (_, "sum" | "livesum") => Mode::Sum,
        (Layout::Python16, "mostrecent" | "livemostrecent") => Mode::MostRecent,
        _ => Mode::All,
    }
}

/// R5: every field loses a `-` with digits at its end: the last one its file's number, another a part of the id.
fn without_numbers(fields: &[&str]) -> String {
    let fields: Vec<&str> = fields.iter().map(|field| without_number(field)).collect();
    fields.join("_")
}

/// `7-0` without `-0`; unchanged where no number is at the end.
fn without_number(field: &str) -> &str {
    match field.rsplit_once('-') {
        Some((before, number)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => {
            before
        }
        _ => field,
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

fn without_last_three(field: &str) -> &str {
    let end = field.char_indices().rev().nth(2).map_or(0, |(at, _)| at);
    &field[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn python(text: &str) -> FileName {
        FileName::parse(text, Layout::Python16)
    }

    #[test]
    fn type_mode_and_pid_are_fields_of_the_name_f1_m2() {
        let name = python("gauge_livesum_4312.db");
        assert_eq!(
            (name.kind, name.merge_mode()),
            (Some(MetricType::Gauge), Some(Mode::Sum))
        );
        assert_eq!(name.pid.as_deref(), Some("4312"));
        let name = python("histogram_7.db");
        assert_eq!(
            (name.kind, name.merge_mode()),
            (Some(MetricType::Histogram), None)
        );
        assert_eq!(name.pid.as_deref(), Some("7"));
    }

    #[test]
    fn a_type_has_the_names_that_the_client_has_for_it_f1() {
        for (field, kind) in [
            ("counter", MetricType::Counter),
            ("gauge", MetricType::Gauge),
            ("histogram", MetricType::Histogram),
            ("summary", MetricType::Summary),
            ("unknown", MetricType::Unknown),
            ("untyped", MetricType::Unknown),
            ("info", MetricType::Info),
            ("stateset", MetricType::StateSet),
            ("gaugehistogram", MetricType::GaugeHistogram),
        ] {
            let name = python(&format!("{field}_livesum_1.db"));
            assert_eq!(name.kind, Some(kind));
            assert_eq!(name.is_live_gauge(), kind == MetricType::Gauge, "{field}");
        }
    }

    #[test]
    fn an_id_with_an_underscore_is_cut_there_m2() {
        for text in ["gauge_all_worker_1.db", "gauge_all_worker_2.db"] {
            let name = python(text);
            assert_eq!(name.pid.as_deref(), Some("wor"));
            assert!(name.id.starts_with("worker_"));
        }
        assert_eq!(python("gauge_all_a_1.db").pid.as_deref(), Some(""));
    }

    #[test]
    fn a_live_mode_merges_as_its_base_mode_m8() {
        for (live, base, mode) in [
            ("liveall", "all", Mode::All),
            ("livemin", "min", Mode::Min),
            ("livemax", "max", Mode::Max),
            ("livesum", "sum", Mode::Sum),
            ("livemostrecent", "mostrecent", Mode::MostRecent),
        ] {
            let of = |mode: &str| python(&format!("gauge_{mode}_1.db"));
            assert_eq!([of(live).merge_mode(), of(base).merge_mode()], [Some(mode); 2]);
            assert!(of(live).is_live_gauge() && !of(base).is_live_gauge());
        }
    }

    #[test]
    fn without_timestamps_mostrecent_is_no_mode_m7() {
        for layout in [Layout::Python8, Layout::Python3Key] {
            let name = FileName::parse("gauge_mostrecent_1.db", layout);
            assert_eq!(name.merge_mode(), Some(Mode::All));
        }
    }

    #[test]
    fn a_ruby_name_has_a_number_after_the_id_and_the_id_may_hold_underscores_r5() {
        for (text, pid, id) in [
            ("counter_7-0.db", "7", "7"),
            ("gauge_livesum_worker_id_3-12.db", "worker_id_3", "worker_id_3"),
            ("gauge_all_7-1-0.db", "7-1", "7-1"),
            ("gauge_all_a-1_b-0.db", "a_b", "a-1_b"),
            ("gauge_all_7.db", "7", "7"),
            ("counter_7-.db", "7-", "7-"),
            ("counter_a-1b.db", "a-1b", "a-1b"),
        ] {
            let name = FileName::parse(text, Layout::GitlabRuby);
            assert_eq!((name.pid.as_deref(), name.id.as_str()), (Some(pid), id), "{text}");
        }
        let pid = |text: &str| FileName::parse(text, Layout::GitlabRuby).pid;
        assert_eq!(pid("gauge_all.db").as_deref(), Some(""));
        assert_eq!(pid("counter.db"), None);
    }

    #[test]
    fn ruby_knows_min_max_and_livesum_and_takes_the_rest_for_all_r7() {
        let of =
            |mode: &str| FileName::parse(&format!("gauge_{mode}_1-0.db"), Layout::GitlabRuby).merge_mode();
        let known = [("min", Mode::Min), ("max", Mode::Max), ("livesum", Mode::Sum)];
        assert!(known.iter().all(|(word, mode)| of(word) == Some(*mode)));
        assert!(
            ["all", "liveall", "sum", "livemin", "mostrecent"]
                .iter()
                .all(|word| of(word) == Some(Mode::All))
        );
    }

    #[test]
    fn a_foreign_name_has_no_type() {
        for text in ["counter.db", "gauges_all_1.db", "", "_", ".db"] {
            assert_eq!(python(text).kind, None, "{text}");
        }
        assert_eq!(python("gauge_all.db").pid, None);
    }
}
