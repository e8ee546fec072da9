//! Text of third parties (series, bodies, log lines) on its way to a reader.

/// How long a line of theirs may get, in characters.
pub(super) const LINE: usize = 240;
/// How long one value of theirs may get.
pub(super) const VALUE: usize = 80;

/// The text without what could drive the terminal (control characters, and those that reorder a line) or is
/// no character of XML.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if is_harmless(c) { c } else { '\u{fffd}' })
        .collect()
}

fn is_harmless(c: char) -> bool {
    let reorders = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c == '\t'
        || !(c.is_control() || reorders || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}'))
}

/// At most `limit` characters of the text.
pub fn clip(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some(_) => text.chars().take(limit.saturating_sub(1)).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_drive_a_terminal_is_replaced() {
        assert_eq!(
            printable("a\u{1b}[31m\r\nb\u{202e}c\u{9b}d\te"),
            "a\u{fffd}[31m\u{fffd}\u{fffd}b\u{fffd}c\u{fffd}d\te"
        );
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(clip("ééé", 3), "ééé");
        assert_eq!(clip("éééé", 3), "éé…");
        assert_eq!(clip("", 0), "");
    }
}
