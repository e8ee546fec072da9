//! Words that are known, and the one that a reader may have meant.

/// How alike two words must be (0 to 1) before one is offered for the other.
const ALIKE: f64 = 0.8;

/// The known word that is most like `given`, if any is.
pub(crate) fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let alike = known.into_iter().map(|word| {
        (
            strsim::jaro_winkler(&given.to_lowercase(), &word.to_lowercase()),
            word,
        )
    });
    let nearest = alike.max_by(|(a, _), (b, _)| a.total_cmp(b));
    nearest.filter(|(alike, _)| *alike >= ALIKE).map(|(_, word)| word)
}

/// "did you mean `title`? Known: title, level": `what` says what the known ones are.
pub(crate) fn suggestion(given: &str, known: &[&str], what: &str) -> String {
    if known.is_empty() {
        return format!("{what}: none");
    }
    let list = format!("{what}: {}", known.join(", "));
    match nearest(given, known.iter().copied()) {
        Some(word) => format!("did you mean `{word}`? {list}"),
        None => list,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 4] = ["title", "level", "indeterminate_tasks", "rest_reads"];

    #[test]
    fn a_slip_of_the_pen_is_recognised() {
        for (given, meant) in [
            ("titel", "title"),
            ("Title", "title"),
            ("indeterminate_taks", "indeterminate_tasks"),
            ("rest-reads", "rest_reads"),
        ] {
            assert_eq!(nearest(given, KEYS), Some(meant), "{given}");
        }
    }

    #[test]
    fn a_word_that_is_like_none_is_not_guessed_at() {
        assert_eq!(nearest("colour", KEYS), None);
        assert_eq!(nearest("titel", []), None);
        assert_eq!(
            suggestion("colour", &["title", "level"], "known"),
            "known: title, level"
        );
    }
}
