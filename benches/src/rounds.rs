//! Runs variants in turn, round by round, and compares them within each round.
//!
//! What counts is the time that the thread had on a core: on a machine with other work, the clock
//! on the wall measures that.

use rustix::time::{ClockId, clock_gettime};

/// One way to do the work.
pub(crate) type Variant<'a> = Box<dyn FnMut() + 'a>;

/// Nanoseconds of each round, by variant.
pub(crate) struct Rounds {
    nanos: Vec<Vec<f64>>,
}

/// How long one measurement of one variant lasts at the least.
const MEASURE_NANOS: f64 = 20e6;

/// Runs every variant once a round, so that what the machine does meanwhile hits all of them.
pub(crate) fn run(rounds: usize, variants: &mut [Variant<'_>]) -> Rounds {
    let repeats: Vec<u32> = variants
        .iter_mut()
        .map(|variant| repeats(variant))
        .collect();
    let mut nanos = vec![Vec::new(); variants.len()];
    for _ in 0..rounds {
        for ((variant, &repeats), nanos) in variants.iter_mut().zip(&repeats).zip(&mut nanos) {
            nanos.push(time(repeats, variant));
        }
    }
    Rounds { nanos }
}

impl Rounds {
    /// Median nanoseconds of a variant.
    pub(crate) fn nanos(&self, variant: usize) -> f64 {
        median(self.nanos[variant].clone())
    }

    /// Median, over the rounds, of the nanoseconds that a variant takes more than another.
    pub(crate) fn more(&self, variant: usize, than: usize) -> f64 {
        let pairs = self.nanos[variant].iter().zip(&self.nanos[than]);
        median(pairs.map(|(own, other)| own - other).collect())
    }

    /// Median, over the rounds, of how many times faster a variant is than another.
    pub(crate) fn speed(&self, variant: usize, than: usize) -> f64 {
        let pairs = self.nanos[variant].iter().zip(&self.nanos[than]);
        median(pairs.map(|(own, other)| other / own).collect())
    }
}

fn repeats(run: &mut Variant<'_>) -> u32 {
    run();
    let once = time(1, run);
    (MEASURE_NANOS / once.max(1.0)).clamp(1.0, 100_000.0) as u32
}

fn time(repeats: u32, run: &mut Variant<'_>) -> f64 {
    let began = thread_nanos();
    for _ in 0..repeats {
        run();
    }
    (thread_nanos() - began) / f64::from(repeats)
}

/// What all threads of this program had on the cores so far, in milliseconds.
pub(crate) fn process_millis() -> f64 {
    nanos(ClockId::ProcessCPUTime) / 1e6
}

fn thread_nanos() -> f64 {
    nanos(ClockId::ThreadCPUTime)
}

fn nanos(clock: ClockId) -> f64 {
    let time = clock_gettime(clock);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// The middle of these numbers.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}
