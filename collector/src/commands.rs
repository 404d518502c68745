//! The command line: one module for each verb.

pub mod scrub;
pub mod validate;

use clap::{Parser, Subcommand};

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
    Scrub(scrub::Args),
    Validate(validate::Args),
}

/// Runs the verb that the command line names.
///
/// # Errors
/// What kept it from being done at all.
pub fn run(cli: Cli) -> anyhow::Result<Exit> {
    match cli.verb {
        Verb::Scrub(args) => scrub::run(args),
        Verb::Validate(args) => validate::run(&args),
    }
}
