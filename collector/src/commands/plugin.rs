//! `tamis plugin`: what authors of plugins type.
//!
//! Making, building and running cases is the SDK's tooling; here stands how it looks on a command
//! line. Must never: show a guest's own words outside of `tamis plugin test`.

mod build;
mod check;
mod new;
mod package;
mod schema;
mod test;

use clap::Subcommand;

use crate::exit::Exit;

const EXAMPLE: &str = "Examples:
  tamis plugin new house-rules && cd house-rules
  tamis plugin test
  tamis plugin build
  tamis plugin check house-rules.wasm";

/// Makes, builds, checks and tests plugins of your own.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLE}\n\n{}", crate::exit::HELP), arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    New(new::Args),
    Build(build::Args),
    Check(check::Args),
    Test(test::Args),
}

/// Runs the verb.
///
/// # Errors
/// What kept it from being done at all.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::New(args) => new::run(args),
        Verb::Build(args) => build::run(args),
        Verb::Check(args) => check::run(args),
        Verb::Test(args) => test::run(args),
    }
}
