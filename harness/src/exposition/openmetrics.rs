//! OpenMetrics 1.0, its text form.

use std::fmt::Write;

use bytes::Bytes;

use super::cursor::{Cursor, Line, lines};
use super::dialect::{Dialect, is_metric_name};
use super::document::{Document, Metadata};
use super::family::{Exemplar, Exposition, Family, Sample};
use super::finding::{Findings, Parsed};
use super::number::go_float;
use super::sample_line::{self, shortened};
use crate::series::{MetricType, Series};

/// Reads a body strictly: what breaks the format is a finding, and the next line is read as if it had not happened.
/// Linear in the body, whatever it holds.
///
/// ```
/// use counterfoil::exposition::openmetrics;
///
/// let body = "# TYPE jobs counter\njobs_total{queue=\"a\"} 11.0\n";
/// // A body that broke off is told from one that ends.
/// let broken_off = openmetrics::parse(body.as_bytes());
/// assert_eq!(broken_off.findings[0].rule, "missing-eof");
/// let whole = openmetrics::parse(format!("{body}# EOF\n").as_bytes());
/// assert!(whole.findings.is_empty());
/// // The family is `jobs`, its sample `jobs_total`: text 0.0.4 has one name for both.
/// assert_eq!(whole.exposition.family("jobs").map(|family| family.samples.len()), Some(1));
/// ```
pub fn parse(body: &[u8]) -> Parsed {
    parse_shared(&Bytes::copy_from_slice(body))
}

/// The same without a copy: what is read refers to the body, and keeps it.
pub fn parse_shared(body: &Bytes) -> Parsed {
    let mut findings = Findings::default();
    let mut document = Document::new(Dialect::OpenMetrics);
    let mut ended = false;
    lines(body, &mut findings, |line, findings| {
        if ended {
            findings.push(line.offset, "text-after-eof", || {
                "nothing follows `# EOF`".to_owned()
            });
        } else if line.text == "# EOF" {
            ended = true;
        } else {
            read_line(line, &mut document, findings);
        }
    });
    if !ended {
        findings.push(body.len(), "missing-eof", || {
            "the last line is `# EOF`".to_owned()
        });
    }
    document.finish(body, findings)
}

fn read_line(line: &Line<'_>, document: &mut Document, findings: &mut Findings) {
    if line.text.is_empty() {
        findings.push(line.offset, "blank-line", || "no line is empty".to_owned());
    } else if line.text.starts_with('#') {
        read_metadata(line, document, findings);
    } else if let Some((start, sample)) =
        sample_line::read(line, Dialect::OpenMetrics, document.names(), findings)
    {
        document.sample(sample, start, findings);
    }
}

/// `# HELP`, `# TYPE`, `# UNIT`, with one blank between their parts. There are no other comments.
fn read_metadata(line: &Line<'_>, document: &mut Document, findings: &mut Findings) {
    let mut cursor = line.cursor(findings);
    let start = cursor.offset();
    cursor.eat(b'#');
    let introduced = cursor.eat(b' ');
    let word = cursor.token();
    if !introduced || !matches!(word, "HELP" | "TYPE" | "UNIT") {
        findings.push(start, "stray-comment", || {
            "a line that begins with `#` is HELP, TYPE, UNIT or EOF".to_owned()
        });
        return;
    }
    let named = cursor.eat(b' ');
    let at = cursor.offset();
    let name = cursor.token();
    if !named || !is_metric_name(name) {
        findings.push(at, "invalid-metric-name", || {
            format!("`{}` is no metric name", shortened(name))
        });
        return;
    }
    if !cursor.eat(b' ') {
        findings.push(cursor.offset(), "malformed-metadata", || {
            format!("a {word} is missing here")
        });
        return;
    }
    let metadata = match word {
        "HELP" => Metadata::Help(read_help(&mut cursor)),
        "TYPE" => Metadata::Type(read_type(&mut cursor, findings)),
        _ => Metadata::Unit(cursor.take_rest().to_owned()),
    };
    document.metadata(name, metadata, start, findings);
}

fn read_type(cursor: &mut Cursor<'_>, findings: &mut Findings) -> MetricType {
    let at = cursor.offset();
    let word = cursor.take_rest();
    let kind = Dialect::OpenMetrics.kind(word);
    if kind.is_none() {
        findings.push(at, "unknown-type", || format!("`{}` is no type", shortened(word)));
    }
    kind.unwrap_or(MetricType::Unknown)
}

/// A backslash that escapes nothing stands for itself.
fn read_help(cursor: &mut Cursor<'_>) -> String {
    let mut help = String::new();
    while !cursor.is_at_end() {
        help.push_str(cursor.until(|byte| byte == b'\\'));
        if cursor.eat(b'\\') {
            let escaped = [(b'n', '\n'), (b'\\', '\\'), (b'"', '"')]
                .into_iter()
                .find(|(byte, _)| cursor.eat(*byte));
            help.push(escaped.map_or('\\', |(_, unescaped)| unescaped));
        }
    }
    help
}

/// Writes an exposition as OpenMetrics 1.0. A counter's samples get the `_total` that text 0.0.4 does not ask for.
pub fn write(exposition: &Exposition) -> String {
    let mut text = String::new();
    for family in &exposition.families {
        write_family(&mut text, family).expect("a String takes everything");
    }
    text.push_str("# EOF\n");
    text
}

fn write_family(text: &mut String, family: &Family) -> std::fmt::Result {
    let name = family.family_name();
    if let Some(help) = &family.help {
        let help = help
            .replace('\\', r"\\")
            .replace('\n', r"\n")
            .replace('"', "\\\"");
        writeln!(text, "# HELP {name} {help}")?;
    }
    writeln!(text, "# TYPE {name} {}", type_word(family.kind))?;
    if let Some(unit) = &family.unit {
        writeln!(text, "# UNIT {name} {unit}")?;
    }
    for sample in &family.samples {
        write_sample(text, family, sample)?;
    }
    Ok(())
}

fn write_sample(text: &mut String, family: &Family, sample: &Sample) -> std::fmt::Result {
    let bare = family.kind == MetricType::Counter && &*sample.series.sample == family.family_name();
    let total = bare.then(|| {
        Series::new(
            format!("{}_total", sample.series.sample),
            sample.series.labels.clone(),
        )
    });
    write!(
        text,
        "{} {}",
        total.as_ref().unwrap_or(&sample.series),
        go_float(sample.value)
    )?;
    if let Some(seconds) = sample.timestamp {
        write!(text, " {seconds}")?;
    }
    if let Some(Exemplar {
        labels,
        value,
        timestamp,
    }) = sample.exemplar.as_deref()
    {
        write!(text, " # {{{labels}}} {}", go_float(*value))?;
        if let Some(seconds) = timestamp {
            write!(text, " {seconds}")?;
        }
    }
    text.push('\n');
    Ok(())
}

fn type_word(kind: MetricType) -> &'static str {
    match kind {
        MetricType::Counter => "counter",
        MetricType::Gauge => "gauge",
        MetricType::Histogram => "histogram",
        MetricType::Summary => "summary",
        MetricType::Unknown => "unknown",
        MetricType::Info => "info",
        MetricType::StateSet => "stateset",
        MetricType::GaugeHistogram => "gaugehistogram",
    }
}
