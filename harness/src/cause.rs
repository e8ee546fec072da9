//! The causes of an error: libraries that speak HTTP name only the outermost in their messages.

use std::error::Error;

/// The innermost cause.
pub(crate) fn root(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), root)
}
