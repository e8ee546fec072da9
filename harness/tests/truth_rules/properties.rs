//! What holds for any files: they round-trip, their order does not matter, and no bytes make the reader panic.

use counterfoil::exposition::go_float;
use counterfoil::truth::{Admissible, Outcome, Truth};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

use crate::encoder::{Directory, encode, key};

/// Regressions are kept beside the other crates' of the harness.
fn config(cases: u32) -> ProptestConfig {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/proptest-regressions/truth_rules.txt"
    );
    ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(file))),
        ..Default::default()
    }
}

type Entry = (String, f64, f64);

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (-1000_i32..1000).prop_map(|quarters| f64::from(quarters) / 4.0),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 1e16, 0.1, f64::MAX, 5e-324]),
        1 => any::<f64>(),
    ]
}

fn file_prefix() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "counter",
        "summary",
        "histogram",
        "gauge_all",
        "gauge_liveall",
        "gauge_min",
        "gauge_max",
        "gauge_sum",
        "gauge_mostrecent",
    ])
}

/// Few names, labels and times, so that files meet and collide.
fn entry() -> impl Strategy<Value = Entry> {
    let sample = prop::sample::select(vec!["_total", "", "_sum", "_count", "_bucket"]);
    let label = prop::sample::select(vec!["q", "pid", "le"]);
    let content = prop::sample::select(vec!["1.0", "+Inf", "0.5"]);
    let labels = prop::collection::btree_map(label, content, 0..3);
    let time = prop::sample::select(vec![0.0, 1.0, 2.0]);
    let help = prop::sample::select(vec!["One.", "Two."]);
    ("[a-b]", sample, labels, help, value(), time).prop_map(|(family, suffix, labels, help, value, time)| {
        let labels: Vec<_> = labels.into_iter().collect();
        (
            key(&family, &format!("{family}{suffix}"), &labels, help),
            value,
            time,
        )
    })
}

fn files() -> impl Strategy<Value = Vec<(&'static str, Vec<Entry>)>> {
    prop::collection::vec((file_prefix(), prop::collection::vec(entry(), 0..6)), 1..5)
}

/// The files with ids of their own, in an order that the ids do not follow.
fn written(files: &[(&str, Vec<Entry>)], ids: impl Fn(usize) -> usize) -> Directory {
    let numbered = files.iter().enumerate();
    numbered.fold(Directory::new(), |directory, (at, (prefix, entries))| {
        directory.with(&format!("{prefix}_{}.db", ids(at)), entries)
    })
}

/// Every value that `one` takes as its own is an answer of `other`'s.
fn admits_all(one: &Outcome, other: &Outcome, renamed: &dyn Fn(&str) -> String) -> bool {
    one.samples.len() == other.samples.len()
        && one.samples.iter().all(|(series, admissible)| {
            let mut series = series.clone();
            if let Some(pid) = series.labels.get("pid").map(str::to_owned) {
                series.labels = series.labels.with("pid", &renamed(&pid));
            }
            other
                .samples
                .get(&series)
                .is_some_and(|known| values(admissible).iter().all(|value| known.admits(*value)))
        })
}

fn values(admissible: &Admissible) -> Vec<f64> {
    match admissible {
        Admissible::OneOf(values) => values.clone(),
        one => vec![one.representative()],
    }
}

fn same_answers(one: &Truth, other: &Truth, renamed: &dyn Fn(&str) -> String) -> Result<(), TestCaseError> {
    let names = |truth: &Truth| {
        truth
            .families
            .iter()
            .map(|family| family.name.clone())
            .collect::<Vec<_>>()
    };
    prop_assert_eq!(names(one), names(other));
    for (family, twin) in one.families.iter().zip(&other.families) {
        prop_assert_eq!(family.outcomes.len(), twin.outcomes.len());
        for outcome in &family.outcomes {
            let known = twin
                .outcomes
                .iter()
                .find(|known| (known.kind, known.mode) == (outcome.kind, outcome.mode));
            let known = known.ok_or_else(|| TestCaseError::fail("an outcome is missing"))?;
            let sorted = |helps: &[String]| helps.iter().cloned().collect::<std::collections::BTreeSet<_>>();
            prop_assert_eq!(sorted(&outcome.helps), sorted(&known.helps));
            prop_assert!(
                admits_all(outcome, known, renamed),
                "{:#?}\n{:#?}",
                outcome,
                known
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn what_was_encoded_is_read_back_f2_f3_f4(entries in prop::collection::vec((any::<String>(), any::<String>(), any::<u64>(), any::<f64>()), 0..20)) {
        let encoded: Vec<Entry> = entries
            .iter()
            .map(|(name, help, bits, time)| (key(&format!("f{name}"), name, &[("l", help)], help), f64::from_bits(*bits), *time))
            .collect();
        let directory = Directory::new().with("counter_1.db", &encoded);
        let snapshot = directory.snapshot();
        let file = &snapshot.files()[0];
        prop_assert_eq!(&file.fault, &None);
        prop_assert_eq!(file.entries.len(), entries.len());
        for (read, (name, help, bits, time)) in file.entries.iter().zip(&entries) {
            prop_assert_eq!(&*read.key.family, &format!("f{name}"));
            prop_assert_eq!((&*read.key.sample, &*read.key.help, read.key.labels.get("l")), (name.as_str(), help.as_str(), Some(help.as_str())));
            prop_assert_eq!((read.value.to_bits(), read.timestamp.to_bits()), (*bits, time.to_bits()));
        }
    }

    #[test]
    fn the_order_of_files_does_not_matter_up_to_the_admissible_set_m1_to_m9(files in files(), shift in 0_usize..5) {
        // Renaming changes the order: 10, 11, 12, … against ids that are rotated and turned round.
        let turned = |at: usize| 10 + (files.len() - 1 - at + shift) % files.len();
        let here = written(&files, |at| 10 + at).snapshot().merge();
        let there = written(&files, turned).snapshot().merge();
        match (here, there) {
            (Ok(here), Ok(there)) => {
                // Only what a file name gave is renamed: a user's pid is no number of two digits.
                let renamed = |pid: &str| match pid.parse::<usize>() {
                    Ok(id) if (10..10 + files.len()).contains(&id) => turned(id - 10).to_string(),
                    _ => pid.to_owned(),
                };
                same_answers(&here, &there, &renamed)?;
            }
            (here, there) => prop_assert_eq!(here.is_err(), there.is_err()),
        }
    }

    #[test]
    fn shares_of_a_counter_add_up_to_its_sum_m4(values in prop::collection::vec(-4000_i32..4000, 1..6)) {
        let files: Vec<_> = values.iter().map(|value| ("counter", vec![(key("c", "c_total", &[], ""), f64::from(*value), 0.0)])).collect();
        let snapshot = written(&files, |at| at).snapshot();
        let series = counterfoil::series::Series::new("c_total", Default::default());
        let sum: f64 = snapshot.shares(&series).iter().map(|share| share.value).sum();
        prop_assert!(snapshot.merge().unwrap().admissible(&series).unwrap().admits(sum), "{}", go_float(sum));
    }

    #[test]
    fn no_bytes_make_the_reader_panic_m13(name in "(counter|gauge_all|gauge|histogram|x)_[0-9_]{0,3}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let directory = Directory::new().with_bytes(&format!("{name}.db"), &bytes);
        let _ = directory.snapshot().merge();
    }

    #[test]
    fn no_damage_to_a_file_makes_the_reader_panic_m13(entries in prop::collection::vec(entry(), 1..5), at in any::<prop::sample::Index>(), harm in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut bytes = encode(&entries, 16);
        let at = at.index(bytes.len());
        bytes[at] = harm;
        bytes.truncate(cut.index(bytes.len() * 4).max(1));
        let directory = Directory::new().with_bytes("gauge_all_1.db", &bytes).with_bytes("histogram_1.db", &bytes);
        let snapshot = directory.snapshot();
        let _ = snapshot.merge();
        let _ = snapshot.shares(&counterfoil::series::Series::new("a_count", Default::default()));
    }
}
