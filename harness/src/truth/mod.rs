//! The truth: what the metric files of all processes come to.
//!
//! Files of any [`Layout`] are read ([`Snapshot`], [`MetricFile`]), and merged by the rules M1 to M13, or by the Ruby
//! client's, R4 to R12 ([`Truth`]). Where the client's
//! answer depends on the order in which it happens to read the files, the truth is a set ([`Admissible`]).
//! It reads by `pread` and maps nothing: whatever a file holds is values or a [`TruthError`].
//! Shares no code with the exporter under test nor with the reference.
//!
//! ```
//! use counterfoil::series::{Labels, Series};
//! use counterfoil::truth::Snapshot;
//!
//! /// A file with one entry: the used bytes, four of nothing, the key's length, the key and its blanks, value, time.
//! fn metric_file(key: &str, value: f64) -> Vec<u8> {
//!     let blanks = " ".repeat(8 - (4 + key.len()) % 8);
//!     let length = i32::try_from(key.len()).expect("it is a short key");
//!     let key_and_values = [key.as_bytes(), blanks.as_bytes(), &value.to_ne_bytes(), &0_f64.to_ne_bytes()];
//!     let entry = [&length.to_ne_bytes()[..], &key_and_values.concat()].concat();
//!     let used = i32::try_from(8 + entry.len()).expect("it is a short file");
//!     [&used.to_ne_bytes()[..], &[0; 4], &entry].concat()
//! }
//!
//! let dir = tempfile::tempdir()?;
//! let key = r#"["jobs", "jobs_total", {"queue": "a"}, "Jobs done."]"#;
//! std::fs::write(dir.path().join("counter_4312.db"), metric_file(key, 11.0))?;
//! std::fs::write(dir.path().join("counter_4313.db"), metric_file(key, 19.0))?;
//!
//! // What an endpoint must serve for both processes, and who holds which part of it.
//! let snapshot = Snapshot::read(dir.path())?;
//! let jobs = Series::new("jobs_total", Labels::default().with("queue", "a"));
//! assert!(snapshot.merge()?.admissible(&jobs).is_some_and(|answers| answers.admits(30.0)));
//! let shares = snapshot.shares(&jobs);
//! assert_eq!((shares[0].pid.as_str(), shares[0].value), ("4312", 11.0));
//! assert_eq!((shares[1].pid.as_str(), shares[1].value), ("4313", 19.0));
//!
//! // A file that breaks fails the merge, and says where: its first entry has a key that is none.
//! std::fs::write(dir.path().join("counter_4314.db"), metric_file("jobs_total", 1.0))?;
//! let error = Snapshot::read(dir.path())?.merge().expect_err("it is corrupt");
//! assert!(error.to_string().ends_with("counter_4314.db is corrupt at byte 8"), "{error}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod admissible;
mod aligned_bytes;
mod bound;
mod content;
mod entry;
mod error;
mod family_merge;
mod file_name;
mod gauge;
mod histogram;
mod holdings;
mod interned;
mod key;
mod layout;
mod merge;
mod merged;
mod metric_file;
mod raw_snapshot;
mod ruby_rules;
mod share;
mod slot;
mod snapshot;
mod streamed;
mod sum;

pub use admissible::Admissible;
pub use error::{Fault, TruthError};
pub use file_name::{FileName, Mode};
pub use holdings::Holdings;
pub use key::Key;
pub use layout::Layout;
pub use merged::{Outcome, Samples, Truth, TruthFamily};
pub use metric_file::{Entry, MetricFile};
pub use raw_snapshot::RawSnapshot;
pub use share::Share;
pub use snapshot::Snapshot;
pub use streamed::MergedText;
