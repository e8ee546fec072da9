//! Work for several threads.

use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What `work` makes of each item, in the order of the items. Each thread takes the next item when it is done with one.
pub(crate) fn each<Item, Made>(
    threads: usize,
    items: &[Item],
    work: impl Fn(&Item) -> Made + Sync,
) -> Vec<Made>
where
    Item: Sync,
    Made: Send,
{
    let threads = threads.min(items.len());
    if threads <= 1 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let share = || {
        let mut made = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return made };
            made.push((at, work(item)));
        }
    };
    let mut made = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(share)).collect();
        let mut made = share();
        for other in others {
            made.extend(other.join().unwrap_or_else(|panic| panic::resume_unwind(panic)));
        }
        made
    });
    made.sort_unstable_by_key(|(at, _)| *at);
    made.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, mpsc};
    use std::time::Duration;

    #[test]
    fn what_is_made_is_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..100).collect();
        for threads in [0, 1, 2, 7] {
            assert_eq!(
                super::each(threads, &items, |item| item + 1),
                (1..=100).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn two_threads_work_at_the_same_time() {
        const DEADLINE: Duration = Duration::from_secs(10);
        let [one, other] = [mpsc::channel(), mpsc::channel()];
        let (one, other) = ((one.0, Mutex::new(other.1)), (other.0, Mutex::new(one.1)));
        // Each tells the other that it works, and waits to be told.
        let met = super::each(2, &[one, other], |(tell, told)| {
            tell.send(()).is_ok() && told.lock().is_ok_and(|told| told.recv_timeout(DEADLINE).is_ok())
        });
        assert_eq!(met, [true, true]);
    }
}
