//! The answers that a merge may give for one series.

/// What may be served for a series. More than one value where the client's answer depends on the order in
/// which it happens to read the files.
#[derive(Clone, Debug)]
pub enum Admissible {
    /// This value and no other.
    Exact(f64),
    /// Any of these: ids that collide (M2), a user's `pid` (M5), NaN in min and max (M6), ties in mostrecent (M7).
    OneOf(Vec<f64>),
    /// A sum whose last digits depend on the order of addition: this value, give or take `error`.
    Near {
        /// The sum in the order of the file names.
        value: f64,
        /// (n - 1) · ε · Σ|x| with ε = 2^-52.
        error: f64,
    },
}

impl Admissible {
    /// The set of `values`: exact where they are all the same.
    pub fn one_of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values = values.into_iter();
        let first = values.next()?;
        let Some(other) = values.find(|value| identity(*value) != identity(first)) else {
            return Some(Self::Exact(first));
        };
        let mut seen = std::collections::HashSet::from([first, other].map(identity));
        let others = values.filter(|value| seen.insert(identity(*value)));
        Some(Self::OneOf([first, other].into_iter().chain(others).collect()))
    }

    /// Whether `got` is an answer. NaN answers for NaN, and the two zeros are one.
    pub fn admits(&self, got: f64) -> bool {
        match self {
            Self::Exact(value) => same(*value, got),
            Self::OneOf(values) => values.iter().any(|value| same(*value, got)),
            // An infinite error says that the sum may overflow in some orders: nothing is known.
            Self::Near { error, .. } if error.is_infinite() => true,
            Self::Near { value, error } => same(*value, got) || (value - got).abs() <= *error,
        }
    }

    /// One of the answers: the one of the files' name order.
    pub fn representative(&self) -> f64 {
        match self {
            Self::Exact(value) | Self::Near { value, .. } => *value,
            Self::OneOf(values) => values.first().copied().unwrap_or(f64::NAN),
        }
    }

    /// The answers of any of `sets`: several samples that are served under one name and label set.
    pub(super) fn union(sets: Vec<Self>) -> Option<Self> {
        let Some(Self::Near { value, .. }) = sets.iter().find(|set| set.error() > 0.0) else {
            return Self::one_of(sets.iter().flat_map(Self::values).copied());
        };
        // An interval around one of the sums: it may admit more than the union does, never less.
        let reach = |set: &Self| {
            set.values()
                .iter()
                .map(|have| (have - value).abs())
                .fold(0.0, f64::max)
                + set.error()
        };
        Some(Self::Near {
            value: *value,
            error: sets.iter().map(reach).fold(0.0, f64::max),
        })
    }

    fn values(&self) -> &[f64] {
        match self {
            Self::Exact(value) | Self::Near { value, .. } => std::slice::from_ref(value),
            Self::OneOf(values) => values,
        }
    }

    fn error(&self) -> f64 {
        if let Self::Near { error, .. } = self {
            *error
        } else {
            0.0
        }
    }
}

/// Bits that are equal for answers that are the same.
fn identity(value: f64) -> u64 {
    if value.is_nan() {
        f64::NAN.to_bits()
    } else {
        (value + 0.0).to_bits()
    }
}

/// Equality of answers: reflexive for NaN.
fn same(one: f64, other: f64) -> bool {
    one == other || (one.is_nan() && other.is_nan())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::*;

    #[test]
    fn nan_answers_for_nan_and_the_zeros_are_one() {
        assert!(Admissible::Exact(f64::NAN).admits(f64::NAN));
        assert!(!Admissible::Exact(f64::NAN).admits(0.0));
        assert!(Admissible::Exact(0.0).admits(-0.0));
        assert!(Admissible::OneOf(vec![1.0, f64::NAN]).admits(f64::NAN));
        assert!(!Admissible::OneOf(vec![1.0, f64::NAN]).admits(2.0));
    }

    #[test]
    fn a_near_sum_admits_its_error_and_no_more() {
        let near = Admissible::Near {
            value: 10.0,
            error: 0.5,
        };
        assert!(near.admits(10.5) && near.admits(9.5));
        assert!(!near.admits(10.6) && !near.admits(f64::NAN) && !near.admits(f64::INFINITY));
    }

    #[test]
    fn a_sum_that_may_overflow_may_be_anything() {
        let near = Admissible::Near {
            value: 10.0,
            error: f64::INFINITY,
        };
        assert!(
            [0.0, f64::NEG_INFINITY, f64::NAN]
                .iter()
                .all(|value| near.admits(*value))
        );
    }

    #[test]
    fn one_value_seen_twice_is_exact() {
        assert!(matches!(
            Admissible::one_of([0.0, -0.0]),
            Some(Admissible::Exact(_))
        ));
        assert!(matches!(
            Admissible::one_of([f64::NAN; 2]),
            Some(Admissible::Exact(_))
        ));
        assert!(matches!(
            Admissible::one_of([1.0, 2.0]),
            Some(Admissible::OneOf(_))
        ));
        assert!(Admissible::one_of([]).is_none());
    }

    #[test]
    fn a_union_admits_what_either_side_admits() {
        let union =
            Admissible::union(vec![Admissible::Exact(1.0), Admissible::OneOf(vec![2.0, 3.0])]).unwrap();
        assert!([1.0, 2.0, 3.0].iter().all(|value| union.admits(*value)));
        let near = Admissible::Near {
            value: 10.0,
            error: 0.5,
        };
        let union = Admissible::union(vec![Admissible::Exact(12.0), near]).unwrap();
        assert!(union.admits(12.0) && union.admits(9.6) && !union.admits(12.1));
        let nears = [10.0, 12.0].map(|value| Admissible::Near { value, error: 0.5 });
        let union = Admissible::union(nears.to_vec()).unwrap();
        assert!([9.5, 10.5, 11.5, 12.5].iter().all(|value| union.admits(*value)));
        assert!(!union.admits(12.6));
    }
}
