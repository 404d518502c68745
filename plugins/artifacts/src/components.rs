//! The components that the build script made. Must never: do anything but name them.

/// The plugin `scrub`.
pub const SCRUB: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/scrub.wasm"));
/// The plugin `k8s-attributes`.
pub const K8S_ATTRIBUTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/k8s-attributes.wasm"));
/// The plugin `redaction`.
pub const REDACTION: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/redaction.wasm"));
/// The plugin `sample`.
pub const SAMPLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sample.wasm"));

/// The plugin `truncate`.
pub const TRUNCATE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/truncate.wasm"));

pub(crate) const COMPONENTS: &[(&str, &[u8])] = &[
    ("scrub", SCRUB),
    ("redaction", REDACTION),
    ("sample", SAMPLE),
    ("truncate", TRUNCATE),
    ("k8s-attributes", K8S_ATTRIBUTES),
];
