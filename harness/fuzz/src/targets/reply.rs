//! Replies of a Redis, RESP2 and RESP3: how long one is, if it is one.

/// Deeper than any command answers.
const DEPTH: usize = 16;

/// The replies at the beginning of `bytes`, and what is left behind them.
pub(crate) fn split(mut bytes: &[u8]) -> (Vec<&[u8]>, &[u8]) {
    let mut replies = Vec::new();
    while let Some(length) = length(bytes, DEPTH) {
        let (reply, rest) = bytes.split_at(length);
        replies.push(reply);
        bytes = rest;
    }
    (replies, bytes)
}

/// The length of the first reply; `None` where there is no whole one.
fn length(bytes: &[u8], depth: usize) -> Option<usize> {
    let depth = depth.checked_sub(1)?;
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    let (kind, line) = bytes[..end].split_first()?;
    let line = std::str::from_utf8(line).ok();
    let number = || line?.parse::<i64>().ok();
    let at = end + 2;
    match kind {
        b'+' | b'-' => Some(at),
        b':' => number().map(|_| at),
        b',' => line?.parse::<f64>().ok().map(|_| at),
        b'#' => matches!(line, Some("t" | "f")).then_some(at),
        b'_' => (line == Some("")).then_some(at),
        b'(' => line?
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_digit())
            .then_some(at),
        b'$' | b'=' | b'!' => match number()? {
            -1 => Some(at),
            length => {
                let end = at + usize::try_from(length).ok()?;
                (bytes.get(end..end + 2)? == b"\r\n").then_some(end + 2)
            }
        },
        b'*' | b'~' | b'>' => parts(bytes, at, number()?, depth),
        b'%' => parts(bytes, at, number()?.checked_mul(2)?, depth),
        _ => None,
    }
}

/// An array is nothing at all where its count is -1.
fn parts(bytes: &[u8], mut at: usize, count: i64, depth: usize) -> Option<usize> {
    if count < -1 {
        return None;
    }
    for _ in 0..count {
        at += length(&bytes[at..], depth)?;
    }
    Some(at)
}
