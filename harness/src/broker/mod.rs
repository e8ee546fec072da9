//! Redis, however it is had.

pub mod embedded;
