//! What an input may cost: memory in proportion to its length.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What may be allocated for an empty input, given back or not.
const BASE: usize = 4 << 20;
/// And for each byte.
const PER_BYTE: usize = 64 << 10;

/// Runs a target on an input.
///
/// # Panics
/// If that allocates more than it may.
pub(crate) fn bounded(data: &[u8], run: fn(&[u8])) {
    let region = Region::new(ALLOCATOR);
    run(data);
    let allocated = region.change().bytes_allocated;
    let limit = BASE + data.len() * PER_BYTE;
    assert!(
        allocated <= limit,
        "{allocated} bytes were allocated for an input of {}, at most {limit} may",
        data.len()
    );
}
