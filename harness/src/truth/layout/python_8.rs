//! python-8: prometheus_client 0.16 and 0.17 (`mmap_dict.py`), 0.16.0 in Debian 12.
//!
//! ```text
//! 0                 4                                       v            v+8
//! | key length: i32 | key: UTF-8 JSON | 1 to 8 blanks       | value: f64 |
//!
//! key:  ["jobs", "jobs_total", {"queue": "mail"}, "Jobs done."]
//! ```
//!
//! As python-16, without the timestamp, and so without the modes that need one: `mostrecent` came with 0.18.

use super::{Form, python_16};

pub(super) const FORM: Form = Form {
    value_length: size_of::<f64>(),
    ..python_16::FORM
};
