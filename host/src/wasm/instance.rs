//! One live instance of a component: a store of its own, thrown away after any trap.
//!
//! A trapped instance is poisoned for good, and a store frees nothing before it is dropped, so
//! nothing here is mended: the pool starts a new one.

use std::sync::Arc;
use std::time::Duration;

use tamis_contract::LogLevel;
use wasmtime::{ResourceLimiter, Store, Trap, WasmBacktrace};

use crate::fault::Fault;
use crate::imports::HostImports;
use crate::limits::PluginLimits;
use crate::run::Run;
use crate::wasm::bindings::Plugin;
use crate::wasm::component::Component;
use crate::wasm::engine::TICK;

/// Bytes that one call may make the host copy, both ways.
const HOSTCALL_BYTES_MAX: usize = 64 << 20;

/// What a store holds beside the guest.
pub(crate) struct State {
    pub(crate) imports: Arc<HostImports>,
    memory_bytes_max: usize,
    table_elements_max: usize,
    memory_bytes: usize,
    memory_denied: bool,
}

impl ResourceLimiter for State {
    fn memory_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > self.memory_bytes_max {
            self.memory_denied = true;
            return Err(wasmtime::Error::msg("memory_bytes_max"));
        }
        self.memory_bytes = desired;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= self.table_elements_max)
    }

    fn memories(&self) -> usize {
        1
    }

    fn tables(&self) -> usize {
        4
    }

    fn instances(&self) -> usize {
        8
    }
}

/// One live instance.
pub(crate) struct Instance {
    component: Component,
    store: Store<State>,
    plugin: Plugin,
    limits: Arc<PluginLimits>,
    bytes_at_start: usize,
}

impl Instance {
    /// Instantiates a component. Takes 10-25 us with a pool.
    pub(crate) fn start(
        component: &Component,
        imports: Arc<HostImports>,
        limits: &Arc<PluginLimits>,
    ) -> Result<Self, Fault> {
        let state = State {
            imports,
            memory_bytes_max: limits.memory_bytes_max,
            table_elements_max: limits.table_elements_max,
            memory_bytes: 0,
            memory_denied: false,
        };
        let engine = component.engine();
        let mut store = Store::new(engine.wasmtime(), state);
        store.limiter(|state| state);
        store.set_hostcall_fuel(HOSTCALL_BYTES_MAX);
        store.epoch_deadline_trap();
        store.set_epoch_deadline(ticks(limits.configure_timeout));
        let ticking = engine.tick();
        let started = component.pre().instantiate(&mut store);
        drop(ticking);
        match started {
            Ok(plugin) => Ok(Self {
                component: component.clone(),
                store,
                plugin,
                limits: Arc::clone(limits),
                bytes_at_start: 0,
            }),
            Err(_) if store.data().memory_denied => Err(Fault::Memory {
                limit_bytes: limits.memory_bytes_max,
            }),
            Err(error) => match error.downcast_ref::<Trap>() {
                Some(trap) => Err(Fault::Start {
                    reason: trap.to_string(),
                }),
                None => Err(Fault::Start {
                    reason: error.root_cause().to_string(),
                }),
            },
        }
    }

    fn call<T>(
        &mut self,
        timeout: Duration,
        call: impl FnOnce(&Plugin, &mut Store<State>) -> wasmtime::Result<T>,
    ) -> Result<T, Fault> {
        let ticking = self.component.engine().tick();
        self.store.set_epoch_deadline(ticks(timeout));
        let result = call(&self.plugin, &mut self.store);
        drop(ticking);
        result.map_err(|error| self.fault(&error, timeout))
    }

    fn fault(&mut self, error: &wasmtime::Error, timeout: Duration) -> Fault {
        if self.store.data().memory_denied {
            return Fault::Memory {
                limit_bytes: self.limits.memory_bytes_max,
            };
        }
        let trap = error.downcast_ref::<Trap>();
        if trap == Some(&Trap::Interrupt) {
            return Fault::Deadline {
                limit_ms: timeout.as_millis() as u64,
            };
        }
        let backtrace = error.downcast_ref::<WasmBacktrace>();
        let at = backtrace.and_then(|backtrace| {
            let frame = backtrace
                .frames()
                .iter()
                .find(|frame| frame.func_name().is_some())?;
            let name = frame.func_name()?.to_owned();
            Some((demangled(&name), frame.module_offset().unwrap_or(0)))
        });
        let mut words = String::new();
        for line in self.store.data().imports.take_lines() {
            if line.level == LogLevel::Panic {
                words.push_str(&line.words);
                words.push('\n');
            }
        }
        if let Some(backtrace) = backtrace {
            words.push_str(&backtrace.to_string());
        }
        let kind = trap.map_or_else(|| "host refusal".to_owned(), ToString::to_string);
        Fault::Trap { kind, at, words }
    }
}

impl Run for Instance {
    fn describe(&mut self) -> Result<String, Fault> {
        let timeout = self.limits.configure_timeout;
        self.call(timeout, |plugin, store| plugin.call_describe(store))
    }

    fn configure(&mut self, settings: &str) -> Result<Result<String, String>, Fault> {
        let timeout = self.limits.configure_timeout;
        let answer = self.call(timeout, |plugin, store| {
            plugin.call_configure(store, settings)
        });
        self.bytes_at_start = self.store.data().memory_bytes;
        answer
    }

    fn process(&mut self, frame: &[u8]) -> Result<Vec<u8>, Fault> {
        let timeout = self.limits.deadline(frame.len());
        match self.call(timeout, |plugin, store| plugin.call_process(store, frame))? {
            Ok(answer) => Ok(answer),
            Err(words) => Err(Fault::Said { words }),
        }
    }

    fn outgrown(&self) -> bool {
        let grown = self
            .store
            .data()
            .memory_bytes
            .saturating_sub(self.bytes_at_start);
        grown > self.limits.memory_kept_bytes_max
    }
}

fn ticks(timeout: Duration) -> u64 {
    (timeout.as_nanos() / TICK.as_nanos()) as u64 + 2
}

/// A readable function name: the path without its hash.
fn demangled(name: &str) -> String {
    let name = rustc_demangle::demangle(name).to_string();
    match name.rsplit_once("::h") {
        Some((path, hash)) if hash.len() == 16 => path.to_owned(),
        _ => name,
    }
}
