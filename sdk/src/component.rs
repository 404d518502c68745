//! A plugin as a component: the generated bindings and the one instance behind them.
//!
//! Wasm only. Must never: be called by an author; [`export!`](crate::export) does.

use std::cell::RefCell;

use tamis_contract::{Guest, LogLevel};

use crate::instance::{Instance, describe};
use crate::{Plugin, host};

/// What `wit-bindgen` makes of the contract.
#[doc(hidden)]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../wit",
        world: "plugin",
        pub_export_macro: true,
        export_macro_name: "export_bindings",
    });
}

thread_local! {
    /// A Wasm instance has one thread and one plugin.
    static INSTANCE: RefCell<Option<Box<dyn Guest>>> = const { RefCell::new(None) };
}

#[doc(hidden)]
pub fn describe_plugin<P: Plugin>() -> String {
    describe::<P>()
}

#[doc(hidden)]
pub fn configure<P: Plugin>(settings: &str) -> Result<String, String> {
    std::panic::set_hook(Box::new(|panic| host::log(LogLevel::Panic, panic)));
    let mut instance = Box::new(Instance::<P>::default());
    let answer = instance.configure(settings);
    INSTANCE.set(Some(instance));
    answer
}

#[doc(hidden)]
pub fn process(frame: &[u8]) -> Result<Vec<u8>, String> {
    INSTANCE.with_borrow_mut(|instance| match instance {
        Some(instance) => instance.process(frame),
        None => Err("the plugin is not configured".to_owned()),
    })
}

/// The component's exports, for [`export!`](crate::export).
#[doc(hidden)]
#[macro_export]
macro_rules! __export_component {
    ($plugin:ty) => {
        const _: () = {
            struct Component;

            impl $crate::component::bindings::Guest for Component {
                fn describe() -> String {
                    $crate::component::describe_plugin::<$plugin>()
                }
                fn configure(settings: String) -> Result<String, String> {
                    $crate::component::configure::<$plugin>(&settings)
                }
                fn process(view: Vec<u8>) -> Result<Vec<u8>, String> {
                    $crate::component::process(&view)
                }
            }

            $crate::component::bindings::export_bindings!(Component with_types_in $crate::component::bindings);
        };
    };
}
