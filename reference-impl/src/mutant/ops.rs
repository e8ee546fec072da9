//! The mutants that execute other ops than those of a task.

use serde_json::Value;

use super::Mutant;
use crate::task::{Change, Op, Task};

/// What such a mutant remembers from task to task.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// How many incs and observes there were.
    counted: u64,
}

/// A task's ops as the mutant executes them.
pub(crate) fn changed(mutant: Mutant, memory: &mut Memory, ops: &[Op]) -> Vec<Op> {
    let fails = ops.iter().any(|op| matches!(op, Op::Fail {}));
    match mutant {
        Mutant::LosesAnIncrement => memory.every(7, ops, 0),
        Mutant::DoublesAnIncrement => memory.every(7, ops, 2),
        Mutant::LosesOneInAThousand => memory.every(1000, ops, 0),
        Mutant::ForgetsFailedTasks if fails => vec![Op::Fail {}],
        Mutant::GoesOnAfterAFailure if fails => {
            let others = ops.iter().filter(|op| !matches!(op, Op::Fail {}));
            others.cloned().chain([Op::Fail {}]).collect()
        }
        Mutant::SetsAsItAdds => each(ops, |op| match op {
            Op::Set(change) => Op::Add(change),
            other => other,
        }),
        Mutant::BoundsExclusive => each(ops, |op| match op {
            Op::Observe(change) => Op::Observe(Change {
                value: change.value.next_up(),
                ..change
            }),
            other => other,
        }),
        _ => ops.to_vec(),
    }
}

/// Of a task with ops that nobody knows what is left without them, by the mutant that skips them.
pub(crate) fn without_the_unknown(mutant: Option<Mutant>, document: &[u8]) -> Option<Task> {
    if mutant != Some(Mutant::SkipsUnknownOps) {
        return None;
    }
    let mut task: Value = serde_json::from_slice(document).ok()?;
    let ops = task.get_mut("ops")?.as_array_mut()?;
    ops.retain(|op| serde_json::from_value::<Op>(op.clone()).is_ok());
    serde_json::from_value(task).ok()
}

fn each(ops: &[Op], change: impl Fn(Op) -> Op) -> Vec<Op> {
    ops.iter().cloned().map(change).collect()
}

impl Memory {
    /// Of incs and observes, every nth as often as that.
    fn every(&mut self, nth: u64, ops: &[Op], times: usize) -> Vec<Op> {
        let mut executed = Vec::new();
        for op in ops {
            let counts = matches!(op, Op::Inc(_) | Op::Observe(_));
            self.counted += u64::from(counts);
            let is_it = counts && self.counted.is_multiple_of(nth);
            executed.extend(std::iter::repeat_n(op.clone(), if is_it { times } else { 1 }));
        }
        executed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(value: f64) -> Change {
        Change {
            metric: "m".to_owned(),
            labels: Default::default(),
            value,
        }
    }

    /// The ops in a letter each, after `mutant`.
    fn letters(mutant: Mutant, memory: &mut Memory, ops: &[Op]) -> String {
        let letter = |op: &Op| match op {
            Op::Inc(_) => 'i',
            Op::Add(_) => 'a',
            Op::Set(_) => 's',
            Op::Observe(_) => 'o',
            Op::Fail {} => '!',
            Op::Sleep { .. } | Op::Exit { .. } => '.',
        };
        changed(mutant, memory, ops).iter().map(letter).collect()
    }

    #[test]
    fn each_does_to_a_tasks_ops_what_its_name_says() {
        let ops = [
            Op::Inc(change(1.0)),
            Op::Set(change(2.0)),
            Op::Fail {},
            Op::Observe(change(0.25)),
        ];
        for (mutant, expected) in [
            (Mutant::ForgetsFailedTasks, "!"),
            (Mutant::GoesOnAfterAFailure, "iso!"),
            (Mutant::SetsAsItAdds, "ia!o"),
            (Mutant::BoundsExclusive, "is!o"),
            (Mutant::DropsAProcess, "is!o"),
        ] {
            assert_eq!(
                letters(mutant, &mut Memory::default(), &ops),
                expected,
                "{mutant:?}"
            );
        }
        let beyond = changed(Mutant::BoundsExclusive, &mut Memory::default(), &ops[3..]);
        assert!(matches!(&beyond[..], [Op::Observe(change)] if change.value > 0.25));
    }

    #[test]
    fn what_is_unknown_is_skipped_by_the_mutant_alone() {
        let document = br#"{"id": "1", "name": "t", "ops": [{"op": "unknown"}, {"op": "sleep", "ms": 1}]}"#;
        let task = without_the_unknown(Some(Mutant::SkipsUnknownOps), document);
        assert_eq!(task.map(|task| task.ops), Some(vec![Op::Sleep { ms: 1 }]));
        assert!(without_the_unknown(Some(Mutant::LosesAnIncrement), document).is_none());
        assert!(without_the_unknown(None, document).is_none());
    }

    #[test]
    fn one_in_seven_is_counted_over_tasks() {
        let ops = [
            Op::Inc(change(1.0)),
            Op::Sleep { ms: 1 },
            Op::Observe(change(1.0)),
        ];
        for (mutant, expected) in [
            (Mutant::LosesAnIncrement, "i.oi.oi.o.oi.oi.o"),
            (Mutant::DoublesAnIncrement, "i.oi.oi.oii.oi.oi.o"),
        ] {
            let mut memory = Memory::default();
            let executed: String = (0..6).map(|_| letters(mutant, &mut memory, &ops)).collect();
            assert_eq!(executed, expected, "{mutant:?}");
        }
    }
}
