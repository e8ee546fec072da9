//! The rules of the metric files (F*) and of their merge (M*), one by one, on files of an encoder of the test's own.

#![allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]

mod encoder;
mod files;
mod merge;
mod properties;
