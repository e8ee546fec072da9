//! Text 0.0.4.

use std::fmt::Write;

use bytes::Bytes;

use super::cursor::{Cursor, Line, lines};
use super::dialect::{Dialect, is_metric_name};
use super::document::{Document, Metadata};
use super::family::{Exposition, Sample};
use super::finding::{Findings, Parsed};
use super::number::go_float;
use super::sample_line::{self, shortened};
use crate::series::MetricType;

/// Reads a body strictly: what breaks the format is a finding, and the next line is read as if it had not happened.
/// Linear in the body, whatever it holds.
///
/// ```
/// use counterfoil::exposition::text;
///
/// let parsed = text::parse(b"# TYPE jobs_total counter\njobs_total 11\njobs_total 19\n");
/// let finding = &parsed.findings[0];
/// assert_eq!((finding.line, finding.column), (3, 1));
/// assert_eq!(
///     finding.to_string(),
///     "3:1: `jobs_total` is on line 2 already [duplicate-series] near `jobs_total 19`"
/// );
/// // What could be read is there all the same.
/// assert_eq!(parsed.exposition.families[0].samples[0].value, 11.0);
/// ```
pub fn parse(body: &[u8]) -> Parsed {
    parse_shared(&Bytes::copy_from_slice(body))
}

/// The same without a copy: what is read refers to the body, and keeps it.
pub fn parse_shared(body: &Bytes) -> Parsed {
    let mut findings = Findings::default();
    let mut document = Document::new(Dialect::Text);
    lines(body, &mut findings, |line, findings| {
        read_line(line, &mut document, findings)
    });
    if body.last().is_some_and(|last| *last != b'\n') {
        findings.push(body.len(), "missing-final-newline", || {
            "the last line ends in a line feed".to_owned()
        });
    }
    document.finish(body, findings)
}

fn read_line(line: &Line<'_>, document: &mut Document, findings: &mut Findings) {
    let content = line.text.trim_start_matches([' ', '\t']);
    if content.is_empty() {
        return;
    }
    if content.starts_with('#') {
        read_comment(line, document, findings);
    } else if let Some((start, sample)) = sample_line::read(line, Dialect::Text, document.names(), findings) {
        document.sample(sample, start, findings);
    }
}

/// `# HELP` and `# TYPE`; any other comment is one.
fn read_comment(line: &Line<'_>, document: &mut Document, findings: &mut Findings) {
    // A carriage return is part of a comment or of a HELP text, as far as the format is concerned.
    let mut unheard = Findings::default();
    let mut cursor = line.cursor(&mut unheard);
    cursor.skip_blanks();
    let start = cursor.offset();
    cursor.eat(b'#');
    cursor.skip_blanks();
    let word = cursor.token();
    if word != "HELP" && word != "TYPE" {
        return;
    }
    cursor.skip_blanks();
    let at = cursor.offset();
    let name = cursor.token();
    if !is_metric_name(name) {
        findings.push(at, "invalid-metric-name", || {
            format!("`{}` is no metric name", shortened(name))
        });
        return;
    }
    let metadata = match word {
        "HELP" => Metadata::Help(read_help(&mut cursor, findings)),
        _ => Metadata::Type(read_type(line, &mut cursor, findings)),
    };
    document.metadata(name, metadata, start, findings);
}

/// Prometheus is stricter than the format's description: one blank or tab, the type, and the line's end; whatever else
/// makes it refuse the whole body (`promparse.go`).
fn read_type(line: &Line<'_>, cursor: &mut Cursor<'_>, findings: &mut Findings) -> MetricType {
    let at = cursor.offset();
    cursor.skip_blanks();
    if cursor.offset() > at + 1 {
        findings.push(at, "separator", || {
            "one blank stands between a name and its type".to_owned()
        });
    }
    let at = cursor.offset();
    let word = cursor.token();
    let kind = Dialect::Text.kind(word);
    if kind.is_none() {
        findings.push(at, "unknown-type", || format!("`{}` is no type", shortened(word)));
    }
    let at = cursor.offset();
    if !cursor.take_rest().is_empty() || line.text.ends_with('\r') {
        findings.push(at, "trailing-text", || {
            "nothing follows a type, not even a blank".to_owned()
        });
    }
    kind.unwrap_or(MetricType::Unknown)
}

fn read_help(cursor: &mut Cursor<'_>, findings: &mut Findings) -> String {
    cursor.skip_blanks();
    let mut help = String::new();
    loop {
        help.push_str(cursor.until(|byte| byte == b'\\'));
        if cursor.is_at_end() {
            return help;
        }
        let at = cursor.offset();
        cursor.eat(b'\\');
        if cursor.eat(b'n') {
            help.push('\n');
        } else if cursor.eat(b'\\') {
            help.push('\\');
        } else {
            findings.push(at, "invalid-escape", || {
                r"a HELP text knows the escapes \\ and \n only".to_owned()
            });
            help.push('\\');
        }
    }
}

/// Writes an exposition as text 0.0.4, with what it has no words for expressed as the Python client expresses it:
/// an info and a state set as gauges, and `_created`, `_gsum` and `_gcount` as gauges of their own.
pub fn write(exposition: &Exposition) -> String {
    let mut text = String::new();
    for family in &exposition.families {
        let base = family.family_name();
        write_header(
            &mut text,
            &family.text_name(),
            family.kind,
            family.help.as_deref(),
        );
        for sample in family
            .samples
            .iter()
            .filter(|sample| set_apart(base, sample).is_none())
        {
            write_sample(&mut text, sample);
        }
        for suffix in SET_APART {
            let mut samples = family
                .samples
                .iter()
                .filter(|sample| set_apart(base, sample) == Some(suffix))
                .peekable();
            if samples.peek().is_some() {
                write_header(
                    &mut text,
                    &format!("{base}{suffix}"),
                    MetricType::Gauge,
                    family.help.as_deref(),
                );
                samples.for_each(|sample| write_sample(&mut text, sample));
            }
        }
    }
    text
}

/// What OpenMetrics has inside of a family, and text 0.0.4 has no place for.
const SET_APART: [&str; 3] = ["_created", "_gcount", "_gsum"];

fn set_apart(family: &str, sample: &Sample) -> Option<&'static str> {
    let suffix = sample.series.sample.strip_prefix(family)?;
    SET_APART.into_iter().find(|apart| *apart == suffix)
}

/// The lines before a family's samples.
pub(crate) fn write_header(text: &mut String, name: &str, kind: MetricType, help: Option<&str>) {
    if let Some(help) = help {
        let help = help.replace('\\', r"\\").replace('\n', r"\n");
        text.extend(["# HELP ", name, " ", &help, "\n"]);
    }
    text.extend(["# TYPE ", name, " ", type_word(kind), "\n"]);
}

fn write_sample(text: &mut String, sample: &Sample) {
    write!(text, "{} {}", sample.series, go_float(sample.value)).expect("a String takes everything");
    if let Some(seconds) = sample.timestamp {
        let milliseconds = (seconds * 1000.0).round() as i64;
        write!(text, " {milliseconds}").expect("a String takes everything");
    }
    text.push('\n');
}

fn type_word(kind: MetricType) -> &'static str {
    match kind {
        MetricType::Counter => "counter",
        MetricType::Gauge | MetricType::Info | MetricType::StateSet => "gauge",
        MetricType::Histogram | MetricType::GaugeHistogram => "histogram",
        MetricType::Summary => "summary",
        MetricType::Unknown => "untyped",
    }
}
