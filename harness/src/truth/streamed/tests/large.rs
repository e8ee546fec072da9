//! What is large is dealt out to threads, and written in pieces.

use super::super::super::content::PIECE_BYTES;
use super::*;

#[test]
fn a_large_directory_is_dealt_out_by_length_and_a_small_one_is_not() {
    let dir = tempfile::tempdir().unwrap();
    for (name, mebibytes) in [
        ("counter_1.db", 2),
        ("gauge_all_1.db", 1),
        ("gauge_all_2.db", 5),
        ("summary_1.db", 4),
    ] {
        let file = fs::File::create(dir.path().join(name)).unwrap();
        file.set_len(mebibytes << 20).unwrap();
    }
    let files = || raw_snapshot::metric_files(dir.path()).unwrap();
    let dealt_out = |threads, files| dealt_out(threads, group::groups(files).unwrap());
    for (threads, worthwhile) in [(0, 0), (1, 1), (2, 2), (3, 3), (64, 3)] {
        assert_eq!(dealt_out(threads, files()).0, worthwhile);
    }
    let lengths = dealt_out(2, files())
        .1
        .iter()
        .map(Group::length)
        .collect::<Vec<_>>();
    assert_eq!(lengths, [6 << 20, 4 << 20, 2 << 20]);
    assert!(dealt_out(64, files()[..1].to_vec()).0 <= 1);
}

#[test]
fn a_text_of_many_short_lines_takes_no_more_than_twice_its_length_in_memory() {
    let entries: Vec<Entry> = (0..1000)
        .map(|at: u16| {
            entry(
                "f",
                "_total",
                &[("q", &at.to_string())],
                -1.234_567_890_123_456_7e-308,
            )
        })
        .collect();
    let dir = tempfile::tempdir().unwrap();
    write(Layout::Python16, dir.path(), "counter_1.db", &entries);
    let groups = group::groups(raw_snapshot::metric_files(dir.path()).unwrap()).unwrap();
    let [text] = &streamed(&groups, 1).unwrap()[..] else {
        panic!("it is one piece")
    };
    assert!(
        text.capacity() < 2 * text.len(),
        "{} for {}",
        text.capacity(),
        text.len()
    );
}

#[test]
fn a_long_text_is_in_pieces_that_take_little_more_memory_than_they_are_long() {
    let longest_float = -1.234_567_890_123_456_7e-308;
    let wide = "w".repeat(50_000);
    for (name, suffix, added, lines, pieces) in [
        ("counter_1.db", "_total", None, 1, 2),
        ("gauge_all_1234567890123456789.db", "", None, 1, 2),
        ("histogram_1.db", "_bucket", Some(("le", "+Inf")), 2, 4),
    ] {
        let entries = (0..80).map(|at| {
            let first = format!("{wide}{at}");
            let labels = [("a", first.as_str()), ("z", &wide)].into_iter().chain(added);
            entry("f", suffix, &labels.collect::<Vec<_>>(), longest_float)
        });
        let dir = tempfile::tempdir().unwrap();
        write(Layout::Python16, dir.path(), name, &entries.collect::<Vec<_>>());
        let groups = group::groups(raw_snapshot::metric_files(dir.path()).unwrap()).unwrap();
        let text = streamed(&groups, 1).unwrap();
        assert_eq!(text.concat().lines().count(), 2 + 80 * lines, "{name}");
        assert_eq!(text.len(), pieces, "{name}");
        for piece in text {
            assert!(
                piece.capacity() < piece.len() * 11 / 10,
                "{name}: {}",
                piece.capacity()
            );
        }
    }
}

/// More of them than a piece has room for, of which none ends where one does.
fn many(of: impl Fn(&str) -> Entry) -> Vec<Entry> {
    let entries = |wide: usize| (0..).map(move |at| format!("{at}{}", "w".repeat(wide)));
    entries(1000)
        .take(PIECE_BYTES / 500)
        .map(|label| of(&label))
        .collect()
}

#[test]
fn a_long_file_is_read_in_pieces_that_cut_entries_through() {
    let counters = many(|label| entry("c", "_total", &[("q", label)], 1.5));
    let gauges = many(|label| entry("g", "", &[("q", label)], 2.5));
    let buckets = many(|label| entry("h", "_bucket", &[("le", "+Inf"), ("q", label)], 3.5));
    for layout in [Layout::Python16, Layout::Python8, Layout::Python3Key] {
        assert!(is_streamed_of(&[
            (layout, "counter_1.db", counters.clone()),
            (layout, "counter_2.db", counters.iter().rev().cloned().collect()),
            (layout, "gauge_all_1.db", gauges.clone()),
            (layout, "gauge_all_2.db", gauges.iter().rev().cloned().collect()),
            (layout, "histogram_1.db", buckets.clone()),
            (layout, "histogram_2.db", buckets.iter().rev().cloned().collect()),
        ]));
    }
}

#[test]
fn an_entry_that_is_longer_than_a_piece_is_left_to_the_merge_of_series() {
    let of = |length: usize| entry("c", "_total", &[("q", &"w".repeat(length))], 1.0);
    assert!(is_streamed(&[(
        "counter_1.db",
        vec![of(1), of(PIECE_BYTES - 100), of(2)]
    )]));
    assert!(!is_streamed(&[(
        "counter_1.db",
        vec![of(1), of(PIECE_BYTES), of(2)]
    )]));
}
