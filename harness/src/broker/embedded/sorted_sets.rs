//! Sorted sets and the commands on them.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use bytes::Bytes;

use super::argument::{float, integer, is, range};
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

    fn insert(&mut self, member: &Bytes, score: f64) {
        if let Some(old) = self.scores.insert(member.clone(), score) {
            self.order.remove(&(Score(old), member.clone()));
        }
        self.order.insert((Score(score), member.clone()));
    }

    fn remove(&mut self, member: &Bytes) -> bool {
        let Some(score) = self.scores.remove(member) else {
            return false;
        };
        self.order.remove(&(Score(score), member.clone()))
    }

    fn in_order(&self) -> impl DoubleEndedIterator<Item = (Bytes, f64)> {
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
        database
            .find::<SortedSet>(&args[1])?
            .map_or(0, |set| set.scores.len()),
    ))
}

pub(super) fn zscore(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let score = database
        .find::<SortedSet>(&args[1])?
        .and_then(|set| set.scores.get(&args[2]).copied());
    Ok(score.map_or(Reply::Null, Reply::Double))
}

/// One end of an interval of scores, `(` excluding the score itself.
#[derive(Clone, Copy)]
struct Limit {
    score: f64,
    is_excluded: bool,
}

impl Limit {
    fn of(argument: &[u8]) -> Result<Limit, Refusal> {
        let (is_excluded, number) = match argument {
            [b'(', number @ ..] => (true, number),
            number => (false, number),
        };
        // Redis reads no digits as zero here.
        let number = if number.is_empty() { b"0" } else { number };
        let score = float(number).ok_or(Refusal::Line("ERR min or max is not a float"))?;
        Ok(Limit { score, is_excluded })
    }

    fn is_below(self, score: f64) -> bool {
        if self.is_excluded {
            self.score < score
        } else {
            self.score <= score
        }
    }

    fn is_above(self, score: f64) -> bool {
        if self.is_excluded {
            self.score > score
        } else {
            self.score >= score
        }
    }
}

/// What ZRANGE and its kin ask for.
struct Query {
    by_score: bool,
    is_reversed: bool,
    with_scores: bool,
    /// Offset and count; a negative count is no limit.
    limit: Option<(i64, i64)>,
}

impl Query {
    fn of(args: &[Bytes], is_zrange: bool) -> Result<Query, Refusal> {
        let mut query = Query {
            by_score: !is_zrange,
            is_reversed: false,
            with_scores: false,
            limit: None,
        };
        let mut rest = args;
        loop {
            rest = match rest {
                [] => break,
                [option, rest @ ..] if is(option, "withscores") => {
                    query.with_scores = true;
                    rest
                }
                [option, offset, count, rest @ ..] if is(option, "limit") => {
                    query.limit = Some((integer(offset)?, integer(count)?));
                    rest
                }
                [option, rest @ ..] if is_zrange && is(option, "rev") => {
                    query.is_reversed = true;
                    rest
                }
                [option, rest @ ..] if is_zrange && is(option, "byscore") => {
                    query.by_score = true;
                    rest
                }
                [option, ..] if is_zrange && is(option, "bylex") => {
                    return Err(Refusal::Line("ERR the embedded broker has no ZRANGE BYLEX"));
                }
                _ => return Err(Refusal::Syntax),
            };
        }
        if query.limit.is_some() && !query.by_score {
            return Err(Refusal::Line(
                "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
            ));
        }
        Ok(query)
    }

    fn answer(&self, database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
        let found = if self.by_score {
            self.by_score(database, args)?
        } else {
            self.by_rank(database, args)?
        };
        Ok(if self.with_scores {
            Reply::Scored(found)
        } else {
            Reply::bulks(found.into_iter().map(|(member, _)| member))
        })
    }

    fn by_rank(&self, database: &mut Database, args: &[Bytes]) -> Result<Vec<(Bytes, f64)>, Refusal> {
        let (start, stop) = (integer(&args[2])?, integer(&args[3])?);
        let Some(set) = database.find::<SortedSet>(&args[1])? else {
            return Ok(Vec::new());
        };
        let range = range(start, stop, set.scores.len());
        let pick = |members: &mut dyn Iterator<Item = (Bytes, f64)>| {
            members.skip(range.start).take(range.len()).collect()
        };
        Ok(if self.is_reversed {
            pick(&mut set.in_order().rev())
        } else {
            pick(&mut set.in_order())
        })
    }

    fn by_score(&self, database: &mut Database, args: &[Bytes]) -> Result<Vec<(Bytes, f64)>, Refusal> {
        let (min, max) = if self.is_reversed {
            (&args[3], &args[2])
        } else {
            (&args[2], &args[3])
        };
        let (min, max) = (Limit::of(min)?, Limit::of(max)?);
        let Some(set) = database.find::<SortedSet>(&args[1])? else {
            return Ok(Vec::new());
        };
        let (offset, count) = self.limit.unwrap_or((0, -1));
        let Ok(offset) = usize::try_from(offset) else {
            return Ok(Vec::new());
        };
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let is_inside = |(_, score): &(Bytes, f64)| min.is_below(*score) && max.is_above(*score);
        let pick = |members: &mut dyn Iterator<Item = (Bytes, f64)>| {
            members.filter(is_inside).skip(offset).take(count).collect()
        };
        Ok(if self.is_reversed {
            pick(&mut set.in_order().rev())
        } else {
            pick(&mut set.in_order())
        })
    }
}

pub(super) fn zrange(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    Query::of(&args[4..], true)?.answer(database, args)
}

pub(super) fn zrangebyscore(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    Query::of(&args[4..], false)?.answer(database, args)
}

pub(super) fn zcount(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let query = Query {
        by_score: true,
        is_reversed: false,
        with_scores: false,
        limit: None,
    };
    Ok(Reply::count(query.by_score(database, args)?.len()))
}

pub(super) fn zremrangebyscore(database: &mut Database, args: &[Bytes]) -> Result<Reply, Refusal> {
    let query = Query {
        by_score: true,
        is_reversed: false,
        with_scores: false,
        limit: None,
    };
    let doomed = query.by_score(database, args)?;
    if let (Some(set), false) = (database.find::<SortedSet>(&args[1])?, doomed.is_empty()) {
        doomed.iter().for_each(|(member, _)| {
            set.remove(member);
        });
        database.taken_from(&args[1]);
    }
    Ok(Reply::count(doomed.len()))
}
