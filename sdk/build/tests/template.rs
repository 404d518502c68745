//! Makes and builds a new plugin as a user would, and looks at the component.

use std::path::Path;

use tamis_build::{Sdk, build, inspect, scaffold};

#[test]
fn the_template_becomes_a_component_that_imports_only_the_log() {
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guests");
    // One folder for all runs, or cargo would take each for another package.
    let plugin = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-minerals");
    let _ = std::fs::remove_dir_all(&plugin);
    scaffold("no-minerals", &plugin, &Sdk::Path(sdk)).unwrap();
    let built = build(&plugin, &target).unwrap();
    let guest = inspect(&built.component).unwrap();
    assert!(guest.component && guest.simd && guest.names);
    assert_eq!(guest.stack_bytes, Some(65_536));
    assert_eq!(
        guest.imports,
        ["tamis:plugin/log@0.1.0"],
        "no grant is asked for that it never uses"
    );
    assert_eq!(guest.exports, ["configure", "describe", "process"]);
    for file in [
        "no-minerals/src/lib.rs",
        "no-minerals/Cargo.toml",
        "no-minerals/Cargo.lock",
        "sdk/src/edits.rs",
        "sdk/Cargo.toml",
        "wit/plugin.wit",
    ] {
        let named = built.sources.iter().any(|source| source.ends_with(file));
        assert!(named, "{file} is not among {:?}", built.sources);
    }
    let paths = [env!("CARGO_MANIFEST_DIR"), &std::env::var("HOME").unwrap()];
    for path in paths {
        let held = built
            .component
            .windows(path.len())
            .any(|window| window == path.as_bytes());
        assert!(
            !held,
            "the component names a folder of this machine: {path}"
        );
    }
    println!("{} bytes", built.component.len());
}
