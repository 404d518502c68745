//! The plugins as linked crates. Must never: do anything but name them.

use tamis_contract::NativePlugin;

pub(crate) const LINKED: &[(&str, NativePlugin)] = &[
    ("scrub", tamis_plugin_scrub::native()),
    ("redaction", tamis_plugin_redaction::native()),
    ("sample", tamis_plugin_sample::native()),
    ("truncate", tamis_plugin_truncate::native()),
    ("k8s-attributes", tamis_plugin_k8s_attributes::native()),
];
