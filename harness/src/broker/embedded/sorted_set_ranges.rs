//! Commands on ranges of a sorted set, by rank or by score.

use bytes::Bytes;

use super::argument::{float, integer, is, range};
use super::database::Database;
use super::refusal::Refusal;
use super::reply::Reply;
use super::sorted_sets::SortedSet;

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
        let range = range(start, stop, set.len());
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
