//! The rules of the metric files (F*, R*) and of their merge (M*, R*), one by one, on files of an encoder of the test's own.

#![allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]

mod again;
mod encoder;
mod files;
mod histograms;
mod hostile;
mod layouts;
mod merge;
mod properties;
mod ruby;
mod shares;
