//! Admission: never more than the bounds, and nothing stays taken.

use std::sync::atomic::{AtomicI64, Ordering};

use proptest::prelude::*;
use tokio::runtime::Builder;
use tokio::task::{JoinSet, yield_now};
use tokio::time::Instant;

use super::*;
use crate::metrics::Metrics;

fn queue(items_max: u64, bytes_max: u64) -> Queue {
    let settings = QueueSettings {
        items_max,
        bytes_max,
        ..QueueSettings::default()
    };
    Queue::new(&settings, Metrics::default().of(&"otlp".into()))
}

fn free(queue: &Queue) -> (usize, usize) {
    (
        queue.items.available_permits(),
        queue.bytes.available_permits(),
    )
}

#[test]
fn what_never_fits_is_known_at_once() {
    let queue = queue(10, 1000);
    assert!(queue.size(10, 1000).is_some());
    assert!(queue.size(11, 1).is_none());
    assert!(queue.size(1, 1001).is_none());
    assert!(queue.size(0, 0).is_some());
    let tiny = self::queue(1, 1);
    assert!(tiny.try_hold(tiny.size(1, 1).unwrap()).is_ok());
}

/// Empty batches take room too: there is no way to queue without bound.
#[test]
fn empty_batches_take_room() {
    let queue = queue(10, 1024);
    let size = queue.size(0, 0).unwrap();
    let held: Vec<_> = std::iter::from_fn(|| queue.try_hold(size).ok()).collect();
    assert_eq!(held.len(), 4);
}

#[test]
fn a_failed_try_takes_nothing() {
    let queue = queue(10, 1000);
    let _held = queue.try_hold(queue.size(1, 900).unwrap()).unwrap();
    let before = free(&queue);
    assert!(queue.try_hold(queue.size(5, 900).unwrap()).is_err());
    assert_eq!(free(&queue), before);
}

/// A sender is held up while much is queued, no longer than that, and never for good.
#[test]
fn much_in_the_queue_holds_senders_up() {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.unwrap().block_on(async {
        let queue = queue(10, 4 * u64::from(FLOW_BYTES));
        let size = queue.size(1, FLOW_BYTES as usize).unwrap();
        let mut first = queue.hold(size).await.unwrap();
        let began = Instant::now();
        queue.flow(&mut first).await;
        assert_eq!(began.elapsed(), Duration::ZERO);
        let mut second = queue.hold(size).await.unwrap();
        queue.flow(&mut second).await;
        assert!(began.elapsed() >= FLOW_WAIT);
        let mut third = queue.hold(size).await.unwrap();
        let began = Instant::now();
        tokio::join!(queue.flow(&mut third), async { drop(first) });
        assert_eq!(began.elapsed(), Duration::ZERO);
    });
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None, cases: 64, ..ProptestConfig::default()
    })]

    /// Senders that take room, give up waiting, or give it back, in any interleaving.
    #[test]
    fn the_bounds_hold(
        senders in prop::collection::vec((0_u64..8, 0_usize..3000, 0_usize..6, any::<bool>()), 1..40),
    ) {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let queue = Arc::new(queue(12, 5000));
            let taken = Arc::new((AtomicI64::new(0), AtomicI64::new(0)));
            let mut tasks = JoinSet::new();
            for (items, bytes, yields, gives_up) in senders {
                let (queue, taken) = (Arc::clone(&queue), Arc::clone(&taken));
                tasks.spawn(async move {
                    let size = queue.size(items, bytes).unwrap();
                    let hold = queue.hold(size);
                    let held = if gives_up {
                        tokio::select! { biased; held = hold => held.ok(), () = yield_now() => None }
                    } else {
                        hold.await.ok()
                    };
                    let Some(held) = held else { return };
                    let (items, bytes) = (items as i64, bytes as i64);
                    let items_now = taken.0.fetch_add(items, Ordering::SeqCst) + items;
                    let bytes_now = taken.1.fetch_add(bytes, Ordering::SeqCst) + bytes;
                    assert!(items_now <= 12 && bytes_now <= 5000, "{items_now} {bytes_now}");
                    for _ in 0..yields {
                        yield_now().await;
                    }
                    taken.0.fetch_sub(items, Ordering::SeqCst);
                    taken.1.fetch_sub(bytes, Ordering::SeqCst);
                    drop(held);
                });
            }
            while let Some(done) = tasks.join_next().await {
                done.unwrap();
            }
            assert_eq!(free(&queue), (12, 5000));
            assert_eq!(queue.counters.queue_items.get(), 0);
            assert_eq!(queue.counters.queue_bytes.get(), 0);
        });
    }
}
