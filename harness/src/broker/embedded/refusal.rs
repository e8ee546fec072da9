//! The error replies, worded as Redis words them.

use thiserror::Error;

/// Why a command was not carried out. Its display is the error line on the wire, so it has Redis' capitals.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
pub(super) enum Refusal {
    #[error("WRONGTYPE Operation against a key holding the wrong kind of value")]
    WrongType,
    #[error("ERR syntax error")]
    Syntax,
    #[error("ERR value is not an integer or out of range")]
    NotInteger,
    #[error("ERR value is not a valid float")]
    NotFloat,
    #[error("ERR wrong number of arguments for '{command}' command")]
    Arity { command: String },
    #[error("ERR invalid expire time in '{command}' command")]
    InvalidExpire { command: &'static str },
    #[error("NOGROUP No such key '{key}' or consumer group '{group}'{context}")]
    NoGroup {
        key: String,
        group: String,
        context: &'static str,
    },
    #[error("EXECABORT Transaction discarded because of previous errors.")]
    ExecAbort,
    /// An error that one command alone answers: its whole line.
    #[error("{0}")]
    Line(&'static str),
    /// The same, with the client's words in it.
    #[error("{0}")]
    Worded(String),
}

/// Bytes of the client's in an error message.
pub(super) fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
