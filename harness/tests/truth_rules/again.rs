//! Reading a directory before anything of it is decoded, and again (M1, M13).

use std::fs;
use std::sync::Arc;

use counterfoil::truth::{RawSnapshot, Snapshot};

use crate::encoder::{Directory, plain};

fn again(first: &Snapshot, directory: &Directory) -> Snapshot {
    first.later(first.raw().read_again(directory.path()).unwrap())
}

#[test]
fn a_directory_that_is_read_again_is_what_it_is_now() {
    let value = |value| [plain("c", "c_total", value)];
    let directory = Directory::new()
        .with("counter_1.db", &value(1.0))
        .with_bytes("counter_8.db", &[0; 64])
        .with("counter_9.db", &[]);
    let first = directory.snapshot();
    assert!(again(&first, &directory).is_same(&first));
    assert!(
        std::ptr::eq(again(&first, &directory).files(), first.files()),
        "nothing is decoded anew"
    );
    let changed = [
        directory
            .with("counter_1.db", &value(2.0))
            .with("counter_9.db", &[]),
        Directory::new()
            .with("counter_1.db", &value(1.0))
            .with_bytes("counter_8.db", &[0; 64])
            .with("counter_9.db", &value(0.0)),
        Directory::new().with("counter_1.db", &value(1.0)),
        Directory::new()
            .with("counter_1.db", &value(1.0))
            .with("counter_2.db", &value(1.0)),
        Directory::new().with("counter_2.db", &value(1.0)),
        Directory::new().with_bytes("counter_1.db", &[255; 8]),
        Directory::new(),
    ];
    for directory in &changed {
        let now = again(&first, directory);
        assert!(!now.is_same(&first) && now.is_same(&directory.snapshot()));
    }
}

#[test]
fn of_a_long_file_a_change_is_seen_wherever_it_is() {
    let entries: Vec<_> = (0..20_000)
        .map(|number| plain("c", &format!("c_{number:05}"), 1.0))
        .collect();
    let directory = Directory::new().with("counter_1.db", &entries);
    let first = directory.snapshot();
    let used = first.files()[0].bytes().len();
    assert!(used > 900_000, "it is read in several pieces: {used}");
    assert!(
        std::ptr::eq(again(&first, &directory).files(), first.files()),
        "nothing has changed"
    );
    let path = directory.path().join("counter_1.db");
    let bytes = fs::read(&path).unwrap();
    for at in [8, used / 4, used / 2, used - 1, used] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        fs::write(&path, changed).unwrap();
        let raw = first.raw().read_again(directory.path()).unwrap();
        let is_changed = raw.fingerprint() != first.raw().fingerprint();
        assert_eq!(is_changed, at < used, "byte {at} of {used}");
    }
    fs::write(&path, &bytes[..used - 8]).unwrap();
    assert!(!again(&first, &directory).is_same(&first), "it was cut off");
}

#[test]
fn many_files_are_in_the_order_of_their_names_whoever_reads_them_m1() {
    let names = || (100..200).map(|pid| format!("counter_{pid}.db"));
    let with = |directory: Directory, name: String| {
        let pid = name.len() as f64;
        directory.with(&name, &[plain("c", "c_total", pid), plain("c", &name, 1.0)])
    };
    let directory = names().rev().fold(Directory::new(), with);
    let snapshot = directory.snapshot();
    let read: Vec<_> = snapshot
        .files()
        .iter()
        .map(|file| file.name.text.clone())
        .collect();
    assert_eq!(read, names().collect::<Vec<_>>());
    for file in snapshot.files() {
        assert_eq!(
            *file.entries[1].key.sample, *file.name.text,
            "each has its own bytes"
        );
    }
    assert!(again(&snapshot, &directory).is_same(&snapshot));
    // Of several that cannot be read it is the first in that order.
    for name in ["counter_150.db", "counter_120.db"] {
        fs::remove_file(directory.path().join(name)).unwrap();
        fs::create_dir(directory.path().join(name)).unwrap();
    }
    let error = RawSnapshot::read_without(directory.path(), &Arc::default()).unwrap_err();
    assert!(error.to_string().ends_with("counter_120.db"), "{error}");
}
