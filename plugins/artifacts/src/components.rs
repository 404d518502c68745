//! The components that the build script made, packed: a third of their size, and the binary carries
//! all of them while most processes load one. Must never: do anything but name and unpack them.

use std::io::Read as _;
use std::sync::LazyLock;

use flate2::bufread::DeflateDecoder;

/// A component, unpacked when it is first asked for, which takes some milliseconds.
pub type Component = LazyLock<Vec<u8>>;

/// The plugin `scrub`.
pub static SCRUB: Component =
    LazyLock::new(|| unpacked(include_bytes!(concat!(env!("OUT_DIR"), "/scrub.packed"))));
/// The plugin `k8s-attributes`.
pub static K8S_ATTRIBUTES: Component = LazyLock::new(|| {
    unpacked(include_bytes!(concat!(
        env!("OUT_DIR"),
        "/k8s-attributes.packed"
    )))
});
/// The plugin `redaction`.
pub static REDACTION: Component = LazyLock::new(|| {
    unpacked(include_bytes!(concat!(
        env!("OUT_DIR"),
        "/redaction.packed"
    )))
});
/// The plugin `sample`.
pub static SAMPLE: Component =
    LazyLock::new(|| unpacked(include_bytes!(concat!(env!("OUT_DIR"), "/sample.packed"))));
/// The plugin `truncate`.
pub static TRUNCATE: Component =
    LazyLock::new(|| unpacked(include_bytes!(concat!(env!("OUT_DIR"), "/truncate.packed"))));

pub(crate) const COMPONENTS: &[(&str, &Component)] = &[
    ("scrub", &SCRUB),
    ("redaction", &REDACTION),
    ("sample", &SAMPLE),
    ("truncate", &TRUNCATE),
    ("k8s-attributes", &K8S_ATTRIBUTES),
];

/// A component that a test below has seen whole; one that was not would not load.
fn unpacked(packed: &[u8]) -> Vec<u8> {
    let mut component = Vec::new();
    let read = DeflateDecoder::new(packed).read_to_end(&mut component);
    read.map_or_else(|_| Vec::new(), |_| component)
}
