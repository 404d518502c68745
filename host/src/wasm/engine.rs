//! The wasmtime engine: its settings, and the clock that ends calls which run too long.
//!
//! Settings are those that were compiled and run for this host: Cranelift only, no WASI, no threads,
//! no GC, calls without the async machinery (three to four times cheaper), epochs for deadlines. The
//! ticker sleeps while no call is in flight, so an idle program that embeds the host never wakes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use wasmtime::{
    Config, Enabled, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Strategy,
    WasmBacktraceDetails,
};

use crate::limits::PluginLimits;

/// How long one epoch lasts; a deadline is met within one more.
pub(crate) const TICK: Duration = Duration::from_millis(2);

/// How linear memories come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Allocation {
    /// Slots reserved once for so many instances: quick to take and give back, 4 GiB of address
    /// space each. Falls back to [`Allocation::OnDemand`] where that much cannot be reserved.
    Pool {
        /// Instances at the same time, over all chains of this engine.
        instances: u32,
    },
    /// A mapping for each instance.
    OnDemand,
}

/// Who notices that a guest reads outside its memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultHandling {
    /// The processor: fastest. Installs process-wide handlers for SIGSEGV and the like, and reserves
    /// 4 GiB of address space for each memory.
    Signals,
    /// Checks in the compiled code: no handlers, small reservations, somewhat slower guests.
    Checks,
}

/// Settings of an [`Engine`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EngineOptions {
    /// How linear memories come about.
    pub allocation: Allocation,
    /// Who notices that a guest reads outside its memory.
    pub fault_handling: FaultHandling,
    /// Largest linear memory that an instance of this engine may have, in bytes.
    pub memory_bytes_max: usize,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            allocation: Allocation::Pool { instances: 64 },
            fault_handling: FaultHandling::Signals,
            memory_bytes_max: PluginLimits::default().memory_bytes_max,
        }
    }
}

impl EngineOptions {
    /// For a program that wants neither signal handlers nor large reservations.
    #[must_use]
    pub fn modest() -> Self {
        Self {
            allocation: Allocation::OnDemand,
            fault_handling: FaultHandling::Checks,
            ..Self::default()
        }
    }
}

/// Why an engine could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the wasm engine cannot be made on this machine")]
pub struct EngineError {
    #[from]
    source: wasmtime::Error,
}

/// Compiles and runs components. Cheap to clone; clones are the same engine.
#[derive(Clone)]
pub struct Engine {
    inner: wasmtime::Engine,
    ticker: Arc<Ticker>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}

impl Engine {
    /// Makes an engine.
    ///
    /// # Errors
    /// [`EngineError`] when wasmtime refuses the settings on this machine.
    pub fn new(options: &EngineOptions) -> Result<Self, EngineError> {
        let pooled = wasmtime::Engine::new(&config(options));
        let inner = match (pooled, options.allocation) {
            (Ok(engine), _) => engine,
            (Err(_), Allocation::Pool { .. }) => {
                let options = EngineOptions {
                    allocation: Allocation::OnDemand,
                    ..options.clone()
                };
                wasmtime::Engine::new(&config(&options))?
            }
            (Err(error), _) => return Err(error.into()),
        };
        let ticker = Ticker::start(&inner);
        Ok(Self { inner, ticker })
    }

    pub(crate) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.inner
    }

    /// Keeps the epoch moving until the guard is dropped.
    pub(crate) fn tick(&self) -> TickGuard<'_> {
        self.ticker.enter();
        TickGuard(&self.ticker)
    }
}

fn config(options: &EngineOptions) -> Config {
    let mut config = Config::new();
    config
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::Speed)
        .concurrency_support(false)
        .epoch_interruption(true)
        .max_wasm_stack(512 << 10)
        .wasm_simd(true)
        .wasm_relaxed_simd(true)
        .relaxed_simd_deterministic(true)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .shared_memory(false)
        .memory_init_cow(true)
        .generate_address_map(true)
        .wasm_backtrace_max_frames(std::num::NonZeroUsize::new(32))
        .wasm_backtrace_details(WasmBacktraceDetails::Disable);
    if options.fault_handling == FaultHandling::Checks {
        config
            .signals_based_traps(false)
            .memory_reservation(0)
            .memory_guard_size(0);
    }
    if let Allocation::Pool { instances } = options.allocation {
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(
            instances, options,
        )));
    }
    config
}

fn pool(instances: u32, options: &EngineOptions) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances * 4)
        .total_memories(instances)
        .total_tables(instances * 4)
        .max_memory_size(options.memory_bytes_max)
        .max_memories_per_component(1)
        .max_tables_per_component(4)
        .max_core_instances_per_component(8)
        .max_component_instance_size(1 << 20)
        .max_core_instance_size(1 << 20)
        .table_elements(PluginLimits::default().table_elements_max)
        .linear_memory_keep_resident(64 << 10)
        .table_keep_resident(16 << 10)
        .pagemap_scan(Enabled::Auto);
    pool
}

/// Moves the epoch on while a call is in flight.
struct Ticker {
    calls: AtomicUsize,
    thread: OnceLock<thread::Thread>,
}

impl Ticker {
    fn start(engine: &wasmtime::Engine) -> Arc<Self> {
        let ticker = Arc::new(Self {
            calls: AtomicUsize::new(0),
            thread: OnceLock::new(),
        });
        let (weak, engine) = (Arc::downgrade(&ticker), engine.weak());
        let run = move || {
            // The last engine that is dropped wakes the thread, too.
            while let (Some(ticker), Some(engine)) = (weak.upgrade(), engine.upgrade()) {
                while ticker.calls.load(Ordering::Acquire) > 0 {
                    thread::sleep(TICK);
                    engine.increment_epoch();
                }
                drop((ticker, engine));
                thread::park();
            }
        };
        let thread = thread::spawn(run).thread().clone();
        // Nobody has called yet: `enter` finds the thread.
        let _ = ticker.thread.set(thread);
        ticker
    }

    fn enter(&self) {
        if self.calls.fetch_add(1, Ordering::AcqRel) == 0 {
            self.wake();
        }
    }

    fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.wake();
    }
}

/// While it lives, the epoch moves.
pub(crate) struct TickGuard<'a>(&'a Ticker);

impl Drop for TickGuard<'_> {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::AcqRel);
    }
}
