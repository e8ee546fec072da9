//! Joining: shares of a matrix become the whole, or what keeps them apart is told.

use std::path::PathBuf;

use super::Matrix;
use crate::report::{JoinError, refuse_differing};

/// Joins matrices, each with the file that it is from.
///
/// # Errors
/// There is none; they are not shares of one matrix, have something in common, or one is missing.
pub fn join(matrices: Vec<(PathBuf, Matrix)>) -> Result<Matrix, JoinError> {
    refuse_differing(&matrices, difference)?;
    refuse_twice(&matrices)?;
    let Some((one, first)) = matrices.first() else {
        return Err(JoinError::Nothing);
    };
    let mut joined = first.clone();
    for (_, matrix) in &matrices[1..] {
        joined.shards.extend(&matrix.shards);
        joined.controls.extend(matrix.controls.iter().cloned());
        joined.cells.extend(matrix.cells.iter().cloned());
        joined.elapsed_ms += matrix.elapsed_ms;
        joined.started = joined.started.min(matrix.started.clone());
    }
    let place = |title: &str| joined.planned.iter().position(|planned| planned == title);
    joined.cells.sort_by_key(|cell| place(&cell.title()));
    let is_there = |title: &String| joined.cells.iter().any(|cell| cell.title() == *title);
    let missing = joined.planned.iter().position(|title| !is_there(title));
    match (missing, joined.shards.first()) {
        (None, _) => Ok(joined),
        (Some(at), Some(shard)) => {
            let shard = shard.all().find(|shard| shard.deals(at));
            Err(JoinError::Missing {
                shard: shard.map_or_else(String::new, String::from),
                of: one.clone(),
            })
        }
        (Some(at), None) => Err(JoinError::Missing {
            shard: joined.planned[at].clone(),
            of: one.clone(),
        }),
    }
}

/// The first thing in which two differ: what, here, and there.
fn difference(one: &Matrix, other: &Matrix) -> Option<(&'static str, String, String)> {
    let count = |matrix: &Matrix| matrix.shards.first().map_or(1, |shard| shard.count());
    let chosen = |matrix: &Matrix| {
        let run = matrix.controls.first().and_then(|control| control.runs.first());
        run.map_or_else(String::new, |run| run.chosen.join(", "))
    };
    let rows = |of: &Matrix| {
        [
            ("command", of.command.clone()),
            ("list of releases", of.planned.join(", ")),
            ("number of shards", count(of).to_string()),
            ("list of scenarios", chosen(of)),
        ]
    };
    let mut pairs = rows(one).into_iter().zip(rows(other));
    let differing = pairs.find(|((_, here), (_, there))| here != there);
    differing
        .map(|((what, here), (_, there))| (what, here, there))
        .or_else(|| one.conditions()?.difference(other.conditions()?))
}

fn refuse_twice(matrices: &[(PathBuf, Matrix)]) -> Result<(), JoinError> {
    for (at, (one, matrix)) in matrices.iter().enumerate() {
        for (other, others) in &matrices[at + 1..] {
            let is_there = |title: &String| others.cells.iter().any(|cell| cell.title() == *title);
            if let Some(what) = matrix.cells.iter().map(|cell| cell.title()).find(is_there) {
                return Err(JoinError::Twice {
                    what,
                    one: one.clone(),
                    other: other.clone(),
                });
            }
        }
    }
    Ok(())
}
