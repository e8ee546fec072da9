//! Why there is no broker, or why it stopped to answer.

use miette::Diagnostic;
use thiserror::Error;

/// The broker cannot be had, or is gone.
#[derive(Debug, Error, Diagnostic)]
pub enum BrokerError {
    /// `--broker` names no kind of broker.
    #[error("{given:?} is no broker")]
    #[diagnostic(help("use auto, embedded, process, container or redis://host:port"))]
    Unknown {
        /// What was given.
        given: String,
    },
    /// An explicit choice that this machine does not offer.
    #[error("the {kind} broker cannot be had: {reason}")]
    #[diagnostic(help("--broker auto takes what the machine offers and says why"))]
    Unavailable {
        /// Which kind.
        kind: &'static str,
        /// Why not.
        reason: String,
    },
    /// The broker stopped to answer.
    #[error("the broker at {url} does not answer: {source}")]
    Gone {
        /// Where it was.
        url: String,
        /// What the client said.
        source: redis::RedisError,
    },
}
