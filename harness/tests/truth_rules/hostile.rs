//! Files of any size and content, also while someone changes them: values or an error with path and offset, in bounds.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use counterfoil::truth::{Admissible, Fault, MetricFile, Snapshot, TruthError};

use crate::encoder::{Directory, encode, key, labelled, padded, plain};

const GIBIBYTE: u64 = 1 << 30;
const MEBIBYTE: usize = 1 << 20;
/// A file of these has more than a page, and is longer than what a new file has.
const SERIES: usize = 1200;
/// How often a file is read that someone changes.
const READS: usize = 200;
/// Where a test waits to see something, as many reads at most.
const MOST_READS: usize = 200_000;

/// A file of a gibibyte, of which only what is written takes room, with that header and those bytes behind it.
fn sparse(used: i32, behind: &[u8]) -> (Directory, PathBuf) {
    let directory = Directory::new();
    let path = directory.path().join("counter_1.db");
    let file = File::create(&path).unwrap();
    file.set_len(GIBIBYTE).unwrap();
    file.write_all_at(&used.to_ne_bytes(), 0).unwrap();
    file.write_all_at(behind, 8).unwrap();
    (directory, path)
}

fn used(bytes: usize) -> i32 {
    i32::try_from(bytes).unwrap()
}

/// Where the merge says that the file at `path` breaks.
fn broken_at(directory: &Directory, path: &Path) -> (usize, Fault) {
    match directory.snapshot().merge() {
        Err(TruthError::Corrupt {
            path: told,
            offset,
            fault,
        }) if told == path => (offset, fault),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_gibibyte_of_zeros_is_an_empty_file_m13() {
    let (directory, path) = sparse(0, &[]);
    assert!(directory.truth().families.is_empty());
    assert_eq!(MetricFile::read(&path).unwrap().bytes().len(), 8);
}

#[test]
fn a_used_that_is_beyond_the_end_or_the_limit_is_refused_without_reading_it_all_m13() {
    for (used, refused) in [
        (i32::MAX, "used is 2147483647, but the file has 1073741824 bytes"),
        (
            1 << 30,
            "used is 1073741824, more than the 67108864 bytes that are read at most",
        ),
        (
            (64 << 20) + 1,
            "used is 67108865, more than the 67108864 bytes that are read at most",
        ),
    ] {
        let (directory, path) = sparse(used, &[]);
        let (offset, fault) = broken_at(&directory, &path);
        assert_eq!((offset, fault.to_string().as_str()), (0, refused));
        assert_eq!(MetricFile::read(&path).unwrap().bytes().len(), MEBIBYTE);
    }
}

#[test]
fn a_key_is_within_used_and_of_a_length_that_can_be_decoded_f3() {
    let most = 64 * MEBIBYTE;
    let help = |length: usize| key("c", "c_total", &[], &"h".repeat(length));
    for (length, behind, refused) in [
        (i32::MAX, String::new(), "the entry reaches beyond used, 67108864"),
        (
            used(most - 64),
            String::new(),
            "the key has 67108800 bytes, more than the 1048576 that are decoded at most",
        ),
        (
            used(help(MEBIBYTE).len()),
            help(MEBIBYTE),
            "the key has 1048597 bytes, more than the 1048576",
        ),
        (
            used(MEBIBYTE),
            "[".repeat(MEBIBYTE),
            "the key is not [family, sample, labels, help]",
        ),
        (
            used(MEBIBYTE),
            "[0".to_owned() + &",0".repeat(MEBIBYTE / 2),
            "the key is not [family, sample, labels, help]",
        ),
    ] {
        let entry = [&length.to_ne_bytes()[..], behind.as_bytes()].concat();
        let (directory, path) = sparse(used(most), &entry);
        let (offset, fault) = broken_at(&directory, &path);
        assert!(
            offset == 8 && fault.to_string().starts_with(refused),
            "{fault} at {offset}"
        );
        assert!(fault.to_string().len() < 400);
    }
    let long = help(MEBIBYTE - 100);
    let directory = Directory::new().with("counter_1.db", &[(long, 1.0, 0.0)]);
    assert_eq!(
        directory.truth().families[0].outcomes[0].helps[0].len(),
        MEBIBYTE - 100
    );
}

#[test]
fn a_bucket_bound_that_is_no_number_is_told_in_bounds_m9() {
    let le = "9".repeat(1000) + "x";
    let entries = [labelled("h", "h_bucket", &[("le", &le)], 1.0)];
    let said = Directory::new().with("histogram_1.db", &entries).complaint();
    assert!(
        said.contains("histogram_1.db at byte 8") && said.len() < 500,
        "{said}"
    );
}

#[test]
fn a_million_entries_are_read_and_merged_f5_m4() {
    const ENTRIES: u32 = 1_000_000;
    let one = encode(&[plain("c", "c", 0.5)], 16)[8..].to_vec();
    let mut bytes = vec![0; 8];
    (0..ENTRIES).for_each(|_| bytes.extend_from_slice(&one));
    let header = used(bytes.len()).to_ne_bytes();
    bytes[..4].copy_from_slice(&header);
    let snapshot = Directory::new().with_bytes("counter_1.db", &bytes).snapshot();
    assert_eq!(snapshot.files()[0].entries.len(), ENTRIES as usize);
    let truth = snapshot.merge().unwrap();
    let values: Vec<_> = truth.families[0].outcomes[0].samples.values().collect();
    assert!(matches!(values[..], [Admissible::Exact(500_000.0)]), "{values:?}");
}

/// Two states of a file: each entry has the state's value.
fn states() -> [Vec<u8>; 2] {
    [1.0, 2.0].map(|value| {
        let entries: Vec<_> = (0..SERIES)
            .map(|n| labelled("c", "c_total", &[("n", &n.to_string())], value))
            .collect();
        padded(&encode(&entries, 16))
    })
}

/// Reads while `change` is called again and again in another thread, until `enough` was seen: how many reads gave
/// values, and how many an error. On a busy machine the other thread may stand still for hundreds of reads.
fn read_while(
    change: impl Fn(&Path, usize) + Sync,
    judge: impl Fn(&MetricFile),
    enough: impl Fn([usize; 2]) -> bool,
) -> [usize; 2] {
    let directory = Directory::new().with_bytes("counter_1.db", &states()[0]);
    let path = directory.path().join("counter_1.db");
    let ended = AtomicBool::new(false);
    let mut counts = [0; 2];
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut turn = 0;
            while !ended.load(Ordering::Relaxed) {
                change(&path, turn);
                turn += 1;
            }
        });
        // The other thread must end though a judgement fails.
        let judged = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for reads in 0..MOST_READS {
                if reads >= READS && enough(counts) {
                    break;
                }
                let file = MetricFile::read(&path).unwrap();
                judge(&file);
                match file.intact() {
                    Ok(_) => counts[0] += 1,
                    Err(TruthError::Corrupt {
                        path: told, offset, ..
                    }) => {
                        assert!(told == path && offset <= file.bytes().len());
                        counts[1] += 1;
                    }
                    Err(other) => panic!("{other}"),
                }
            }
        }));
        ended.store(true, Ordering::Relaxed);
        judged.unwrap();
    });
    counts
}

#[test]
fn a_file_that_is_replaced_while_it_is_read_is_one_or_the_other_m13() {
    let states = states();
    let replace = |path: &Path, turn: usize| {
        let draft = path.with_extension("new");
        fs::write(&draft, &states[turn % 2]).unwrap();
        fs::rename(&draft, path).unwrap();
    };
    let judge = |file: &MetricFile| {
        let first = file.entries[0].value;
        assert!(file.entries.len() == SERIES && file.entries.iter().all(|entry| entry.value == first));
    };
    assert_eq!(read_while(replace, judge, |_| true), [READS, 0]);
}

#[test]
fn a_file_that_is_cut_off_and_grows_while_it_is_read_gives_values_or_an_error_m13() {
    let states = states();
    let used_bytes = encode(&[plain("c", "c", 1.0)], 16).len() as u64;
    let change = |path: &Path, turn: usize| {
        let file = File::options().write(true).open(path).unwrap();
        let lengths = [0, 3, 8, used_bytes, 4096, 100_000];
        file.set_len(lengths[turn % lengths.len()]).unwrap();
        file.set_len(1 << 17).unwrap();
        let state = &states[turn % 2];
        file.write_all_at(&state[8..], 8).unwrap();
        file.write_all_at(&state[..8], 0).unwrap();
    };
    let judge = |file: &MetricFile| {
        let written = |value: f64| value == 1.0 || value == 2.0 || value == 0.0;
        assert!(file.entries.iter().all(|entry| written(entry.value)));
    };
    let [values, errors] = read_while(change, judge, |[values, errors]| values > 0 && errors > 0);
    assert!(
        values > 0 && errors > 0,
        "{values} with values, {errors} with errors"
    );
}

#[test]
fn a_directory_whose_files_come_and_go_is_read_or_says_which_one_is_gone_m13() {
    let state = &states()[0];
    let directory = Directory::new().with_bytes("counter_1.db", state);
    let passing = directory.path().join("counter_2.db");
    let ended = AtomicBool::new(false);
    let (mut read, mut gone) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                fs::write(passing.with_extension("new"), state).unwrap();
                fs::rename(passing.with_extension("new"), &passing).unwrap();
                fs::remove_file(&passing).unwrap();
            }
        });
        for _ in 0..READS {
            match Snapshot::read(directory.path()) {
                Ok(snapshot) => {
                    assert!(snapshot.merge().is_ok());
                    read += 1;
                }
                Err(error) => {
                    gone += usize::from(error.to_string().contains("counter_2.db"));
                }
            }
        }
        ended.store(true, Ordering::Relaxed);
    });
    assert_eq!(read + gone, READS);
    assert!(read > 0);
}

#[test]
fn what_is_read_lies_in_memory_as_in_the_files_pages_so_that_no_value_is_halved_f11() {
    const CACHE_LINE: usize = 64;
    let mut read = Vec::new();
    for series in [1, 10, 100, 1000, 5000, 1, 700] {
        let entries: Vec<_> = (0..series)
            .map(|at| labelled("c", "c_total", &[("n", &at.to_string())], f64::from(at)))
            .collect();
        let directory = Directory::new().with("counter_1.db", &entries);
        // Those that are held make the next one take another place.
        read.push(MetricFile::read(&directory.path().join("counter_1.db")).unwrap());
    }
    for file in read {
        let place = file.bytes().as_ptr().addr();
        assert!(
            place.is_multiple_of(CACHE_LINE),
            "{} bytes at {place:#x}",
            file.bytes().len()
        );
    }
}
