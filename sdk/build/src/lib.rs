//! Builds a plugin crate into a WebAssembly component: what `tamis plugin build` and the build
//! script of the shipped plugins call.
//!
//! [`build`] runs cargo for `wasm32-unknown-unknown` and hands the module to [`componentize`],
//! which wraps it with `wit-component` and then looks at what came out: a guest without SIMD, with
//! a stack of the wrong size, without names for backtraces or with an import beyond the contract is
//! an error here and not a surprise in somebody's collector.
//!
//! Why our own tooling: the same guest built for `wasm32-wasip2` imports 14 WASI interfaces that
//! `std` drags in, and a nested cargo goes wrong quietly (it deadlocks on its parent's target
//! directory, or loses its flags to an empty `CARGO_ENCODED_RUSTFLAGS`).
//!
//! Must never: write anywhere but into the target directory that it is given; take flags or
//! profiles from the environment, so that one source gives one artifact.

#![warn(missing_docs)]

mod component;
mod nested;
mod scaffold;

pub use component::{ComponentError, Guest, componentize, inspect};
pub use nested::{BuildError, Built, TARGET, build};
pub use scaffold::{ScaffoldError, Sdk, scaffold};
