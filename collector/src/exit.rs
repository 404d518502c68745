//! The exit codes of every command, in one place.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All was done.
    Done,
    /// Something of the input was refused, could not be read or written, or a plugin failed on it.
    Failed,
    /// Wrong use of the command line.
    Usage,
    /// The config is faulty, or a plugin in it cannot be loaded: nothing was done.
    Config,
}

/// Wrong use of the command line that clap cannot see.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

/// The codes, as `--help` shows them; clap itself ends with 2 too.
pub const HELP: &str = "Exit codes:
  0  all was done
  1  some input was refused, could not be read or written, or a plugin failed on it
  2  wrong use of the command line
  3  the config is faulty or a plugin cannot be loaded: nothing was done";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Config => 3,
        })
    }
}
