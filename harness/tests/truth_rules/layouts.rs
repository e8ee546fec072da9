//! Every layout is told by its content and read; files of several layouts are nobody's.

use counterfoil::exposition::text;
use counterfoil::truth::{Layout, MetricFile};

use crate::encoder::{Directory, encode, key, padded};

type Entry = (String, f64, f64);

/// Two entries as the layout's client writes them.
fn entries(layout: Layout) -> Vec<Entry> {
    let of = |name: &str, value: f64| match layout {
        Layout::Python16 | Layout::Python8 => (
            key(name, &format!("{name}_total"), &[("q", "a")], "Help."),
            value,
            0.0,
        ),
        Layout::Python3Key => (format!(r#"["{name}", "{name}_total", {{"q": "a"}}]"#), value, 0.0),
        Layout::GitlabRuby => (format!(r#"["{name}","{name}",["q"],["a"]]"#), value, 0.0),
    };
    vec![of("c", 1.5), of("d", 2.5)]
}

fn value_length(layout: Layout) -> usize {
    if layout == Layout::Python16 { 16 } else { 8 }
}

fn file(layout: Layout) -> Vec<u8> {
    encode(&entries(layout), value_length(layout))
}

#[test]
fn every_layout_is_told_by_its_content_and_read() {
    for layout in Layout::ALL {
        for count in [1, 2] {
            let bytes = encode(&entries(layout)[..count], value_length(layout));
            let directory = Directory::new().with_bytes("counter_1.db", &padded(&bytes));
            let snapshot = directory.snapshot();
            assert_eq!(snapshot.layout(), Some(layout));
            let read: Vec<f64> = snapshot.files()[0]
                .entries
                .iter()
                .map(|entry| entry.value)
                .collect();
            assert_eq!(read, [1.5, 2.5][..count], "{layout}");
            assert_eq!(directory.truth().families.len(), count);
        }
    }
}

#[test]
fn a_layout_is_told_by_the_shape_of_the_first_key_f4_r3() {
    for (key, layout) in [
        (r#"["c", "c", {}, "Help."]"#, Some(Layout::Python16)),
        (r#"["c", "c", [], "Help."]"#, Some(Layout::Python16)),
        (r#"["c", "c", "Help.", []]"#, Some(Layout::Python16)),
        (r#"["c", "c", {}]"#, Some(Layout::Python3Key)),
        (r#"["c", "c", "Help."]"#, None),
        (r#"["c", "c", [], []]"#, Some(Layout::GitlabRuby)),
        (r#"["c", "c"]"#, None),
        (r#"["c", "c", {}, "Help.", 1]"#, None),
        ("7", None),
        ("c", None),
    ] {
        let used = encode(&[(key.to_owned(), 1.0, 0.0)], 16);
        assert_eq!(Layout::recognise(&used), layout, "{key}");
    }
}

#[test]
fn the_padding_of_a_key_does_not_mislead_about_what_follows_it_f3() {
    for layout in [Layout::Python16, Layout::Python8] {
        for (length, timestamp) in (0..16).flat_map(|length| [(length, 0.0), (length, 1.7e9), (length, -1.0)])
        {
            let key = |name: &str| key(name, name, &[], &"h".repeat(length));
            let entries = [
                (key("a"), 1.0, timestamp),
                (key("b"), f64::NAN, timestamp),
                (key("c"), 3.0, 0.0),
            ];
            let bytes = encode(&entries, value_length(layout));
            let directory = Directory::new().with_bytes("counter_1.db", &padded(&bytes));
            let snapshot = directory.snapshot();
            assert_eq!(
                (snapshot.layout(), &snapshot.files()[0].fault),
                (Some(layout), &None)
            );
            assert_eq!(snapshot.files()[0].entries.len(), 3);
        }
    }
}

#[test]
fn help_is_the_clients_own_text_where_the_key_has_none_r4() {
    for layout in [Layout::Python3Key, Layout::GitlabRuby] {
        let truth = Directory::new().with_bytes("counter_1.db", &file(layout)).truth();
        assert_eq!(truth.families[0].outcomes[0].helps, ["Multiprocess metric"]);
    }
    let truth = Directory::new()
        .with_bytes("counter_1.db", &file(Layout::Python8))
        .truth();
    assert_eq!(truth.families[0].outcomes[0].helps, ["Help."]);
}

#[test]
fn without_timestamps_a_mode_that_needs_them_is_all_m7() {
    let entry = |value| [(key("g", "g", &[], "Help."), value, 0.0)];
    let truth = Directory::new()
        .with_bytes("gauge_mostrecent_1.db", &encode(&entry(1.0), 8))
        .with_bytes("gauge_mostrecent_2.db", &encode(&entry(2.0), 8))
        .truth();
    let expected = "# HELP g Help.\n# TYPE g gauge\ng{pid=\"1\"} 1.0\ng{pid=\"2\"} 2.0\n";
    assert_eq!(text::write(&truth.to_exposition()), expected);
}

#[test]
fn a_bucket_beyond_1e10_is_served_as_the_release_renders_it_that_stored_it_m12() {
    let bucket = |le: &str| (key("h", "h_bucket", &[("le", le)], "Help."), 1.0, 0.0);
    let served = |le: &str| {
        let truth = Directory::new().with("histogram_1.db", &[bucket(le)]).truth();
        text::write(&truth.to_exposition())
    };
    assert!(served("1e+010").contains("h_bucket{le=\"1e+010\"} 1.0\n"));
    assert!(served("1e+10").contains("h_bucket{le=\"1e+10\"} 1.0\n"));
}

/// How long a new file of each client is.
const INITIAL_LENGTHS: [(Layout, usize); 4] = [
    (Layout::Python16, 64 << 10),
    (Layout::Python8, 64 << 10),
    (Layout::Python3Key, 1 << 20),
    (Layout::GitlabRuby, 4 << 10),
];

#[test]
fn a_kept_file_is_as_long_as_its_client_makes_one_f5_r1() {
    for (layout, length) in INITIAL_LENGTHS {
        let directory = Directory::new().with_bytes("counter_1-0.db", &file(layout));
        let copy = tempfile::tempdir().unwrap();
        directory.snapshot().copy_to(copy.path()).unwrap();
        let kept = std::fs::read(copy.path().join("counter_1-0.db")).unwrap();
        assert_eq!(kept.len(), length, "{layout}");
    }
}

#[test]
fn a_file_that_is_made_of_entries_is_the_one_that_a_client_makes_of_them_f2_f5_r1() {
    for (layout, length) in INITIAL_LENGTHS {
        let mut expected = file(layout);
        let (first, second) = expected[8..].split_at((expected.len() - 8) / 2);
        let made = layout.file_of(&[first, second]);
        let doubled = layout
            .file_of(&vec![first; length.div_ceil(first.len())])
            .unwrap();
        assert_eq!(doubled.len(), 2 * length, "{layout}");
        expected.resize(length, 0);
        assert_eq!(made, Some(expected), "{layout}");
    }
    let gibibyte = vec![&[0; 1 << 20][..]; 1024];
    assert_eq!(
        Layout::Python16.file_of(&[&gibibyte[..], &gibibyte[..]].concat()),
        None
    );
}

#[test]
fn a_broken_entry_is_shown_where_it_is_whatever_the_layout_m13() {
    for layout in Layout::ALL {
        let mut bytes = file(layout);
        let second = encode(&entries(layout)[..1], value_length(layout)).len();
        bytes[second + 6] = 0xff;
        let directory = Directory::new().with_bytes("counter_1.db", &bytes);
        let file = MetricFile::read(&directory.path().join("counter_1.db")).unwrap();
        assert_eq!((file.layout, file.entries.len()), (Some(layout), 1));
        assert!(
            matches!(&file.fault, Some((offset, _)) if *offset == second),
            "{:?}",
            file.fault
        );
    }
}

#[test]
fn a_key_of_another_shape_is_told_what_its_layout_has_m13() {
    for (layout, shape) in [
        (Layout::Python16, "[family, sample, labels, help]"),
        (Layout::Python8, "[family, sample, labels, help]"),
        (Layout::Python3Key, "[family, sample, labels]"),
        (
            Layout::GitlabRuby,
            "[family, sample, [label names], [label values]]",
        ),
    ] {
        let [first, _] = <[Entry; 2]>::try_from(entries(layout)).unwrap();
        let bytes = encode(&[first, ("[7]".to_owned(), 1.0, 0.0)], value_length(layout));
        let said = Directory::new().with_bytes("counter_1-0.db", &bytes).complaint();
        assert!(
            said.contains(&format!(": the key is not {shape}: invalid")),
            "{said}"
        );
    }
}

#[test]
fn files_of_several_layouts_fail_the_merge_which_names_some_of_each_and_the_remedy_m13() {
    let mut directory = Directory::new().with_bytes("gauge_all_7.db", &file(Layout::Python16));
    for pid in 1..=5 {
        directory = directory.with_bytes(&format!("counter_{pid}.db"), &file(Layout::Python8));
    }
    let error = directory.snapshot().merge().unwrap_err();
    let found = "holds files of several layouts: python-16 (gauge_all_7.db) and \
                 python-8 (counter_1.db, counter_2.db, counter_3.db and 2 more)";
    assert!(error.to_string().ends_with(found), "{error}");
    let remedy = miette::Diagnostic::help(&error).unwrap().to_string();
    assert!(remedy.contains("empty the directory before"), "{remedy}");
}

#[test]
fn any_two_layouts_fail_the_merge_and_each_alone_does_not_m13() {
    for (at, one) in Layout::ALL.into_iter().enumerate() {
        for other in &Layout::ALL[at + 1..] {
            let directory = Directory::new()
                .with_bytes("counter_1-0.db", &file(one))
                .with_bytes("counter_2-0.db", &file(*other))
                .with_bytes("counter_3-0.db", &[0; 64]);
            let said = directory.complaint();
            assert!(
                said.contains(&one.to_string()) && said.contains(&other.to_string()),
                "{said}"
            );
            let snapshot = directory.snapshot();
            let alone = snapshot.merge_of(|file| file.layout != Some(*other)).unwrap();
            assert_eq!(alone.families.len(), 2);
        }
    }
}
