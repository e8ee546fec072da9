//! Whoever is measured.

use std::time::Duration;

use thiserror::Error;

/// One implementation of what a section compares.
pub(crate) trait Contender {
    /// As the table calls it.
    fn name(&self) -> &str;

    /// Does the work once, and says how many nanoseconds that took, or one unit of it where a measurement does many.
    fn measure(&mut self) -> Result<f64, Failure>;

    /// The most memory that its process has had resident so far, in MiB.
    fn peak_mib(&self) -> Option<f64> {
        None
    }
}

/// Why a contender has no time.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// It took too long.
    #[error("not finished in {} s", limit.as_secs())]
    Deadline {
        /// How long was waited.
        limit: Duration,
    },
    /// It ended, or did not say what it should.
    #[error("failed: {0}")]
    Broken(String),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

/// A contender that is measured from here.
pub(crate) struct Here<F> {
    name: String,
    measure: F,
}

impl<F: FnMut() -> Result<f64, Failure>> Here<F> {
    pub(crate) fn new(name: &str, measure: F) -> Box<Self> {
        Box::new(Self {
            name: name.to_owned(),
            measure,
        })
    }
}

impl<F: FnMut() -> Result<f64, Failure>> Contender for Here<F> {
    fn name(&self) -> &str {
        &self.name
    }

    fn measure(&mut self) -> Result<f64, Failure> {
        (self.measure)()
    }
}
