//! The binary `tamis`: parses the command line, runs a verb, and turns its end into an exit code.

use std::io;
use std::process::ExitCode;

use clap::Parser as _;
use tamis_collector::commands::{self, Cli};
use tamis_collector::config::Findings;
use tamis_collector::exit::{Exit, UsageError};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match commands::run(cli) {
        Ok(exit) => exit.into(),
        Err(error) => {
            let findings = error.downcast_ref::<Findings>();
            if let Some(findings) = findings {
                eprintln!("{findings}");
                return Exit::Config.into();
            }
            // The reader of a pipe went away, as `head` does: nothing is wrong.
            let gone = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
            if error.downcast_ref::<io::Error>().is_some_and(gone) {
                return Exit::Done.into();
            }
            eprintln!("error: {error:#}");
            if error.is::<tamis::BuildError>() {
                return Exit::Config.into();
            }
            match error.is::<UsageError>() {
                true => Exit::Usage.into(),
                false => Exit::Failed.into(),
            }
        }
    }
}
