//! Programs that proptest makes up: what real processes do, and what they hardly ever do.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::Union;

use crate::harm::harm;
use crate::program::{Act, Double, Family, Kind, Op, Process, Program, Use};
use crate::scope::Scope;
use crate::values::{Numbers, buckets, help, label_value, number};

/// Any program within `scope`.
pub(crate) fn programs(scope: Scope) -> BoxedStrategy<Program> {
    let numbers = if scope.tame {
        Just(Numbers::Tame).boxed()
    } else {
        prop_oneof![
            2 => Just(Numbers::Plain),
            2 => Just(Numbers::Rounding),
            2 => Just(Numbers::Odd),
            1 => Just(Numbers::Any),
        ]
        .boxed()
    };
    let harm = match scope.harm {
        Some(keys) => prop::option::weighted(0.12, harm(keys)).boxed(),
        None => Just(None).boxed(),
    };
    let recorded = numbers
        .prop_flat_map(move |numbers| {
            let families = prop::collection::vec(family(scope), 1..5);
            let processes = prop::collection::vec(draft(scope, numbers), 1..6);
            (families, processes)
        })
        .prop_map(|(families, drafts)| assembled(&with_own_names(families), drafts));
    (recorded, harm, any::<u64>())
        .prop_map(|(processes, harm, seed)| Program {
            processes,
            harm,
            seed,
        })
        .boxed()
}

/// A process that names its metrics by their place.
struct Draft {
    id: String,
    forked: bool,
    outlives: bool,
    uses: Vec<(Index, Option<Change>, Vec<Op>)>,
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.id)
    }
}

/// How a process of another release declares a metric.
#[derive(Clone, Debug)]
enum Change {
    Help(String),
    Buckets(Vec<Double>),
    Mode(&'static str),
    Kind(Kind),
    Labels(Vec<&'static str>),
}

fn draft(scope: Scope, numbers: Numbers) -> impl Strategy<Value = Draft> {
    let change = if scope.conflicts {
        change(scope)
    } else {
        harmless_change(scope)
    };
    let change = prop_oneof![5 => Just(None), 1 => change.prop_map(Some)];
    let one_use = (
        any::<Index>(),
        change,
        prop::collection::vec(op(scope, numbers), 0..5),
    );
    (
        id(scope),
        prop::bool::weighted(0.15),
        prop::bool::weighted(0.2),
        prop::collection::vec(one_use, 0..7),
    )
        .prop_map(|(id, forked, outlives, uses)| Draft {
            id,
            forked,
            outlives,
            uses,
        })
}

/// A family is one where two metrics would be one to the client, so that only a change makes them differ.
fn with_own_names(families: Vec<Family>) -> Vec<Family> {
    let mut seen = std::collections::HashSet::new();
    let bare = |family: &Family| {
        family
            .name
            .strip_suffix("_total")
            .unwrap_or(&family.name)
            .to_owned()
    };
    families
        .into_iter()
        .filter(|family| seen.insert(bare(family)))
        .collect()
}

fn assembled(families: &[Family], drafts: Vec<Draft>) -> Vec<Process> {
    let one_use = |(at, change, ops): (Index, Option<Change>, Vec<Op>)| {
        let family = changed(at.get(families), change);
        let ops = ops.into_iter().filter_map(|op| fitted(op, &family)).collect();
        Use { family, ops }
    };
    drafts
        .into_iter()
        .map(|draft| Process {
            id: draft.id,
            forked: draft.forked,
            outlives: draft.outlives,
            uses: draft.uses.into_iter().map(one_use).collect(),
        })
        .collect()
}

fn changed(family: &Family, change: Option<Change>) -> Family {
    let mut family = family.clone();
    match change {
        None => {}
        Some(Change::Help(help)) => family.help = help,
        Some(Change::Buckets(buckets)) => family.buckets = buckets,
        Some(Change::Mode(mode)) => family.mode = mode,
        Some(Change::Kind(kind)) => family.kind = kind,
        Some(Change::Labels(labels)) => family.labels = labels,
    }
    family
}

/// The operation as that metric has it; what it has not becomes another one.
fn fitted(op: Op, family: &Family) -> Option<Op> {
    let (Act::Touch(value) | Act::Inc(value) | Act::Set(value) | Act::Observe(value)) = op.act;
    let mostrecent = family.mode.ends_with("mostrecent");
    let act = match (family.kind, op.act) {
        (_, Act::Touch(_)) => op.act,
        (Kind::Counter, _) => Act::Inc(Double(value.0.abs())),
        (Kind::Histogram | Kind::Summary, _) => Act::Observe(value),
        (Kind::Gauge, Act::Inc(_)) if !mostrecent => op.act,
        (Kind::Gauge, _) => Act::Set(value),
    };
    let labels = op.labels.get(..family.labels.len())?.to_vec();
    Some(Op { labels, act, ..op })
}

fn family(scope: Scope) -> impl Strategy<Value = Family> {
    (
        select(scope.names),
        kind(),
        select(scope.modes),
        label_names(scope),
        help(scope),
        buckets(scope),
    )
        .prop_map(|(name, kind, mode, labels, help, buckets)| Family {
            name: name.to_owned(),
            kind,
            mode,
            labels,
            help,
            buckets,
        })
}

fn harmless_change(scope: Scope) -> BoxedStrategy<Change> {
    buckets(scope).prop_map(Change::Buckets).boxed()
}

fn change(scope: Scope) -> BoxedStrategy<Change> {
    prop_oneof![
        harmless_change(scope),
        help(scope).prop_map(Change::Help),
        select(scope.modes).prop_map(Change::Mode),
        kind().prop_map(Change::Kind),
        label_names(scope).prop_map(Change::Labels),
    ]
    .boxed()
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        2 => Just(Kind::Counter),
        4 => Just(Kind::Gauge),
        2 => Just(Kind::Histogram),
        1 => Just(Kind::Summary),
    ]
}

fn label_names(scope: Scope) -> impl Strategy<Value = Vec<&'static str>> {
    let plain = vec![vec![], vec!["q"], vec!["zone", "q"], vec!["a", "q", "Z_9"]];
    if scope.own_pid {
        Union::new_weighted(vec![
            (6, select(plain).boxed()),
            (1, select(vec![vec!["pid"], vec!["q", "pid"]]).boxed()),
        ])
    } else {
        Union::new_weighted(vec![(1, select(plain).boxed())])
    }
}

/// The same id comes again and again: a process that continues the files of another.
fn id(scope: Scope) -> impl Strategy<Value = String> {
    let known = select(scope.ids).prop_map(str::to_owned);
    prop_oneof![9 => known, 1 => (0..100_000_u32).prop_map(|pid| pid.to_string())]
}

fn op(scope: Scope, numbers: Numbers) -> impl Strategy<Value = Op> {
    let act = (0..8_u8, number(numbers)).prop_map(|(which, value)| match which {
        0 => Act::Touch(value),
        1..=3 => Act::Inc(value),
        _ => Act::Set(value),
    });
    // Few different times, so that ties are common; one that is none, and one before the epoch.
    let at = select(vec![1.0, 2.0, 2.0, 3.5, 1.7e9, 0.0, -1.0]);
    (prop::collection::vec(label_value(scope), 3), act, at).prop_map(|(labels, act, at)| Op {
        labels,
        act,
        at: Double(at),
    })
}
