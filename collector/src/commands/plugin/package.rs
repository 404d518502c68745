//! The crate of a plugin: where it lies, what it is called, and its component.
//!
//! cargo is asked and not the manifest: a workspace, a config file or `CARGO_TARGET_DIR` may have
//! decided otherwise. Must never: build into a folder that another cargo is using.

use std::env;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::exit::UsageError;

/// Folder in cargo's target directory that guests are built in, so that an editor's cargo does not
/// wait for ours.
const GUESTS: &str = "guests";

/// The crate of a plugin.
pub(super) struct Package {
    pub(super) folder: PathBuf,
    pub(super) name: String,
    pub(super) version: String,
    target: PathBuf,
}

impl Package {
    /// The crate in this folder.
    pub(super) fn find(folder: &Path) -> anyhow::Result<Self> {
        let manifest = folder.join("Cargo.toml");
        if !manifest.is_file() {
            let message = format!(
                "{} is no plugin: there is no Cargo.toml in it; `tamis plugin new NAME` makes one",
                folder.display()
            );
            return Err(UsageError(message).into());
        }
        let manifest = manifest.canonicalize()?;
        let metadata = metadata(folder, &manifest)?;
        let packages = metadata["packages"].as_array();
        let own = |package: &&Value| {
            package["manifest_path"]
                .as_str()
                .is_some_and(|path| Path::new(path) == manifest)
        };
        let package = packages.and_then(|packages| packages.iter().find(own));
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let Some(package) = package else {
            bail!("{} has no package", manifest.display());
        };
        Ok(Self {
            folder: folder.to_owned(),
            name: text(&package["name"]).context("cargo names no package")?,
            version: text(&package["version"]).context("cargo names no version")?,
            target: text(&metadata["target_directory"])
                .context("cargo names no target directory")?
                .into(),
        })
    }

    /// Builds it into a component. The compiler's messages go to standard error.
    pub(super) fn component(&self) -> anyhow::Result<Vec<u8>> {
        if io::stderr().is_terminal() {
            eprint!("building {} ...", self.name);
        }
        let built = tamis_build::build(&self.folder, &self.target.join(GUESTS));
        if io::stderr().is_terminal() {
            eprint!("\r\x1b[K");
        }
        Ok(built?.component)
    }
}

fn metadata(folder: &Path, manifest: &Path) -> anyhow::Result<Value> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .arg("--manifest-path")
        .arg(manifest)
        .current_dir(folder)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo: https://rustup.rs installs it")?;
    if !output.status.success() {
        bail!("cargo cannot read {}", manifest.display());
    }
    serde_json::from_slice(&output.stdout).context("cargo does not describe the package")
}
