//! Sums of doubles, and how exactly they are known.

use super::Admissible;

/// A running sum (M4, M9) that knows whether the order of addition matters.
#[derive(Clone, Debug, Default)]
pub(super) struct Sum {
    /// In the order of adding, from 0 on, as the client adds.
    value: f64,
    /// Numbers that are not zero: zeros change nothing.
    terms: usize,
    nan: bool,
    infinite_up: bool,
    infinite_down: bool,
    /// Of the finite positive terms; infinite if they overflow.
    up: f64,
    /// Of the finite negative terms, as a positive number.
    down: f64,
    grid: Grid,
}

/// The coarsest grid of spacing 2^k that all terms lie on. As long as Σ|x| is less than 2^53 spacings, every
/// partial sum in any order is a double, so every order gives the same result.
#[derive(Clone, Debug, Default)]
enum Grid {
    /// Nothing but zeros so far.
    #[default]
    Any,
    Fits {
        k: i32,
        /// Σ|x| in spacings.
        spacings: u64,
    },
    /// Sums may round. This is final: more terms make the grid finer and the sum larger.
    Exceeded,
}

/// The doubles hold every integer below this.
const EXACT_BELOW: u64 = 1 << 53;

impl Sum {
    /// Adds one number.
    pub(super) fn add(&mut self, x: f64) {
        self.value += x;
        if x.is_nan() {
            self.nan = true;
        } else if x == f64::INFINITY {
            self.infinite_up = true;
        } else if x == f64::NEG_INFINITY {
            self.infinite_down = true;
        } else if x != 0.0 {
            self.terms += 1;
            *(if x.is_sign_positive() {
                &mut self.up
            } else {
                &mut self.down
            }) += x.abs();
            self.grid.add(x.abs());
        }
    }

    /// Adds what several numbers come to by themselves, as a client adds up each bound's buckets before it
    /// accumulates them (M9).
    pub(super) fn add_together(&mut self, numbers: &[f64]) {
        let before = self.value;
        numbers.iter().for_each(|x| self.add(*x));
        self.value = before + numbers.iter().fold(0.0, |sum, x| sum + x);
    }

    /// The sum of them.
    pub(super) fn of(numbers: impl IntoIterator<Item = f64>) -> Self {
        let mut sum = Self::default();
        numbers.into_iter().for_each(|x| sum.add(x));
        sum
    }

    /// In the order of adding.
    pub(super) fn value(&self) -> f64 {
        self.value
    }

    /// What the sum may be, whatever the order.
    pub(super) fn admissible(&self) -> Admissible {
        if self.nan || (self.infinite_up && self.infinite_down) {
            return Admissible::Exact(f64::NAN);
        }
        if self.infinite_up || self.infinite_down {
            return self.beside_an_infinity();
        }
        // The sum of two numbers is rounded once, whichever comes first.
        if self.terms <= 2 || !matches!(self.grid, Grid::Exceeded) {
            return Admissible::Exact(self.value);
        }
        // Each of two orders is off by at most (n - 1) · ε/2 · Σ|x|, so they are that much twice apart.
        let terms = self.terms as f64;
        let error = (terms - 1.0) * f64::EPSILON * self.at_most(self.up + self.down);
        Admissible::Near {
            value: self.value,
            error,
        }
    }

    /// What the terms of `magnitude` come to in any order: it is itself a sum that was rounded, by no more than that.
    fn at_most(&self, magnitude: f64) -> f64 {
        magnitude * (1.0 + self.terms as f64 * f64::EPSILON)
    }

    /// One infinity stays, unless the finite terms can overflow to the other one before it is added. What came of the
    /// order of adding is the first of the answers.
    fn beside_an_infinity(&self) -> Admissible {
        let (infinity, against) = if self.infinite_up {
            (f64::INFINITY, self.down)
        } else {
            (f64::NEG_INFINITY, self.up)
        };
        if self.at_most(against).is_finite() {
            return Admissible::Exact(infinity);
        }
        let other = if self.value.is_nan() { infinity } else { f64::NAN };
        Admissible::OneOf(vec![self.value, other])
    }
}

impl Grid {
    /// Refines the grid so that `x`, finite and positive, lies on it.
    fn add(&mut self, x: f64) {
        let (odd, exponent) = decompose(x);
        let next = match *self {
            Self::Any => Some((exponent, odd)),
            Self::Fits { k, spacings } => {
                let finer = k.min(exponent);
                let sum = |have: u64, more: u64| have.checked_add(more);
                scaled(spacings, k - finer)
                    .zip(scaled(odd, exponent - finer))
                    .and_then(|(have, more)| sum(have, more).map(|spacings| (finer, spacings)))
            }
            Self::Exceeded => None,
        };
        *self = match next {
            Some((k, spacings)) if spacings < EXACT_BELOW => Self::Fits { k, spacings },
            _ => Self::Exceeded,
        };
    }
}

/// `count` · 2^`by`, if it is of any use. There is no count of zero.
fn scaled(count: u64, by: i32) -> Option<u64> {
    let by = u32::try_from(by).ok()?;
    (by <= count.leading_zeros()).then(|| count << by)
}

/// x = odd · 2^exponent.
fn decompose(x: f64) -> (u64, i32) {
    const FRACTION_BITS: u32 = f64::MANTISSA_DIGITS - 1;
    const BIAS: i32 = 1075;
    let bits = x.to_bits();
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    let biased = i32::try_from((bits >> FRACTION_BITS) & 0x7ff).expect("an exponent has eleven bits");
    let (mantissa, exponent) = match biased {
        0 => (fraction, 1 - BIAS),
        _ => (fraction + (1 << FRACTION_BITS), biased - BIAS),
    };
    let zeros = mantissa.trailing_zeros();
    (mantissa >> zeros, exponent + zeros.cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_double_is_an_odd_number_times_a_power_of_two() {
        for x in [
            1.0,
            0.1,
            3.0,
            1e300,
            5e-324,
            f64::MIN_POSITIVE,
            f64::MAX,
            2f64.powi(60),
        ] {
            let (odd, exponent) = decompose(x);
            assert_eq!(odd % 2, 1);
            // In two steps: 2^-1074 times 2^53 is in range, 2^-1074 by itself only just.
            assert_eq!(
                odd as f64 * 2f64.powi(exponent / 2) * 2f64.powi(exponent - exponent / 2),
                x
            );
        }
    }

    #[test]
    fn multiples_of_a_quantum_sum_exactly_m4() {
        let sum = Sum::of([0.25, 1.0, -3.5, 1e9, 0.0]);
        assert!(matches!(sum.admissible(), Admissible::Exact(value) if value == 999_999_997.75));
    }

    #[test]
    fn a_sum_that_rounds_is_near_with_the_derived_error_m4() {
        for (numbers, magnitude) in [([1e16, 1.0, 1.0], 1e16 + 2.0), ([1e16, 1.0, -1e16], 2e16 + 1.0)] {
            let Admissible::Near { value, error } = Sum::of(numbers).admissible() else {
                panic!("{numbers:?} depend on the order");
            };
            let derived = 2.0 * f64::EPSILON * magnitude;
            assert!(
                (derived..derived * 1.000_001).contains(&error),
                "{error} against {derived}"
            );
            let sum = Admissible::Near { value, error };
            let [large, small, last] = numbers;
            assert!(sum.admits(large + small + last) && sum.admits(large + (small + last)));
            assert!(!sum.admits(value + 10.0));
        }
    }

    #[test]
    fn what_is_added_together_is_rounded_by_itself_first_m9() {
        let mut sum = Sum::default();
        sum.add_together(&[1e16]);
        sum.add_together(&[1.0, 1.0]);
        assert_eq!(sum.value(), 1e16 + 2.0);
        assert!(
            sum.admissible().admits(1e16),
            "in another order it is rounded twice"
        );
    }

    #[test]
    fn the_quantum_test_is_sharp_m4() {
        let limit = 2f64.powi(53);
        let exact = |numbers: &[f64]| {
            matches!(
                Sum::of(numbers.iter().copied()).admissible(),
                Admissible::Exact(_)
            )
        };
        assert!(exact(&[limit - 3.0, 1.0, 1.0]));
        assert!(!exact(&[limit - 2.0, 1.0, 1.0]));
        assert!(exact(&[1e16, 1.0]), "two numbers are rounded once");
        assert!(!exact(&[0.1, 0.2, 0.3]));
        assert!(exact(&[2f64.powi(900); 3]));
    }

    #[test]
    fn infinities_and_nan_are_exact_unless_the_rest_overflows_m4() {
        let of = |numbers: &[f64]| Sum::of(numbers.iter().copied()).admissible();
        assert!(matches!(of(&[1.0, f64::NAN]), Admissible::Exact(value) if value.is_nan()));
        assert!(
            matches!(of(&[f64::INFINITY, f64::NEG_INFINITY]), Admissible::Exact(value) if value.is_nan())
        );
        assert!(matches!(
            of(&[f64::INFINITY, -1.0]),
            Admissible::Exact(f64::INFINITY)
        ));
        let either = of(&[f64::MIN, f64::MIN, f64::INFINITY]);
        assert!(either.admits(f64::NAN) && either.admits(f64::INFINITY) && !either.admits(f64::NEG_INFINITY));
        assert!(
            either.representative().is_nan(),
            "it overflows before the infinity comes"
        );
        let either = of(&[f64::NEG_INFINITY, f64::MAX, f64::MAX]);
        assert!(either.admits(f64::NAN) && either.representative() == f64::NEG_INFINITY);
        // Four of them come to a step of the largest number, and are lost if they are added one by one.
        let quarter = f64::MAX / 2f64.powi(55);
        let barely = of(&[f64::MAX, quarter, quarter, quarter, quarter, f64::NEG_INFINITY]);
        assert!(barely.admits(f64::NAN) && barely.representative() == f64::NEG_INFINITY);
        assert!(of(&[f64::MAX, f64::MAX, f64::MIN]).admits(f64::MAX));
    }
}
