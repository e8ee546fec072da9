//! F1 to F13 as a reader meets them, M1 and M13.

use std::fs;

use counterfoil::series::MetricType;
use counterfoil::truth::{Layout, MetricFile, Snapshot};

use crate::encoder::{Directory, encode, key, labelled, padded, plain};

#[test]
fn a_name_says_type_mode_and_id_f1() {
    let entry = [plain("g", "g", 1.0)];
    let directory = Directory::new()
        .with("gauge_livesum_31.db", &entry)
        .with("gauge_all_abc.db", &entry);
    let snapshot = directory.snapshot();
    let names: Vec<_> = snapshot
        .files()
        .iter()
        .map(|file| (file.name.mode.as_deref(), file.name.id.as_str()))
        .collect();
    assert_eq!(names, [(Some("all"), "abc"), (Some("livesum"), "31")]);
    assert!(
        snapshot
            .files()
            .iter()
            .all(|file| file.name.kind == Some(MetricType::Gauge))
    );
    assert_eq!(snapshot.pids().into_iter().collect::<Vec<_>>(), ["31", "abc"]);
}

#[test]
fn used_counts_from_byte_0_and_anything_up_to_8_reads_as_empty_f2() {
    for used in [8_i32, 0, -1, i32::MIN, 3] {
        let mut bytes = padded(&[]);
        bytes[..4].copy_from_slice(&used.to_ne_bytes());
        let directory = Directory::new().with_bytes("counter_1.db", &bytes);
        assert!(directory.truth().families.is_empty(), "{used}");
        assert_eq!(directory.snapshot().files()[0].layout, None);
    }
}

#[test]
fn a_key_has_1_to_8_blanks_after_it_and_values_are_aligned_f3() {
    for length in 0..16 {
        let help = "h".repeat(length);
        let entries = [
            (key("c", "c_total", &[], &help), 1.5, 0.0),
            (key("d", "d_total", &[], &help), 2.5, 7.25),
        ];
        let directory = Directory::new().with("counter_1.db", &entries);
        let snapshot = directory.snapshot();
        let file = &snapshot.files()[0];
        assert_eq!(file.fault, None, "{length}");
        assert_eq!(file.layout, Some(Layout::Python16));
        let read: Vec<_> = file
            .entries
            .iter()
            .map(|entry| (entry.value, entry.timestamp))
            .collect();
        assert_eq!(read, [(1.5, 0.0), (2.5, 7.25)]);
        assert!(
            file.entries
                .iter()
                .all(|entry| entry.offset % 8 == 0 && *entry.key.help == *help)
        );
    }
}

#[test]
fn a_key_is_json_and_may_be_escaped_f4() {
    let escaped =
        r#"["caf\u00e9", "caf\u00e9_total", {"a": "\ud83d\ude00", "b": "\"\\\n"}, "H\u00e9lp"]"#.to_owned();
    let directory = Directory::new().with("counter_1.db", &[(escaped, 1.0, 0.0)]);
    let snapshot = directory.snapshot();
    let key = &snapshot.files()[0].entries[0].key;
    assert_eq!(
        (&*key.family, &*key.sample, &*key.help),
        ("café", "café_total", "Hélp")
    );
    assert_eq!(
        key.labels.iter().collect::<Vec<_>>(),
        [("a", "😀"), ("b", "\"\\\n")]
    );
}

#[test]
fn a_file_is_read_to_its_used_byte_and_kept_with_its_padding_f5() {
    let many: Vec<_> = (0..2000)
        .map(|at| labelled("c", "c_total", &[("n", &at.to_string())], f64::from(at)))
        .collect();
    let directory = Directory::new()
        .with("counter_1.db", &many)
        .with_bytes("counter_2.db", b"\x09\x00");
    let snapshot = directory.snapshot();
    assert_eq!(snapshot.files()[0].entries.len(), 2000);
    assert!(
        snapshot.files()[0].entries.capacity() < 8000,
        "room for some more"
    );
    assert_eq!(snapshot.files()[0].bytes(), encode(&many, 16));
    let copy = tempfile::tempdir().unwrap();
    snapshot.copy_to(&copy.path().join("kept")).unwrap();
    for name in ["counter_1.db", "counter_2.db"] {
        let kept = fs::read(copy.path().join("kept").join(name)).unwrap();
        assert_eq!(kept, fs::read(directory.path().join(name)).unwrap(), "{name}");
    }
    assert_eq!(
        Snapshot::read(&copy.path().join("kept"))
            .unwrap()
            .raw()
            .fingerprint(),
        snapshot.raw().fingerprint()
    );
}

#[test]
fn stored_are_raw_buckets_and_a_sum_and_the_rest_is_made_by_the_merge_f6() {
    let directory = Directory::new().with(
        "histogram_1.db",
        &[
            plain("h", "h_sum", 2.5),
            labelled("h", "h_bucket", &[("le", "1.0")], 1.0),
            labelled("h", "h_bucket", &[("le", "+Inf")], 1.0),
        ],
    );
    let served: Vec<_> = directory.truth().families[0].outcomes[0]
        .samples
        .keys()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        served,
        [
            "h_sum",
            r#"h_bucket{le="1.0"}"#,
            r#"h_bucket{le="+Inf"}"#,
            "h_count"
        ]
    );
}

#[test]
fn zeros_that_were_written_by_construction_are_served_f7_f9() {
    let forked = [plain("c", "c_total", 0.0)];
    let directory = Directory::new()
        .with("counter_1.db", &forked)
        .with("counter_2.db", &forked);
    let truth = directory.truth();
    assert!(
        truth.families[0].outcomes[0]
            .samples
            .values()
            .all(|value| value.admits(0.0))
    );
    assert_eq!(truth.families[0].outcomes[0].samples.len(), 1);
}

#[test]
fn a_timestamp_that_was_not_set_is_zero_f8() {
    let directory = Directory::new().with("gauge_sum_1.db", &[plain("g", "g", 4.0)]);
    assert_eq!(directory.snapshot().files()[0].entries[0].timestamp, 0.0);
}

#[test]
fn bytes_beyond_used_do_not_count_f10_f11() {
    let entries = [plain("c", "c_total", 1.0), plain("d", "d_total", 2.0)];
    let mut bytes = padded(&encode(&entries, 16));
    let before = encode(&entries[..1], 16);
    bytes[..4].copy_from_slice(&before[..4]);
    let half_written = Directory::new().with_bytes("counter_1.db", &bytes);
    let snapshot = half_written.snapshot();
    assert_eq!(snapshot.files()[0].entries.len(), 1);
    let settled = Directory::new().with("counter_1.db", &entries[..1]);
    assert_eq!(
        snapshot.raw().fingerprint(),
        settled.snapshot().raw().fingerprint()
    );
}

#[test]
fn the_zeros_of_a_forked_child_are_values_like_any_other_f9() {
    let directory = Directory::new()
        .with("gauge_min_1.db", &[plain("g", "g", 5.0)])
        .with("gauge_min_2.db", &[plain("g", "g", 0.0)])
        .with("counter_1.db", &[plain("c", "c_total", 7.0)])
        .with("counter_2.db", &[plain("c", "c_total", 0.0)]);
    let truth = directory.truth();
    let served = |series: &str| {
        let outcomes = truth.families.iter().flat_map(|family| &family.outcomes);
        let mut samples = outcomes.flat_map(|outcome| &outcome.samples);
        let found = samples.find(|(one, _)| one.to_string() == series);
        found.map(|(_, admissible)| admissible.representative())
    };
    assert_eq!(served("c_total"), Some(7.0), "a sum does not notice");
    assert_eq!(served("g"), Some(0.0), "a minimum does (C18)");
}

#[test]
fn no_file_and_no_directory_are_told_apart_f12() {
    assert!(Directory::new().truth().families.is_empty());
    let gone = Directory::new().path().join("nowhere");
    assert!(
        Snapshot::read(&gone)
            .unwrap_err()
            .to_string()
            .starts_with("cannot list")
    );
}

#[test]
fn removed_series_stay_f13() {
    // `remove` leaves no trace in a file: an entry is served as long as it is there.
    let directory = Directory::new().with(
        "counter_1.db",
        &[labelled("c", "c_total", &[("q", "removed")], 3.0)],
    );
    assert_eq!(directory.truth().families[0].outcomes[0].samples.len(), 1);
}

#[test]
fn every_db_file_is_read_in_name_order_and_no_other_m1() {
    let entry = [plain("c", "c_total", 1.0)];
    let mut directory = Directory::new();
    for name in [
        "counter_9.db",
        "counter_10.db",
        ".counter_1.db",
        "counter_1.db.tmp",
        "counter_1.DB",
    ] {
        directory = directory.with(name, &entry);
    }
    let snapshot = directory.snapshot();
    let names: Vec<_> = snapshot
        .files()
        .iter()
        .map(|file| file.name.text.as_str())
        .collect();
    assert_eq!(names, ["counter_10.db", "counter_9.db"]);
}

#[test]
fn a_fingerprint_changes_with_a_value_a_name_and_a_file_m1() {
    let with = |name: &str, value| Directory::new().with(name, &[plain("c", "c_total", value)]);
    let first = with("counter_1.db", 1.0).snapshot().raw().fingerprint();
    assert_eq!(first, with("counter_1.db", 1.0).snapshot().raw().fingerprint());
    assert_ne!(first, with("counter_1.db", 2.0).snapshot().raw().fingerprint());
    assert_ne!(first, with("counter_2.db", 1.0).snapshot().raw().fingerprint());
    let more = with("counter_1.db", 1.0).with_bytes("counter_2.db", &padded(&[]));
    assert_ne!(first, more.snapshot().raw().fingerprint());
}

#[test]
fn a_broken_file_fails_the_merge_and_says_where_m13() {
    let good = encode(&[plain("c", "c_total", 1.0)], 16);
    let with_used = |used: usize| {
        let mut bytes = padded(&good);
        bytes[..4].copy_from_slice(&i32::try_from(used).unwrap().to_ne_bytes());
        bytes
    };
    let mut not_utf8 = good.clone();
    not_utf8[14] = 0xff;
    let mut negative = good.clone();
    negative[8..12].copy_from_slice(&(-17_i32).to_ne_bytes());
    let mut huge = good.clone();
    huge[8..12].copy_from_slice(&i32::MAX.to_ne_bytes());
    for (bytes, complaint) in [
        (Vec::new(), "byte 0: the file has 0 bytes"),
        (vec![8, 0, 0], "byte 0: the file has 3 bytes"),
        (
            with_used(1 << 30),
            "byte 0: used is 1073741824, but the file has 65536 bytes",
        ),
        (
            with_used(good.len() + 4),
            &format!("byte {}: the entry reaches beyond used", good.len()),
        ),
        (
            with_used(good.len() + 24),
            &format!("byte {}: the key is not [", good.len()),
        ),
        (
            with_used(good.len() - 4),
            &format!("byte 8: the entry reaches beyond used, {}", good.len() - 4),
        ),
        (not_utf8, "byte 8: the key is not UTF-8"),
        (negative, "byte 8: the key length is -17"),
        (huge, "byte 8: the entry reaches beyond used"),
        (
            encode(&[(r#"["c", 7, {}, ""]"#.to_owned(), 1.0, 0.0)], 16),
            "byte 8: the key is not [family",
        ),
        (
            encode(&[(r#"["", "c", {}, ""]"#.to_owned(), 1.0, 0.0)], 16),
            "byte 8: the family has no name",
        ),
        (
            b"SQLite format 3\0 and more".to_vec(),
            "byte 0: used is 1766609235",
        ),
    ] {
        let said = Directory::new().with_bytes("counter_1.db", &bytes).complaint();
        assert!(
            said.contains("counter_1.db is corrupt at") && said.contains(complaint),
            "{said:?} for {complaint:?}"
        );
    }
}

#[test]
fn a_broken_file_spoils_neither_the_snapshot_nor_the_merge_of_the_others_m13() {
    let directory = Directory::new()
        .with("counter_1.db", &[plain("c", "c_total", 1.0)])
        .with_bytes("counter_2.db", b"");
    let snapshot = directory.snapshot();
    let truth = snapshot.merge_of(|file| file.fault.is_none()).unwrap();
    assert!(
        truth.families[0].outcomes[0]
            .samples
            .values()
            .all(|value| value.admits(1.0))
    );
    assert!(snapshot.files()[1].intact().is_err());
}

#[test]
fn an_all_zero_file_is_fine_m13() {
    let directory = Directory::new()
        .with_bytes("counter_1.db", &[0; 65536])
        .with_bytes("foreign.db", &[0; 4]);
    assert!(directory.truth().families.is_empty());
}

#[test]
fn a_file_that_is_gone_when_it_is_opened_fails_unless_it_is_a_live_gauges_m8_m13() {
    // A dangling link is listed, and cannot be opened: what a file is that goes in between.
    let vanishing = |name: &str| {
        let directory = Directory::new();
        std::os::unix::fs::symlink("nowhere", directory.path().join(name)).unwrap();
        Snapshot::read(directory.path()).map(|snapshot| snapshot.files().len())
    };
    assert_eq!(vanishing("gauge_livesum_1.db").unwrap(), 0);
    for name in ["gauge_sum_1.db", "counter_1.db", "counter_live_1.db"] {
        assert!(vanishing(name).unwrap_err().to_string().contains(name));
    }
}

#[test]
fn what_is_no_file_fails_without_blocking_m13() {
    let directory = Directory::new();
    fs::create_dir(directory.path().join("counter_1.db")).unwrap();
    assert!(directory.complaint().contains("not a regular file"));
    let directory = Directory::new();
    let pipe = directory.path().join("counter_1.db");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    assert!(directory.complaint().contains("not a regular file"));
}

#[test]
fn one_file_is_read_by_itself_up_to_where_it_breaks_m13() {
    let mut bytes = encode(&[plain("c", "c_total", 1.0), plain("d", "d_total", 2.0)], 16);
    let second = encode(&[plain("c", "c_total", 1.0)], 16).len();
    bytes[second + 6] = 0xff;
    let directory = Directory::new().with_bytes("counter_1.db", &bytes);
    let file = MetricFile::read(&directory.path().join("counter_1.db")).unwrap();
    assert_eq!(file.entries.len(), 1);
    assert!(matches!(&file.fault, Some((offset, _)) if *offset == second));
}
