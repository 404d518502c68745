//! Builds the scripted guest into a component, so that its faults run as Wasm too.

use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("guests/scripted");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    // <target>/<profile>/build/<package>/out: the guests have a target directory of their own.
    let target = out.ancestors().nth(4).unwrap_or(&out).join("guests");
    let built = tamis_build::build(&folder, &target)?;
    fs::write(out.join("scripted.wasm"), built.component)?;
    println!("cargo::rerun-if-changed=build.rs");
    for source in built.sources {
        println!("cargo::rerun-if-changed={}", source.display());
    }
    Ok(())
}
