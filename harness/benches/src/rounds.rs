//! Interleaved rounds: each contender once, then each again.

use crate::contender::{Contender, Failure};

/// What the rounds came to.
pub(crate) struct Rounds {
    /// Of each contender.
    pub(crate) contenders: Vec<Measured>,
}

/// One contender's times.
pub(crate) struct Measured {
    pub(crate) name: String,
    /// In nanoseconds, one a round, up to a failure.
    pub(crate) times: Vec<f64>,
    pub(crate) peak_mib: Option<f64>,
    pub(crate) failure: Option<Failure>,
}

/// A middle and how far the rest lies from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) greatest: f64,
}

impl Spread {
    /// `None` of nothing.
    pub(crate) fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        Some(Self {
            median: *values.get(values.len() / 2)?,
            least: *values.first()?,
            greatest: *values.last()?,
        })
    }

    /// Of the reciprocals.
    pub(crate) fn inverse(self) -> Self {
        Self {
            median: 1.0 / self.median,
            least: 1.0 / self.greatest,
            greatest: 1.0 / self.least,
        }
    }
}

impl Rounds {
    /// Warms each contender up by one measurement, then measures each once a round, another one first each time.
    /// One that fails is left alone from then on.
    pub(crate) fn of(mut contenders: Vec<Box<dyn Contender + '_>>, rounds: usize) -> Self {
        let mut measured: Vec<Measured> = contenders
            .iter()
            .map(|contender| Measured {
                name: contender.name().to_owned(),
                times: Vec::new(),
                peak_mib: None,
                failure: None,
            })
            .collect();
        let count = contenders.len();
        for round in 0..=rounds {
            eprintln!("round {round} of {rounds}");
            for turn in 0..count {
                let at = (turn + round) % count;
                let result = &mut measured[at];
                if result.failure.is_some() {
                    continue;
                }
                match contenders[at].measure() {
                    Ok(_) if round == 0 => {}
                    Ok(time) => result.times.push(time),
                    Err(failure) => result.failure = Some(failure),
                }
                eprintln!(
                    "  {}: {}",
                    result.name,
                    match (&result.failure, result.times.last()) {
                        (Some(failure), _) => failure.to_string(),
                        (None, Some(time)) => format!("{:.3} ms", time / 1e6),
                        (None, None) => "warm".to_owned(),
                    }
                );
                result.peak_mib = contenders[at].peak_mib().or(result.peak_mib);
            }
        }
        Self { contenders: measured }
    }

    /// The contender of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&Measured> {
        self.contenders.iter().find(|measured| measured.name == name)
    }

    /// How many times the one takes as long as the other, round by round.
    pub(crate) fn ratio(&self, over: &str, under: &str) -> Option<Spread> {
        let (over, under) = (self.get(over)?, self.get(under)?);
        let pairs = over.times.iter().zip(&under.times);
        Spread::of(pairs.map(|(over, under)| over / under).collect())
    }

    /// How many times as long the fastest of `peers` takes as `own`; the fastest by its median.
    pub(crate) fn best_over(&self, peers: &[&str], own: &str) -> Option<Spread> {
        let ratios = peers.iter().filter_map(|peer| self.ratio(peer, own));
        ratios.min_by(|one, other| one.median.total_cmp(&other.median))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contender::Here;

    #[test]
    fn contenders_take_turns_and_the_warm_up_does_not_count() {
        let order = std::cell::RefCell::new(Vec::new());
        let one = Here::new("one", || {
            order.borrow_mut().push(1);
            Ok(order.borrow().len() as f64)
        });
        let other = Here::new("other", || {
            order.borrow_mut().push(2);
            Ok(1.0)
        });
        let rounds = Rounds::of(vec![one, other], 2);
        assert_eq!(*order.borrow(), [1, 2, 2, 1, 1, 2]);
        assert_eq!(rounds.contenders[0].times, [4.0, 5.0]);
        let ratio = rounds.ratio("one", "other").expect("both were measured");
        assert_eq!((ratio.least, ratio.greatest), (4.0, 5.0));
    }

    #[test]
    fn one_that_fails_is_measured_no_more_and_has_no_ratio() {
        let mut calls = 0;
        let failing = Here::new("failing", || {
            calls += 1;
            Err(Failure::Broken("on purpose".to_owned()))
        });
        let rounds = Rounds::of(vec![failing, Here::new("sound", || Ok(1.0))], 3);
        assert_eq!(rounds.ratio("failing", "sound"), None);
        drop(rounds);
        assert_eq!(calls, 1);
    }
}
