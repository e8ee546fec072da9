//! `counterfoil inspect` and `merge` on files that are meant to be too much: bounded in memory and in what is printed.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use tempfile::TempDir;

use crate::encoder::{encode, plain};
use crate::stdout;

/// What the program may ask the system for, in MiB: its own, and some ten times what is read of one file.
const ENOUGH_MIB: usize = 768;

/// The program, with no more memory than that: one byte more, and it is aborted.
fn bounded(mebibytes: usize, arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", r#"ulimit -v "$0" && exec "$@""#])
        .arg((mebibytes * 1024).to_string())
        .arg(env!("CARGO_BIN_EXE_counterfoil"))
        .args(arguments)
        .timeout(std::time::Duration::from_secs(240));
    command
}

/// A metric file of a gibibyte, of which only what is written takes room.
fn gibibyte(used: i32, behind: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("counter_1.db");
    let file = File::create(&path).unwrap();
    file.set_len(1 << 30).unwrap();
    file.write_all_at(&used.to_ne_bytes(), 0).unwrap();
    file.write_all_at(behind, 8).unwrap();
    (folder, path)
}

fn inspected(file: &Path, code: i32) -> Assert {
    bounded(ENOUGH_MIB, &["inspect", file.to_str().unwrap()])
        .assert()
        .code(code)
}

fn merged(folder: &TempDir, format: &str, code: i32) -> Assert {
    let folder = folder.path().to_str().unwrap();
    bounded(ENOUGH_MIB, &["merge", folder, "--format", format])
        .assert()
        .code(code)
}

/// One entry, again and again, to the number that fits.
fn repeated(entries: usize) -> Vec<u8> {
    encode(&[plain("c", "c", 0.5)], 16)[8..].repeat(entries)
}

fn used_by(behind: &[u8]) -> i32 {
    i32::try_from(8 + behind.len()).unwrap()
}

#[test]
fn the_bound_is_one() {
    let (_folder, path) = gibibyte(0, &[]);
    // Not even the program itself fits.
    let starved = bounded(4, &["inspect", path.to_str().unwrap()]).output().unwrap();
    assert!(!starved.status.success());
}

#[test]
fn a_gibibyte_of_zeros_costs_nothing() {
    let (folder, path) = gibibyte(0, &[]);
    assert!(stdout(&inspected(&path, 0)).contains("entries  0"));
    assert_eq!(stdout(&merged(&folder, "text", 0)), "");
}

#[test]
fn a_header_that_promises_too_much_is_refused_by_path_and_offset() {
    for used in [i32::MAX, 1 << 30, (64 << 20) + 1] {
        let (folder, path) = gibibyte(used, &[]);
        let shown = stdout(&inspected(&path, 1));
        assert!(
            shown.contains("breaks at byte 0: used is") && shown.lines().count() < 20,
            "{shown}"
        );
        let said = merged(&folder, "text", 3);
        let said = String::from_utf8_lossy(&said.get_output().stderr).into_owned();
        assert!(said.contains("counter_1.db is corrupt at byte 0"), "{said}");
    }
}

#[test]
fn a_key_as_long_as_the_file_is_refused_and_shown_in_a_screen() {
    let entry = [&((60_i32 << 20).to_ne_bytes())[..], &b"[".repeat(60 << 20)].concat();
    let (folder, path) = gibibyte(64 << 20, &entry);
    let shown = stdout(&inspected(&path, 1));
    assert!(
        shown.contains("breaks at byte 8: the key has 62914560 bytes") && shown.len() < 2000,
        "{shown}"
    );
    merged(&folder, "json", 3);
}

#[test]
fn a_million_entries_are_shown_by_the_first_and_the_last_and_all_of_them_only_when_asked() {
    const ENTRIES: usize = 1_000_000;
    let behind = repeated(ENTRIES);
    let (folder, path) = gibibyte(used_by(&behind), &behind);
    let shown = stdout(&inspected(&path, 0));
    assert!(
        shown.contains("entries  1000000") && shown.contains("… and 999890 more, --all shows them"),
        "{shown}"
    );
    assert!(shown.lines().count() < 130, "{} lines", shown.lines().count());
    for format in ["text", "openmetrics", "json"] {
        let text = stdout(&merged(&folder, format, 0));
        assert!(text.contains("500000.0") && text.len() < 1000, "{text}");
    }
}

#[test]
fn a_break_behind_many_entries_is_shown_with_those_before_it() {
    let mut behind = repeated(5000);
    behind.extend((-5_i32).to_ne_bytes().repeat(6));
    let (_folder, path) = gibibyte(used_by(&behind), &behind);
    let shown = stdout(&inspected(&path, 1));
    let broken = 8 + repeated(5000).len();
    let last = format!("{:>8}  0.5", broken - repeated(1).len());
    assert!(
        shown.contains(&format!("breaks at byte {broken}: the key length is -5")),
        "{shown}"
    );
    assert!(shown.contains(&last) && shown.lines().count() < 140, "{shown}");
}

#[test]
fn every_entry_is_shown_when_asked_for() {
    let behind = repeated(1500);
    let (_folder, path) = gibibyte(used_by(&behind), &behind);
    let all = bounded(ENOUGH_MIB, &["inspect", "--all", path.to_str().unwrap()])
        .assert()
        .code(0);
    assert!(stdout(&all).lines().count() > 1500);
}
