//! The daemon's log: lines on standard error, for people or as JSON.
//!
//! `RUST_LOG` goes before the config. Below warnings only our own code is heard, whatever is asked
//! for: libraries trace what they read and write, and that is content.
//!
//! Must never: write to standard output, which holds data only.

use std::io::{self, IsTerminal as _};

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{LogEncoding, LogLevel, LogSettings};
use crate::terminal::{Colours, colours};

/// Starts the log. Does nothing where there is one, as in a test that runs several daemons.
pub(crate) fn start(settings: LogSettings) {
    let level = match settings.level {
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Warn => "warn",
        LogLevel::Error => "error",
    };
    let wanted = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let filter = wanted.and(filter_fn(may_be_heard));
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let layer = match settings.encoding {
        LogEncoding::Json => lines.json().flatten_event(true).with_filter(filter).boxed(),
        LogEncoding::Console => {
            let ansi = colours(&io::stderr()) == Colours::Ansi;
            let lines = lines.with_ansi(ansi).with_target(false);
            match io::stderr().is_terminal() {
                // A person sees when a line comes.
                true => lines.without_time().with_filter(filter).boxed(),
                false => lines.with_filter(filter).boxed(),
            }
        }
    };
    let _ = tracing_subscriber::registry().with(layer).try_init();
}

fn may_be_heard(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::WARN || metadata.target().starts_with("tamis")
}
