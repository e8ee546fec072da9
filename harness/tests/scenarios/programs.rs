//! Generated programs on fleets: the reference passes them, and a mutant's failure shrinks to a handful of steps.

use std::num::NonZeroU32;

use counterfoil::property::Size;
use counterfoil::report::Verdict;
use counterfoil::scenario::Catalogue;
use libtest_mimic::{Failed, Trial};

use crate::site::reference;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("property/the-reference-passes-what-is-made-up", || {
            reference().play_programs(count(10), 11)?.must_pass()
        }),
        // One process of several is served: two workers and one op are left.
        smallest("serves-own-process", "scrape/equals-truth", |size| {
            size.workers == 2 && size.metrics == 1 && size.ops <= 1 && size.steps <= 3
        }),
        smallest("type-missing", "scrape/equals-truth", |size| {
            size.metrics == 1 && size.ops <= 1 && size.steps <= 3
        }),
    ]
}

fn count(programs: u32) -> NonZeroU32 {
    NonZeroU32::new(programs).expect("some programs are asked for")
}

/// The first program on that mutant fails `check`, again and again, and the smallest plan that does is that small, and
/// is kept as a scenario.
fn smallest(mutant: &'static str, check: &'static str, small: fn(Size) -> bool) -> Trial {
    Trial::test(
        format!("property/{mutant}-shrinks-to-a-handful-of-steps"),
        move || {
            let played = reference().mutant(mutant).play_programs(count(1), 0)?;
            let report = played.report("property/0-1")?;
            let Some(program) = report.program.clone().filter(|_| report.verdict == Verdict::Fail) else {
                return Err(played.failure("no program was made smaller"));
            };
            if program.check != check || program.reproduced != program.replays {
                return Err(played.failure("it fails otherwise"));
            }
            let Some(plan) = program.smallest else {
                return Err(played.failure("it was not made smaller"));
            };
            if !small(plan.size) {
                return Err(played.failure(&format!("the smallest plan is not small: {}", plan.size)));
            }
            let dir = std::path::Path::new(&plan.path).ancestors().nth(2);
            let dir = dir.ok_or_else(|| Failed::from("a plan lies in a folder of scenarios"))?;
            let kept = Catalogue::read(dir)?;
            match kept.get("property/0-1").map(Size::of) {
                Some(size) if size == plan.size => Ok(()),
                other => Err(played.failure(&format!("what is kept is another plan: {other:?}"))),
            }
        },
    )
}
