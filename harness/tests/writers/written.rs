//! What may be read: values that say of themselves that they were written.

use std::ops::RangeInclusive;

use counterfoil::series::Series;
use libtest_mimic::{Failed, Trial};

use crate::writer::MODES;

/// A double whose upper half is its lower half, another one for each of very many steps. Half of one and half of the
/// next is none.
pub(crate) fn double(step: u64) -> f64 {
    let half = 0x4000_0000 + step % (1 << 28);
    f64::from_bits(half << 32 | half)
}

fn is_double(value: f64) -> bool {
    let bits = value.to_bits();
    bits >> 32 == bits & 0xffff_ffff && (0x4000_0000..0x5000_0000).contains(&(bits >> 32))
}

/// What is known of the processes whose values are looked at.
pub(crate) struct Bounds {
    /// Steps that they have done, and steps that they have begun.
    pub(crate) steps: RangeInclusive<f64>,
    pub(crate) processes: usize,
}

impl Bounds {
    /// Whether a value, of one process or merged of all, is one that may have been written.
    pub(crate) fn admit(&self, series: &Series, value: f64) -> bool {
        let begun = *self.steps.end();
        let up_to = |greatest: f64, unit: f64| (0.0..=greatest).contains(&value) && value % unit == 0.0;
        match &*series.sample {
            "writers_writes_total" => self.steps.contains(&value) && value % 1.0 == 0.0,
            "writers_born_total" | "writers_sum" => up_to(self.processes as f64, 1.0),
            "writers_wait_bucket" | "writers_wait_count" | "writers_size_count" => up_to(begun, 1.0),
            "writers_wait_sum" => up_to(4.5 * begun, 0.5),
            "writers_size_sum" => up_to(3.0 * begun, 1.0),
            // A gauge is 0 before it is first set.
            gauge => is_gauge(gauge) && (value == 0.0 || is_double(value)),
        }
    }
}

fn is_gauge(sample: &str) -> bool {
    let mode = sample.strip_prefix("writers_");
    MODES.iter().any(|known| mode == Some(known.name()))
}

/// That the above can fail.
pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test(
        "a_value_that_was_never_written_is_not_admitted",
        what_was_never_written_is_not_admitted,
    )]
}

fn what_was_never_written_is_not_admitted() -> Result<(), Failed> {
    let bounds = Bounds {
        steps: 200.0..=300.0,
        processes: 2,
    };
    let halved = f64::from_bits(double(70).to_bits() >> 32 << 32 | double(71).to_bits() & 0xffff_ffff);
    let cases = [
        ("writers_max", double(70), true),
        ("writers_max", 0.0, true),
        ("writers_max", halved, false),
        ("writers_max", f64::from(double(70) as f32), false),
        ("writers_writes_total", 200.0, true),
        ("writers_writes_total", 199.0, false),
        ("writers_writes_total", 301.0, false),
        ("writers_writes_total", 250.5, false),
        ("writers_sum", 2.0, true),
        ("writers_sum", 3.0, false),
        ("writers_born_total", -1.0, false),
        ("writers_wait_sum", 0.25, false),
        ("writers_wait_count", f64::NAN, false),
        ("writers_other", 1.0, false),
    ];
    for (sample, value, admitted) in cases {
        let series = Series::new(sample, Default::default());
        if bounds.admit(&series, value) != admitted {
            return Err(format!("{sample} {value}: admitted is not {admitted}").into());
        }
    }
    Ok(())
}
