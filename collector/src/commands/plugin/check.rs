//! `tamis plugin check`: what a component is, needs, and asks to be shown, before it meets a config.
//!
//! Must never: run it over data, or grant it anything but for this look.

use std::fs::{self, File};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::Value;
use tamis::{
    BuildError, ChainError, ComponentError, ConfigError, Grant, Plugin, PluginError, PluginInfo,
    PluginLimits, Policy, Tamis,
};
use tamis_build::{Guest, inspect};

use super::{build, schema};
use crate::config::{self, Finding, Findings, Pos};
use crate::exit::Exit;
use crate::terminal::printable;

const EXAMPLE: &str = "Examples:
  tamis plugin check house-rules.wasm
  tamis plugin check house-rules.wasm --settings house-rules.yaml";

/// A component larger than this is worth a word: each start reads all of it.
const LARGE_BYTES: usize = 2 << 20;

/// Says what a component is, what it must be granted, and what it asks to be shown.
///
/// Loads and configures it as `run` would, and shows it no telemetry.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLE}\n\n{}", crate::exit::HELP))]
pub(super) struct Args {
    /// The component
    #[arg(value_name = "FILE.wasm")]
    file: PathBuf,
    /// Its settings in YAML or JSON: what a config says under the processor's name
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let name = args.file.display().to_string();
    let wasm = read(&args.file)?;
    let settings = Settings::read(args.settings.as_deref())?;
    let loaded = load(&args.file, &wasm, &settings);
    let guest = inspect(&wasm).unwrap_or_default();
    let mut out = io::stdout().lock();
    let infos = match loaded {
        Ok(tamis) => {
            writeln!(out, "{name}: a plugin that this tamis runs")?;
            build::facts(&mut out, &wasm, &guest)?;
            asks(&mut out, &tamis)?;
            tamis.chain().plugins()
        }
        Err(error) => match config_error(&error) {
            Some(faults) if args.settings.is_none() => {
                writeln!(out, "{name}: a plugin that this tamis runs with settings")?;
                build::facts(&mut out, &wasm, &guest)?;
                without_settings(&mut out, faults)?;
                Vec::new()
            }
            Some(faults) => return Err(settings.findings(faults).into()),
            None => return Ok(refuse(error)),
        },
    };
    let warnings = warnings(&wasm, &guest, &infos);
    if !warnings.is_empty() {
        writeln!(out, "warnings")?;
    }
    for warning in warnings {
        writeln!(out, "  {warning}")?;
    }
    Ok(Exit::Done)
}

/// The component's bytes, one more than it may have at most, so that the limit is seen.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let most = PluginLimits::default().component_bytes_max as u64 + 1;
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(bytes)
}

fn load(file: &Path, wasm: &[u8], settings: &Settings) -> Result<Tamis, BuildError> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let plugin = Plugin::component(name, wasm.to_vec()).settings(settings.json.clone());
    let all = Grant::ALL.into_iter().fold(plugin, Plugin::grant);
    Tamis::builder().plugin(all).build()
}

/// Settings of the one plugin, with what it takes to say where a fault is.
struct Settings {
    file: String,
    text: String,
    node: Option<config::Node>,
    json: Value,
}

impl Settings {
    fn read(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else {
            return Ok(Self {
                file: String::new(),
                text: String::new(),
                node: None,
                json: Value::Object(serde_json::Map::new()),
            });
        };
        let file = path.display().to_string();
        let text = fs::read_to_string(path).with_context(|| format!("{file} cannot be read"))?;
        let env = |name: &str| std::env::var(name).ok();
        let node = match config::parse(&text, &env) {
            Ok(node) => node,
            Err(finding) => return Err(Findings::new(file, &text, vec![finding]).into()),
        };
        Ok(Self {
            json: node.to_json(),
            node: Some(node),
            file,
            text,
        })
    }

    /// The plugin's own faults, each at its line.
    fn findings(&self, faults: &ConfigError) -> Findings {
        let at = |path: &str| {
            let found = self.node.as_ref().and_then(|node| node.find(path));
            found.unwrap_or(Pos { line: 1, column: 1 })
        };
        let finding = |fault: &tamis::ConfigFault| {
            let (path, message) = (printable(&fault.path), printable(&fault.message));
            Finding::error(at(&fault.path), path, message)
        };
        let list = faults.faults.iter().map(finding).collect();
        Findings::new(self.file.clone(), &self.text, list)
    }
}

/// What the plugin finds wrong with its settings, if that is what went wrong.
fn config_error(error: &BuildError) -> Option<&ConfigError> {
    match error {
        BuildError::Chain(ChainError::Plugin { source, .. }) => match source.as_ref() {
            PluginError::Config(faults) => Some(faults),
            _ => None,
        },
        _ => None,
    }
}

/// Says why it cannot be loaded, and what to do about it.
fn refuse(error: BuildError) -> Exit {
    let fix = fix(&error);
    eprintln!("error: {:#}", anyhow::Error::from(error));
    if let Some(fix) = fix {
        eprintln!("   fix: {fix}");
    }
    Exit::Config
}

fn fix(error: &BuildError) -> Option<&'static str> {
    match error {
        BuildError::Component { source, .. } => match source {
            ComponentError::Import { .. } => Some(
                "build it with `tamis plugin build`, which brings in no WASI, and look for a dependency that expects an operating system or a browser",
            ),
            ComponentError::Contract { .. } | ComponentError::Exports(_) => Some(
                "build it again with the SDK that belongs to this tamis, and with `tamis_sdk::export!` at the root of the crate",
            ),
            ComponentError::Compile(_) => Some(
                "build it again with `tamis plugin build`: the file is no component, or damaged",
            ),
            _ => None,
        },
        BuildError::Chain(ChainError::Plugin { source, .. }) => match source.as_ref() {
            PluginError::Fault(_) => Some(
                "put these settings into a case: `tamis plugin test` shows the plugin's own words",
            ),
            _ => None,
        },
        _ => None,
    }
}

fn without_settings(out: &mut impl Write, faults: &ConfigError) -> io::Result<()> {
    writeln!(out, "settings")?;
    for fault in &faults.faults {
        match printable(&fault.path).as_str() {
            "" => writeln!(out, "  {}", printable(&fault.message))?,
            path => writeln!(out, "  {path}: {}", printable(&fault.message))?,
        }
    }
    writeln!(
        out,
        "  give it settings with --settings FILE, to see what it asks to be shown"
    )
}

/// What the plugin says of itself and what it asks to be shown.
fn asks(out: &mut impl Write, tamis: &Tamis) -> io::Result<()> {
    for plugin in tamis.chain().plugins() {
        let told = &plugin.description;
        let (name, version) = (printable(&told.name), printable(&told.version));
        let contract = printable(&told.contract);
        writeln!(out, "  name     {name} {version}, contract {contract}")?;
        let role = format!("{:?}", plugin.role).to_lowercase();
        let policy = plugin.policy.as_str();
        let does = match plugin.policy {
            Policy::Mask => "every value that it was shown is masked",
            Policy::Drop => "the batch is refused",
            Policy::Pass => "the batch goes on as it was",
        };
        writeln!(out, "  role     {role}; when it fails, {does} ({policy})")?;
        writeln!(out, "settings")?;
        schema::show(out, told.schema.as_ref())?;
        writeln!(out, "what it asks to be shown")?;
        let explain = tamis.chain().gate().explain();
        let nothing = explain.literals == 0 && explain.classes.is_empty();
        match plugin.walked.as_slice() {
            [] if nothing => writeln!(out, "  nothing: it is never called")?,
            [] => writeln!(
                out,
                "  found by the scan, all of it: clean batches cost no call"
            )?,
            walked => {
                let walked = walked.join(", ");
                writeln!(out, "  found by walking every batch: {walked}")?;
                writeln!(
                    out,
                    "  fix: let each hold a literal, a class or a pattern with some fixed text, or name keys of 3 bytes and more"
                )?;
            }
        }
        if !nothing {
            writeln!(out, "  scan: {explain}")?;
        }
    }
    Ok(())
}

fn warnings(wasm: &[u8], guest: &Guest, infos: &[PluginInfo]) -> Vec<String> {
    let mut warnings = Vec::new();
    if wasm.len() > LARGE_BYTES {
        warnings.push(format!(
            "it has {} bytes; small ones have 0.2 to 1 MB: look for a dependency that it hardly uses",
            wasm.len()
        ));
    }
    if !guest.simd {
        warnings.push("it was built without SIMD: build it with `tamis plugin build`".to_owned());
    }
    if !guest.names {
        let names = "its functions have no names, so no fault can say where: build it with `tamis plugin build`";
        warnings.push(names.to_owned());
    }
    let own = infos.iter().flat_map(|info| &info.warnings);
    warnings.extend(own.map(|warning| printable(warning)));
    warnings
}
