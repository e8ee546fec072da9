//! What the ledger predicts of sums: constructed metrics, failures, hooks, and who acknowledged what.

use std::time::Duration;

use counterfoil::exporter::{Hook, Outcome};
use counterfoil::ledger::{Ack, Bounds, Ledger};
use counterfoil::scenario::Scenario;

use crate::book::{Book, bounds, scenario};

/// Counters, a histogram and a summary, with and without labels.
fn sums() -> Scenario {
    scenario(
        "[[metrics]]\nname = 'jobs'\ntype = 'counter'\nhelp = ''\nlabels = ['q']\n\
         [[metrics]]\nname = 'plain'\ntype = 'counter'\nhelp = ''\n\
         [[metrics]]\nname = 'wait'\ntype = 'histogram'\nhelp = ''\nbuckets = [1.0, 4.0]\n\
         [[metrics]]\nname = 'size'\ntype = 'summary'\nhelp = ''\nlabels = ['q']\n\
         [[metrics]]\nname = 'ups'\ntype = 'gauge'\nmode = 'sum'\nhelp = ''\n\
         [[metrics]]\nname = 'last'\ntype = 'gauge'\nmode = 'mostrecent'\nhelp = ''\n\
         [[metrics]]\nname = 'bytes'\ntype = 'summary'\nhelp = ''\n\
         [[tasks]]\nname = 'work'\nops = [\
           { op = 'inc', metric = 'jobs', labels = { q = 'a' }, value = 2.5 },\
           { op = 'observe', metric = 'wait', value = 2 },\
           { op = 'observe', metric = 'size', labels = { q = 'a' }, value = -3 },\
           { op = 'sleep', ms = 20 },\
           { op = 'fail' },\
           { op = 'inc', metric = 'jobs', labels = { q = 'never' } },\
         ]\n",
    )
}

const QA: &[(&str, &str)] = &[("q", "a")];

#[test]
fn a_metric_without_labels_is_0_from_its_construction_f7() {
    let scenario = sums();
    let optional = |value: f64| Some(Bounds::exactly(value).or_missing());
    let before = Book::of(&scenario).predicts();
    for sample in [
        "plain_total",
        "wait_sum",
        "wait_count",
        "ups",
        "bytes_sum",
        "bytes_count",
    ] {
        assert_eq!(bounds(&before, sample, &[]), optional(0.0), "{sample}");
    }
    assert_eq!(bounds(&before, "wait_bucket", &[("le", "+Inf")]), optional(0.0));
    assert_eq!(
        bounds(&before, "jobs_total", QA),
        None,
        "with labels it comes at its first use"
    );
    assert_eq!(bounds(&before, "jobs_total", &[]), None);
    assert_eq!(
        bounds(&before, "last", &[]),
        None,
        "until it is set, it shows nothing (M7)"
    );
    let after = Book::of(&scenario).ended(7, "work", Outcome::Failed).predicts();
    assert_eq!(
        bounds(&after, "plain_total", &[]),
        Some(Bounds::exactly(0.0)),
        "a worker that worked has shown it"
    );
}

#[test]
fn a_failed_task_counts_up_to_its_failure_and_a_refused_one_not_at_all() {
    let scenario = sums();
    let failed = Book::of(&scenario)
        .ended(7, "work", Outcome::Failed)
        .ended(8, "work", Outcome::Failed)
        .predicts();
    assert_eq!(bounds(&failed, "jobs_total", QA), Some(Bounds::exactly(5.0)));
    assert_eq!(bounds(&failed, "jobs_total", &[("q", "never")]), None);
    let refused = Book::of(&scenario).ended(7, "work", Outcome::Refused).predicts();
    assert_eq!(bounds(&refused, "jobs_total", QA), None);
}

#[test]
fn an_observation_counts_in_every_bucket_from_its_own_m9() {
    let scenario = sums();
    let prediction = Book::of(&scenario).ended(7, "work", Outcome::Failed).predicts();
    for (le, count) in [("1.0", 0.0), ("4.0", 1.0), ("+Inf", 1.0)] {
        assert_eq!(
            bounds(&prediction, "wait_bucket", &[("le", le)]),
            Some(Bounds::exactly(count)),
            "{le}"
        );
    }
    assert_eq!(bounds(&prediction, "wait_sum", &[]), Some(Bounds::exactly(2.0)));
    assert_eq!(bounds(&prediction, "size_sum", QA), Some(Bounds::exactly(-3.0)));
    assert_eq!(bounds(&prediction, "size_count", QA), Some(Bounds::exactly(1.0)));
}

/// A histogram with the buckets 1 and 4, and a task that observes `value`.
fn observing(value: &str) -> Scenario {
    scenario(&format!(
        "[[metrics]]\nname = 'wait'\ntype = 'histogram'\nhelp = ''\nbuckets = [1.0, 4.0]\nlabels = ['q']\n\
         [[tasks]]\nname = 'work'\n\
         ops = [{{ op = 'observe', metric = 'wait', labels = {{ q = 'a' }}, value = {value} }}]\n"
    ))
}

#[test]
fn an_observation_at_a_bound_counts_in_its_bucket_and_nan_in_none_m9() {
    for (value, counts) in [
        ("1", [1.0, 1.0, 1.0, 1.0]),
        ("1.5", [0.0, 1.0, 1.0, 1.0]),
        ("inf", [0.0, 0.0, 1.0, 1.0]),
        ("nan", [0.0, 0.0, 0.0, 0.0]),
    ] {
        let scenario = observing(value);
        let done = Book::of(&scenario).done(7, "work").predicts();
        let lost = Book::of(&scenario).lost("work").predicts();
        let series = [
            ("wait_bucket", Some("1.0")),
            ("wait_bucket", Some("4.0")),
            ("wait_bucket", Some("+Inf")),
            ("wait_count", None),
        ];
        for ((sample, le), count) in series.into_iter().zip(counts) {
            let labels: Vec<_> = QA.iter().copied().chain(le.map(|le| ("le", le))).collect();
            assert_eq!(
                bounds(&done, sample, &labels),
                Some(Bounds::exactly(count)),
                "{value}: {le:?}"
            );
            assert_eq!(
                bounds(&lost, sample, &labels),
                Some(Bounds::between(0.0, count).or_missing()),
                "{value}: {le:?}"
            );
        }
    }
}

#[test]
fn an_indeterminate_task_widens_every_series_that_it_may_have_touched() {
    let scenario = sums();
    let prediction = Book::of(&scenario)
        .ended(7, "work", Outcome::Failed)
        .lost("work")
        .predicts();
    assert_eq!(
        bounds(&prediction, "jobs_total", QA),
        Some(Bounds::between(2.5, 5.0))
    );
    assert_eq!(
        bounds(&prediction, "wait_bucket", &[("le", "4.0")]),
        Some(Bounds::between(1.0, 2.0))
    );
    assert_eq!(
        bounds(&prediction, "size_sum", QA),
        Some(Bounds::between(-6.0, -3.0))
    );
    let only_lost = Book::of(&scenario).lost("work").predicts();
    assert_eq!(
        bounds(&only_lost, "jobs_total", QA),
        Some(Bounds::between(0.0, 2.5).or_missing())
    );
}

/// What the exporter adds for every task that failed, and how long each took.
fn hooks() -> Vec<Hook> {
    #[derive(serde::Deserialize)]
    struct Hooks {
        hooks: Vec<Hook>,
    }
    let text = "[[hooks]]\nmetric = 'errors'\ntype = 'counter'\nhelp = ''\non = ['failed']\nlabels = { task = '{task}' }\n\
                [[hooks]]\nmetric = 'took'\ntype = 'histogram'\nhelp = ''\non = ['ok', 'failed']\n\
                observes = 'elapsed_s'\nrounded_to = 0.01\nbuckets = [0.01, 1000.0]\n";
    toml::from_str::<Hooks>(text).unwrap().hooks
}

const OF_WORK: &[(&str, &str)] = &[("task", "work")];

#[test]
fn a_hook_counts_the_outcomes_that_it_runs_on_under_the_tasks_name() {
    let scenario = sums();
    let book = Book::of(&scenario)
        .ended(7, "work", Outcome::Failed)
        .ended(8, "work", Outcome::Ok);
    let prediction = book.ledger.predict(&scenario, &hooks());
    assert!(prediction.families.contains("errors") && prediction.families.contains("took"));
    assert_eq!(
        bounds(&prediction, "errors_total", OF_WORK),
        Some(Bounds::exactly(1.0))
    );
    assert_eq!(bounds(&prediction, "took_count", &[]), Some(Bounds::exactly(2.0)));
}

#[test]
fn a_metric_of_the_exporters_own_that_has_no_labels_is_0_or_not_there_before_a_hook_has_run_f7() {
    let scenario = sums();
    let before = Book::of(&scenario).ledger.predict(&scenario, &hooks());
    let zero = Some(Bounds::exactly(0.0).or_missing());
    for sample in ["took_sum", "took_count"] {
        assert_eq!(bounds(&before, sample, &[]), zero, "{sample}");
    }
    assert_eq!(bounds(&before, "took_bucket", &[("le", "0.01")]), zero);
    assert_eq!(bounds(&before, "errors_total", &[]), None, "it has labels");
    let text = "metric = 'waited'\ntype = 'histogram'\nhelp = ''\non = ['ok']\nobserves = 'elapsed_s'\nbuckets = [0.5]\n\
                labels = { queue = 'mail' }\n";
    let waited = [toml::from_str::<Hook>(text).unwrap()];
    let before = Book::of(&scenario).ledger.predict(&scenario, &waited);
    assert_eq!(bounds(&before, "waited_count", &[]), None, "it has labels");
    let text = "metric = 'requests'\ntype = 'counter'\nhelp = ''\non = ['ok']\n";
    let requests = [toml::from_str::<Hook>(text).unwrap()];
    let before = Book::of(&scenario).ledger.predict(&scenario, &requests);
    assert_eq!(bounds(&before, "requests_total", &[]), zero);
    let after = Book::of(&scenario).ended(7, "work", Outcome::Ok);
    let after = after.ledger.predict(&scenario, &requests);
    assert_eq!(bounds(&after, "requests_total", &[]), Some(Bounds::exactly(1.0)));
}

#[test]
fn how_long_a_task_took_is_at_least_its_sleep_and_at_most_the_wait_for_it() {
    let scenario = sums();
    let book = Book::of(&scenario).ended(7, "work", Outcome::Failed);
    // Read when no task can be over before it has slept.
    let read_at = book.ledger.entries()[0].dispatched + Duration::from_millis(30);
    let prediction = book.ledger.predict_at(read_at, &scenario, &hooks());
    // It slept 20 ms: surely above the bucket of 10 ms, surely below that of 1000 s.
    assert_eq!(
        bounds(&prediction, "took_bucket", &[("le", "0.01")]),
        Some(Bounds::exactly(0.0))
    );
    assert_eq!(
        bounds(&prediction, "took_bucket", &[("le", "1000.0")]),
        Some(Bounds::exactly(1.0))
    );
    let sum = bounds(&prediction, "took_sum", &[]).unwrap();
    // Half a step of rounding and a millisecond of the clock's own are allowed for.
    assert!(
        (sum.lo - 0.014).abs() < 1e-9 && (sum.hi - 0.036).abs() < 1e-9,
        "{sum:?}"
    );
}

#[test]
fn the_hooks_of_a_task_that_is_lost_may_have_run_and_those_of_an_open_one_have_not() {
    let scenario = sums();
    let lost = Book::of(&scenario)
        .lost("work")
        .ledger
        .predict(&scenario, &hooks());
    assert_eq!(
        bounds(&lost, "errors_total", OF_WORK),
        Some(Bounds::between(0.0, 1.0).or_missing())
    );
    let mut book = Book::of(&scenario);
    book.dispatch("work");
    let open = book.ledger.predict(&scenario, &hooks());
    assert_eq!(bounds(&open, "errors_total", OF_WORK), None);
    let ended_well = Book::of(&scenario).ended(7, "work", Outcome::Ok);
    let prediction = ended_well.ledger.predict(&scenario, &hooks());
    assert_eq!(bounds(&prediction, "errors_total", OF_WORK), None);
}

#[test]
fn the_hooks_of_a_killed_process_are_certain_only_once_it_had_come_to_rest() {
    let scenario = sums();
    let predicted = |book: Book<'_>| book.ledger.predict(&scenario, &hooks());
    let errors = |book: Book<'_>| bounds(&predicted(book), "errors_total", OF_WORK);
    let open = || Book::of(&scenario).ended(7, "work", Outcome::Failed);
    let in_doubt = Some(Bounds::between(0.0, 1.0).or_missing());
    assert_eq!(errors(open().killed(7)), in_doubt);
    assert_eq!(
        bounds(&predicted(open().killed(7)), "jobs_total", QA),
        Some(Bounds::exactly(2.5)),
        "the ops themselves were acknowledged"
    );
    assert_eq!(errors(open().killed(8)), Some(Bounds::exactly(1.0)));
    assert_eq!(errors(open().quiet().killed(7)), Some(Bounds::exactly(1.0)));
    assert_eq!(errors(open().killed(7).quiet()), in_doubt, "it rests for ever");
    let settled = open().quiet().killed(7).quiet();
    assert_eq!(errors(settled), Some(Bounds::exactly(1.0)));
}

#[test]
fn the_hooks_of_a_process_whose_pid_another_has_are_certain_only_once_it_had_come_to_rest() {
    let scenario = sums();
    let errors = |book: Book<'_>| {
        let prediction = book.ledger.predict(&scenario, &hooks());
        bounds(&prediction, "errors_total", OF_WORK)
    };
    let open = || Book::of(&scenario).ended(7, "work", Outcome::Failed);
    let in_doubt = Some(Bounds::between(0.0, 1.0).or_missing());
    assert_eq!(errors(open().reborn(7)), in_doubt);
    assert_eq!(errors(open().reborn(8)), Some(Bounds::exactly(1.0)));
    assert_eq!(errors(open().quiet().reborn(7)), Some(Bounds::exactly(1.0)));
    assert_eq!(errors(open().reborn(7).quiet()), in_doubt);
    let successor = Book::of(&scenario).reborn(7).ended(7, "work", Outcome::Failed);
    assert_eq!(errors(successor), Some(Bounds::exactly(1.0)));
}

#[test]
fn a_task_that_must_be_refused_counts_for_nothing_whatever_becomes_of_it() {
    let scenario = scenario(
        "metrics = [{ name = 'jobs', type = 'counter', help = '' }]\n\
         [[tasks]]\nname = 'riddle'\nops = [{ op = 'inc', metric = 'jobs' }, { op = 'unknown' }]\n\
         [[tasks]]\nname = 'work'\nops = [{ op = 'inc', metric = 'jobs' }]\n",
    );
    let mut book = Book::of(&scenario).done(7, "work").lost("riddle");
    let open = book.dispatch("riddle");
    let book = book
        .ended(7, "riddle", Outcome::Refused)
        .ended(7, "riddle", Outcome::Ok);
    let jobs = bounds(&book.predicts(), "jobs_total", &[]);
    assert_eq!(jobs, Some(Bounds::exactly(1.0)));
    assert!(book.ledger.must_be_refused(&open));
    assert!(!book.ledger.must_be_refused("by-hand#0") && !book.ledger.must_be_refused("nobody's"));
}

#[test]
fn an_acknowledgement_that_nobody_asked_for_or_that_comes_twice_is_given_back() {
    let scenario = sums();
    let mut book = Book::of(&scenario).ended(7, "work", Outcome::Ok);
    let again = Ack {
        task: "by-hand#0".to_owned(),
        pid: 8,
        outcome: Outcome::Ok,
        reason: None,
    };
    let unasked = Ack {
        task: "unknown".to_owned(),
        ..again.clone()
    };
    assert_eq!(book.ledger.acknowledge(again.clone()), Err(again));
    assert_eq!(book.ledger.acknowledge(unasked.clone()), Err(unasked));
    assert_eq!(book.ledger.shares(0), [(7, 1)].into());
}

#[test]
fn what_the_dead_have_left_is_counted_exactly_m1() {
    let scenario = scenario("");
    let mut ledger = Ledger::default();
    assert!(ledger.predict(&scenario, &[]).series.is_empty());
    ledger.inherit(2);
    ledger.inherit(3);
    assert_eq!(ledger.inherited(), 5);
    let prediction = ledger.predict(&scenario, &[]);
    let inherited = bounds(&prediction, "counterfoil_inherited_total", &[]);
    assert_eq!(inherited, Some(Bounds::exactly(5.0)));
    assert!(prediction.families.contains("counterfoil_inherited"));
}

#[test]
fn what_was_before_a_restart_counts_no_longer_t2() {
    let scenario = scenario(
        "metrics = [{ name = 'jobs', type = 'counter', help = '' }, { name = 'busy', type = 'gauge', mode = 'max', \
         help = '', labels = ['q'] }]
         tasks = [{ name = 'mail', ops = [{ op = 'inc', metric = 'jobs' }, { op = 'set', metric = 'busy', \
         labels = { q = 'a' }, value = 9 }] }]
        ",
    );
    let mut book = Book::of(&scenario).done(7, "mail").done(8, "mail");
    let open = book.dispatch("mail");
    book.ledger.inherit(2);
    book.ledger.restart();
    let fresh = book.predicts();
    // Nobody of the new fleet has shown yet that the metric is there; the open task may be executed at any time.
    let zero_to_one = Bounds::between(0.0, 1.0).or_missing();
    assert_eq!(bounds(&fresh, "jobs_total", &[]), Some(zero_to_one));
    assert_eq!(bounds(&fresh, "counterfoil_inherited_total", &[]), None);
    assert_eq!(bounds(&fresh, "busy", &[("q", "a")]), Some(Bounds::anything()));
    let ack = Ack {
        task: open,
        pid: 9,
        outcome: Outcome::Ok,
        reason: None,
    };
    book.ledger.acknowledge(ack).unwrap();
    assert_eq!(
        bounds(&book.predicts(), "jobs_total", &[]),
        Some(Bounds::exactly(1.0))
    );
    assert_eq!(
        bounds(&book.done(9, "mail").predicts(), "jobs_total", &[]),
        Some(Bounds::exactly(2.0))
    );
}
