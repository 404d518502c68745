//! `tamis scrub`: files in, scrubbed files of the same format out.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::bail;
use bytes::Bytes;
use clap::ValueEnum;
use tamis::{Cache, Signal, Tamis, Text};

use crate::config::{self, Config, Findings, Purpose};
use crate::exit::{Exit, UsageError};
use crate::scrub::batches::{self, Chains, Fault};
use crate::scrub::inputs::{self, Input, Origin};
use crate::scrub::report::ReportFile;
use crate::scrub::tally::Tally;
use crate::terminal::printable;

const EXAMPLE: &str = "Examples:
  tamis scrub export.json > scrubbed.json
  tamis scrub --out scrubbed --report edits.jsonl captures/
  kubectl logs web | tamis scrub --text -
  tamis scrub --config tamis.yaml --signal traces body.bin > scrubbed.bin";

/// Scrubs files: OTLP protobuf, OTLP/JSON, JSON lines, folders of them, or plain text.
///
/// The output has the format of the input. Without --config the default chain runs: the plugin
/// `scrub` alone. A batch that may not leave is an error, is not written, and the others go on.
/// Files are read whole.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLE}\n\n{}", crate::exit::HELP))]
pub struct Args {
    /// Config whose pipeline to run; the one for the batch's signal
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Pipeline of the config, where there are several for a signal
    #[arg(long, value_name = "NAME", requires = "config")]
    pipeline: Option<String>,
    /// What the batches carry, instead of looking
    #[arg(long, conflicts_with = "text")]
    signal: Option<SignalName>,
    /// Take each input for plain text: one value, in the pipeline for logs
    #[arg(long)]
    text: bool,
    /// File for the report: a JSON line for each edit, never the value
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Folder for the output; needed for folders and for several inputs
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Files, folders, or `-` for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// A signal on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum SignalName {
    Traces,
    Logs,
    Metrics,
}

impl From<SignalName> for Signal {
    fn from(name: SignalName) -> Self {
        match name {
            SignalName::Traces => Self::Traces,
            SignalName::Logs => Self::Logs,
            SignalName::Metrics => Self::Metrics,
        }
    }
}

/// Runs the verb.
///
/// # Errors
/// What kept it from being done at all.
pub fn run(args: Args) -> anyhow::Result<Exit> {
    let inputs = inputs::gather(&args.paths, args.out.as_deref())?;
    if let Some(report) = &args.report {
        inputs::refuse_overwriting(&inputs, report)?;
    }
    let chains = Loaded::new(args.config.as_deref(), args.pipeline)?;
    let mut work = Work {
        chains,
        named: args.signal.map(Signal::from),
        report: ReportFile::create(args.report.as_deref())?,
        tally: Tally::default(),
    };
    let progress = Progress::new(inputs.len());
    for (number, input) in inputs.iter().enumerate() {
        progress.show(number, &input.name());
        let done = match args.text {
            true => work.text(input),
            false => work.file(input),
        };
        progress.clear();
        if let Err(error) = done {
            work.tally.refused += 1;
            eprintln!("error: {}: {error:#}", printable(&input.name()));
        }
    }
    work.report.finish()?;
    Ok(conclude(&work.tally))
}

/// Says on standard error what was done.
fn conclude(tally: &Tally) -> Exit {
    eprintln!("{tally}");
    let counts = [
        ("skipped", tally.skipped, "files without OTLP"),
        ("left out", tally.unknown, "members that OTLP does not know"),
        (
            "not in the report",
            tally.left_out,
            "edits beyond its limit",
        ),
        ("refused", tally.refused, "nothing of them was written"),
    ];
    for (what, count, why) in counts {
        if count > 0 {
            eprintln!("{what}: {count} ({why})");
        }
    }
    for (fault, count) in &tally.faults {
        eprintln!("warning: plugin {fault}, {count} times: its policy was applied");
    }
    match tally.refused == 0 && tally.faults.is_empty() {
        true => Exit::Done,
        false => Exit::Failed,
    }
}

struct Work {
    chains: Loaded,
    named: Option<Signal>,
    report: ReportFile,
    tally: Tally,
}

impl Work {
    fn file(&mut self, input: &Input) -> anyhow::Result<()> {
        let name = input.name();
        let (tally, report) = (&mut self.tally, &mut self.report);
        let mut failed = None;
        let mut done = |done: batches::Done<'_>| {
            tally.batch(done.signal, done.before);
            tally.report(done.report);
            tally.unknown += done.unknown;
            if let Err(error) = report.add(&name, done.batch, done.signal, done.report) {
                failed.get_or_insert(error);
            }
        };
        let file = Bytes::from(input.read()?);
        let (output, faults) = batches::scrub(file, self.named, &self.chains, &mut done);
        if let Some(error) = failed {
            return Err(error);
        }
        for (batch, fault) in faults {
            if matches!(fault, Fault::NotOtlp) && input.origin == Origin::Found && output.is_none()
            {
                self.tally.skipped += 1;
                return Ok(());
            }
            self.tally.refused += 1;
            let (name, fault) = (printable(&name), anyhow::Error::new(fault));
            match batch {
                0 => eprintln!("error: {name}: {fault:#}"),
                _ => eprintln!("error: {name}, document {}: {fault:#}", batch + 1),
            }
        }
        match output {
            Some(output) => input.write(&output),
            None => Ok(()),
        }
    }

    fn text(&mut self, input: &Input) -> anyhow::Result<()> {
        let Ok(text) = String::from_utf8(input.read()?) else {
            bail!("is not UTF-8 text");
        };
        let chain = self.chains.of(Signal::Logs).map_err(anyhow::Error::msg)?;
        let (output, report) = match chain.process_text(&text)? {
            Text::Unchanged(report) => (Some(text), report),
            Text::Edited(text, report) => (Some(text), report),
            Text::Dropped(report) => (None, report),
        };
        self.tally.text();
        self.tally.report(&report);
        self.report.add(&input.name(), 0, Signal::Logs, &report)?;
        match output {
            Some(output) => input.write(output.as_bytes()),
            None => Ok(()),
        }
    }
}

/// The chains of a config, or the default chain for all signals.
enum Loaded {
    Default(Box<Tamis>),
    Config {
        config: Box<Config>,
        chains: config::Chains,
        pipeline: Option<String>,
    },
}

impl Loaded {
    fn new(path: Option<&Path>, pipeline: Option<String>) -> anyhow::Result<Self> {
        let cache = Arc::new(Cache::user());
        let Some(path) = path else {
            let tamis = Tamis::builder().cache(Arc::clone(&cache)).build()?;
            super::say(&Findings::default(), &cache);
            return Ok(Self::Default(Box::new(tamis)));
        };
        let (config, chains) = config::load(path, Purpose::Chains, &cache)?;
        super::say(&config.notes, &cache);
        if let Some(name) = &pipeline
            && config.pipelines.iter().all(|known| known.name != *name)
        {
            let message = format!("{} has no pipeline named {name}", config.file);
            return Err(UsageError(message).into());
        }
        Ok(Self::Config {
            chains,
            config: Box::new(config),
            pipeline,
        })
    }
}

impl Chains for Loaded {
    fn of(&self, signal: Signal) -> Result<&Tamis, String> {
        match self {
            Self::Default(tamis) => Ok(tamis),
            Self::Config {
                config,
                chains,
                pipeline,
            } => {
                let chosen = config::choose(&config.pipelines, signal, pipeline.as_deref())?;
                let none = || format!("the pipeline {} has no chain", chosen.name);
                chains.of(&chosen.name).ok_or_else(none)
            }
        }
    }
}

/// One line that is written over and over, for people only.
struct Progress {
    inputs: usize,
}

impl Progress {
    fn new(inputs: usize) -> Self {
        let shown = inputs > 1 && io::stderr().is_terminal();
        Self {
            inputs: if shown { inputs } else { 0 },
        }
    }

    fn show(&self, number: usize, name: &str) {
        if self.inputs > 0 {
            let name = printable(name);
            eprint!("\r\x1b[K{} of {} {name:.60}", number + 1, self.inputs);
            let _ = io::stderr().flush();
        }
    }

    fn clear(&self) {
        if self.inputs > 0 {
            eprint!("\r\x1b[K");
        }
    }
}
