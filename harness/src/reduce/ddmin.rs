//! Delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input"): the least part of a list that
//! still fails, in the sense that no single item can be taken from it.

/// Takes items away as long as the rest fails. `fails` is true of all of them.
pub(super) fn ddmin<T: Clone, E>(
    mut items: Vec<T>,
    mut fails: impl FnMut(&[T]) -> Result<bool, E>,
) -> Result<Vec<T>, E> {
    let mut parts = 2;
    while !items.is_empty() {
        let length = items.len().div_ceil(parts);
        let mut start = 0;
        let mut took_any = false;
        while start < items.len() {
            let end = (start + length).min(items.len());
            let rest: Vec<T> = [&items[..start], &items[end..]].concat();
            if fails(&rest)? {
                // What came after the part that is gone is tried at the same place.
                items = rest;
                took_any = true;
            } else {
                start = end;
            }
        }
        if length <= 1 && !took_any {
            break;
        }
        if !took_any {
            parts = parts.saturating_mul(2);
        }
        parts = parts.clamp(2, items.len().max(2));
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_needs_nothing_is_reduced_to_nothing() {
        let Ok(least) = ddmin((0..100).collect(), |_: &[u32]| Ok::<_, Infallible>(true));
        assert_eq!(least, [0_u32; 0]);
    }

    #[test]
    fn the_first_error_ends_it() {
        assert_eq!(
            ddmin(vec![1, 2, 3], |_| Err::<bool, _>("no room")),
            Err("no room")
        );
    }

    proptest! {
        #[test]
        fn what_is_left_is_what_is_needed(length in 1_usize..200, needed in prop::collection::btree_set(0_usize..200, 1..5)) {
            let needed: Vec<usize> = needed.into_iter().map(|item| item % length).collect();
            let mut tries = 0;
            let Ok(least) = ddmin((0..length).collect(), |part: &[usize]| {
                tries += 1;
                Ok::<_, Infallible>(needed.iter().all(|item| part.contains(item)))
            });
            let mut expected = needed.clone();
            expected.sort_unstable();
            expected.dedup();
            prop_assert_eq!(least, expected);
            prop_assert!(tries <= 30 * needed.len() + 10 * length.ilog2() as usize + 30, "{}", tries);
        }
    }
}
