//! `tamis plugin new`: the starter, in a folder of its own.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tamis_build::{ScaffoldError, Sdk, scaffold};

use crate::exit::{Exit, UsageError};

const EXAMPLE: &str = "Examples:
  tamis plugin new house-rules
  tamis plugin new house-rules --path plugins/house-rules --sdk ~/tamis/sdk";

/// The SDK of the checkout that this program was built from.
const OWN_SDK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../sdk");

/// Makes a plugin to start from: a crate that builds and passes its cases as it stands.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLE}\n\n{}", crate::exit::HELP))]
pub(super) struct Args {
    /// Its name: lower-case letters, digits and dashes
    name: String,
    /// The folder to make [default: ./NAME]
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    /// The SDK's folder [default: that of the checkout which tamis was built from, else a release]
    #[arg(long, value_name = "DIR")]
    sdk: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let folder = args.path.clone().unwrap_or_else(|| (&args.name).into());
    let sdk = sdk(args.sdk.as_deref())?;
    // A folder that is there may be somebody's work.
    if folder.exists() {
        let message = format!("{} exists: name another with --path DIR", folder.display());
        return Err(UsageError(message).into());
    }
    match scaffold(&args.name, &folder, &sdk) {
        Ok(()) => {}
        Err(error @ ScaffoldError::Name { .. }) => return Err(UsageError(error.to_string()).into()),
        Err(error) => return Err(error.into()),
    }
    let mut out = io::stdout().lock();
    writeln!(out, "made the plugin {} in {}", args.name, folder.display())?;
    match &sdk {
        Sdk::Path(path) => writeln!(out, "its SDK is the one in {}", path.display())?,
        _ => writeln!(out, "its SDK is the release {}", env!("CARGO_PKG_VERSION"))?,
    }
    writeln!(out, "\nwhat to type next")?;
    writeln!(out, "  cd {}", folder.display())?;
    writeln!(out, "  tamis plugin test     builds it and runs its cases")?;
    let (name, what) = (&args.name, "writes the component");
    writeln!(out, "  tamis plugin build    {what} {name}.wasm")?;
    writeln!(out, "src/lib.rs is the plugin, cases/ says what it does")?;
    Ok(Exit::Done)
}

/// The SDK that the plugin depends on.
fn sdk(named: Option<&Path>) -> anyhow::Result<Sdk> {
    let is_sdk = |folder: &Path| folder.join("Cargo.toml").is_file();
    let Some(named) = named else {
        let own = Path::new(OWN_SDK).canonicalize().ok();
        return Ok(match own.filter(|own| is_sdk(own)) {
            Some(own) => Sdk::Path(own),
            None => Sdk::Version(env!("CARGO_PKG_VERSION").to_owned()),
        });
    };
    if !is_sdk(named) {
        let message = format!("--sdk {}: there is no Cargo.toml in it", named.display());
        return Err(UsageError(message).into());
    }
    let named = named.canonicalize();
    Ok(Sdk::Path(named.context("--sdk cannot be read")?))
}
