//! Programs that proptest makes up: what real processes do, and what they hardly ever do.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::Union;

use crate::harm::harm;
use crate::program::{Act, Double, Family, Kind, LabelValue, Op, Process, Program, Use};

/// What a client can do, and how odd its programs are to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope {
    /// The modes that its gauges know.
    pub(crate) modes: &'static [&'static str],
    /// Whether labels may be other than strings.
    pub(crate) any_label_value: bool,
    /// Whether two processes may declare a metric differently.
    pub(crate) conflicts: bool,
    /// Whether a label may be called `pid`, so that series come twice.
    pub(crate) own_pid: bool,
    /// Keys of the files that are harmed, if any may be.
    pub(crate) harm: Option<&'static [&'static [u8]]>,
    /// What families are called.
    pub(crate) names: &'static [&'static str],
    /// The ids of processes.
    pub(crate) ids: &'static [&'static str],
    /// Whether all must be as a text can carry it: no bound and no observation is negative, HELP has no blanks at its
    /// ends.
    pub(crate) tame: bool,
}

pub(crate) const MODES_TO_0_17: &[&str] = &[
    "all", "liveall", "min", "livemin", "max", "livemax", "sum", "livesum",
];
pub(crate) const MODES: &[&str] = &[
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
/// Some of them are what samples of others are called.
pub(crate) const NAMES: &[&str] = &[
    "jobs",
    "wait",
    "wait_sum",
    "wait_count",
    "wait_bucket",
    "runs_total",
    "a:b",
    "_c",
    "a",
    "a_b",
    "size_total",
];
/// OpenMetrics forbids that.
pub(crate) const NAMES_WITHOUT_CLASH: &[&str] = &["jobs", "wait", "runs_total", "a:b", "_c", "a", "a_b"];

/// Ids with `_` collide in Python (M2), and lose numbers behind a `-` in Ruby (R5).
pub(crate) const IDS: &[&str] = &[
    "1", "2", "3", "41", "worker_1", "worker_2", "a_1", "b_1", "x.y", "7-1", "7-1_b", "é_7", "0",
];
pub(crate) const IDS_IN_ASCII: &[&str] = &[
    "1", "2", "3", "41", "worker_1", "worker_2", "a_1", "x.y", "7-1", "7-1_b", "7-2_b", "0",
];
pub(crate) const PIDS: &[&str] = &["1", "2", "3", "41", "4312", "0"];

pub(crate) const MODES_OF_RUBY: &[&str] = &["all", "liveall", "min", "max", "livesum"];

/// Which numbers the metrics of a program are fed with.
#[derive(Clone, Copy, Debug)]
enum Numbers {
    /// Multiples of a quarter, whose sums are exact.
    Plain,
    /// Those whose sums depend on the order.
    Rounding,
    /// NaN, infinities, subnormals, negative zero, integers above 2^53 among plain ones.
    Odd,
    /// Any double.
    Any,
    /// Multiples of a quarter that are not negative.
    Tame,
}

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

fn label_value(scope: Scope) -> BoxedStrategy<LabelValue> {
    let few = select(vec!["", "a", "b"]).prop_map(str::to_owned);
    let text = prop_oneof![4 => few, 2 => odd_text(), 1 => any_text()].prop_map(LabelValue::Text);
    if scope.any_label_value {
        let other = prop_oneof![
            (-2..3_i32).prop_map(LabelValue::Number),
            any::<bool>().prop_map(LabelValue::Truth),
            Just(LabelValue::Nothing(())),
        ];
        prop_oneof![6 => text, 1 => other].boxed()
    } else {
        text.boxed()
    }
}

/// What escaping, padding, sorting and decoding stumble over.
fn odd_text() -> impl Strategy<Value = String> {
    select(vec![
        "ä",
        "ключ",
        "値",
        "😀",
        "𐀀",
        "\u{10ffff}",
        "q\"uote",
        "back\\slash",
        "\\n",
        "new\nline",
        "\ttab",
        "\r",
        "\u{0}",
        "\u{1}\u{7f}",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        " blanks  ",
        "{a=\"b\"} # e",
        "1.0",
        "null",
        "#",
        "e\u{301}",
    ])
    .prop_map(str::to_owned)
}

/// Any Unicode: a `String` holds no lone surrogates.
fn any_text() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<char>(), 0..6).prop_map(String::from_iter)
}

/// Never empty: the Ruby client asks for some.
fn help(scope: Scope) -> impl Strategy<Value = String> {
    let known = select(vec![
        "Plain.",
        "With \\ and\nnewline",
        "A \"quoted\" one",
        "Größe 😀",
        " leading",
        "tab\t\r",
    ]);
    let any = prop_oneof![3 => known.prop_map(str::to_owned), 1 => odd_text(), 1 => any_text()];
    any.prop_map(move |help| {
        let blank = |c: char| c.is_whitespace() || c.is_control();
        let help = if scope.tame {
            help.trim_matches(blank)
        } else {
            &help
        };
        if help.is_empty() {
            "?".to_owned()
        } else {
            help.to_owned()
        }
    })
}

fn buckets(scope: Scope) -> impl Strategy<Value = Vec<Double>> {
    let known = select(vec![
        vec![0.25, 1.0, 4.0],
        vec![1.0, 2.0],
        vec![0.005, 1e6, 1e10],
        vec![-1.0, 0.0, 1.0],
        vec![0.1, 0.3, 123_456_789.5, 1e15, 1e16],
    ]);
    let finite = any::<f64>().prop_filter_map("finite", |bound| {
        // Two zeros are one bound, which either may give its name to.
        bound
            .is_finite()
            .then_some(if bound == 0.0 { 0.0 } else { bound })
    });
    let random = prop::collection::vec(finite, 1..5).prop_map(|mut bounds| {
        bounds.sort_by(f64::total_cmp);
        bounds.dedup();
        bounds
    });
    prop_oneof![3 => known, 1 => random].prop_map(move |bounds| {
        let allowed = bounds.into_iter().filter(|bound| !scope.tame || *bound >= 0.0);
        let allowed: Vec<Double> = allowed.map(Double).collect();
        if allowed.is_empty() {
            vec![Double(1.0)]
        } else {
            allowed
        }
    })
}

fn number(numbers: Numbers) -> BoxedStrategy<Double> {
    let plain = (-400..4_000_000_i32).prop_map(|quarters| f64::from(quarters) / 4.0);
    let above_2_53 = 9_007_199_254_740_992.0;
    let strategy: BoxedStrategy<f64> = match numbers {
        Numbers::Plain => plain.boxed(),
        Numbers::Rounding => select(vec![
            0.1,
            0.3,
            0.7,
            1.0,
            1e16,
            1e15 + 0.3,
            123_456.789,
            -0.1,
            above_2_53 + 2.0,
        ])
        .boxed(),
        Numbers::Odd => {
            let odd = select(vec![
                f64::NAN,
                f64::INFINITY,
                f64::NEG_INFINITY,
                -0.0,
                0.0,
                5e-324,
                -5e-324,
                f64::MIN_POSITIVE / 3.0,
                above_2_53 + 2.0,
                1e308,
                -1e308,
                1e10,
            ]);
            prop_oneof![2 => plain, 1 => odd].boxed()
        }
        Numbers::Tame => plain.prop_map(f64::abs).boxed(),
        Numbers::Any => any::<u64>().prop_map(f64::from_bits).boxed(),
    };
    // A NaN's payload is not part of any text.
    let strategy = strategy.prop_map(|value| if value.is_nan() { f64::NAN } else { value });
    strategy.prop_map(Double).boxed()
}
