//! What the ledger predicts of gauges in all modes, over kills and waves.

use counterfoil::check::{Reading, agrees_with_ledger};
use counterfoil::exporter::Outcome;
use counterfoil::ledger::{Ack, Bounds, Prediction};
use counterfoil::scenario::Scenario;
use counterfoil::series::{Labels, Series};

use crate::book::{Book, bounds, scenario};
use crate::encoder::{Directory, labelled};

const MODES: [&str; 10] = [
    "all",
    "liveall",
    "min",
    "livemin",
    "max",
    "livemax",
    "sum",
    "livesum",
    "mostrecent",
    "livemostrecent",
];

/// A gauge per mode, named as the mode, and tasks `set-N` that set all of them to N.
fn gauges() -> Scenario {
    let metrics = MODES.map(|mode| {
        format!(
            "[[metrics]]\nname = '{mode}'\ntype = 'gauge'\nmode = '{mode}'\nhelp = ''\nlabels = ['room']\n"
        )
    });
    let tasks = [1, 5, 9].map(|value| {
        let set = |mode: &str| {
            format!("{{ op = 'set', metric = '{mode}', labels = {{ room = 'hall' }}, value = {value} }}")
        };
        format!(
            "[[tasks]]\nname = 'set-{value}'\nops = [{}]\n",
            MODES.map(set).join(", ")
        )
    });
    let add = "[[tasks]]\nname = 'add-2'\nops = [{ op = 'add', metric = 'livesum', labels = { room = 'hall' }, value = 2 }]\n";
    scenario(&format!("{}{}{add}", metrics.concat(), tasks.concat()))
}

fn in_hall(prediction: &Prediction, mode: &str) -> Option<Bounds> {
    bounds(prediction, mode, &[("room", "hall")])
}

fn of_pid(prediction: &Prediction, mode: &str, pid: &str) -> Option<Bounds> {
    bounds(prediction, mode, &[("room", "hall"), ("pid", pid)])
}

#[test]
fn gauges_of_two_processes_merge_by_their_modes_m5_m6_m7_m8() {
    let scenario = gauges();
    let prediction = Book::of(&scenario)
        .done(7, "set-9")
        .quiet()
        .done(8, "set-5")
        .predicts();
    for (mode, value) in [("min", 5.0), ("max", 9.0), ("sum", 14.0), ("mostrecent", 5.0)] {
        assert_eq!(in_hall(&prediction, mode), Some(Bounds::exactly(value)), "{mode}");
        assert_eq!(
            in_hall(&prediction, &format!("live{mode}")),
            Some(Bounds::exactly(value)),
            "live{mode}"
        );
    }
    for mode in ["all", "liveall"] {
        assert_eq!(
            of_pid(&prediction, mode, "7"),
            Some(Bounds::exactly(9.0)),
            "{mode}"
        );
        assert_eq!(
            of_pid(&prediction, mode, "8"),
            Some(Bounds::exactly(5.0)),
            "{mode}"
        );
        assert_eq!(
            in_hall(&prediction, mode),
            None,
            "{mode} never goes without a pid"
        );
    }
}

/// Process 7 has set a gauge of each mode to 9, and process 8, which lives on, to 5.
fn two_of_which_one_goes(scenario: &Scenario) -> Book<'_> {
    let first = Book::of(scenario).done(7, "set-9").quiet();
    first.done(8, "set-5").quiet()
}

fn counts_in_no_live_mode_and_in_every_other(prediction: &Prediction) {
    for (mode, both, living) in [
        ("min", 5.0, 5.0),
        ("max", 9.0, 5.0),
        ("sum", 14.0, 5.0),
        ("mostrecent", 5.0, 5.0),
    ] {
        assert_eq!(in_hall(prediction, mode), Some(Bounds::exactly(both)), "{mode}");
        assert_eq!(
            in_hall(prediction, &format!("live{mode}")),
            Some(Bounds::exactly(living)),
            "live{mode}"
        );
    }
    assert_eq!(of_pid(prediction, "all", "7"), Some(Bounds::exactly(9.0)));
    assert_eq!(of_pid(prediction, "liveall", "7"), None);
}

#[test]
fn a_killed_process_counts_in_no_live_mode_and_in_every_other_m8_c16() {
    let scenario = gauges();
    let killed = two_of_which_one_goes(&scenario).killed(7);
    counts_in_no_live_mode_and_in_every_other(&killed.predicts());
}

#[test]
fn so_does_one_that_was_scaled_away_also_if_it_was_killed_then_m8() {
    let scenario = gauges();
    let departed = two_of_which_one_goes(&scenario).departed(7);
    counts_in_no_live_mode_and_in_every_other(&departed.predicts());
    counts_in_no_live_mode_and_in_every_other(&departed.killed(7).predicts());
}

#[test]
fn who_has_the_pid_of_one_that_was_killed_adds_to_all_its_gauges_but_the_live_ones_f10_m8_c25() {
    let scenario = gauges();
    let killed = two_of_which_one_goes(&scenario).reborn(7);
    counts_in_no_live_mode_and_in_every_other(&killed.predicts());
    let successor = killed.done(7, "set-9").quiet().predicts();
    for mode in ["sum", "livesum"] {
        assert_eq!(in_hall(&successor, mode), Some(Bounds::exactly(14.0)), "{mode}");
    }
    assert_eq!(of_pid(&successor, "liveall", "7"), Some(Bounds::exactly(9.0)));
}

#[test]
fn when_all_processes_are_killed_live_gauges_are_gone_m8() {
    let scenario = gauges();
    let prediction = Book::of(&scenario).done(7, "set-9").quiet().killed(7).predicts();
    for mode in MODES.into_iter().filter(|mode| mode.starts_with("live")) {
        assert_eq!(
            in_hall(&prediction, mode).or(of_pid(&prediction, mode, "7")),
            None,
            "{mode}"
        );
    }
    assert_eq!(in_hall(&prediction, "sum"), Some(Bounds::exactly(9.0)));
}

#[test]
fn a_task_that_a_pod_has_taken_from_another_is_of_its_own_wave() {
    let scenario = gauges();
    let mut first = Book::of(&scenario);
    let task = first.dispatch("set-5");
    let mut second = Book::of(&scenario).done(7, "set-9").quiet();
    second.ledger.take_over(first.ledger.hand_over(&task).unwrap());
    let ack = Ack {
        task,
        pid: 7,
        outcome: Outcome::Ok,
        reason: None,
    };
    second.ledger.acknowledge(ack).unwrap();
    assert_eq!(in_hall(&second.predicts(), "sum"), Some(Bounds::exactly(5.0)));
}

#[test]
fn within_a_wave_any_set_may_be_the_last_and_quiet_decides() {
    let scenario = gauges();
    let same_wave = Book::of(&scenario).done(7, "set-1").done(7, "set-9");
    assert_eq!(
        in_hall(&same_wave.predicts(), "sum"),
        Some(Bounds::between(1.0, 9.0))
    );
    let decided = same_wave.quiet().done(7, "set-5").predicts();
    assert_eq!(in_hall(&decided, "sum"), Some(Bounds::exactly(5.0)));
    let two_processes = Book::of(&scenario).done(7, "set-1").done(8, "set-9").predicts();
    assert_eq!(
        in_hall(&two_processes, "mostrecent"),
        Some(Bounds::between(1.0, 9.0))
    );
    assert_eq!(in_hall(&two_processes, "sum"), Some(Bounds::exactly(10.0)));
}

#[test]
fn additions_add_up_in_any_order_but_not_around_a_set() {
    let scenario = gauges();
    let added = Book::of(&scenario)
        .done(7, "add-2")
        .done(7, "add-2")
        .done(8, "add-2")
        .predicts();
    assert_eq!(in_hall(&added, "livesum"), Some(Bounds::exactly(6.0)));
    let around = Book::of(&scenario).done(7, "set-5").done(7, "add-2").predicts();
    // Set then added, or added then set.
    assert_eq!(in_hall(&around, "livesum"), Some(Bounds::between(5.0, 7.0)));
    let after = Book::of(&scenario)
        .done(7, "set-5")
        .quiet()
        .done(7, "add-2")
        .predicts();
    assert_eq!(in_hall(&after, "livesum"), Some(Bounds::exactly(7.0)));
}

#[test]
fn the_ops_of_one_task_come_one_after_the_other_and_those_of_a_refused_one_not_at_all() {
    let op = |op: &str, value: i32| {
        format!("{{ op = '{op}', metric = 'level', labels = {{ room = 'hall' }}, value = {value} }}")
    };
    let task =
        |name: &str, ops: [String; 2]| format!("[[tasks]]\nname = '{name}'\nops = [{}]\n", ops.join(", "));
    let tasks = [
        task("set-add", [op("set", 5), op("add", 2)]),
        task("add-set", [op("add", 2), op("set", 5)]),
        task("add-add", [op("add", 2), op("add", 3)]),
        task("set-set", [op("set", 2), op("set", 3)]),
    ];
    let metric = "[[metrics]]\nname = 'level'\ntype = 'gauge'\nmode = 'sum'\nhelp = ''\nlabels = ['room']\n\
                  [[metrics]]\nname = 'jobs'\ntype = 'counter'\nhelp = ''\nlabels = ['room']\n";
    let scenario = scenario(&format!("{metric}{}", tasks.concat()));
    for (name, level) in [
        ("set-add", 7.0),
        ("add-set", 5.0),
        ("add-add", 5.0),
        ("set-set", 3.0),
    ] {
        let done = Book::of(&scenario).done(7, name).predicts();
        assert_eq!(in_hall(&done, "level"), Some(Bounds::exactly(level)), "{name}");
        let refused = Book::of(&scenario).ended(7, name, Outcome::Refused).predicts();
        assert_eq!(in_hall(&refused, "level"), None, "{name}");
    }
}

#[test]
fn an_indeterminate_set_leaves_a_gauge_open_in_every_mode() {
    let scenario = gauges();
    let prediction = Book::of(&scenario).done(7, "set-5").lost("set-9").predicts();
    for mode in ["min", "max", "sum", "mostrecent", "livesum"] {
        assert_eq!(in_hall(&prediction, mode), Some(Bounds::anything()), "{mode}");
    }
    assert_eq!(of_pid(&prediction, "all", "7"), Some(Bounds::anything()));
    assert_eq!(in_hall(&prediction, "all"), None);
    let only_lost = Book::of(&scenario).lost("set-9").predicts();
    for mode in ["min", "max", "sum", "mostrecent", "livesum"] {
        assert_eq!(in_hall(&only_lost, mode), Some(Bounds::anything()), "{mode}");
    }
}

#[test]
fn an_indeterminate_task_may_have_made_a_gauge_or_a_sum_nan() {
    let scenario = scenario(
        "[[metrics]]\nname = 'level'\ntype = 'gauge'\nmode = 'max'\nhelp = ''\nlabels = ['room']\n\
         [[metrics]]\nname = 'size'\ntype = 'summary'\nhelp = ''\n\
         [[tasks]]\nname = 'odd'\nops = [\
           { op = 'set', metric = 'level', labels = { room = 'hall' }, value = nan },\
           { op = 'observe', metric = 'size', value = nan },\
         ]\n",
    );
    let done = Book::of(&scenario).done(7, "odd");
    let admits = |book: &Book<'_>, value| {
        let prediction = book.predicts();
        let sum = bounds(&prediction, "size_sum", &[]).unwrap();
        (
            in_hall(&prediction, "level").unwrap().admits(value),
            sum.admits(value),
        )
    };
    assert_eq!(
        (admits(&done, f64::NAN), admits(&done, 0.0)),
        ((true, true), (false, false))
    );
    let lost = Book::of(&scenario).lost("odd");
    assert_eq!(
        (admits(&lost, f64::NAN), admits(&lost, 0.0)),
        ((true, true), (true, true))
    );
}

#[test]
fn an_indeterminate_set_may_have_been_in_a_process_of_which_nothing_else_is_known_m5() {
    let scenario = gauges();
    let hall = |mode: &str, pid: Option<&str>| {
        let labels = Labels::default().with("room", "hall");
        Series::new(mode, pid.map_or(labels.clone(), |pid| labels.with("pid", pid)))
    };
    let known = Book::of(&scenario).done(7, "set-5");
    let prediction = known.predicts();
    assert!(prediction.accounts_for(&hall("all", Some("7"))));
    assert!(!prediction.accounts_for(&hall("all", Some("8"))));
    let prediction = known.lost("set-9").killed(8).predicts();
    for mode in ["all", "liveall"] {
        assert!(prediction.accounts_for(&hall(mode, Some("7"))), "{mode}");
        assert!(prediction.accounts_for(&hall(mode, Some("8"))), "{mode}");
        assert!(
            !prediction.accounts_for(&hall(mode, None)),
            "{mode} never goes without a pid"
        );
    }
    assert!(
        !prediction.accounts_for(&hall("sum", Some("8"))),
        "the other modes have none"
    );
    let elsewhere = Series::new("all", Labels::default().with("room", "attic").with("pid", "8"));
    assert!(!prediction.accounts_for(&elsewhere));

    let only_lost = Book::of(&scenario).lost("set-9").killed(8).predicts();
    let files = |room: &str| {
        Directory::new().with(
            "gauge_all_8.db",
            &[labelled("all", "all", &[("room", room)], 9.0)],
        )
    };
    let agrees = |room| agrees_with_ledger(&only_lost, &Reading::take(files(room).path()).unwrap());
    assert!(agrees("hall") && !agrees("attic"));
}

#[test]
fn what_is_acknowledged_last_within_a_wave_need_not_have_been_done_last() {
    let scenario = gauges();
    let around = |book: Book<'_>| in_hall(&book.predicts(), "livesum");
    // Added then set, or set then added.
    let book = Book::of(&scenario).done(7, "add-2").done(7, "set-5");
    assert_eq!(around(book), Some(Bounds::between(5.0, 7.0)));
    // Both additions before either set, or behind it.
    let book = Book::of(&scenario)
        .done(7, "add-2")
        .done(7, "set-9")
        .done(7, "add-2")
        .done(7, "set-1");
    assert_eq!(around(book), Some(Bounds::between(1.0, 13.0)));
    // What was added before the quiet is gone with the set.
    let book = Book::of(&scenario).done(7, "add-2").quiet().done(7, "set-5");
    assert_eq!(around(book), Some(Bounds::exactly(5.0)));
    // What was set before it is there to be added to.
    let book = Book::of(&scenario)
        .done(7, "set-5")
        .quiet()
        .done(7, "add-2")
        .done(7, "add-2");
    assert_eq!(around(book), Some(Bounds::exactly(9.0)));
}
