//! The whole default chain over real and made batches, beside memcpy and the classic way.

use std::fmt::Write as _;
use std::hint::black_box;

use bytes::Bytes;
use tamis_host::{
    Cache, Chain, ChainBuilder, Code, Component, Context, Engine, EngineOptions, Grant,
    PluginLimits, PluginSpec, ScanEngine, Signal,
};

use crate::classic::Classic;
use crate::corpus::Corpus;
use crate::goals::Goals;
use crate::rounds::{self, Rounds, Variant};
use crate::synthetic;

const ROUNDS: usize = 15;
/// Records with a secret of those of the made batch.
const DIRTY: [usize; 6] = [0, 1, 5, 25, 125, synthetic::RECORDS];

/// The default chain with its plugin in Wasm.
pub(crate) fn wasm(engine: Option<ScanEngine>) -> anyhow::Result<Chain> {
    chain(scrub()?, engine)
}

/// The scrubber in Wasm, in an engine of its own.
pub(crate) fn scrub() -> anyhow::Result<PluginSpec> {
    let engine = Engine::new(&EngineOptions::default())?;
    let code = Code::Wasm(load(&engine, &tamis_plugins::SCRUB, &[])?);
    Ok(PluginSpec::new("scrub", code))
}

/// A shipped plugin, from the cache if it was compiled before.
pub(crate) fn load(
    engine: &Engine,
    component: &[u8],
    grants: &[Grant],
) -> anyhow::Result<Component> {
    let (cache, limits) = (Cache::user(), PluginLimits::default());
    Ok(Component::load(
        engine, &cache, component, None, grants, &limits,
    )?)
}

/// The default chain with its plugin linked natively.
pub(crate) fn native(engine: Option<ScanEngine>) -> anyhow::Result<Chain> {
    let shipped = tamis_plugins::Shipped::find("scrub").and_then(|shipped| shipped.native());
    let code = shipped.ok_or_else(|| anyhow::anyhow!("scrub is not linked natively"))?;
    chain(PluginSpec::new("scrub", Code::Native(code)), engine)
}

/// A chain of this plugin, with the scan named or with the cheapest.
pub(crate) fn chain(spec: PluginSpec, engine: Option<ScanEngine>) -> anyhow::Result<Chain> {
    let builder = ChainBuilder::new().plugin(spec);
    let builder = match engine {
        Some(engine) => builder.scan_engine(engine),
        None => builder,
    };
    Ok(builder.build()?)
}

/// The chains that are measured, and the classic way.
struct Chains {
    wasm: Chain,
    native: Chain,
    /// With 32-byte vectors, where the machine has them.
    narrow: Option<Chain>,
    classic: Classic,
}

impl Chains {
    fn new() -> anyhow::Result<Self> {
        let native = native(None)?;
        // Literals that the chain's gate looks for, for the classic way.
        let literals = native.gate().literals().iter();
        let literals: Vec<Vec<u8>> = literals.map(|literal| literal.bytes.clone()).collect();
        let narrow = ScanEngine::Avx2;
        Ok(Self {
            wasm: wasm(None)?,
            narrow: narrow
                .is_available()
                .then(|| wasm(Some(narrow)))
                .transpose()?,
            classic: Classic::new(&literals)?,
            native,
        })
    }
}

pub(crate) fn table(corpus: &[Corpus], goals: &mut Goals) -> anyhow::Result<String> {
    let chains = Chains::new()?;
    let gate = chains.wasm.gate();
    let mut text = format!(
        "## The default chain\n\n`scrub` with its default detectors. {}.\n\nClassic: prost decode, an Aho-Corasick DFA of the same literals over every string, mask, prost encode,\nwith mimalloc as all of this program. \"Clean\" are the captures after the chain; \"guest asked\" is in\nhow many batches anything was shown to the plugin; \"native\" is the same plugin linked in: the tax of\nthe sandbox. The made batch has {} records of an agent.\n\n",
        gate.explain(),
        synthetic::RECORDS,
    );
    text.push_str("| batches | bytes | GB/s | x memcpy | x classic | AVX2: GB/s | x memcpy | x classic | native, x wasm | guest asked | edits |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    let (mut idle, mut batches) = (0, 0);
    for corpus in corpus {
        for (kind, sent) in [("clean", &corpus.clean), ("as sent", &corpus.dirty)] {
            let row = row(&mut text, &format!("{} {kind}", corpus.name), sent, &chains)?;
            if kind == "as sent" {
                idle += sent
                    .iter()
                    .filter(|batch| is_idle(&chains.wasm, batch))
                    .count();
                batches += sent.len();
            } else if corpus.name == "codex-http-binary" {
                goals.at_least(
                    "default chain, clean Codex batches, x memcpy",
                    row.memcpy,
                    0.20,
                );
                goals.at_least("the same, AVX2", row.narrow_memcpy, 0.08);
                goals.at_most(
                    "tax of the sandbox, Codex batches that were scrubbed before",
                    row.tax,
                    0.05,
                );
            }
        }
    }
    for dirty in DIRTY {
        let share = dirty as f64 / synthetic::RECORDS as f64 * 100.0;
        let made = [(Signal::Logs, synthetic::batch(dirty))];
        let row = row(&mut text, &format!("made, {share} % dirty"), &made, &chains)?;
        goals_of_made(goals, dirty, &row);
    }
    let share = f64::from(idle as u32) / f64::from(batches.max(1) as u32);
    goals.at_most(
        "share of captures as sent that reach a guest for nothing",
        share,
        0.1,
    );
    Ok(text)
}

/// What was wanted of the made batch with so many dirty records.
fn goals_of_made(goals: &mut Goals, dirty: usize, row: &Row) {
    match dirty {
        0 => {
            goals.at_least(
                "default chain, clean made batch, x memcpy",
                row.memcpy,
                0.20,
            );
            goals.at_most("tax of the sandbox, clean made batch", row.tax, 0.05);
        }
        25 => {
            goals.at_least(
                "5 % of records dirty, AVX-512, x classic",
                row.classic,
                10.0,
            );
            goals.at_least(
                "5 % of records dirty, AVX2, x classic",
                row.narrow_classic,
                6.0,
            );
        }
        synthetic::RECORDS => {
            goals.at_least("all records dirty, x classic", row.classic, 3.0);
            goals.at_most("tax of the sandbox, all dirty", row.tax, 0.25);
            goals.at_least("all records dirty, GB/s", row.speed, 0.1);
        }
        _ => {}
    }
}

/// Whether a batch is shown to the plugin though nothing in it is edited.
fn is_idle(chain: &Chain, (signal, bytes): &(Signal, Bytes)) -> bool {
    let before = chain.counters()[0].clone();
    drop(chain.process(*signal, bytes.clone(), &Context::default()));
    let after = chain.counters()[0].clone();
    after.calls > before.calls && after.edits == before.edits
}

/// The columns of [`measure`], in their order.
const MEMCPY: usize = 0;
const WASM: usize = 1;
const NATIVE: usize = 2;
const CLASSIC: usize = 3;
const NARROW: usize = 4;

/// What goals are about.
struct Row {
    speed: f64,
    memcpy: f64,
    classic: f64,
    narrow_memcpy: f64,
    narrow_classic: f64,
    /// How much longer Wasm takes than the native plugin.
    tax: f64,
}

fn row(
    text: &mut String,
    name: &str,
    batches: &[(Signal, Bytes)],
    chains: &Chains,
) -> anyhow::Result<Row> {
    let bytes = Corpus::bytes(batches);
    let before = chains.wasm.counters()[0].clone();
    through(&chains.wasm, batches);
    let after = chains.wasm.counters()[0].clone();
    let measured = measure(batches, chains);
    let row = Row {
        speed: bytes as f64 / measured.nanos(WASM),
        memcpy: measured.speed(WASM, MEMCPY),
        classic: measured.speed(WASM, CLASSIC),
        narrow_memcpy: measured.speed(NARROW, MEMCPY),
        narrow_classic: measured.speed(NARROW, CLASSIC),
        tax: measured.speed(NATIVE, WASM) - 1.0,
    };
    writeln!(
        text,
        "| {name} | {:.2} MB | {:.2} | {:.3} | {:.1} | {:.2} | {:.3} | {:.1} | {:.2} | {} of {} | {} |",
        bytes as f64 / 1e6,
        row.speed,
        row.memcpy,
        row.classic,
        bytes as f64 / measured.nanos(NARROW),
        row.narrow_memcpy,
        row.narrow_classic,
        row.tax + 1.0,
        after.calls - before.calls,
        batches.len(),
        after.edits - before.edits,
    )?;
    Ok(row)
}

pub(crate) fn through(chain: &Chain, batches: &[(Signal, Bytes)]) {
    for (signal, bytes) in batches {
        let outcome = chain.process(*signal, bytes.clone(), &Context::default());
        drop(black_box(outcome));
    }
}

/// Every variant in turn over all batches.
fn measure(batches: &[(Signal, Bytes)], chains: &Chains) -> Rounds {
    let longest = batches.iter().map(|(_, bytes)| bytes.len()).max();
    let mut copy = vec![0_u8; longest.unwrap_or(0)];
    let memcpy = move || {
        for (_, bytes) in batches {
            copy[..bytes.len()].copy_from_slice(black_box(bytes));
            black_box(&copy);
        }
    };
    let classic = || {
        for (signal, bytes) in batches {
            black_box(chains.classic.process(*signal, bytes));
        }
    };
    let mut variants: Vec<Variant<'_>> = vec![
        Box::new(memcpy),
        Box::new(|| through(&chains.wasm, batches)),
        Box::new(|| through(&chains.native, batches)),
        Box::new(classic),
    ];
    let narrow = chains.narrow.as_ref().unwrap_or(&chains.wasm);
    variants.push(Box::new(|| through(narrow, batches)));
    rounds::run(ROUNDS, &mut variants)
}

/// The check at the door, alone.
pub(crate) fn door(corpus: &[Corpus], goals: &mut Goals) -> anyhow::Result<String> {
    let mut text = String::from(
        "## The check at the door\n\nGB/s (x memcpy) of the structure alone, and with the test that all text is UTF-8.\n\n| batches | structure | with text |\n| --- | --- | --- |\n",
    );
    let made = Corpus {
        name: "made".to_owned(),
        clean: vec![(Signal::Logs, synthetic::batch(0))],
        dirty: Vec::new(),
    };
    for corpus in corpus.iter().chain([&made]) {
        let batches = &corpus.clean;
        let mut copy = vec![0_u8; 2 << 20];
        let mut variants: Vec<Variant<'_>> = vec![
            Box::new(|| {
                for (_, bytes) in batches {
                    copy[..bytes.len()].copy_from_slice(black_box(bytes));
                    black_box(&copy);
                }
            }),
            Box::new(|| {
                for (signal, bytes) in batches {
                    let _ = black_box(otlp_wire::check(*signal, bytes));
                }
            }),
            Box::new(|| {
                for (signal, bytes) in batches {
                    let _ = black_box(otlp_wire::check_text(*signal, bytes));
                }
            }),
        ];
        let measured = rounds::run(ROUNDS, &mut variants);
        let bytes = Corpus::bytes(batches) as f64;
        let cell = |at: usize| {
            let (speed, ratio) = (bytes / measured.nanos(at), measured.speed(at, 0));
            format!("{speed:.1} ({ratio:.3})")
        };
        writeln!(text, "| {} | {} | {} |", corpus.name, cell(1), cell(2))?;
        if corpus.name == "codex-http-binary" || corpus.name == "made" {
            let name = format!("check at the door, {}, x memcpy", corpus.name);
            goals.at_least(&name, measured.speed(1, 0), 0.25);
        }
    }
    Ok(text)
}
