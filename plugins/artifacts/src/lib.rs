//! The plugins that ship with Tamis: one table, each as a component, natively linked, or both.
//!
//! Feature `wasm` (default) builds and embeds the components, so that the binary carries its
//! plugins inside; feature `native` links the same crates, for those who need no custom plugins and
//! want neither wasmtime nor a nested build.
//!
//! Must never: know more of a plugin than its name and what it needs of the host.

#![warn(missing_docs)]

#[cfg(feature = "wasm")]
mod components;
#[cfg(feature = "native")]
mod linked;

use tamis_contract::NativePlugin;

#[cfg(feature = "wasm")]
pub use components::{Component, K8S_ATTRIBUTES, REDACTION, SAMPLE, SCRUB, TRUNCATE};

/// A plugin that ships with Tamis.
#[derive(Debug, Clone, Copy)]
pub struct Shipped {
    /// Its name in a config.
    pub name: &'static str,
    /// Other names that a config may use for it.
    pub aliases: &'static [&'static str],
    /// What it is granted of the host without being asked, by name.
    pub grants: &'static [&'static str],
}

const SHIPPED: [Shipped; 5] = [
    Shipped {
        name: "scrub",
        aliases: &[],
        grants: &[],
    },
    Shipped {
        name: "redaction",
        aliases: &[],
        grants: &[],
    },
    Shipped {
        name: "k8s-attributes",
        aliases: &["k8sattributes", "k8s_attributes"],
        grants: &["lookup"],
    },
    Shipped {
        name: "sample",
        aliases: &["probabilistic_sampler"],
        grants: &[],
    },
    Shipped {
        name: "truncate",
        aliases: &[],
        grants: &[],
    },
];

/// Every shipped plugin.
#[must_use]
pub fn shipped() -> &'static [Shipped] {
    &SHIPPED
}

impl Shipped {
    /// The shipped plugin of this name or alias.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        SHIPPED
            .iter()
            .find(|shipped| shipped.name == name || shipped.aliases.contains(&name))
    }

    /// The plugin as a component; none without the feature `wasm`.
    #[must_use]
    pub fn component(&self) -> Option<&'static [u8]> {
        find_in(COMPONENTS, self.name).map(|component| component.as_slice())
    }

    /// The plugin linked natively; none without the feature `native`.
    #[must_use]
    pub fn native(&self) -> Option<NativePlugin> {
        find_in(LINKED, self.name)
    }
}

fn find_in<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    table
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, item)| *item)
}

#[cfg(feature = "wasm")]
use components::COMPONENTS;
#[cfg(feature = "native")]
use linked::LINKED;

#[cfg(not(feature = "wasm"))]
const COMPONENTS: &[(&str, &Vec<u8>)] = &[];
#[cfg(not(feature = "native"))]
const LINKED: &[(&str, NativePlugin)] = &[];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plugin_is_there_in_every_way_that_was_asked_for() {
        for plugin in shipped() {
            assert_eq!(
                plugin.component().is_some(),
                cfg!(feature = "wasm"),
                "{}",
                plugin.name
            );
            assert_eq!(
                plugin.native().is_some(),
                cfg!(feature = "native"),
                "{}",
                plugin.name
            );
            assert_eq!(
                Shipped::find(plugin.name).map(|found| found.name),
                Some(plugin.name)
            );
            if let Some(component) = plugin.component() {
                assert!(component.starts_with(b"\0asm"), "{}", plugin.name);
            }
            if let Some(native) = plugin.native() {
                let name = format!("\"name\":\"{}\"", plugin.name);
                assert!((native.describe)().contains(&name), "{}", plugin.name);
            }
        }
        assert!(Shipped::find("no such plugin").is_none());
    }
}
