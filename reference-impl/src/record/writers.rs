//! Who may write a metric's values, and what an addition costs them.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

/// Who may write: [`AnyThread`] or [`OneThread`].
pub trait Writers: sealed::Sealed + Clone + 'static {
    /// Adds to a double that is kept as its bits.
    fn add(value: &AtomicU64, amount: f64);
}

/// Any thread of the process: an addition is tried until no other comes between.
#[derive(Debug, Clone, Copy)]
pub struct AnyThread;

/// The thread that has the registry: nobody can come between, so an addition need not look. What is recorded with
/// cannot be handed to another thread.
#[derive(Debug, Clone, Copy)]
pub struct OneThread(PhantomData<*const ()>);

impl Writers for AnyThread {
    #[inline]
    fn add(value: &AtomicU64, amount: f64) {
        let mut current = value.load(Ordering::Relaxed);
        loop {
            let sum = (f64::from_bits(current) + amount).to_bits();
            match value.compare_exchange_weak(current, sum, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(seen) => current = seen,
            }
        }
    }
}

impl Writers for OneThread {
    #[inline]
    fn add(value: &AtomicU64, amount: f64) {
        let sum = f64::from_bits(value.load(Ordering::Relaxed)) + amount;
        // Released, so that a histogram's bucket is never seen before its sum (F11).
        value.store(sum.to_bits(), Ordering::Release);
    }
}

mod sealed {
    /// Keeps the choice to the two.
    pub trait Sealed {}
    impl Sealed for super::AnyThread {}
    impl Sealed for super::OneThread {}
}
