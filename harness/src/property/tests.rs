//! Programs: they are scenarios, of what is declared, the same for a seed. Search: on made-up failures it ends at the least.

use std::collections::BTreeSet;

use super::course::Course;
use super::*;
use crate::check::{self, Check};
use crate::scenario::{self, Capability, MetricKind, OpSpec, Scenario, Step};

const ALL: [Capability; 16] = [
    Capability::Counter,
    Capability::Gauge,
    Capability::MostRecent,
    Capability::Histogram,
    Capability::Summary,
    Capability::FailingTasks,
    Capability::RestartsWorkers,
    Capability::MarksDead,
    Capability::EndpointRecovers,
    Capability::EndpointFromStart,
    Capability::Openmetrics,
    Capability::Names,
    Capability::Gzip,
    Capability::SurvivesBrokerLoss,
    Capability::Scales,
    Capability::RollingRestarts,
];

fn programs(seed: u64, capabilities: &[Capability]) -> impl Iterator<Item = Scenario> {
    let programs = Programs::new(seed, capabilities).unwrap();
    (1..).map(move |number| programs.nth(number).unwrap())
}

#[test]
fn a_thousand_programs_are_scenarios_and_come_back_from_their_text() {
    for program in programs(0, &ALL).take(1000) {
        let again = scenario::parse(&program.id, &program.text).unwrap();
        assert_eq!(again.to_toml().unwrap(), program.text);
        assert_eq!(
            format!("{:?}", again.metrics),
            format!("{:?}", program.metrics),
            "{}",
            program.text
        );
        assert!(
            Course::of(&again).is_some(),
            "no fleet can play it: {}",
            program.text
        );
    }
}

#[test]
fn every_part_of_the_format_that_a_fleet_can_play_is_drawn() {
    let mut drawn = BTreeSet::new();
    for program in programs(1, &ALL).take(300) {
        drawn.extend(
            program
                .metrics
                .iter()
                .map(|metric| format!("{:?} {:?}", metric.kind, metric.mode)),
        );
        drawn.extend(program.steps.iter().map(|step| step.get_ref().name().to_owned()));
        drawn.extend(program.checks().into_iter().map(str::to_owned));
        drawn.extend(program.needs.iter().map(ToString::to_string));
        drawn.insert(format!("workers {}", program.fleet.workers.get_ref()));
        let ops = program.tasks.iter().flat_map(|task| &task.ops);
        drawn.extend(ops.map(|op| {
            format!("{:?}", op.get_ref())
                .split(' ')
                .next()
                .unwrap()
                .to_owned()
        }));
    }
    let modes = drawn.iter().filter(|drawn| drawn.starts_with("Gauge "));
    assert_eq!(modes.count(), 10, "{drawn:?}");
    // Programs care for no version, ask for everything that is served, ask for it themselves, and harm neither the broker nor the network to it.
    // What is served is held against files, and those against the ledger.
    let undrawn = [
        Check::ScrapeEqualsLedger,
        Check::ScrapeVersion,
        Check::ScrapeNames,
        Check::PrometheusAgrees,
        Check::WorksOn,
    ];
    let checks = check::ALL.iter().filter(|check| !undrawn.contains(check));
    let mut expected: Vec<String> = checks.map(|check| check.id().to_owned()).collect();
    let undrawn = [
        Capability::Gzip,
        Capability::Names,
        Capability::SurvivesBrokerLoss,
        Capability::Scales,
        Capability::RollingRestarts,
    ];
    let capabilities = ALL.iter().filter(|capability| !undrawn.contains(capability));
    expected.extend(capabilities.map(ToString::to_string));
    expected.extend(["dispatch", "fault", "wait", "scrape", "stop", "check"].map(str::to_owned));
    expected.extend(["Inc", "Add", "Set", "Observe", "Sleep", "Fail"].map(str::to_owned));
    expected.extend((1..=4).map(|workers| format!("workers {workers}")));
    for expected in expected {
        assert!(drawn.contains(&expected), "{expected} is not among {drawn:?}");
    }
}

#[test]
fn a_program_asks_for_nothing_that_is_not_declared() {
    let few = [
        Capability::Counter,
        Capability::Gauge,
        Capability::RestartsWorkers,
    ];
    for program in programs(2, &few).take(200) {
        assert!(
            program.needs.iter().all(|need| few.contains(need)),
            "{:?}",
            program.needs
        );
        assert!(
            program
                .metrics
                .iter()
                .all(|metric| metric.mode.is_none_or(|mode| !mode.is_live()))
        );
    }
    assert!(Programs::new(2, &[Capability::Gzip]).is_none());
}

#[test]
fn whatever_is_declared_has_programs() {
    for chosen in (1..1_usize << ALL.len()).step_by(5) {
        let declared = ALL.iter().enumerate().filter(|(at, _)| chosen & (1 << at) != 0);
        let declared: Vec<Capability> = declared.map(|(_, capability)| *capability).collect();
        if let Some(programs) = Programs::new(12, &declared) {
            let program = programs.nth(1).unwrap();
            assert!(program.needs.iter().all(|need| declared.contains(need)));
        }
    }
}

#[test]
fn a_program_is_the_same_for_the_same_seed_and_number_alone() {
    let texts = |seed| programs(seed, &ALL).take(5).map(|program| program.text);
    let (once, again): (Vec<_>, Vec<_>) = (texts(3).collect(), texts(3).collect());
    assert_eq!(once, again);
    let other: BTreeSet<String> = texts(4).collect();
    assert!(once.iter().all(|text| !other.contains(text)));
}

/// Shrinks the first program of a seed that `fails`, and how many candidates that took.
fn smallest(seed: u64, fails: impl Fn(&Scenario) -> bool) -> (Scenario, usize) {
    let program = programs(seed, &ALL).find(&fails).unwrap();
    let mut search = Search::new(program, &ALL);
    let mut played = 0;
    while let Some(candidate) = search.candidate() {
        assert_eq!(candidate.to_toml().unwrap(), candidate.text);
        search.told(fails(&candidate));
        played += 1;
    }
    assert!(fails(search.smallest()));
    (search.smallest().clone(), played)
}

fn observes(plan: &Scenario) -> bool {
    let mut ops = plan.tasks.iter().flat_map(|task| &task.ops);
    ops.any(|op| matches!(op.get_ref(), OpSpec::Observe { .. }))
}

fn kills(plan: &Scenario) -> usize {
    let faults = plan
        .steps
        .iter()
        .filter(|step| matches!(step.get_ref(), Step::Fault(_)));
    faults.count()
}

fn dispatched(plan: &Scenario, at_least: u32) -> bool {
    plan.steps.iter().any(|step| match step.get_ref() {
        Step::Dispatch(dispatch) => dispatch.tasks.values().any(|count| *count.get_ref() >= at_least),
        _ => false,
    })
}

#[test]
fn what_fails_for_one_op_shrinks_to_that_op() {
    for seed in 0..20 {
        let (plan, played) = smallest(seed, observes);
        let size = Size {
            workers: 1,
            metrics: 1,
            tasks: 1,
            ops: 1,
            steps: 2,
        };
        assert_eq!(Size::of(&plan), size, "{}", plan.text);
        assert!(played < 100, "{played} candidates for {}", plan.text);
    }
}

#[test]
fn what_fails_after_a_kill_keeps_what_a_kill_needs() {
    for seed in 0..20 {
        let (plan, _) = smallest(seed, |plan| kills(plan) > 0);
        // A dispatch that two processes acknowledge, the kill, quiet, the check; for the port's owner the endpoint, too.
        let steps: Vec<&str> = plan.steps.iter().map(|step| step.get_ref().name()).collect();
        assert!(
            ["dispatch fault wait check", "dispatch fault wait wait check"]
                .contains(&steps.join(" ").as_str()),
            "{}",
            plan.text
        );
        assert_eq!((*plan.fleet.workers.get_ref(), plan.tasks.len()), (2, 1));
    }
}

#[test]
fn a_count_shrinks_to_the_least_that_fails() {
    for at_least in [1, 2, 7] {
        let (plan, _) = smallest(5, |plan| dispatched(plan, at_least));
        let counts: Vec<u32> = plan
            .steps
            .iter()
            .filter_map(|step| match step.get_ref() {
                Step::Dispatch(dispatch) => dispatch.tasks.values().next().map(|count| *count.get_ref()),
                _ => None,
            })
            .collect();
        assert_eq!(counts, [at_least], "{}", plan.text);
    }
}

#[test]
fn what_needs_two_things_together_keeps_both() {
    let both = |plan: &Scenario| {
        let has = |kind| plan.metrics.iter().any(|metric| metric.kind == kind);
        has(MetricKind::Counter) && has(MetricKind::Summary) && *plan.fleet.workers.get_ref() >= 3
    };
    let (plan, _) = smallest(6, both);
    let size = Size::of(&plan);
    assert_eq!(
        (size.workers, size.metrics, size.tasks),
        (3, 2, 0),
        "{}",
        plan.text
    );
}

#[test]
fn unusual_texts_and_numbers_go_where_they_do_not_matter_and_stay_where_they_do() {
    let quoted = |plan: &Scenario| {
        let mut ops = plan.tasks.iter().flat_map(|task| &task.ops);
        ops.any(|op| match op.get_ref() {
            OpSpec::Inc { labels, .. } => labels.values().any(|value| value.contains('"')),
            _ => false,
        })
    };
    let (plan, _) = smallest(8, quoted);
    let [op] = plan.tasks[0].ops.as_slice() else {
        panic!("{}", plan.text)
    };
    let OpSpec::Inc {
        labels,
        value,
        repeat,
        ..
    } = op.get_ref()
    else {
        panic!("{}", plan.text)
    };
    assert_eq!((labels.len(), *value, *repeat), (1, 1.0, 1));
    assert_eq!(plan.metrics[0].help, "Help.");
}

#[test]
fn a_plan_that_does_not_fail_reliably_is_taken_back() {
    let program = programs(9, &ALL).next().unwrap();
    let (first, mut search) = (program.text.clone(), Search::new(program, &ALL));
    assert!(!search.take_back());
    search.candidate().unwrap();
    search.told(true);
    assert_ne!(search.smallest().text, first);
    assert!(search.take_back());
    assert_eq!(search.smallest().text, first);
}
