//! A place in a line.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;

use super::finding::Findings;

/// A line of a body, without its line feed.
pub(super) struct Line<'body> {
    /// From 1.
    pub(super) number: usize,
    /// Of its first byte in the body.
    pub(super) offset: usize,
    /// Invalid UTF-8 replaced; that is a finding.
    pub(super) text: Cow<'body, str>,
    length: usize,
    body: &'body Bytes,
}

/// The lines of `body`. The last one must end in a line feed, and all must be UTF-8.
pub(super) fn lines(body: &Bytes, findings: &mut Findings, mut each: impl FnMut(&Line<'_>, &mut Findings)) {
    // To look at all of it at once is faster than to look at each line.
    let whole = std::str::from_utf8(body).ok();
    let ends = memchr::memchr_iter(b'\n', body).chain((!body.ends_with(b"\n")).then_some(body.len()));
    let mut offset = 0;
    for (before, end) in ends.enumerate() {
        // A body that is empty, or ends in a line feed, has no line behind that.
        if offset == body.len() {
            break;
        }
        let content = &body[offset..end];
        let text = match whole {
            Some(whole) => Cow::Borrowed(&whole[offset..end]),
            None => text_of(content, offset, findings),
        };
        each(
            &Line {
                number: before + 1,
                offset,
                text,
                length: content.len(),
                body,
            },
            findings,
        );
        offset = end + 1;
    }
}

fn text_of<'body>(content: &'body [u8], offset: usize, findings: &mut Findings) -> Cow<'body, str> {
    std::str::from_utf8(content).map_or_else(
        |error| {
            let at = offset + error.valid_up_to();
            findings.push(at, "invalid-utf8", || "these bytes are not UTF-8".to_owned());
            String::from_utf8_lossy(content)
        },
        Cow::Borrowed,
    )
}

impl Line<'_> {
    /// A part of the line as a part of the body; the line must not have been replaced in part.
    pub(super) fn slice(&self, part: Range<usize>) -> Bytes {
        self.body.slice(self.offset + part.start..self.offset + part.end)
    }

    /// A place at the line's beginning. A carriage return at its end is a finding, and left out.
    pub(super) fn cursor(&self, findings: &mut Findings) -> Cursor<'_> {
        let text = match self.text.strip_suffix('\r') {
            Some(text) => {
                findings.push(self.offset + self.length - 1, "carriage-return", || {
                    "lines end in a line feed alone".to_owned()
                });
                text
            }
            None => &self.text,
        };
        Cursor {
            text,
            at: 0,
            base: self.offset,
            limit: self.offset + self.length,
        }
    }
}

/// A place in a line, moving to its end.
pub(super) struct Cursor<'line> {
    text: &'line str,
    at: usize,
    base: usize,
    /// Replaced bytes make a text longer than its line.
    limit: usize,
}

impl<'line> Cursor<'line> {
    /// The place's byte offset in the body.
    pub(super) fn offset(&self) -> usize {
        (self.base + self.at).min(self.limit)
    }

    pub(super) fn rest(&self) -> &'line str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }

    /// Moves over `byte`, an ASCII one, if it is next.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let eaten = self.peek() == Some(byte);
        self.at += usize::from(eaten);
        eaten
    }

    /// Moves over the next byte, which was peeked at and is ASCII.
    pub(super) fn eat_any(&mut self) {
        debug_assert!(self.peek().is_some_and(|byte| byte.is_ascii()));
        self.at += 1;
    }

    /// Moves over blanks and tabs.
    pub(super) fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// What stands before the next of some ASCII bytes, or before the end.
    pub(super) fn until(&mut self, stop: impl Fn(u8) -> bool) -> &'line str {
        let rest = self.rest();
        let length = rest.bytes().position(stop).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// What stands before the next blank, tab or end.
    pub(super) fn token(&mut self) -> &'line str {
        self.until(|byte| matches!(byte, b' ' | b'\t'))
    }

    /// Everything up to the end.
    pub(super) fn take_rest(&mut self) -> &'line str {
        let rest = self.rest();
        self.at = self.text.len();
        rest
    }
}
