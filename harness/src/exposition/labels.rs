//! A label set in braces.

use super::cursor::Cursor;
use super::dialect::{Dialect, is_label_name};
use super::finding::Findings;
use super::sample_line::shortened;
use crate::series::Labels;

/// Reads `{name="value",…}`, with the cursor at the brace. `None` where the rest of the line cannot be made sense of.
pub(super) fn read(cursor: &mut Cursor<'_>, dialect: Dialect, findings: &mut Findings) -> Option<Labels> {
    let start = cursor.offset();
    cursor.eat(b'{');
    let mut pairs: Vec<(String, String)> = Vec::new();
    loop {
        skip_blanks(cursor, dialect);
        if cursor.eat(b'}') {
            // A comma before the brace is allowed in text 0.0.4 only.
            if dialect == Dialect::OpenMetrics && !pairs.is_empty() {
                findings.push(cursor.offset() - 1, "malformed-labels", || {
                    "no comma may precede the closing brace".to_owned()
                });
            }
            break;
        }
        pairs.push(read_label(cursor, dialect, findings)?);
        skip_blanks(cursor, dialect);
        if cursor.eat(b',') {
            continue;
        }
        if cursor.eat(b'}') {
            break;
        }
        findings.push(cursor.offset(), "malformed-labels", || {
            "a label is followed by `,` or `}`".to_owned()
        });
        return None;
    }
    let count = pairs.len();
    let labels = Labels::new(pairs);
    if labels.iter().count() < count {
        findings.push(start, "duplicate-label", || "a label name comes twice".to_owned());
    }
    Some(labels)
}

fn read_label(
    cursor: &mut Cursor<'_>,
    dialect: Dialect,
    findings: &mut Findings,
) -> Option<(String, String)> {
    let at = cursor.offset();
    let name = cursor.until(|byte| matches!(byte, b'=' | b'"' | b',' | b'}' | b'{' | b' ' | b'\t'));
    if !is_label_name(name) {
        findings.push(at, "invalid-label-name", || {
            format!("`{}` is no label name", shortened(name))
        });
    } else if name == "__name__" {
        findings.push(at, "reserved-label-name", || {
            "`__name__` is the metric's own name".to_owned()
        });
    }
    skip_blanks(cursor, dialect);
    if !cursor.eat(b'=') {
        findings.push(cursor.offset(), "malformed-labels", || {
            "a label name is followed by `=`".to_owned()
        });
        return None;
    }
    skip_blanks(cursor, dialect);
    if cursor.peek() != Some(b'"') {
        findings.push(cursor.offset(), "malformed-labels", || {
            "a label value begins with `\"`".to_owned()
        });
        return None;
    }
    Some((name.to_owned(), read_value(cursor, dialect, findings)?))
}

fn read_value(cursor: &mut Cursor<'_>, dialect: Dialect, findings: &mut Findings) -> Option<String> {
    let start = cursor.offset();
    cursor.eat(b'"');
    let mut value = String::new();
    loop {
        value.push_str(cursor.until(|byte| matches!(byte, b'"' | b'\\')));
        if cursor.eat(b'"') {
            return Some(value);
        }
        if cursor.is_at_end() {
            findings.push(start, "unterminated-label-value", || {
                "the closing `\"` is missing".to_owned()
            });
            return None;
        }
        let at = cursor.offset();
        cursor.eat(b'\\');
        let unescaped = match cursor.peek() {
            Some(b'n') => '\n',
            Some(b'\\') => '\\',
            Some(b'"') => '"',
            // OpenMetrics lets a backslash stand for itself before any other character.
            _ => {
                if dialect == Dialect::Text {
                    findings.push(at, "invalid-escape", || {
                        r#"a label value knows the escapes \\, \" and \n only"#.to_owned()
                    });
                }
                value.push('\\');
                continue;
            }
        };
        value.push(unescaped);
        cursor.eat_any();
    }
}

fn skip_blanks(cursor: &mut Cursor<'_>, dialect: Dialect) {
    if dialect == Dialect::Text {
        cursor.skip_blanks();
    }
}
