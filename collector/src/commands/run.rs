//! `tamis run`: the daemon between agents and backends.

mod quick;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;

use anyhow::Context as _;
use tamis::Cache;

use crate::config::{self, Chains, Config, Purpose};
use crate::daemon;
use crate::exit::{Exit, UsageError};

const EXAMPLE: &str = "Examples:
  tamis run --config tamis.yaml
  tamis run --to http://collector:4318
  tamis run --to https://otlp.example.com --header \"api-key: $API_KEY\"";

/// Takes telemetry from agents, scrubs it and hands it on to backends.
///
/// With --to there is no file: OTLP comes in on 127.0.0.1:4317 (gRPC) and 127.0.0.1:4318 (HTTP), goes
/// through the default chain, the plugin `scrub` alone, and on to one backend. SIGTERM or SIGINT end
/// it: queues are drained first; a second signal hurries it.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLE}\n\n{}", crate::exit::HELP))]
pub struct Args {
    /// The config
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "to",
        conflicts_with = "to"
    )]
    config: Option<PathBuf>,
    #[command(flatten)]
    quick: quick::Quick,
}

/// Runs the verb.
///
/// # Errors
/// The config's faults, or what kept the daemon from starting.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    no_core_dumps();
    let cache = Arc::new(Cache::user());
    let (config, mut chains) = load(args, &cache)?;
    super::say(&config.notes, &cache);
    let Some(service) = config.service else {
        let message = format!("{} has no receivers and exporters to run", config.file);
        return Err(UsageError(message).into());
    };
    daemon::start_log(service.telemetry.logs);
    // One for each core: on a core alone a second one cost a tenth of the throughput, and a chain
    // that is slow leaves its thread to the others (`daemon/lanes.rs`).
    let threads = available_parallelism().map_or(2, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .thread_name("tamis")
        .enable_all()
        .build()
        .context("threads cannot be started")?;
    let lost = runtime.block_on(async {
        let tables = daemon::follow(chains.take_clusters()).await?;
        anyhow::Ok(daemon::run(service, chains, tables).await?)
    })?;
    // What is still at work has nothing more to say.
    runtime.shutdown_background();
    match lost.batches {
        0 => Ok(Exit::Done),
        batches => {
            let items = lost.items;
            eprintln!(
                "error: {batches} batches with {items} items were taken and could not be sent"
            );
            Ok(Exit::Failed)
        }
    }
}

fn load(args: &Args, cache: &Arc<Cache>) -> anyhow::Result<(Config, Chains)> {
    match (&args.config, args.quick.config()?) {
        (_, Some(text)) => {
            let env = |_: &str| None;
            let folder = Path::new("");
            config::load_text("--to", folder, &text, &env, Purpose::Daemon, cache)
        }
        (Some(path), None) => config::load(path, Purpose::Daemon, cache),
        (None, None) => Err(UsageError("--config or --to is missing".to_owned()).into()),
    }
}

/// What was not scrubbed yet stands in memory, and must not come to rest in a file.
fn no_core_dumps() {
    let none = rustix::process::Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
}
