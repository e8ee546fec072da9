//! Sorted sets and the commands on them.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use bytes::Bytes;

use super::argument::float;
use super::database::Database;
use super::refusal::Refusal;
use super::reply::Reply;

/// A score, which is never NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Score(f64);

impl Eq for Score {}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Score) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Score {
    fn cmp(&self, other: &Score) -> Ordering {
        // Adding zero makes -0.0 and 0.0 one score.
        (self.0 + 0.0).total_cmp(&(other.0 + 0.0))
    }
}

/// Members by score, and by name where scores are equal.
#[derive(Debug, Default)]
pub(super) struct SortedSet {
    scores: HashMap<Bytes, f64>,
    order: BTreeSet<(Score, Bytes)>,
}

impl SortedSet {
    pub(super) fn is_empty(&self) -> bool {
        self.scores.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.scores.len()
    }

    fn insert(&mut self, member: &Bytes, score: f64) {
        if let Some(old) = self.scores.insert(member.clone(), score) {
            self.order.remove(&(Score(old), member.clone()));
        }
        self.order.insert((Score(score), member.clone()));
    }

    pub(super) fn remove(&mut self, member: &Bytes) -> bool {
        let Some(score) = self.scores.remove(member) else {
            return false;
        };
        self.order.remove(&(Score(score), member.clone()))
    }

    pub(super) fn in_order(&self) -> impl DoubleEndedIterator<Item = (Bytes, f64)> {
        self.order.iter().map(|(score, member)| (member.clone(), score.0))
    }
}

/// ZADD's options.
#[derive(Default)]
struct AddOptions {
    only_new: bool,
    only_existing: bool,
    only_greater: bool,
    only_less: bool,
    counts_changes: bool,
    increments: bool,
}

impl AddOptions {
    fn of(args: &[Bytes]) -> (AddOptions, &[Bytes]) {
        let mut options = AddOptions::default();
        let mut rest = args;
        while let [option, after @ ..] = rest {
            match option.to_ascii_lowercase().as_slice() {
                b"nx" => options.only_new = true,
                b"xx" => options.only_existing = true,
                b"gt" => options.only_greater = true,
                b"lt" => options.only_less = true,
                b"ch" => options.counts_changes = true,
                b"incr" => options.increments = true,
                _ => break,
            }
            rest = after;
        }
        (options, rest)
    }

    fn check(&self, pairs: usize) -> Result<(), Refusal> {
        if self.only_new && self.only_existing {
            return Err(Refusal::Line(
                "ERR XX and NX options at the same time are not compatible",
            ));
        }
        if (self.only_greater && self.only_less) || (self.only_new && (self.only_greater || self.only_less)) {
            return Err(Refusal::Line(
                "ERR GT, LT, and/or NX options at the same time are not compatible",
            ));
        }
        if self.increments && pairs > 1 {
            return Err(Refusal::Line(
                "ERR INCR option supports a single increment-element pair",
            ));
        }
        Ok(())
    }

    /// Whether a member of the old score, if any, gets the new one.
    fn allows(&self, old: Option<f64>, new: f64) -> bool {
        match old {
            None => !self.only_existing,
            Some(old) => !(self.only_new || self.only_greater && new <= old || self.only_less && new >= old),
        }
    }
}

pub(super) fn zadd(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let (options, rest) = AddOptions::of(&args[2..]);
    let (pairs, odd) = rest.as_chunks::<2>();
    if pairs.is_empty() || !odd.is_empty() {
        return Err(Refusal::Syntax);
    }
    options.check(pairs.len())?;
    let scores = pairs
        .iter()
        .map(|[score, _]| float(score).ok_or(Refusal::NotFloat));
    let scores = scores.collect::<Result<Vec<f64>, _>>()?;
    if database.find::<SortedSet>(&args[1])?.is_none() && options.only_existing {
        return Ok(if options.increments {
            Reply::Null
        } else {
            Reply::Int(0)
        });
    }
    let set = database.find_or_create::<SortedSet>(&args[1])?;
    let (mut added, mut updated, mut last) = (0, 0, None);
    for ([_, member], given) in pairs.iter().zip(scores) {
        let old = set.scores.get(member).copied();
        let score = if options.increments {
            old.unwrap_or(0.0) + given
        } else {
            given
        };
        if score.is_nan() {
            return Err(Refusal::Line("ERR resulting score is not a number (NaN)"));
        }
        if options.allows(old, score) {
            added += usize::from(old.is_none());
            updated += usize::from(old.is_some_and(|old| Score(old) != Score(score)));
            set.insert(member, score);
            last = Some(score);
        }
    }
    // Touches the key only if something changed, and takes it away again if nothing could be added.
    if added + updated > 0 {
        database.touch(&args[1]);
    } else {
        database.drop_if_spent(&args[1]);
    }
    Ok(match last {
        _ if !options.increments => Reply::count(if options.counts_changes {
            added + updated
        } else {
            added
        }),
        Some(score) => Reply::Double(score),
        None => Reply::Null,
    })
}

pub(super) fn zincrby(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let increment = float(&args[2]).ok_or(Refusal::NotFloat)?;
    let set = database.find_or_create::<SortedSet>(&args[1])?;
    let score = set.scores.get(&args[3]).copied().unwrap_or(0.0) + increment;
    if score.is_nan() {
        return Err(Refusal::Line("ERR resulting score is not a number (NaN)"));
    }
    set.insert(&args[3], score);
    database.touch(&args[1]);
    Ok(Reply::Double(score))
}

pub(super) fn zrem(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let Some(set) = database.find::<SortedSet>(&args[1])? else {
        return Ok(Reply::Int(0));
    };
    let removed = args[2..].iter().filter(|member| set.remove(member)).count();
    if removed > 0 {
        database.taken_from(&args[1]);
    }
    Ok(Reply::count(removed))
}

pub(super) fn zcard(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    Ok(Reply::count(
        database.find::<SortedSet>(&args[1])?.map_or(0, |set| set.len()),
    ))
}

pub(super) fn zscore(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let score = database
        .find::<SortedSet>(&args[1])?
        .and_then(|set| set.scores.get(&args[2]).copied());
    Ok(score.map_or(Reply::Null, Reply::Double))
}
