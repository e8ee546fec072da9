//! The lines that most lines are, read at once: a name, labels that need no second look, a blank, a value.
//!
//! Only what is beyond doubt in either dialect is read here. Any other line is left to be read strictly, so a finding
//! can never be missed.

use std::borrow::Cow;
use std::sync::Arc;

use super::cursor::Line;
use super::dialect::is_metric_name;
use super::family::Sample;
use super::number::parse_value;
use crate::series::{Labels, Series};

/// The names of samples, each shared as long as it is repeated.
pub(super) struct Names {
    last: Arc<str>,
}

impl Default for Names {
    fn default() -> Self {
        // No line holds a line feed, so none begins with this.
        Self {
            last: Arc::from("\n"),
        }
    }
}

impl Names {
    pub(super) fn shared(&mut self, name: &str) -> Arc<str> {
        if *self.last != *name {
            self.last = Arc::from(name);
        }
        Arc::clone(&self.last)
    }

    /// The name that a line begins with, up to a brace or a blank, and its length; `None` if it is none.
    fn at_start_of(&mut self, line: &str) -> Option<(Arc<str>, usize)> {
        let ends = |byte: &u8| matches!(byte, b'{' | b' ');
        let length = self.last.len();
        let bytes = line.as_bytes();
        if bytes.starts_with(self.last.as_bytes()) && bytes.get(length).is_some_and(ends) {
            return Some((Arc::clone(&self.last), length));
        }
        let length = bytes.iter().position(ends)?;
        let name = &line[..length];
        is_metric_name(name).then(|| (self.shared(name), length))
    }
}

/// The sample of a plain line; `None` for any other line.
pub(super) fn read(line: &Line<'_>, names: &mut Names) -> Option<Sample> {
    // Text that was replaced in part is not what the body holds.
    let Cow::Borrowed(text) = line.text else {
        return None;
    };
    let (name, length) = names.at_start_of(text)?;
    let (labels, value) = match text.as_bytes()[length] {
        b'{' => {
            let end = labels_end(text.as_bytes(), length + 1)?;
            (Labels::plain(line.slice(length + 1..end)), end + 1)
        }
        _ => (Labels::default(), length),
    };
    let value = text[value..].strip_prefix(' ').and_then(parse_value)?;
    let mut sample = Sample::new(Series::new(name, labels), value);
    sample.line = line.number;
    Some(sample)
}

/// Where the closing brace stands, if between it and `start` there is nothing but labels in the order of their names,
/// each once, without blanks, without escapes, and at least one.
fn labels_end(line: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    let mut last: &[u8] = b"";
    loop {
        let rest = &line[at..];
        let name = &rest[..rest.iter().position(|byte| !IS_NAME_PART[usize::from(*byte)])?];
        if !is_behind(name, last) || name[0].is_ascii_digit() || name == b"__name__" {
            return None;
        }
        last = name;
        let value = rest[name.len()..].strip_prefix(b"=\"")?;
        let quote = memchr::memchr2(b'"', b'\\', value)?;
        at = line.len() - value.len() + quote;
        match (line[at], line.get(at + 1)?) {
            (b'"', b',') => at += 2,
            (b'"', b'}') => return Some(at + 1),
            _ => return None,
        }
    }
}

/// Whether a name is greater than the one before it; no empty one is. Mostly the first letter tells, and the first name
/// is behind none: C's `memcmp` of nothing, whose address is none, takes longer than a line.
fn is_behind(name: &[u8], last: &[u8]) -> bool {
    match (name, last) {
        ([], _) => false,
        (_, []) => true,
        ([first, ..], [before, ..]) => first > before || (first == before && name > last),
    }
}

/// What a label's name may have, its first byte no digit.
const IS_NAME_PART: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;
    use crate::exposition::cursor::lines;
    use crate::exposition::dialect::Dialect;
    use crate::exposition::finding::Findings;
    use crate::exposition::sample_line;

    /// What is read at once of each line, and what is read strictly, with its findings.
    fn both_ways(body: &str, dialect: Dialect) -> Vec<(Option<Sample>, Option<Sample>, bool)> {
        let mut read_so_far = Vec::new();
        let mut names = Names::default();
        let body = Bytes::copy_from_slice(body.as_bytes());
        lines(&body, &mut Findings::default(), |line, _| {
            let mut findings = Findings::default();
            let at_once = read(line, &mut names);
            let strict = sample_line::strictly(line, dialect, &mut Names::default(), &mut findings);
            let flawless = findings.place(&body).is_empty();
            read_so_far.push((at_once, strict.map(|(_, sample)| sample), flawless));
        });
        read_so_far
    }

    #[test]
    fn ordinary_lines_are_read_at_once() {
        let body = "up 1\njobs_total{queue=\"a b, c=d\",worker=\"é\"} 12.0\njobs_total{queue=\"\"} NaN\n\
            jobs_total{q=\"\",queue=\"\",quiet=\"\"} 1\n";
        for (at_once, strict, _) in both_ways(body, Dialect::Text) {
            // NaN is equal to nothing, so by what is printed.
            assert_eq!(format!("{at_once:?}"), format!("{strict:?}"));
            assert!(at_once.is_some());
        }
    }

    #[test]
    fn whatever_needs_a_second_look_is_left_to_be_read_strictly() {
        for line in [
            "",
            " up 1",
            "up",
            "up  1",
            "up 1 2",
            "up 1 ",
            "up\t1",
            "up{} 1",
            "1up 1",
            "up x",
            "up 1\r",
            "a{b=\"1\",} 1",
            "a{b=\"1\",b=\"2\"} 1",
            "a{c=\"1\",b=\"2\"} 1",
            "a{b=\"\\\\\"} 1",
            "a{b =\"1\"} 1",
            "a{b=\"1\" } 1",
            "a{b=\"1\"}1",
            "a{1b=\"1\"} 1",
            "a{__name__=\"b\"} 1",
            "a{b:c=\"1\"} 1",
            "a{b=\"1} 1",
            "a{b=\"1\"",
            "a{b=\"1\"x} 1",
            "a {b=\"1\"} 1",
            "a{b=\"1\"} 1 # {} 1",
            "é{b=\"1\"} 1",
        ] {
            for (at_once, _, _) in both_ways(line, Dialect::Text) {
                assert_eq!(at_once, None, "{line:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_read_at_once_is_what_is_read_strictly_and_without_findings(
            lines in prop::collection::vec(
                prop_oneof![
                    r#"[a-c]{0,2}(\{([a-c]="[a-b é,=]{0,2}",?){0,3}\})? ?[0-9.eN+-]{0,4}"#,
                    r#"[ab_:1 ]{1,2}\{([ab1_]{0,2} ?= ?"(\\\\|\\n|\\"|[a}"])?"[, ]?){0,3}\}? [0-9]( [0-9])?"#,
                    r#"[a-b{}", =\\\t#0-9]{0,12}"#,
                ],
                0..6,
            ),
        ) {
            let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
            for dialect in [Dialect::Text, Dialect::OpenMetrics] {
                for (at_once, strict, flawless) in both_ways(&body, dialect) {
                    if at_once.is_some() {
                        prop_assert!(flawless);
                        prop_assert_eq!(format!("{:?}", at_once), format!("{:?}", strict));
                    }
                }
            }
        }
    }
}
