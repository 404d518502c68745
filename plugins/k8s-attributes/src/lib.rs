//! The plugin `k8s-attributes`: adds to every resource what the cluster knows about the pod that sent
//! it, by the settings of the OpenTelemetry Collector's processor `k8sattributes`.
//!
//! The plugin holds the rules: which attributes of a resource, or the address of the connection, say
//! which pod it is (`association`), and what of the pod becomes an attribute (`extract`). The
//! pods themselves stand in the table `kubernetes`, which the host keeps; one look-up a resource
//! tries all rules (`table`). What was made of an answer is kept, with the answer's stamp, so that
//! a pod that did not change costs no more than the question (`memory`).
//!
//! `docs/plugins/k8s-attributes.md` says what each setting means and what is different on purpose.
//!
//! Must never: overwrite anything, use anything but the public SDK, or fail a batch because the table
//! does not answer.

mod association;
mod extract;
mod memory;
mod metadata;
mod rules;
mod settings;
mod slots;
mod table;

use tamis_sdk::{ConfigError, Edits, Fault, Interest, Plugin, View};

pub use settings::Settings;

/// The plugin.
#[derive(Debug)]
pub struct K8sAttributes {
    rules: rules::Rules,
    memory: memory::Memory,
}

impl Plugin for K8sAttributes {
    const NAME: &'static str = "k8s-attributes";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = Settings;

    fn configure(settings: Settings) -> Result<(Self, Interest), ConfigError> {
        let rules = rules::Rules::new(&settings)?;
        if !rules.passthrough {
            table::is_there()?;
        }
        let interest = rules.interest();
        let memory = memory::Memory::default();
        Ok((Self { rules, memory }, interest))
    }

    fn process(&mut self, view: &View<'_>, edits: &mut Edits<'_>) -> Result<(), Fault> {
        let slots = slots::Slots::of(view, &self.rules.names);
        for resource in slots.resources() {
            if self.rules.passthrough {
                if let Some(ip) = self.rules.associations.address(&resource, view.peer()) {
                    edits.insert_if_absent(resource.row, association::POD_IP, ip)?;
                }
                continue;
            }
            let attributes = self.memory.attributes(&self.rules, &resource, view.peer());
            for (key, value) in attributes {
                edits.insert_if_absent(resource.row, key, value.as_str())?;
            }
        }
        Ok(())
    }
}

tamis_sdk::export!(K8sAttributes);
