//! Builds every shipped plugin into a component under `OUT_DIR`, when the feature `wasm` is on.
//!
//! The guests have a target directory of their own, `guests` beside the parent's profiles: with the
//! parent's own a nested cargo waits for it for ever, and with one under each `OUT_DIR` every set of
//! features would compile the guests again. cargo runs this script again only when a file that went
//! into a component has changed.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "wasm")]
    components::build_all();
}

#[cfg(feature = "wasm")]
mod components {
    use std::io::Write as _;
    use std::path::PathBuf;
    use std::{env, error::Error, fs, process};

    use flate2::{Compression, write::DeflateEncoder};

    /// Folders of the shipped plugins, beside this one; `src/components.rs` includes each.
    const PLUGINS: [&str; 5] = ["k8s-attributes", "redaction", "sample", "scrub", "truncate"];

    pub(crate) fn build_all() {
        for plugin in PLUGINS {
            if let Err(error) = build(plugin) {
                let mut message = format!("plugin {plugin}: {error}");
                let mut source = error.source();
                while let Some(cause) = source {
                    message.push_str(&format!(": {cause}"));
                    source = cause.source();
                }
                println!("cargo::error={message}");
                process::exit(1);
            }
        }
    }

    fn build(plugin: &str) -> Result<(), Box<dyn Error>> {
        let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?)
            .join("..")
            .join(plugin);
        let out = PathBuf::from(env::var("OUT_DIR")?);
        // <target>/<profile>/build/<package>/out
        let target = out.ancestors().nth(4).unwrap_or(&out).join("guests");
        let built = tamis_build::build(&folder, &target)?;
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&built.component)?;
        fs::write(out.join(plugin).with_extension("packed"), packed.finish()?)?;
        for source in built.sources {
            println!("cargo::rerun-if-changed={}", source.display());
        }
        Ok(())
    }
}
