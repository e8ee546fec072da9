//! A sample's line: name, labels, value, timestamp, exemplar.

use super::cursor::{Cursor, Line};
use super::dialect::{Dialect, is_metric_name};
use super::family::{Exemplar, Sample};
use super::finding::Findings;
use super::labels;
use super::number::parse_value;
use super::plain::{self, Names};
use crate::series::{Labels, Series};

/// The most that an exemplar's label names and values may come to, in characters (OpenMetrics, "Exemplars").
const EXEMPLAR_CHARACTERS: usize = 128;

/// Reads a sample, and where it begins. `None` where the line is not one, which is a finding.
pub(super) fn read(
    line: &Line<'_>,
    dialect: Dialect,
    names: &mut Names,
    findings: &mut Findings,
) -> Option<(usize, Sample)> {
    if let Some(sample) = plain::read(line, names) {
        return Some((line.offset, sample));
    }
    strictly(line, dialect, names, findings)
}

/// As the format has it, with a finding for everything else.
pub(super) fn strictly(
    line: &Line<'_>,
    dialect: Dialect,
    names: &mut Names,
    findings: &mut Findings,
) -> Option<(usize, Sample)> {
    let mut cursor = line.cursor(findings);
    if dialect == Dialect::Text {
        cursor.skip_blanks();
    }
    let start = cursor.offset();
    let name = cursor.until(|byte| matches!(byte, b'{' | b' ' | b'\t'));
    if !is_metric_name(name) {
        findings.push(start, "invalid-metric-name", || {
            format!("`{}` is no metric name", shortened(name))
        });
        return None;
    }
    if dialect == Dialect::Text {
        cursor.skip_blanks();
    }
    let labels = match cursor.peek() {
        Some(b'{') => labels::read(&mut cursor, dialect, findings)?,
        _ => Labels::default(),
    };
    let value = read_value(&mut cursor, dialect, findings)?;
    let mut sample = Sample::new(Series::new(names.shared(name), labels), value);
    sample.line = line.number;
    match dialect {
        Dialect::Text => read_text_end(&mut cursor, &mut sample, findings),
        Dialect::OpenMetrics => read_openmetrics_end(&mut cursor, &mut sample, findings),
    }
    Some((start, sample))
}

fn read_value(cursor: &mut Cursor<'_>, dialect: Dialect, findings: &mut Findings) -> Option<f64> {
    match dialect {
        Dialect::Text => cursor.skip_blanks(),
        Dialect::OpenMetrics => separator(cursor, findings),
    }
    let at = cursor.offset();
    let token = cursor.token();
    let value = parse_value(token);
    if value.is_none() {
        findings.push(at, "invalid-value", || {
            format!("`{}` is no value", shortened(token))
        });
    }
    value
}

/// After the value: milliseconds, then nothing. A sign is part of the format, yet Prometheus refuses it and the body
/// with it (`promlex.l`).
fn read_text_end(cursor: &mut Cursor<'_>, sample: &mut Sample, findings: &mut Findings) {
    cursor.skip_blanks();
    if cursor.is_at_end() {
        return;
    }
    let at = cursor.offset();
    let token = cursor.token();
    match token.parse::<i64>() {
        Ok(milliseconds) if !token.starts_with(['-', '+']) => {
            sample.timestamp = Some(milliseconds as f64 / 1000.0);
        }
        _ => findings.push(at, "invalid-timestamp", || {
            format!("`{}` is no number of milliseconds", shortened(token))
        }),
    }
    cursor.skip_blanks();
    reject_rest(cursor, findings);
}

/// After the value: seconds, then an exemplar.
fn read_openmetrics_end(cursor: &mut Cursor<'_>, sample: &mut Sample, findings: &mut Findings) {
    if !cursor.is_at_end() && !cursor.rest().starts_with(" # ") {
        separator(cursor, findings);
        sample.timestamp = read_seconds(cursor, findings);
    }
    if cursor.rest().starts_with(" # ") {
        (0..3).for_each(|_| cursor.eat_any());
        sample.exemplar = read_exemplar(cursor, findings).map(Box::new);
    } else {
        reject_rest(cursor, findings);
    }
}

fn read_exemplar(cursor: &mut Cursor<'_>, findings: &mut Findings) -> Option<Exemplar> {
    let at = cursor.offset();
    if cursor.peek() != Some(b'{') {
        findings.push(at, "malformed-exemplar", || {
            "an exemplar begins with its labels".to_owned()
        });
        return None;
    }
    let labels = labels::read(cursor, Dialect::OpenMetrics, findings)?;
    let length: usize = labels
        .iter()
        .map(|(name, value)| name.chars().count() + value.chars().count())
        .sum();
    if length > EXEMPLAR_CHARACTERS {
        findings.push(at, "exemplar-too-long", || {
            format!("its labels come to {length} characters, {EXEMPLAR_CHARACTERS} are allowed")
        });
    }
    let value = read_value(cursor, Dialect::OpenMetrics, findings)?;
    let timestamp = (!cursor.is_at_end()).then(|| {
        separator(cursor, findings);
        read_seconds(cursor, findings)
    });
    reject_rest(cursor, findings);
    Some(Exemplar {
        labels,
        value,
        timestamp: timestamp.flatten(),
    })
}

fn read_seconds(cursor: &mut Cursor<'_>, findings: &mut Findings) -> Option<f64> {
    let at = cursor.offset();
    let token = cursor.token();
    let seconds = parse_value(token).filter(|seconds| seconds.is_finite());
    if seconds.is_none() {
        findings.push(at, "invalid-timestamp", || {
            format!("`{}` is no number of seconds", shortened(token))
        });
    }
    seconds
}

/// OpenMetrics: one blank, neither more nor a tab.
fn separator(cursor: &mut Cursor<'_>, findings: &mut Findings) {
    let at = cursor.offset();
    if !cursor.eat(b' ') || matches!(cursor.peek(), Some(b' ' | b'\t')) {
        findings.push(at, "separator", || "exactly one blank belongs here".to_owned());
        cursor.skip_blanks();
    }
}

fn reject_rest(cursor: &mut Cursor<'_>, findings: &mut Findings) {
    let at = cursor.offset();
    let rest = cursor.take_rest();
    if !rest.is_empty() {
        findings.push(at, "trailing-text", || {
            format!("`{}` is not part of a sample", shortened(rest))
        });
    }
}

/// A token for a message: bounded, control characters escaped.
pub(super) fn shortened(token: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown: String = token.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if token.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}
