//! Requests out of the bytes that a client sent.
//!
//! The codec crate encodes every reply, but does not read requests: it would wait for a bulk string of any announced
//! size, follow nested arrays without a bound, and cannot word a protocol error. A request is only ever one array of
//! bulk strings or an inline line, so it is framed here, incrementally, with the limits of Redis.

use bytes::{Buf, Bytes, BytesMut};
use thiserror::Error;

/// The longest bulk string, in bytes.
const BULK_LIMIT_BYTES: usize = 64 * 1024 * 1024;
/// What is reserved at once for an argument that is announced but not there, in bytes.
const MAX_RESERVED_BYTES: usize = 64 * 1024;
/// The longest request, in bytes of arguments.
const REQUEST_LIMIT_BYTES: usize = 256 * 1024 * 1024;
/// The longest line: an inline request or a length.
const LINE_LIMIT_BYTES: usize = 64 * 1024;

/// What makes Redis close a connection. The message is the reply's, after `ERR `.
#[derive(Debug, Error, PartialEq, Eq)]
pub(super) enum ProtocolError {
    #[error("Protocol error: too big inline request")]
    InlineTooBig,
    #[error("Protocol error: unbalanced quotes in request")]
    UnbalancedQuotes,
    #[error("Protocol error: too big mbulk count string")]
    CountTooBig,
    #[error("Protocol error: invalid multibulk length")]
    InvalidCount,
    #[error("Protocol error: too big bulk count string")]
    LengthTooBig,
    #[error("Protocol error: invalid bulk length")]
    InvalidLength,
    #[error("Protocol error: expected '$', got '{}'", char::from(*.0))]
    NotBulk(u8),
    #[error("Protocol error: request of more than {REQUEST_LIMIT_BYTES} bytes")]
    RequestTooBig,
}

/// The bytes of a connection that are not yet requests.
#[derive(Debug, Default)]
pub(super) struct Requests {
    /// Bytes as received.
    pub(super) buffer: BytesMut,
    /// The arguments of the request under way.
    arguments: Vec<Bytes>,
    /// How many arguments are still to come; 0 between requests.
    missing: usize,
    held_bytes: usize,
}

impl Requests {
    /// Whether the peer should be read no further before what it sent is worked off.
    pub(super) fn is_full(&self) -> bool {
        self.buffer.len() > BULK_LIMIT_BYTES + LINE_LIMIT_BYTES
    }

    /// The next request: its name and arguments, never empty. `None` when more bytes are needed.
    pub(super) fn next(&mut self) -> Result<Option<Vec<Bytes>>, ProtocolError> {
        loop {
            if self.missing > 0 {
                return self.rest_of_array();
            }
            match self.buffer.first() {
                None => return Ok(None),
                Some(b'*') => {
                    if !self.begin_array()? {
                        return Ok(None);
                    }
                }
                Some(_) => match self.inline()? {
                    None => return Ok(None),
                    // Redis ignores empty lines.
                    Some(words) if words.is_empty() => {}
                    Some(words) => return Ok(Some(words)),
                },
            }
        }
    }

    /// Reads `*N`; false when it has not arrived whole. N <= 0 is a request of nothing.
    fn begin_array(&mut self) -> Result<bool, ProtocolError> {
        let Some(count) = self.length_line(ProtocolError::CountTooBig)? else {
            return Ok(false);
        };
        let count = count
            .filter(|count| *count <= i64::from(i32::MAX))
            .ok_or(ProtocolError::InvalidCount)?;
        self.missing = usize::try_from(count).unwrap_or(0);
        // The count is the peer's word: reserve for no more than it may plausibly send.
        self.arguments = Vec::with_capacity(self.missing.min(1024));
        self.held_bytes = 0;
        Ok(true)
    }

    fn rest_of_array(&mut self) -> Result<Option<Vec<Bytes>>, ProtocolError> {
        while self.missing > 0 {
            let Some(argument) = self.bulk()? else {
                return Ok(None);
            };
            self.held_bytes += argument.len();
            if self.held_bytes > REQUEST_LIMIT_BYTES {
                return Err(ProtocolError::RequestTooBig);
            }
            self.arguments.push(argument);
            self.missing -= 1;
        }
        Ok(Some(std::mem::take(&mut self.arguments)))
    }

    /// One `$N` and its N bytes, copied: a slice would keep the whole read buffer alive for one small value.
    fn bulk(&mut self) -> Result<Option<Bytes>, ProtocolError> {
        let Some(&first) = self.buffer.first() else {
            return Ok(None);
        };
        let Some(end) = self.line_end(ProtocolError::LengthTooBig)? else {
            return Ok(None);
        };
        if first != b'$' {
            return Err(ProtocolError::NotBulk(first));
        }
        let length = decimal(&self.buffer[1..end])
            .and_then(|length| usize::try_from(length).ok())
            .filter(|length| *length <= BULK_LIMIT_BYTES)
            .ok_or(ProtocolError::InvalidLength)?;
        let start = end + 2;
        if self.buffer.len() < start + length + 2 {
            // So is the length: memory comes before bytes only up to a bound, and then as they come.
            let missing = start + length + 2 - self.buffer.len();
            self.buffer.reserve(missing.min(MAX_RESERVED_BYTES));
            return Ok(None);
        }
        let argument = Bytes::copy_from_slice(&self.buffer[start..start + length]);
        self.buffer.advance(start + length + 2);
        Ok(Some(argument))
    }

    /// Takes a line `<type>N`: `None` when it is incomplete, `Some(None)` when N is no number.
    fn length_line(&mut self, too_big: ProtocolError) -> Result<Option<Option<i64>>, ProtocolError> {
        let Some(end) = self.line_end(too_big)? else {
            return Ok(None);
        };
        let number = decimal(&self.buffer[1..end]);
        self.buffer.advance(end + 2);
        Ok(Some(number))
    }

    /// Where the `\r` of the first line is, once its `\n` has arrived too.
    fn line_end(&self, too_big: ProtocolError) -> Result<Option<usize>, ProtocolError> {
        match self
            .buffer
            .iter()
            .take(LINE_LIMIT_BYTES)
            .position(|byte| *byte == b'\r')
        {
            Some(end) if end + 1 < self.buffer.len() => Ok(Some(end)),
            None if self.buffer.len() >= LINE_LIMIT_BYTES => Err(too_big),
            _ => Ok(None),
        }
    }

    fn inline(&mut self) -> Result<Option<Vec<Bytes>>, ProtocolError> {
        let Some(end) = self
            .buffer
            .iter()
            .take(LINE_LIMIT_BYTES)
            .position(|byte| *byte == b'\n')
        else {
            return if self.buffer.len() >= LINE_LIMIT_BYTES {
                Err(ProtocolError::InlineTooBig)
            } else {
                Ok(None)
            };
        };
        let line = self.buffer.split_to(end + 1);
        let line = line[..end].strip_suffix(b"\r").unwrap_or(&line[..end]);
        words(line).map(Some).ok_or(ProtocolError::UnbalancedQuotes)
    }
}

/// A decimal number as Redis takes it: no plus sign, no spaces, no leading zeros.
pub(super) fn decimal(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let canonical = match digits {
        [b'0'] => digits.len() == text.len(),
        [first, ..] => *first != b'0' && digits.iter().all(u8::is_ascii_digit),
        [] => false,
    };
    if canonical {
        std::str::from_utf8(text).ok()?.parse().ok()
    } else {
        None
    }
}

/// Splits an inline request into words, with the quotes and escapes of a Redis prompt. `None`: unbalanced quotes.
fn words(line: &[u8]) -> Option<Vec<Bytes>> {
    let mut words = Vec::new();
    let mut rest = line.trim_ascii_start();
    while !rest.is_empty() {
        let (word, after) = word(rest)?;
        words.push(Bytes::from(word));
        rest = after.trim_ascii_start();
    }
    Some(words)
}

fn word(mut rest: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut word = Vec::new();
    loop {
        rest = match rest {
            [] => return Some((word, rest)),
            [space, ..] if space.is_ascii_whitespace() || *space == 0 => {
                return Some((word, &rest[1..]));
            }
            [b'"', quoted @ ..] => {
                let rest = after_quote(double_quoted(quoted, &mut word)?)?;
                return Some((word, rest));
            }
            [b'\'', quoted @ ..] => {
                let rest = after_quote(single_quoted(quoted, &mut word)?)?;
                return Some((word, rest));
            }
            [byte, after @ ..] => {
                word.push(*byte);
                after
            }
        };
    }
}

/// A closing quote must end the word.
fn after_quote(rest: &[u8]) -> Option<&[u8]> {
    match rest {
        [] => Some(rest),
        [space, after @ ..] if space.is_ascii_whitespace() => Some(after),
        _ => None,
    }
}

fn double_quoted<'a>(mut rest: &'a [u8], word: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        rest = match rest {
            [] => return None,
            [b'"', after @ ..] => return Some(after),
            [b'\\', b'x', high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let hex = [char::from(*high), char::from(*low)].map(|digit| digit.to_digit(16).unwrap_or(0));
                word.push(u8::try_from(hex[0] * 16 + hex[1]).unwrap_or(0));
                after
            }
            [b'\\', escaped, after @ ..] => {
                word.push(match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 8,
                    b'a' => 7,
                    other => *other,
                });
                after
            }
            [byte, after @ ..] => {
                word.push(*byte);
                after
            }
        };
    }
}

fn single_quoted<'a>(mut rest: &'a [u8], word: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        rest = match rest {
            [] => return None,
            [b'\'', after @ ..] => return Some(after),
            [b'\\', b'\'', after @ ..] => {
                word.push(b'\'');
                after
            }
            [byte, after @ ..] => {
                word.push(*byte);
                after
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(input: &[u8]) -> Result<Vec<Vec<Bytes>>, ProtocolError> {
        let mut requests = Requests::default();
        let mut found = Vec::new();
        // Byte by byte: framing must not depend on how the bytes arrive.
        for byte in input {
            requests.buffer.extend_from_slice(&[*byte]);
            while let Some(request) = requests.next()? {
                found.push(request);
            }
        }
        Ok(found)
    }

    #[test]
    fn pipelined_arrays_and_inline_lines_are_told_apart() {
        let found =
            all(b"*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n\r\nPING \"a\\x41\\n\" 'b''\r\n*0\r\n*-1\r\nQUIT\n");
        assert_eq!(found, Err(ProtocolError::UnbalancedQuotes));
        let found = all(b"*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n\r\nPING \"a\\x41\\n\" 'b'\r\n*0\r\n*-1\r\nQUIT\n")
            .expect("every quote is closed");
        let expected: Vec<Vec<Bytes>> = vec![
            vec!["ECHO".into(), "hi".into()],
            vec!["PING".into(), "aA\n".into(), "b".into()],
            vec!["QUIT".into()],
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn an_oversized_or_malformed_request_is_refused_before_it_has_arrived() {
        assert_eq!(all(b"*1\r\n$67108865\r\n"), Err(ProtocolError::InvalidLength));
        assert_eq!(all(b"*1\r\n+OK\r\n"), Err(ProtocolError::NotBulk(b'+')));
        assert_eq!(all(b"*99999999999\r\n"), Err(ProtocolError::InvalidCount));
        assert_eq!(all(b"*x\r\n"), Err(ProtocolError::InvalidCount));
        let mut requests = Requests::default();
        requests.buffer.resize(LINE_LIMIT_BYTES, b'a');
        assert_eq!(requests.next(), Err(ProtocolError::InlineTooBig));
    }
}
