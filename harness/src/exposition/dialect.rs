//! Where the two formats differ in their words.

use crate::series::MetricType;

/// Which format is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Text 0.0.4.
    Text,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

impl Dialect {
    /// The type that stands after `# TYPE`.
    pub(super) fn kind(self, word: &str) -> Option<MetricType> {
        Some(match (word, self) {
            ("counter", _) => MetricType::Counter,
            ("gauge", _) => MetricType::Gauge,
            ("histogram", _) => MetricType::Histogram,
            ("summary", _) => MetricType::Summary,
            ("untyped", Self::Text) | ("unknown", Self::OpenMetrics) => MetricType::Unknown,
            ("info", Self::OpenMetrics) => MetricType::Info,
            ("stateset", Self::OpenMetrics) => MetricType::StateSet,
            ("gaugehistogram", Self::OpenMetrics) => MetricType::GaugeHistogram,
            _ => return None,
        })
    }

    /// What a sample of a family of that type may have after the family's name.
    pub(super) fn suffixes(self, kind: MetricType) -> &'static [&'static str] {
        match (self, kind) {
            (Self::Text, MetricType::Summary) => &["", "_sum", "_count"],
            (Self::Text, MetricType::Histogram) => &["_bucket", "_sum", "_count"],
            (Self::Text, _) => &[""],
            (Self::OpenMetrics, MetricType::Counter) => &["_total", "_created"],
            (Self::OpenMetrics, MetricType::Summary) => &["", "_sum", "_count", "_created"],
            (Self::OpenMetrics, MetricType::Histogram) => &["_bucket", "_sum", "_count", "_created"],
            (Self::OpenMetrics, MetricType::GaugeHistogram) => &["_bucket", "_gsum", "_gcount"],
            (Self::OpenMetrics, MetricType::Info) => &["_info"],
            (Self::OpenMetrics, MetricType::Gauge | MetricType::StateSet | MetricType::Unknown) => &[""],
        }
    }

    /// Every non-empty suffix of any type.
    pub(super) fn all_suffixes(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["_bucket", "_sum", "_count"],
            Self::OpenMetrics => &[
                "_total", "_created", "_bucket", "_sum", "_count", "_gsum", "_gcount", "_info",
            ],
        }
    }
}

/// `[a-zA-Z_:][a-zA-Z0-9_:]*`
pub(super) fn is_metric_name(name: &str) -> bool {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':');
    !name.is_empty() && !name.as_bytes()[0].is_ascii_digit() && name.as_bytes().iter().all(part)
}

/// `[a-zA-Z_][a-zA-Z0-9_]*`
pub(super) fn is_label_name(name: &str) -> bool {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    !name.is_empty() && !name.as_bytes()[0].is_ascii_digit() && name.as_bytes().iter().all(part)
}
