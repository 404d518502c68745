//! A clean scan allocates nothing, and a dirty one only the first time.
//!
//! A suite of its own, since the counting allocator serves the whole process and one test at a
//! time can count.

#![expect(unsafe_code, reason = "an allocator that counts has to be one")]

#[path = "suite/literals.rs"]
mod literals;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use tamis_scan::{Class, Engine, Gate, GateLimits, Hits, ScanOutcome};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system allocator unchanged; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `alloc` above, so from the system allocator.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(run: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    run();
    ALLOCATIONS.get() - before
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(vec![0u8; 10]))), 1);
}

#[test]
fn scans_allocate_for_new_hits_only() {
    let literals = literals::vendor_literals(100);
    let clean = "The quick brown fox, 12 of them; jumps over: it. ".repeat(400);
    let dirty = format!("{clean}ghp_ and 4111 1111 1111 1111 and a@b");
    let flooded = "ghp-ghp-npm-SG,hf-".repeat(2000);
    for engine in Engine::ALL
        .into_iter()
        .filter(|engine| engine.is_available())
    {
        let gate = Gate::with_engine(&literals, &Class::ALL, &GateLimits::default(), engine);
        let gate = gate.expect("a gate");
        let mut hits = Hits::default();
        let mut scan = |text: &str, expected: ScanOutcome| {
            allocations(|| assert_eq!(gate.scan(text.as_bytes(), &mut hits), expected))
        };
        assert_eq!(scan(&clean, ScanOutcome::Clean), 0, "{engine}, clean");
        assert_ne!(scan(&dirty, ScanOutcome::Found), 0, "{engine}, first hits");
        assert_eq!(scan(&dirty, ScanOutcome::Found), 0, "{engine}, hits again");
        assert_eq!(
            scan(&flooded, ScanOutcome::Clean),
            0,
            "{engine}, near misses"
        );
        assert_eq!(scan(&clean, ScanOutcome::Clean), 0, "{engine}, clean again");
    }
}
