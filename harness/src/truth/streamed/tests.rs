//! Held to what the merge of series says, with one thread and with several.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

use super::*;
use crate::truth::Layout;

mod large;
mod usual;

/// Family, suffix of the sample, labels, value, time.
type Entry = (String, &'static str, BTreeMap<String, String>, f64, f64);

fn entry(family: &str, suffix: &'static str, labels: &[(&str, &str)], value: f64) -> Entry {
    let labels = labels
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    (family.to_owned(), suffix, labels.collect(), value, 0.0)
}

/// Writes a file as the layout has it (F2 to F4, R3).
fn write(layout: Layout, dir: &Path, name: &str, entries: &[Entry]) {
    let entries: Vec<Vec<u8>> = entries
        .iter()
        .map(|(family, suffix, labels, value, time)| {
            let named = format!(r#"["{family}", "{family}{suffix}""#);
            let labels: Vec<String> = labels
                .iter()
                .map(|(name, value)| format!("{}: {}", serde_json::json!(name), serde_json::json!(value)))
                .collect();
            let labels = labels.join(", ");
            let key = match layout {
                Layout::Python16 | Layout::Python8 => {
                    format!(r#"{named}, {{{labels}}}, "Help of {family}."]"#)
                }
                Layout::Python3Key => format!("{named}, {{{labels}}}]"),
                Layout::GitlabRuby => format!("{named}, [], []]"),
            };
            encoded(layout, &key, *value, *time)
        })
        .collect();
    write_entries(dir, name, &entries);
}

fn encoded(layout: Layout, key: &str, value: f64, time: f64) -> Vec<u8> {
    let length = i32::try_from(key.len()).unwrap().to_ne_bytes();
    let blanks = vec![b' '; 8 - (key.len() + 4) % 8];
    let mut entry = [&length, key.as_bytes(), &blanks, &value.to_ne_bytes()].concat();
    if layout == Layout::Python16 {
        entry.extend(time.to_ne_bytes());
    }
    entry
}

fn write_entries(dir: &Path, name: &str, entries: &[Vec<u8>]) {
    let used = 8 + entries.iter().map(Vec::len).sum::<usize>();
    let header = [i32::try_from(used).unwrap().to_ne_bytes(), [0; 4]].concat();
    // F5: behind the used bytes are zeros.
    fs::write(dir.join(name), [header, entries.concat(), vec![0; 64]].concat()).unwrap();
}

fn by_series(dir: &Path) -> Result<String, String> {
    let truth = Snapshot::read(dir).and_then(|snapshot| snapshot.merge());
    let truth = truth.map_err(|error| error.to_string())?;
    Ok(exposition::text::write(&truth.to_exposition()))
}

fn by_stream(dir: &Path, threads: usize) -> Option<String> {
    let groups = group::groups(raw_snapshot::metric_files(dir).unwrap())?;
    Some(streamed(&groups, threads)?.concat())
}

/// Whether the files need no merge of series; where they do not, their text must be that of one.
fn is_streamed(files: &[(&str, Vec<Entry>)]) -> bool {
    let files = files.iter();
    is_streamed_of(
        &files
            .map(|(name, entries)| (Layout::Python16, *name, entries.clone()))
            .collect::<Vec<_>>(),
    )
}

fn is_streamed_of(files: &[(Layout, &str, Vec<Entry>)]) -> bool {
    let dir = tempfile::tempdir().unwrap();
    files
        .iter()
        .for_each(|(layout, name, entries)| write(*layout, dir.path(), name, entries));
    let series = by_series(dir.path());
    let read = MergedText::read(dir.path(), 2).map(|text| text.to_string());
    assert_eq!(read.map_err(|error| error.to_string()), series);
    let streamed = [1, 2, 3].map(|threads| by_stream(dir.path(), threads));
    for text in streamed.iter().flatten() {
        assert_eq!(Ok(text), series.as_ref());
    }
    streamed.iter().all(Option::is_some)
}

fn config() -> ProptestConfig {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/streamed.txt");
    ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(file))),
        ..Default::default()
    }
}

fn labels() -> impl Strategy<Value = BTreeMap<String, String>> {
    let name = prop::sample::select(vec!["a", "b", "q", "z"]).prop_map(str::to_owned);
    let value =
        prop::sample::select(vec!["", "x", "x y", "x\"", "\\n", "\n", "é", "7"]).prop_map(str::to_owned);
    prop::collection::btree_map(name, value, 0..3)
}

fn value() -> impl Strategy<Value = f64> {
    let odd = vec![-0.0, 0.1, 1e16, 1.5e300, 5e-324, -1e-5];
    prop_oneof![3 => (-1000_i32..1000).prop_map(f64::from), 1 => prop::sample::select(odd), 1 => -1e9..1e9]
}

/// Of a type and mode, the entries of one process: of families that no other type and mode has.
fn entries(stem: &'static str) -> impl Strategy<Value = Vec<Entry>> {
    let le = prop::sample::select(vec!["0.5", "1.0", "10.0", "+Inf"]);
    let gauge_value = prop_oneof![4 => value(), 1 => Just(f64::NAN), 1 => Just(f64::INFINITY)];
    let one = (
        "[a-c]",
        any::<bool>(),
        labels(),
        le,
        (value(), gauge_value),
        0_u8..3,
    );
    let entry = one.prop_map(move |(family, part, mut labels, le, (value, gauge), time)| {
        let (suffix, value) = match stem {
            "counter" => ("_total", value),
            "summary" => (if part { "_sum" } else { "_count" }, value),
            "histogram" if part => ("_sum", value),
            "histogram" => {
                labels.insert("le".to_owned(), le.to_owned());
                ("_bucket", value)
            }
            "gauge_sum" => ("", value),
            _ => ("", gauge),
        };
        let family = format!("{stem}_{family}");
        (family, suffix, labels, value, f64::from(time))
    });
    prop::collection::vec(entry, 0..12)
}

/// Files of some processes, of all types and modes.
fn usual_files() -> impl Strategy<Value = Vec<(String, Vec<Entry>)>> {
    let stems = [
        "counter",
        "summary",
        "histogram",
        "gauge_all",
        "gauge_min",
        "gauge_max",
        "gauge_sum",
        "gauge_mostrecent",
    ];
    let of_stem = |stem: &'static str| {
        prop::collection::vec(entries(stem), 0..4).prop_map(move |processes| {
            let named = (8..).zip(processes);
            named
                .map(|(pid, entries)| (format!("{stem}_{pid}.db"), entries))
                .collect::<Vec<_>>()
        })
    };
    stems.map(of_stem).prop_map(|files| files.concat())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn usual_files_need_no_series_m2_to_m12(files in usual_files()) {
        let files: Vec<(&str, Vec<Entry>)> = files.iter().map(|(name, entries)| (name.as_str(), entries.clone())).collect();
        prop_assert!(is_streamed(&files));
    }

    #[test]
    fn files_that_meet_in_any_way_are_merged_as_series_are(
        files in prop::collection::vec((0_usize..8, 1_u8..3, usual_files()), 1..5),
    ) {
        // Each takes the entries that were made for another type or mode, and names of a pid that another has.
        let stems = ["counter", "gauge_all", "gauge_liveall", "gauge_min", "gauge_x", "histogram", "summary", "info"];
        let named = files.iter().map(|(stem, pid, files)| {
            let entries = files.iter().flat_map(|(_, entries)| entries.clone()).collect::<Vec<_>>();
            (format!("{}_{pid}.db", stems[*stem]), entries)
        });
        let named: BTreeMap<String, Vec<Entry>> = named.collect();
        let named: Vec<(&str, Vec<Entry>)> = named.iter().map(|(name, entries)| (name.as_str(), entries.clone())).collect();
        is_streamed(&named);
    }
}

#[test]
fn a_family_of_many_lines_is_written_in_pieces() {
    let wide = "w".repeat(300);
    let number = |at: u32| format!("{wide}{at:05}");
    let entries = |stem: &'static str, suffix| -> Vec<Entry> {
        let entry = |at: u32| {
            entry(
                stem,
                suffix,
                &[("q", &number(at)), ("a", "1")],
                f64::from(at) / 8.0,
            )
        };
        (0..4000).map(entry).collect()
    };
    assert!(is_streamed(&[
        ("gauge_all_8.db", entries("g", "")),
        ("gauge_all_10.db", entries("g", "")),
        ("counter_8.db", entries("c", "_total")),
    ]));
}

type Files = Vec<(&'static str, Vec<Entry>)>;

fn plain(family: &str, suffix: &'static str, value: f64) -> Vec<Entry> {
    vec![entry(family, suffix, &[], value)]
}

fn bucket(le: &str, value: f64) -> Entry {
    entry("h", "_bucket", &[("le", le)], value)
}

/// Files that say too little, or one thing twice.
fn unusual_names() -> Vec<(&'static str, Files)> {
    let two = |one, other| -> Files { vec![(one, plain("a", "", 1.0)), (other, plain("a", "", 2.0))] };
    let one = |name| -> Files { vec![(name, plain("a", "", 1.0))] };
    vec![
        ("one family of two types, M3", two("counter_1.db", "summary_1.db")),
        (
            "one family of two modes, M3",
            two("gauge_min_1.db", "gauge_max_1.db"),
        ),
        (
            "ids that are one pid, M2",
            two("gauge_all_worker_1.db", "gauge_all_worker_2.db"),
        ),
        (
            "one pid in two files of a merge mode, M8",
            two("gauge_all_1.db", "gauge_liveall_1.db"),
        ),
        ("a pid with a quote", one("gauge_all_\".db")),
        ("a type without a file of its own", one("info_1.db")),
        ("a name without a pid", one("gauge_all.db")),
        ("a name that is none", one("metrics.db")),
    ]
}

/// Entries whose merge is more than a number a key.
fn unusual_entries() -> Vec<(&'static str, Files)> {
    let histogram = |entries: &[Entry]| -> Files { vec![("histogram_1.db", entries.to_vec())] };
    let infinite = |name, value| (name, plain("a", "_total", value));
    vec![
        (
            "a user's pid, M5",
            vec![("gauge_all_1.db", vec![entry("a", "", &[("pid", "x")], 1.0)])],
        ),
        (
            "a user's pid that is a number, M5",
            vec![("gauge_all_1.db", vec![entry("a", "", &[("pid", "7")], 1.0)])],
        ),
        (
            "a sum that is none, M4",
            vec![
                infinite("counter_1.db", f64::INFINITY),
                infinite("counter_2.db", f64::NEG_INFINITY),
            ],
        ),
        (
            "a count that overflows, M9",
            histogram(&[bucket("1.0", f64::MAX), bucket("+Inf", f64::MAX)]),
        ),
        (
            "one bound written twice, M9",
            histogram(&[bucket("1", 1.0), bucket("1.0", 1.0)]),
        ),
        ("a bound that is none, M9", histogram(&[bucket("wide", 1.0)])),
        (
            "a sum with a bound, M9",
            histogram(&[entry("h", "_sum", &[("le", "1.0")], 1.0)]),
        ),
        (
            "a bucket without a bound, M9",
            histogram(&[entry("h", "_bucket", &[], 1.0)]),
        ),
        (
            "a sample of its own in a histogram, M9",
            histogram(&[bucket("+Inf", 1.0), entry("h", "_max", &[], 7.0)]),
        ),
        (
            "a stored count, M9",
            histogram(&[bucket("+Inf", 1.0), entry("h", "_count", &[], 7.0)]),
        ),
        (
            "a family that text sets apart",
            vec![("counter_1.db", plain("a", "_created", 1.0))],
        ),
    ]
}

#[test]
fn what_is_unusual_is_left_to_the_merge_of_series() {
    for (what, files) in unusual_names().into_iter().chain(unusual_entries()) {
        assert!(!is_streamed(&files), "{what}");
    }
}

#[test]
fn two_helps_of_one_series_are_left_to_the_merge_of_series_m4() {
    let dir = tempfile::tempdir().unwrap();
    write(
        Layout::Python16,
        dir.path(),
        "counter_1.db",
        &[entry("a", "_total", &[], 1.0)],
    );
    write(
        Layout::Python16,
        dir.path(),
        "counter_2.db",
        &[entry("a", "_total", &[], 2.0)],
    );
    let path = dir.path().join("counter_2.db");
    let bytes = fs::read(&path).unwrap();
    let at = bytes.windows(4).position(|bytes| bytes == b"Help").unwrap();
    fs::write(&path, [&bytes[..at], b"HELP", &bytes[at + 4..]].concat()).unwrap();
    assert_eq!(by_stream(dir.path(), 1), None);
    let text = MergedText::read(dir.path(), 1).unwrap().to_string();
    assert_eq!(
        text,
        "# HELP a_total Help of a.\n# TYPE a_total counter\na_total 3.0\n"
    );
}

#[test]
fn a_corrupt_file_is_the_same_error_m13() {
    let dir = tempfile::tempdir().unwrap();
    write(
        Layout::Python16,
        dir.path(),
        "counter_1.db",
        &[entry("a", "_total", &[], 1.0)],
    );
    fs::write(dir.path().join("counter_2.db"), [255, 255, 0, 0, 0, 0, 0, 0]).unwrap();
    let error = MergedText::read(dir.path(), 2).unwrap_err().to_string();
    assert_eq!(Err(error), by_series(dir.path()));
    let error = MergedText::read(&dir.path().join("none"), 2).unwrap_err();
    assert!(matches!(error, TruthError::Directory { .. }));
}

#[test]
fn no_files_and_files_without_entries_are_no_text() {
    assert!(is_streamed(&[]));
    assert!(is_streamed(&[("counter_1.db", Vec::new())]));
}

#[test]
fn files_of_older_clients_need_no_series_and_other_files_do_m7_m13_r6() {
    use Layout::{GitlabRuby, Python3Key, Python8, Python16};
    for layout in [Python16, Python8, Python3Key] {
        let file = |name: &'static str| (layout, name, plain(&name[..7], "", 1.5));
        let of_all_kinds = ["counter_1.db", "gauge_all_1.db", "gauge_max_1.db", "summary_1.db"];
        assert!(is_streamed_of(&of_all_kinds.map(file)), "{layout}");
        let latest = (layout, "gauge_mostrecent_1.db", plain("g", "", 1.5));
        assert_eq!(is_streamed_of(&[latest]), layout == Python16, "{layout}");
    }
    assert!(!is_streamed_of(&[(
        GitlabRuby,
        "counter_1-0.db",
        plain("c", "", 1.5)
    )]));
    for other in ["counter_2.db", "summary_2.db"] {
        let files = [(Python16, "counter_1.db"), (Python8, other)];
        assert!(!is_streamed_of(&files.map(|(layout, name)| (
            layout,
            name,
            plain(&name[..7], "", 1.5)
        ))));
    }
}
