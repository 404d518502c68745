//! `tamis validate`: every fault of a config at once, or what its pipelines do.

mod meaning;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use tamis::{Cache, PluginInfo, Tamis};

use crate::config::{self, Purpose};
use crate::exit::Exit;
use crate::terminal::printable;

const EXAMPLE: &str = "Examples:
  tamis validate --config tamis.yaml
  tamis validate --config tamis.yaml --explain";

/// Finds every fault of a config at once, each with its place and the way out.
///
/// Loads all plugins as `run` would, but opens no port and sends nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLE}\n\n{}", crate::exit::HELP))]
pub struct Args {
    /// The config
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Say how each chain works: the scan, the plugins' versions, what walks every batch
    #[arg(long)]
    explain: bool,
}

/// Runs the verb.
///
/// # Errors
/// The config's faults, or what kept them from being looked for.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let cache = Arc::new(Cache::user());
    let (config, chains) = config::load(&args.config, Purpose::Daemon, &cache)?;
    super::say(&config.notes, &cache);
    let mut out = io::stdout().lock();
    writeln!(out, "{}: no faults", config.file)?;
    for pipeline in &config.pipelines {
        let Some(tamis) = chains.of(&pipeline.name) else {
            continue;
        };
        let service = config.service.as_ref();
        meaning::route(&mut out, &pipeline.name, service)?;
        for plugin in tamis.chain().plugins() {
            let (role, policy) = (role(&plugin), plugin.policy.as_str());
            writeln!(out, "  {} ({role}, on error {policy})", plugin.name)?;
            if !plugin.walked.is_empty() {
                let paths = plugin.walked.join(", ");
                writeln!(out, "    walks every batch: no scan can serve {paths}")?;
            }
            if args.explain {
                explain(&mut out, &plugin)?;
            }
        }
        if args.explain {
            explain_scan(&mut out, tamis)?;
        }
    }
    if let Some(service) = &config.service {
        meaning::service(&mut out, service)?;
    }
    Ok(Exit::Done)
}

fn role(plugin: &PluginInfo) -> String {
    format!("{:?}", plugin.role).to_lowercase()
}

fn explain(out: &mut impl Write, plugin: &PluginInfo) -> io::Result<()> {
    let description = &plugin.description;
    writeln!(
        out,
        "    {} {}, contract {}",
        printable(&description.name),
        printable(&description.version),
        printable(&description.contract)
    )
}

fn explain_scan(out: &mut impl Write, tamis: &Tamis) -> io::Result<()> {
    let gate = tamis.chain().gate();
    let (engine, literals) = (gate.engine().name(), gate.literals().len());
    writeln!(out, "  scan: engine {engine}, {literals} literals")
}
