//! What a strict parser has to say about a text.

use std::fmt;

use super::Exposition;

/// Findings beyond this many are counted in the last one instead of listed, so that memory stays bounded.
pub const MAX_FINDINGS: usize = 1000;

/// Bytes of the text on either side of a finding that its context holds.
const CONTEXT_BYTES: usize = 40;

/// A parsed exposition and everything that is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// What could be read. Lines with a finding may be missing from it.
    pub exposition: Exposition,
    /// In the order of the text; empty for a flawless one.
    pub findings: Vec<Finding>,
}

/// One breach of the format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// From 1.
    pub line: usize,
    /// In bytes, from 1.
    pub column: usize,
    /// The broken rule: a permanent id such as `duplicate-series`.
    pub rule: &'static str,
    /// What is wrong, in a sentence.
    pub message: String,
    /// The text around it: control characters escaped, bounded.
    pub context: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            column,
            rule,
            message,
            context,
        } = self;
        write!(f, "{line}:{column}: {message} [{rule}] near `{context}`")
    }
}

/// A finding whose line and column are not worked out yet.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    /// Byte offset in the body.
    pub(super) offset: usize,
    pub(super) rule: &'static str,
    pub(super) message: String,
}

/// Collects findings by byte offset, and places them at the end.
#[derive(Debug, Default)]
pub(super) struct Findings {
    raw: Vec<Raw>,
    left_out: usize,
}

impl Findings {
    /// Records a breach of `rule` at byte `offset`. The message is only built when it is kept.
    pub(super) fn push(&mut self, offset: usize, rule: &'static str, message: impl FnOnce() -> String) {
        if self.raw.len() < MAX_FINDINGS {
            self.raw.push(Raw {
                offset,
                rule,
                message: message(),
            });
        } else {
            self.left_out += 1;
        }
    }

    /// The findings in the order of the text, with line, column and context. One pass over the body.
    pub(super) fn place(mut self, body: &[u8]) -> Vec<Finding> {
        self.raw.sort_by_key(|raw| raw.offset);
        let (mut line, mut line_start, mut scanned) = (1, 0, 0);
        let mut placed = Vec::with_capacity(self.raw.len());
        for raw in self.raw {
            let offset = raw.offset.min(body.len());
            for (at, byte) in body[scanned..offset].iter().enumerate() {
                if *byte == b'\n' {
                    line += 1;
                    line_start = scanned + at + 1;
                }
            }
            scanned = offset;
            placed.push(Finding {
                line,
                column: offset - line_start + 1,
                rule: raw.rule,
                message: raw.message,
                context: context(body, line_start, offset),
            });
        }
        if let (Some(last), true) = (placed.last().cloned(), self.left_out > 0) {
            let message = format!("{} more findings are not listed", self.left_out);
            placed.push(Finding {
                rule: "too-many-findings",
                message,
                ..last
            });
        }
        placed
    }
}

/// The part of the line at `offset` that is near it.
fn context(body: &[u8], line_start: usize, offset: usize) -> String {
    let from = line_start.max(offset.saturating_sub(CONTEXT_BYTES));
    let to = body.len().min(offset + CONTEXT_BYTES);
    let to = body[offset..to]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(to, |at| offset + at);
    String::from_utf8_lossy(&body[from..to])
        .chars()
        .flat_map(|c| {
            let escape = c.is_control().then(|| c.escape_default());
            let plain = escape.is_none().then_some(c);
            escape.into_iter().flatten().chain(plain)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_knows_its_line_column_and_surroundings() {
        let mut findings = Findings::default();
        findings.push(9, "later", || "b".to_owned());
        findings.push(1, "sooner", || "a".to_owned());
        let placed = findings.place(b"ab\ncd\n\tef\x07g\nh");
        let at: Vec<_> = placed
            .iter()
            .map(|f| (f.line, f.column, f.rule, f.context.as_str()))
            .collect();
        assert_eq!(at, [(1, 2, "sooner", "ab"), (3, 4, "later", "\\tef\\u{7}g")]);
    }

    #[test]
    fn findings_and_their_contexts_are_bounded() {
        let mut findings = Findings::default();
        for _ in 0..MAX_FINDINGS + 7 {
            findings.push(500, "again", String::new);
        }
        let placed = findings.place(&[0x1b; 1000]);
        assert_eq!(placed.len(), MAX_FINDINGS + 1);
        assert_eq!(placed[MAX_FINDINGS].rule, "too-many-findings");
        assert_eq!(placed[MAX_FINDINGS].message, "7 more findings are not listed");
        assert!(
            placed
                .iter()
                .all(|finding| finding.context.len() <= 2 * CONTEXT_BYTES * 10)
        );
    }
}
