//! R1 to R15: files of the Ruby client, and how it merges them.

use counterfoil::exposition::text;
use counterfoil::series::{Labels, MetricType, Series};
use counterfoil::truth::{Admissible, Mode, Snapshot, Truth};

use crate::encoder::{Directory, encode};

/// A key as R3 has it, and a value.
fn entry(name: &str, labels: &[(&str, &str)], value: f64) -> (String, f64, f64) {
    sample(name, name, labels, value)
}

fn sample(family: &str, name: &str, labels: &[(&str, &str)], value: f64) -> (String, f64, f64) {
    let (names, values): (Vec<&str>, Vec<&str>) = labels.iter().copied().unzip();
    (
        serde_json::json!([family, name, names, values]).to_string(),
        value,
        0.0,
    )
}

trait Ruby {
    fn ruby(self, name: &str, entries: &[(String, f64, f64)]) -> Self;
}

impl Ruby for Directory {
    fn ruby(self, name: &str, entries: &[(String, f64, f64)]) -> Self {
        let mut bytes = encode(entries, 8);
        bytes.resize(bytes.len().max(4096), 0);
        self.with_bytes(name, &bytes)
    }
}

fn served(directory: &Directory) -> Vec<String> {
    let text = text::write(&directory.truth().to_exposition());
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

fn answer<'a>(truth: &'a Truth, name: &str, labels: &[(&str, &str)]) -> Option<&'a Admissible> {
    let labels = labels
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    truth.admissible(&Series::new(name, Labels::new(labels)))
}

/// One gauge `g` in that mode, a value for every id.
fn gauges(mode: &str, values: &[(&str, f64)]) -> Directory {
    values.iter().fold(Directory::new(), |directory, (id, value)| {
        directory.ruby(
            &format!("gauge_{mode}_{id}-0.db"),
            &[entry("g", &[("q", "a")], *value)],
        )
    })
}

#[test]
fn a_file_is_read_to_its_used_byte_and_a_new_one_is_empty_r1_r2() {
    let directory = Directory::new()
        .ruby(
            "counter_7-0.db",
            &[entry("c", &[("q", "é")], 1.5), entry("d", &[], -0.25)],
        )
        .with_bytes("counter_8-0.db", &[0; 4096]);
    assert_eq!(served(&directory), ["c{q=\"é\"} 1.5", "d -0.25"]);
    assert_eq!(directory.snapshot().files()[0].entries[0].timestamp, 0.0);
}

#[test]
fn label_values_that_are_no_strings_are_served_as_they_are_written_r3() {
    let key = r#"["c","c",["f","i","n","t"],[1.0e+20,1,null,true]]"#;
    let directory = Directory::new().ruby("counter_7-0.db", &[(key.to_owned(), 1.0, 0.0)]);
    assert_eq!(served(&directory), [r#"c{f="1.0e+20",i="1",n="",t="true"} 1.0"#]);
}

#[test]
fn a_counter_is_called_what_it_is_stored_as_r4() {
    let directory = Directory::new().ruby(
        "counter_7-0.db",
        &[entry("jobs", &[], 1.0), entry("runs_total", &[], 2.0)],
    );
    let expected = "# HELP jobs Multiprocess metric\n# TYPE jobs counter\njobs 1.0\n\
                    # HELP runs_total Multiprocess metric\n# TYPE runs_total counter\nruns_total 2.0\n";
    let truth = directory.truth();
    assert_eq!(text::write(&truth.to_exposition()), expected);
    // Checks and ledger call a counter by its name without `_total`.
    let names: Vec<&str> = truth.families.iter().map(|family| family.name.as_str()).collect();
    assert_eq!(names, ["jobs", "runs"]);
}

#[test]
fn an_id_is_all_the_fields_behind_the_mode_r5() {
    let directory = gauges("all", &[("worker_1", 1.0), ("worker_2", 2.0)]);
    assert_eq!(
        served(&directory),
        [r#"g{pid="worker_1",q="a"} 1.0"#, r#"g{pid="worker_2",q="a"} 2.0"#]
    );
    assert_eq!(
        directory.snapshot().pids().into_iter().collect::<Vec<_>>(),
        ["worker_1", "worker_2"]
    );
}

#[test]
fn a_name_without_a_second_field_fails_the_merge_an_empty_files_too_r5() {
    let directory = gauges("all", &[("7", 1.0)]).with_bytes("app.db", &[0; 64]);
    assert!(
        directory.complaint().contains("the name of"),
        "{}",
        directory.complaint()
    );
    let other_type = gauges("all", &[("7", 1.0)]).ruby("timer_7-0.db", &[entry("t", &[], 1.0)]);
    assert!(other_type.complaint().contains("a known type"));
    let without_entries = gauges("all", &[("7", 1.0)]).ruby("timer_7-0.db", &[]);
    assert_eq!(served(&without_entries).len(), 1);
}

#[test]
fn an_empty_file_has_the_process_that_its_name_says_r5() {
    let directory = gauges("all", &[("7", 1.0)]).with_bytes("counter_8-0.db", &[0; 4096]);
    assert_eq!(
        directory.snapshot().pids().into_iter().collect::<Vec<_>>(),
        ["7", "8"]
    );
}

#[test]
fn a_familys_type_is_that_of_its_least_key_r6() {
    let directory = Directory::new()
        .ruby("counter_7-0.db", &[sample("x", "x_b", &[], 1.0)])
        .ruby("summary_7-0.db", &[sample("x", "x_a", &[], 2.0)]);
    let truth = directory.truth();
    let kinds: Vec<MetricType> = truth.families[0]
        .outcomes
        .iter()
        .map(|outcome| outcome.kind)
        .collect();
    assert_eq!(kinds, [MetricType::Summary]);
    assert_eq!(truth.families[0].outcomes[0].samples.len(), 2);
}

#[test]
fn where_the_least_key_has_lines_of_several_types_any_may_be_the_familys_r6() {
    let directory = Directory::new()
        .ruby("counter_7-0.db", &[entry("x", &[], 1.0)])
        .ruby("gauge_all_7-0.db", &[entry("x", &[], 2.0)]);
    let shapes: Vec<(MetricType, Option<Mode>)> = directory.truth().families[0]
        .outcomes
        .iter()
        .map(|outcome| (outcome.kind, outcome.mode))
        .collect();
    assert_eq!(
        shapes,
        [(MetricType::Counter, None), (MetricType::Gauge, Some(Mode::All))]
    );
}

#[test]
fn min_max_and_livesum_are_what_they_say_and_the_rest_is_told_apart_r7() {
    for (mode, line) in [
        ("min", "g{q=\"a\"} 1.0"),
        ("max", "g{q=\"a\"} 4.0"),
        ("livesum", "g{q=\"a\"} 5.0"),
    ] {
        for values in [[("1", 4.0), ("2", 1.0)], [("1", 1.0), ("2", 4.0)]] {
            assert_eq!(served(&gauges(mode, &values)), [line], "{mode}");
        }
    }
    for mode in ["all", "liveall", "sum", "mostrecent"] {
        let lines = [r#"g{pid="1",q="a"} 4.0"#, r#"g{pid="2",q="a"} 1.0"#];
        assert_eq!(served(&gauges(mode, &[("1", 4.0), ("2", 1.0)])), lines, "{mode}");
    }
}

#[test]
fn of_one_process_the_last_file_in_name_order_stays_r7_r15() {
    let file = |number, value| (format!("gauge_all_7-{number}.db"), [entry("g", &[], value)]);
    let directory = [file(0, 1.0), file(10, 3.0), file(9, 2.0)]
        .iter()
        .fold(Directory::new(), |directory, (name, entries)| {
            directory.ruby(name, entries)
        });
    // `-10` comes before `-9`.
    assert_eq!(served(&directory), [r#"g{pid="7"} 2.0"#]);
}

#[test]
fn sums_are_exact_because_the_order_of_files_is_fixed_r6_r7() {
    let values = [1e16, 1.0, 1.0];
    let directory = (1..)
        .zip(values)
        .fold(Directory::new(), |directory, (id, value)| {
            directory.ruby(&format!("counter_{id}-0.db"), &[entry("c", &[], value)])
        });
    let truth = directory.truth();
    assert!(matches!(answer(&truth, "c", &[]), Some(Admissible::Exact(1e16))));
}

#[test]
fn keys_are_one_if_their_bytes_are_and_the_entry_added_decides_how_r8() {
    // The same series to a reader, two keys to the client: two lines.
    let number = (r#"["c","c",["q"],[1]]"#.to_owned(), 1.0, 0.0);
    let directory = Directory::new().ruby("counter_7-0.db", &[number, entry("c", &[("q", "1")], 2.0)]);
    let truth = directory.truth();
    let either = answer(&truth, "c", &[("q", "1")]).unwrap();
    assert!(either.admits(1.0) && either.admits(2.0) && !either.admits(3.0));
    // A sum is added to the line that a told-apart gauge began, whose pid stays.
    let mixed = Directory::new()
        .ruby("gauge_all_7-0.db", &[entry("g", &[], 5.0)])
        .ruby("gauge_livesum_8-0.db", &[entry("g", &[], 3.0)]);
    assert_eq!(served(&mixed), [r#"g{pid="7"} 8.0"#]);
    // The other way round, only the process that began the line is assigned to it.
    let mixed = Directory::new()
        .ruby("gauge_livesum_8-0.db", &[entry("g", &[], 3.0)])
        .ruby("gauge_quiet_7-0.db", &[entry("g", &[], 5.0)])
        .ruby("gauge_quiet_8-0.db", &[entry("g", &[], 9.0)]);
    assert_eq!(served(&mixed), ["g 9.0", r#"g{pid="7"} 5.0"#]);
}

#[test]
fn nan_replaces_and_is_replaced_r9() {
    for mode in ["min", "max"] {
        let of = |values: &[(&str, f64)]| served(&gauges(mode, values));
        assert_eq!(of(&[("1", 1.0), ("2", f64::NAN)]), ["g{q=\"a\"} NaN"]);
        assert_eq!(of(&[("1", f64::NAN), ("2", 2.0)]), ["g{q=\"a\"} 2.0"]);
        // So does the later one of two that are equal.
        assert_eq!(of(&[("1", 0.0), ("2", -0.0)]), ["g{q=\"a\"} -0.0"]);
    }
    assert_eq!(
        served(&gauges("min", &[("1", 1.0), ("2", f64::NAN), ("3", 5.0)])),
        ["g{q=\"a\"} 5.0"]
    );
}

#[test]
fn a_users_pid_gives_way_where_processes_are_told_apart_and_stays_elsewhere_r10() {
    let mine = [entry("g", &[("pid", "mine")], 1.0)];
    let told_apart = Directory::new().ruby("gauge_all_7-0.db", &mine);
    assert_eq!(served(&told_apart), [r#"g{pid="7"} 1.0"#]);
    for mode in ["min", "max", "livesum"] {
        let other = Directory::new().ruby(&format!("gauge_{mode}_7-0.db"), &mine);
        assert_eq!(served(&other), [r#"g{pid="mine"} 1.0"#], "{mode}");
    }
}

#[test]
fn a_file_shorter_than_a_header_is_empty_and_used_has_no_sign_r11() {
    for short in [&b""[..], b"\xff\xff\xff\xff", b"\x64\0\0\0\0\0\0"] {
        let directory = gauges("all", &[("7", 1.0)]).with_bytes("counter_8-0.db", short);
        assert_eq!(served(&directory).len(), 1, "{short:?}");
    }
    let mut negative = [0; 4096];
    negative[..4].copy_from_slice(&(-5_i32).to_ne_bytes());
    let said = gauges("all", &[("7", 1.0)])
        .with_bytes("counter_8-0.db", &negative)
        .complaint();
    assert!(
        said.contains("used is 4294967291, but the file has 4096 bytes"),
        "{said}"
    );
}

#[test]
fn a_header_that_is_all_of_a_file_says_whether_it_is_at_fault_r11() {
    for (used, fault) in [
        (0, None),
        (8, None),
        (9, Some("used is 9, but the file has 8 bytes")),
    ] {
        let header = [i32::to_ne_bytes(used), [0; 4]].concat();
        let directory = gauges("all", &[("7", 1.0)]).with_bytes("counter_8-0.db", &header);
        let snapshot = directory.snapshot();
        let said = snapshot.files()[0]
            .fault
            .as_ref()
            .map(|(_, fault)| fault.to_string());
        assert_eq!(said.as_deref(), fault);
    }
}

#[test]
fn four_bytes_behind_the_last_entry_are_passed_over_and_more_are_not_r11() {
    let whole = encode(&[entry("c", &[], 1.0)], 8);
    let with_used = |more: usize| {
        let mut bytes = whole.clone();
        bytes.resize(4096, 0);
        bytes[..4].copy_from_slice(&i32::try_from(whole.len() + more).unwrap().to_ne_bytes());
        Directory::new().with_bytes("counter_7-0.db", &bytes)
    };
    assert_eq!(served(&with_used(4)), ["c 1.0"]);
    assert!(with_used(5).complaint().contains("the entry reaches beyond used"));
    assert!(with_used(0).snapshot().merge().is_ok());
}

#[test]
fn a_file_that_is_gone_fails_the_read_a_live_gauges_too_r11() {
    let directory = gauges("liveall", &[("7", 1.0)]);
    std::os::unix::fs::symlink("nowhere", directory.path().join("gauge_liveall_8-0.db")).unwrap();
    let error = Snapshot::read(directory.path()).unwrap_err();
    assert!(error.to_string().contains("gauge_liveall_8-0.db"), "{error}");
}

#[test]
fn a_key_with_too_many_labels_fails_the_merge_r12() {
    let labels: Vec<String> = (0..98).map(|at| format!("l{at:02}")).collect();
    let pairs: Vec<(&str, &str)> = labels.iter().map(|name| (name.as_str(), "v")).collect();
    let of = |count: usize| Directory::new().ruby("counter_7-0.db", &[entry("c", &pairs[..count], 1.0)]);
    assert_eq!(served(&of(97)).len(), 1);
    assert!(
        of(98).complaint().contains("98 label names and 98 values"),
        "{}",
        of(98).complaint()
    );
}

#[test]
fn buckets_are_summed_as_they_are_stored_and_may_fall_r13() {
    let bucket = |le: &str, value| sample("h", "h_bucket", &[("le", le)], value);
    let count = |value| sample("h", "h_count", &[], value);
    let directory = Directory::new()
        .ruby(
            "histogram_1-0.db",
            &[
                bucket("1", 3.0),
                bucket("2", 4.0),
                bucket("+Inf", 5.0),
                count(5.0),
            ],
        )
        .ruby(
            "histogram_2-0.db",
            &[
                bucket("1", 2.0),
                bucket("1.0", 1.0),
                bucket("+Inf", 3.0),
                count(3.0),
            ],
        );
    let truth = directory.truth();
    for (le, value) in [("1", 5.0), ("1.0", 1.0), ("2", 4.0), ("+Inf", 8.0)] {
        let got = answer(&truth, "h_bucket", &[("le", le)]);
        assert!(
            matches!(got, Some(Admissible::Exact(sum)) if *sum == value),
            "{le}: {got:?}"
        );
    }
    assert!(matches!(
        answer(&truth, "h_count", &[]),
        Some(Admissible::Exact(8.0))
    ));
}

#[test]
fn the_truth_has_a_label_as_the_process_set_it_r14() {
    let directory = Directory::new().ruby("counter_7-0.db", &[entry("c", &[("q", "a\tb\u{1}\n\"")], 1.0)]);
    assert!(answer(&directory.truth(), "c", &[("q", "a\tb\u{1}\n\"")]).is_some());
}

#[test]
fn shares_are_what_each_file_adds_to_a_line_r8() {
    let directory =
        gauges("livesum", &[("1", 1.0), ("2", 2.0)]).ruby("counter_1-0.db", &[entry("c", &[], 4.0)]);
    let snapshot = directory.snapshot();
    let labels = Labels::new([("q".to_owned(), "a".to_owned())]);
    let shares = snapshot.shares(&Series::new("g", labels));
    let named: Vec<(&str, &str, f64)> = shares
        .iter()
        .map(|share| (share.pid.as_str(), share.file.as_str(), share.value))
        .collect();
    assert_eq!(
        named,
        [
            ("1", "gauge_livesum_1-0.db", 1.0),
            ("2", "gauge_livesum_2-0.db", 2.0)
        ]
    );
    assert_eq!(snapshot.shares(&Series::new("c", Labels::default()))[0].pid, "1");
}

#[test]
fn a_told_apart_gauge_joins_a_line_of_any_type_whose_id_is_its_own_r5_r8() {
    // Of a counter's name, too, the id is what stands behind the second `_`.
    let directory = Directory::new()
        .ruby("counter_worker_1-0.db", &[entry("x", &[], 1.0)])
        .ruby("gauge_all_1-0.db", &[entry("x", &[], 5.0)])
        .ruby("gauge_all_2-0.db", &[entry("x", &[], 6.0)]);
    assert_eq!(served(&directory), ["x 5.0", r#"x{pid="2"} 6.0"#]);
}
