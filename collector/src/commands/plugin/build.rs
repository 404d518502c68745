//! `tamis plugin build`: a crate into a component, and what a config needs to name it.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use tamis::Grant;
use tamis_build::Guest;

use super::package::Package;
use crate::exit::Exit;

const EXAMPLE: &str = "Examples:
  tamis plugin build
  tamis plugin build plugins/house-rules --out house-rules.wasm";

/// Builds a plugin into a component, NAME.wasm beside its Cargo.toml.
///
/// Adds the target wasm32-unknown-unknown when it is missing.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLE}\n\n{}", crate::exit::HELP))]
pub(super) struct Args {
    /// The plugin's folder
    #[arg(default_value = ".", hide_default_value = true)]
    path: PathBuf,
    /// Where to write the component [default: PATH/NAME.wasm]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let package = Package::find(&args.path)?;
    let component = package.component()?;
    let guest = tamis_build::inspect(&component)?;
    let beside = || package.folder.join(format!("{}.wasm", package.name));
    let path = args.out.clone().unwrap_or_else(beside);
    fs::write(&path, &component).with_context(|| format!("cannot write {}", path.display()))?;
    let place = path.canonicalize().unwrap_or(path);
    let digest = sha256(&component);
    let mut out = io::stdout().lock();
    let (name, version) = (&package.name, &package.version);
    writeln!(out, "{name} {version}: {}", place.display())?;
    facts(&mut out, &component, &guest)?;
    writeln!(out, "\nin a config")?;
    writeln!(out, "  processors:")?;
    writeln!(out, "    {name}:")?;
    writeln!(out, "      plugin:")?;
    writeln!(out, "        path: {:?}", place.display().to_string())?;
    writeln!(out, "        sha256: \"{digest}\"")?;
    let grants = grants(&guest);
    if !grants.is_empty() {
        writeln!(out, "        grants: [{}]", grants.join(", "))?;
    }
    Ok(Exit::Done)
}

/// What the bytes of a component say of it.
pub(super) fn facts(out: &mut impl Write, component: &[u8], guest: &Guest) -> io::Result<()> {
    writeln!(out, "  size     {} bytes", component.len())?;
    writeln!(out, "  sha256   {}", sha256(component))?;
    let imports: Vec<_> = guest.imports.iter().map(|name| interface(name)).collect();
    let imports = match imports.as_slice() {
        [] => "nothing".to_owned(),
        some => some.join(", "),
    };
    writeln!(out, "  imports  {}", crate::terminal::printable(&imports))?;
    let grants = match grants(guest).as_slice() {
        [] => "none needed".to_owned(),
        some => format!("needs `grants: [{}]`", some.join(", ")),
    };
    writeln!(out, "  grants   {grants}")
}

/// SHA-256 in hex, as a config pins it.
fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a config must grant for these imports.
fn grants(guest: &Guest) -> Vec<&'static str> {
    let grant = |import: &String| Grant::parse(interface(import)).map(Grant::as_str);
    guest.imports.iter().filter_map(grant).collect()
}

/// `tamis:plugin/clock@0.1.0` as `clock`; what is not of the contract stays as it is.
fn interface(import: &str) -> &str {
    let name = import.strip_prefix("tamis:plugin/");
    name.and_then(|name| name.split('@').next())
        .unwrap_or(import)
}
