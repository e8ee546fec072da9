//! Looking again and again until something is so.

use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

/// Ticks at once and then each `period`. Who was late, because the machine is busy or a look takes long, does not make up for it:
/// that would keep busy the machine that others wait for.
pub(crate) fn every(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_was_late_waits_a_whole_period_again() {
        let period = Duration::from_millis(20);
        let mut ticks = every(period);
        ticks.tick().await;
        // Sleeps, bounded by what is written here.
        tokio::time::sleep(3 * period).await;
        let late = std::time::Instant::now();
        ticks.tick().await;
        ticks.tick().await;
        assert!(late.elapsed() >= period, "{:?}", late.elapsed());
    }
}
