//! The causes of an error: libraries that speak HTTP name only the outermost in their messages.

use std::error::Error;

/// An error and its causes, in one line; none is said twice.
pub(crate) fn in_one_line(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        let next = source.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = source.source();
    }
    text
}

/// The innermost cause.
pub(crate) fn root(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), root)
}
