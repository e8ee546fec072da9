//! M2 to M12, and the admissible sets of collisions.

use std::collections::BTreeSet;
use std::sync::Arc;

use counterfoil::exposition::text;
use counterfoil::series::{Labels, MetricType, Series};
use counterfoil::truth::{Admissible, Mode, Snapshot, Truth};

use crate::encoder::{Directory, key, labelled, plain};
use crate::histograms::histograms;

pub(crate) fn series(sample: &str, labels: &[(&str, &str)]) -> Series {
    Series::new(
        sample,
        Labels::new(
            labels
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        ),
    )
}

/// What is served for a series: exactly that, or nothing.
pub(crate) fn exact(truth: &Truth, sample: &str, labels: &[(&str, &str)]) -> Option<f64> {
    truth
        .admissible(&series(sample, labels))
        .map(|admissible| match admissible {
            Admissible::Exact(value) => *value,
            other => panic!("{sample} is {other:?}"),
        })
}

fn set(truth: &Truth, sample: &str, labels: &[(&str, &str)]) -> Vec<f64> {
    match truth.admissible(&series(sample, labels)) {
        Some(Admissible::OneOf(values)) => {
            let mut values = values.clone();
            values.sort_by(f64::total_cmp);
            values
        }
        other => panic!("{sample} is {other:?}"),
    }
}

/// One gauge `g` in that mode, a value for every pid.
pub(crate) fn gauges(mode: &str, values: &[(&str, f64, f64)]) -> Directory {
    values
        .iter()
        .fold(Directory::new(), |directory, (pid, value, timestamp)| {
            directory.with(
                &format!("gauge_{mode}_{pid}.db"),
                &[(key("g", "g", &[], "Help."), *value, *timestamp)],
            )
        })
}

#[test]
fn an_id_with_an_underscore_makes_processes_collide_m2() {
    let truth = gauges(
        "all",
        &[("worker_1", 1.0, 0.0), ("worker_2", 2.0, 0.0), ("7", 3.0, 0.0)],
    )
    .truth();
    assert_eq!(set(&truth, "g", &[("pid", "wor")]), [1.0, 2.0]);
    assert_eq!(exact(&truth, "g", &[("pid", "7")]), Some(3.0));
}

#[test]
fn a_name_that_does_not_say_what_its_entries_need_fails_the_merge_m2() {
    let complaint = |name: &str| Directory::new().with(name, &[plain("g", "g", 1.0)]).complaint();
    assert!(complaint("timer_1.db").contains("does not say a known type"));
    assert!(complaint("gauge_1.db").contains("does not say a mode and a pid"));
    for name in ["timer_1.db", "gauge_1.db"] {
        let truth = Directory::new().with(name, &[]).truth();
        assert!(truth.families.is_empty(), "{name} has no entries");
    }
}

#[test]
fn type_and_mode_of_conflicting_files_are_open_m3() {
    let directory = Directory::new()
        .with(
            "counter_1.db",
            &[(key("x", "x_total", &[], "As a counter."), 1.0, 0.0)],
        )
        .with(
            "gauge_max_2.db",
            &[(key("x", "x", &[], "As a maximum."), 2.0, 0.0)],
        )
        .with("gauge_sum_3.db", &[(key("x", "x", &[], "As a sum."), 3.0, 0.0)]);
    let truth = directory.truth();
    let [family] = truth.families.as_slice() else {
        panic!("{:?}", truth.families)
    };
    let shapes: Vec<_> = family
        .outcomes
        .iter()
        .map(|outcome| (outcome.kind, outcome.mode))
        .collect();
    let gauge = MetricType::Gauge;
    assert_eq!(
        shapes,
        [
            (MetricType::Counter, None),
            (gauge, Some(Mode::Sum)),
            (gauge, Some(Mode::Max))
        ]
    );
    // The file that gives the mode is the last gauge file, so the other one was the first.
    let helps: Vec<_> = family
        .outcomes
        .iter()
        .map(|outcome| outcome.helps.join("|"))
        .collect();
    assert_eq!(helps, ["As a counter.", "As a maximum.", "As a sum."]);
    let served = |at: usize| {
        let samples = family.outcomes[at].samples.iter();
        samples
            .map(|(series, value)| format!("{series} {}", value.representative()))
            .collect::<Vec<_>>()
    };
    assert_eq!(served(0), ["x_total 1", r#"x{pid="2"} 2"#, r#"x{pid="3"} 3"#]);
    assert_eq!(
        (served(1), served(2)),
        (
            vec!["x_total 1".to_owned(), "x 5".to_owned()],
            vec!["x_total 1".to_owned(), "x 3".to_owned()]
        )
    );
}

#[test]
fn the_help_of_a_shape_is_one_of_those_that_can_be_read_first_for_it_m3() {
    let gauge = |help: &str| [(key("x", "x", &[], help), 1.0, 0.0)];
    let of_shapes = |directory: &Directory| -> Vec<(Option<Mode>, String)> {
        let family = directory.truth().families.remove(0);
        let shapes = family.outcomes.iter();
        shapes
            .map(|outcome| (outcome.mode, outcome.helps.join("|")))
            .collect()
    };
    let help = |mode, helps: &str| (mode, helps.to_owned());
    let directory = Directory::new()
        .with(
            "counter_1.db",
            &[(key("x", "x_total", &[], "Counted."), 1.0, 0.0)],
        )
        .with("gauge_max_1.db", &gauge("One."));
    let maximum = Some(Mode::Max);
    assert_eq!(
        of_shapes(&directory),
        [help(None, "Counted."), help(maximum, "One.")]
    );
    // Either file of the mode may be the last.
    let directory = directory.with("gauge_max_2.db", &gauge("Two."));
    assert_eq!(
        of_shapes(&directory),
        [help(None, "Counted."), help(maximum, "One.|Two.")]
    );
    let directory = directory.with("gauge_min_3.db", &gauge("Three."));
    assert_eq!(
        of_shapes(&directory),
        [
            help(None, "Counted."),
            help(Some(Mode::Min), "One.|Two."),
            help(maximum, "One.|Two.|Three.")
        ]
    );
}

#[test]
fn a_family_is_found_by_the_names_of_its_samples_m3() {
    let directory = Directory::new()
        .with("counter_1.db", &[plain("x", "x_total", 1.0)])
        .with("gauge_mostrecent_1.db", &[plain("unset", "unset", 1.0)]);
    let truth = directory.truth();
    assert_eq!(truth.family_of("x_total").unwrap().name, "x");
    assert_eq!(truth.family_of("unset").unwrap().name, "unset");
    let counter = truth.family_of("x_total").unwrap();
    assert!(counter.is_exposed_as("x_total") && !counter.is_exposed_as("x"));
    assert!(truth.family_of("x").is_none());
}

#[test]
fn counters_and_summaries_are_summed_also_where_help_differs_m4() {
    let entry = |help: &str, value| (key("c", "c_total", &[("q", "a")], help), value, 0.0);
    let directory = Directory::new()
        .with("counter_1.db", &[entry("One.", 1.0), entry("Two.", 0.25)])
        .with("counter_2.db", &[entry("Two.", 2.0)])
        .with(
            "summary_1.db",
            &[plain("s", "s_count", 1.0), plain("s", "s_sum", -2.5)],
        )
        .with(
            "summary_2.db",
            &[plain("s", "s_count", 2.0), plain("s", "s_sum", 0.5)],
        );
    let truth = directory.truth();
    assert_eq!(exact(&truth, "c_total", &[("q", "a")]), Some(3.25));
    assert_eq!(
        (exact(&truth, "s_count", &[]), exact(&truth, "s_sum", &[])),
        (Some(3.0), Some(-2.0))
    );
    assert_eq!(truth.families[0].outcomes[0].helps, ["One.", "Two."]);
}

#[test]
fn a_sum_that_rounds_is_near_m4() {
    let directory = (1..=3).fold(Directory::new(), |directory, pid| {
        directory.with(
            &format!("counter_{pid}.db"),
            &[plain("c", "c_total", if pid == 1 { 1e16 } else { 1.0 })],
        )
    });
    let truth = directory.truth();
    let sum = truth.admissible(&series("c_total", &[])).unwrap();
    assert!(
        sum.admits(1e16) && sum.admits(1e16 + 2.0) && !sum.admits(1.1e16),
        "{sum:?}"
    );
}

#[test]
fn all_has_a_pid_and_every_other_mode_has_none_m5() {
    for mode in ["all", "liveall"] {
        let truth = gauges(mode, &[("1", 1.0, 0.0), ("2", 2.0, 0.0)]).truth();
        assert_eq!(exact(&truth, "g", &[("pid", "1")]), Some(1.0), "{mode}");
        assert_eq!(exact(&truth, "g", &[("pid", "2")]), Some(2.0), "{mode}");
    }
    for (mode, value) in [("sum", 3.0), ("min", 1.0), ("max", 2.0), ("mostrecent", 2.0)] {
        let truth = gauges(mode, &[("1", 1.0, 10.0), ("2", 2.0, 20.0)]).truth();
        assert_eq!(exact(&truth, "g", &[]), Some(value), "{mode}");
    }
}

#[test]
fn the_processes_of_a_label_set_stand_side_by_side_m5_m10() {
    let of = |queue: &str, value| labelled("g", "g", &[("q", queue)], value);
    let directory = Directory::new()
        .with("gauge_all_1.db", &[of("b", 1.0), of("a", 2.0)])
        .with("gauge_all_2.db", &[of("a", 3.0), of("b", 4.0)]);
    let expected = r#"# HELP g Help.
# TYPE g gauge
g{pid="1",q="a"} 2.0
g{pid="2",q="a"} 3.0
g{pid="1",q="b"} 1.0
g{pid="2",q="b"} 4.0
"#;
    assert_eq!(text::write(&directory.truth().to_exposition()), expected);
}

#[test]
fn a_users_pid_is_overwritten_by_all_and_stripped_by_the_others_m5() {
    let mine = |pid: &str, value| labelled("g", "g", &[("pid", pid)], value);
    let directory = Directory::new().with("gauge_all_1.db", &[mine("a", 1.0), mine("b", 2.0)]);
    assert_eq!(set(&directory.truth(), "g", &[("pid", "1")]), [1.0, 2.0]);
    let directory = Directory::new().with("gauge_sum_1.db", &[mine("a", 1.0), mine("b", 2.0)]);
    assert_eq!(exact(&directory.truth(), "g", &[]), Some(3.0));
    let directory = Directory::new().with("counter_1.db", &[labelled("c", "c_total", &[("pid", "a")], 4.0)]);
    assert_eq!(exact(&directory.truth(), "c_total", &[("pid", "a")]), Some(4.0));
}

#[test]
fn a_nan_may_or_may_not_stay_in_min_and_max_m6() {
    let truth = gauges("min", &[("1", f64::NAN, 0.0), ("2", 5.0, 0.0), ("3", 4.0, 0.0)]).truth();
    let least = truth.admissible(&series("g", &[])).unwrap();
    assert!(least.admits(f64::NAN) && least.admits(4.0) && !least.admits(5.0));
    let truth = gauges("max", &[("1", f64::NAN, 0.0), ("2", f64::NEG_INFINITY, 0.0)]).truth();
    let greatest = truth.admissible(&series("g", &[])).unwrap();
    assert!(greatest.admits(f64::NAN) && greatest.admits(f64::NEG_INFINITY));
}

#[test]
fn mostrecent_serves_the_latest_a_tie_any_and_an_unset_one_its_header_alone_m7() {
    let truth = gauges("mostrecent", &[("1", 1.0, 30.0), ("2", 2.0, 20.0)]).truth();
    assert_eq!(exact(&truth, "g", &[]), Some(1.0));
    let truth = gauges("mostrecent", &[("1", 1.0, 30.0), ("2", 2.0, 30.0)]).truth();
    assert_eq!(set(&truth, "g", &[]), [1.0, 2.0]);
    let truth = gauges("mostrecent", &[("1", 1.0, 0.0)]).truth();
    assert_eq!(exact(&truth, "g", &[]), None);
    assert_eq!(
        text::write(&truth.to_exposition()),
        "# HELP g Help.\n# TYPE g gauge\n"
    );
}

#[test]
fn a_live_mode_merges_as_its_base_mode_m8() {
    let values = [("1", 1.0, 10.0), ("2", 2.0, 20.0)];
    for mode in ["all", "min", "max", "sum", "mostrecent"] {
        let base = text::write(&gauges(mode, &values).truth().to_exposition());
        let live = text::write(&gauges(&format!("live{mode}"), &values).truth().to_exposition());
        assert_eq!(base, live);
    }
}

#[test]
fn the_merge_of_some_files_leaves_the_others_out_m1() {
    let snapshot = histograms().snapshot();
    let truth = snapshot
        .merge_of(|file| file.name.pid.as_deref() == Some("1"))
        .unwrap();
    assert_eq!(exact(&truth, "h_count", &[("q", "a")]), Some(7.0));
}

#[test]
fn the_samples_of_a_summarys_label_set_stand_side_by_side_m10() {
    let of = |name: &str, queue: &str, value| labelled("s", name, &[("q", queue)], value);
    let entries = ["b", "a"].map(|queue| [of("s_count", queue, 1.0), of("s_sum", queue, 2.0)]);
    let directory = Directory::new().with("summary_1.db", &entries.concat());
    let expected = r#"# HELP s Help.
# TYPE s summary
s_count{q="a"} 1.0
s_sum{q="a"} 2.0
s_count{q="b"} 1.0
s_sum{q="b"} 2.0
"#;
    assert_eq!(text::write(&directory.truth().to_exposition()), expected);
}

#[test]
fn a_file_that_is_left_out_is_not_looked_at_and_every_other_one_is_m1() {
    let value = [plain("c", "c_total", 1.0)];
    let directory = Directory::new()
        .with("counter_1.db", &value)
        .with("counter_2.db", &value)
        .with_bytes("counter_3.db", &[64, 0, 0, 0, 0, 0, 0, 0]);
    let names = Arc::new(BTreeSet::from(["counter_3.db".to_owned()]));
    let snapshot = Snapshot::read_without(directory.path(), &names).unwrap();
    assert_eq!(snapshot.pids().into_iter().collect::<Vec<_>>(), ["1", "2"]);
    snapshot.merge().unwrap();
    let again = snapshot.later(snapshot.raw().read_again(directory.path()).unwrap());
    assert!(again.is_same(&snapshot), "nor is it when they are read again");
    assert!(
        directory.snapshot().merge().is_err(),
        "it is none that could be merged"
    );
}
