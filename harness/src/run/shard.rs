//! A share of the scenarios: each is in one of N, and stays there when others are added.

use std::fmt;
use std::hash::BuildHasher;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Share `index` of `count`, from 1: each scenario is in one share of N, and stays there when others are added.
///
/// ```
/// use counterfoil::run::Shard;
///
/// assert_eq!("2/3".parse::<Shard>()?.to_string(), "2/3");
/// let error = "0/3".parse::<Shard>().expect_err("shares are counted from 1");
/// assert_eq!(error, "\"0/3\" is no shard: use K/N with 1 <= K <= N");
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    index: u32,
    count: u32,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text
            .split_once('/')
            .and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match parsed {
            Some((index, count)) if index >= 1 && index <= count => Ok(Self { index, count }),
            _ => Err(format!("{text:?} is no shard: use K/N with 1 <= K <= N")),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl Shard {
    /// Into how many shares it was divided.
    pub(crate) fn count(self) -> u32 {
        self.count
    }

    /// Whether what is at that place of a list, from 0, belongs to it: dealt out in turn, because a list of a few is to be
    /// divided evenly.
    pub(crate) fn deals(self, at: usize) -> bool {
        u32::try_from(at).is_ok_and(|at| at % self.count == self.index - 1)
    }

    /// Every share of the same division, this one among them.
    pub(crate) fn all(self) -> impl Iterator<Item = Self> {
        let count = self.count;
        (1..=count).map(move |index| Self { index, count })
    }

    /// Whether a scenario belongs to it. Goes by the id alone, so adding a scenario moves no other.
    pub(crate) fn holds(self, id: &str) -> bool {
        let hash = foldhash::quality::FixedState::with_seed(0).hash_one(id);
        hash % u64::from(self.count) == u64::from(self.index - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shards_of_a_catalogue_are_disjoint_and_complete() {
        let shards: Vec<Shard> = (1..=3).map(|index| Shard { index, count: 3 }).collect();
        assert!(shards[1].all().eq(shards.iter().copied()));
        for id in (0..100).map(|n| format!("family/scenario-{n}")) {
            assert_eq!(shards.iter().filter(|shard| shard.holds(&id)).count(), 1);
        }
    }

    #[test]
    fn a_shard_counts_from_one() {
        assert_eq!("2/3".parse(), Ok(Shard { index: 2, count: 3 }));
        for wrong in ["0/3", "4/3", "1", "a/b", "1/0"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
