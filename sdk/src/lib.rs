//! What authors of Tamis plugins depend on.
//!
//! A plugin never gets a batch. It says what it wants to be shown ([`Interest`]), the host finds
//! that in the bytes, the plugin looks at what was found ([`View`]) and asks for changes
//! ([`Edits`]), and the host carries them out:
//!
//! ```
//! use tamis_sdk::{
//!     ConfigError, Edits, Fault, Interest, JsonSchema, Literal, Plugin, Subscription, View, When,
//! };
//!
//! /// Masks a word wherever it stands.
//! struct MaskWord {
//!     mask: String,
//! }
//!
//! #[derive(serde::Deserialize, JsonSchema)]
//! struct Settings {
//!     /// The word.
//!     word: String,
//! }
//!
//! impl Plugin for MaskWord {
//!     const NAME: &'static str = "mask-word";
//!     const VERSION: &'static str = "0.1.0";
//!     type Settings = Settings;
//!
//!     fn configure(settings: Settings) -> Result<(Self, Interest), ConfigError> {
//!         if settings.word.is_empty() {
//!             return Err(ConfigError::new("word", "must not be empty"));
//!         }
//!         let word = Literal::sensitive(settings.word);
//!         let when = When::Holds { literals: vec![word], classes: vec![], patterns: vec![] };
//!         let interest = Interest {
//!             subscriptions: vec![Subscription { when, ..Subscription::default() }],
//!             ..Interest::default()
//!         };
//!         Ok((Self { mask: "***".into() }, interest))
//!     }
//!
//!     fn process(&mut self, view: &View<'_>, edits: &mut Edits<'_>) -> Result<(), Fault> {
//!         for hit in view.hits() {
//!             edits.replace_range(hit.value, hit.range(), &self.mask)?;
//!         }
//!         Ok(())
//!     }
//! }
//!
//! tamis_sdk::export!(MaskWord);
//! # fn main() {}
//! ```
//!
//! The same crate runs as Wasm (`tamis plugin build`) and natively: [`export!`] writes the Wasm
//! exports when the target is Wasm, else a function `native`. What a plugin may ask of the
//! host stands in [`host`].
//!
//! Must never: give a plugin a way around the contract. The plugins that we ship use nothing else.

#![warn(missing_docs)]

#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod component;
mod edits;
mod glob;
pub mod host;
mod instance;
mod ledger;
#[cfg(not(target_family = "wasm"))]
mod native;
mod plugin;
mod reader;
mod settings;
mod text;

pub use edits::{EditError, Edits, NewValue};
pub use glob::Glob;
#[cfg(not(target_family = "wasm"))]
pub use native::native;
pub use plugin::{Fault, Plugin};
pub use schemars::{self, JsonSchema};
pub use tamis_contract::{
    ByteClass, Case, Class, Companion, ConfigError, ConfigFault, ContainerView, Depth, Follow,
    HitView, Interest, Keys, Kind, Level, Literal, NativePlugin, Operation, Pattern, Place,
    RecordKind, RecordView, Records, Role, Signal, Subscription, Unless, ValueView, View, When,
};
pub use text::double_text;

/// Makes a type that implements [`Plugin`] the plugin of this crate.
///
/// Writes the component's exports when the target is Wasm, else `pub fn native() -> NativePlugin`.
/// Call it once, at the root of the crate.
#[macro_export]
macro_rules! export {
    ($plugin:ty) => {
        /// This plugin, linked natively.
        #[cfg(not(target_family = "wasm"))]
        #[must_use]
        pub const fn native() -> $crate::NativePlugin {
            $crate::native::<$plugin>()
        }

        #[cfg(target_family = "wasm")]
        $crate::__export_component!($plugin);
    };
}
