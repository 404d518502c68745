//! `tamis demo`: a recorded agent session through the default chain, before and after, and then
//! through all plugins that ship with Tamis.
//!
//! The one place that shows what stood there before: the session is ours, and every secret in it is
//! a planted fake.

mod chain;
mod changes;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _, Write};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use tamis::{Engine, EngineOptions, Outcome, Report, Signal, Tamis};

use crate::exit::Exit;
use crate::scrub::tally::Tally;
use crate::terminal::{Colours, Paint, colours};
use changes::{Change, changes};

const EXAMPLE: &str = "Examples:
  tamis demo
  NO_COLOR=1 tamis demo | less";

/// Shows what Tamis does, on a recorded Codex session that is part of this program.
///
/// Needs no set-up, reads no file and opens no connection.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLE}\n\n{}", crate::exit::HELP))]
pub struct Args {}

const SESSION: [(&str, Signal, &[u8]); 4] = [
    (
        "the prompt",
        Signal::Logs,
        include_bytes!("../../../tests/data/demo/001-logs.bin"),
    ),
    (
        "first tool calls",
        Signal::Logs,
        include_bytes!("../../../tests/data/demo/002-logs.bin"),
    ),
    (
        "more tool calls",
        Signal::Logs,
        include_bytes!("../../../tests/data/demo/003-logs.bin"),
    ),
    (
        "spans of the session",
        Signal::Traces,
        include_bytes!("../../../tests/data/demo/004-traces.bin"),
    ),
];

/// Runs of each batch, of which the middle one's time is shown.
const RUNS: usize = 9;
/// Columns of each side.
const SIDE: usize = 38;

/// Runs the verb.
///
/// # Errors
/// That the default chain cannot be built, or standard output not be written.
pub fn run(_: &Args) -> anyhow::Result<Exit> {
    let started = Instant::now();
    if io::stderr().is_terminal() {
        eprint!("loading the plugin `scrub` (compiled at the first start) ...");
    }
    let engine = Engine::new(&EngineOptions::default()).context("plugins cannot run here")?;
    let tamis = Tamis::builder().engine(engine.clone()).build()?;
    if io::stderr().is_terminal() {
        eprint!("\r\x1b[K");
    }
    let loaded = started.elapsed();
    let session: Vec<Batch> = SESSION
        .iter()
        .map(|(title, signal, bytes)| Batch::new(&tamis, title, *signal, bytes))
        .collect::<anyhow::Result<_>>()?;
    let stdout = io::stdout();
    let colours = colours(&stdout);
    let mut out = stdout.lock();
    show(&mut out, colours, &session, loaded)?;
    let session: Vec<_> = session
        .into_iter()
        .map(|batch| (batch.signal, batch.before))
        .collect();
    chain::show(&mut out, colours, engine, &session)?;
    show_next(&mut out, colours)?;
    Ok(Exit::Done)
}

/// A batch of the session and what became of it.
struct Batch {
    title: &'static str,
    signal: Signal,
    before: Bytes,
    /// None if it is the very same bytes.
    after: Option<Bytes>,
    report: Report,
    took: Duration,
}

impl Batch {
    fn new(
        tamis: &Tamis,
        title: &'static str,
        signal: Signal,
        bytes: &'static [u8],
    ) -> anyhow::Result<Self> {
        let before = Bytes::from_static(bytes);
        let mut times = Vec::new();
        let mut last = None;
        for _ in 0..RUNS {
            let started = Instant::now();
            let outcome = tamis.process(signal, before.clone());
            times.push(started.elapsed());
            last = Some(outcome);
        }
        times.sort();
        let (after, report) = match last {
            Some(Outcome::Unchanged { report, .. }) => (None, report),
            Some(Outcome::Edited { bytes, report }) => (Some(bytes), report),
            _ => bail!("the recorded session was refused"),
        };
        Ok(Self {
            title,
            signal,
            before,
            after,
            report,
            took: times.get(RUNS / 2).copied().context("nothing was run")?,
        })
    }
}

fn show(
    out: &mut impl Write,
    colours: Colours,
    session: &[Batch],
    loaded: Duration,
) -> io::Result<()> {
    let title = "A Codex session, as it left the agent and as Tamis lets it pass";
    writeln!(out, "{}", colours.paint(Paint::Bold, title))?;
    let loaded_ms = loaded.as_millis();
    let chain = "default chain: plugin scrub, Wasm without any authority";
    let chain = format!("{chain}; loaded in {loaded_ms} ms");
    writeln!(out, "{}", colours.paint(Paint::Dim, chain))?;
    writeln!(out)?;
    let (before, after) = ("before", "after");
    writeln!(
        out,
        "{} | {}",
        colours.paint(Paint::Bold, format!("{before:<SIDE$}")),
        colours.paint(Paint::Bold, after)
    )?;
    for batch in session {
        let Some(after) = &batch.after else {
            continue;
        };
        for change in changes(batch.signal, &batch.before, after, &batch.report) {
            show_change(out, colours, &change)?;
        }
    }
    writeln!(out)?;
    show_costs(out, colours, session)
}

fn show_change(out: &mut impl Write, colours: Colours, change: &Change) -> io::Result<()> {
    let head = format!("{}, {}: {}", change.record, change.key, change.subject);
    writeln!(out, "{}", colours.paint(Paint::Dim, head))?;
    let before = change.before.fit(SIDE);
    let after = change.after.fit(SIDE);
    let fill = SIDE - before.width();
    writeln!(
        out,
        "{}{}{}{:fill$} | {}{}{}",
        before.lead,
        colours.paint(Paint::Red, &before.middle),
        before.tail,
        "",
        after.lead,
        colours.paint(Paint::Green, &after.middle),
        after.tail.trim_end(),
    )
}

fn show_costs(out: &mut impl Write, colours: Colours, session: &[Batch]) -> io::Result<()> {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for batch in session {
        for line in &batch.report.lines {
            *kinds.entry(crate::scrub::tally::subject(line)).or_default() += 1;
        }
    }
    let kinds: Vec<_> = kinds
        .iter()
        .map(|(kind, count)| format!("{kind} {count}"))
        .collect();
    writeln!(out, "{}", colours.paint(Paint::Bold, "what was scrubbed"))?;
    for pair in kinds.chunks(2) {
        let (left, right) = (pair.first(), pair.get(1));
        let text = |cell: Option<&String>| cell.cloned().unwrap_or_default();
        let row = format!("  {:<SIDE$} {}", text(left), text(right));
        writeln!(out, "{}", row.trim_end())?;
    }
    writeln!(out)?;
    writeln!(out, "{}", colours.paint(Paint::Bold, "batch by batch"))?;
    for batch in session {
        let mut tally = Tally::default();
        tally.batch(batch.signal, &batch.before);
        let records = tally.records();
        let what = match &batch.after {
            None => "the very same bytes".to_owned(),
            Some(_) => match batch.report.lines.len() {
                1 => "1 edit".to_owned(),
                count => format!("{count} edits"),
            },
        };
        let (title, size) = (batch.title, batch.before.len());
        let took = batch.took.as_micros();
        writeln!(
            out,
            "  {title:<22}{records:>9}{size:>8} bytes{took:>7} us  {what}"
        )?;
    }
    writeln!(out)
}

fn show_next(out: &mut impl Write, colours: Colours) -> io::Result<()> {
    writeln!(out, "{}", colours.paint(Paint::Bold, "what to type next"))?;
    let next = [
        (
            "tamis scrub export.json > scrubbed.json",
            "your own telemetry",
        ),
        (
            "tamis scrub --out scrubbed --report edits.jsonl DIR",
            "a folder",
        ),
        ("tamis scrub --text app.log > scrubbed.log", "plain text"),
        ("tamis validate --config tamis.yaml", "your own chain"),
    ];
    for (command, what) in next {
        writeln!(out, "  {command:<54}{}", colours.paint(Paint::Dim, what))?;
    }
    Ok(())
}
