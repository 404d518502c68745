//! The command line: one module for each verb.

pub mod demo;
pub mod plugin;
pub mod run;
pub mod scrub;
pub mod validate;

use clap::{Parser, Subcommand};
use tamis::Cache;

use crate::config::Findings;
use crate::exit::{self, Exit};

/// Takes secrets out of OpenTelemetry data with sandboxed plugins.
#[derive(Debug, Parser)]
#[command(name = "tamis", version, after_help = exit::HELP, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Run(run::Args),
    Scrub(scrub::Args),
    Validate(validate::Args),
    Demo(demo::Args),
    Plugin(plugin::Args),
}

/// Runs the verb that the command line names.
///
/// # Errors
/// What kept it from being done at all.
pub fn run(cli: Cli) -> anyhow::Result<Exit> {
    match cli.verb {
        Verb::Run(args) => run::run(&args),
        Verb::Scrub(args) => scrub::run(args),
        Verb::Validate(args) => validate::run(&args),
        Verb::Demo(args) => demo::run(&args),
        Verb::Plugin(args) => plugin::run(&args),
    }
}

/// Says on standard error what is worth knowing and stops nothing.
fn say(notes: &Findings, cache: &Cache) {
    if notes.iter().next().is_some() {
        eprintln!("{notes}");
    }
    for warning in cache.take_warnings() {
        eprintln!("warning: {warning}");
    }
}
