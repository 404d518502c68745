//! A chain of 200 patterns of an operator's own, of which none occurs: what a whole chain costs where
//! nothing in the telemetry looks like what it is for.
//!
//! The plugin is the shipped scrubber in Wasm with its own kinds switched off, alone and with the card
//! numbers, which bring the classes of the default chain.

use std::fmt::Write as _;
use std::hint::black_box;

use serde_json::{Value as Json, json};
use tamis_host::{Chain, ScanEngine, Signal};
use tamis_scan::{Case, Literal};

use crate::corpus::Corpus;
use crate::goals::Goals;
use crate::rounds::{self, Variant};
use crate::{chain, scan, synthetic};

const ROUNDS: usize = 15;
const PATTERNS: usize = 200;

pub(crate) fn table(corpus: &[Corpus], goals: &mut Goals) -> anyhow::Result<String> {
    let mut text = format!(
        "## A chain of {PATTERNS} patterns\n\n`scrub` with {PATTERNS} patterns of an operator's own, each with a vendor's prefix that does not occur, and\nnone of its own kinds, or only the card numbers: they bring the classes of the default chain. GB/s (x\nmemcpy) of the whole chain.\n\n| batches | patterns | with classes | AVX2: patterns | with classes |\n| --- | --- | --- | --- | --- |\n"
    );
    let made = vec![(Signal::Logs, synthetic::batch(0))];
    let codex = corpus
        .iter()
        .find(|corpus| corpus.name == "codex-http-binary");
    let batches: Vec<_> = codex.map(|codex| codex.clean.clone()).into_iter().collect();
    let haystack: Vec<u8> = batches
        .iter()
        .flatten()
        .chain(&made)
        .flat_map(|(_, bytes)| bytes.to_vec())
        .collect();
    let literals = scan::absent(&haystack, PATTERNS);
    let narrow = Some(ScanEngine::Avx2).filter(|engine| engine.is_available());
    let chain = |classes, engine| {
        let spec = chain::scrub()?.with_settings(settings(&literals, classes));
        chain::chain(spec, engine)
    };
    let chains = [
        chain(false, None)?,
        chain(true, None)?,
        chain(false, narrow)?,
        chain(true, narrow)?,
    ];
    let named = batches
        .into_iter()
        .map(|codex| ("codex-http-binary", codex));
    for (name, batches) in named.chain([("made", made)]) {
        let cells = row(&batches, &chains);
        write!(text, "| {name} clean |")?;
        for (speed, ratio) in cells {
            write!(text, " {speed:.1} ({ratio:.3}) |")?;
        }
        text.push('\n');
        let columns = [
            ("", 0.25),
            (" and classes", 0.20),
            (", AVX2", 0.10),
            (" and classes, AVX2", 0.08),
        ];
        for ((what, goal), (_, ratio)) in columns.into_iter().zip(cells) {
            let what = format!("chain, 200 literals{what}, clean {name}, x memcpy");
            goals.at_least(&what, ratio, goal);
        }
    }
    Ok(text)
}

fn settings(literals: &[Literal], classes: bool) -> Json {
    let custom = literals.iter().enumerate().map(|(number, literal)| {
        let prefix = regex::escape(&String::from_utf8_lossy(&literal.bytes));
        let flags = match literal.case {
            Case::Sensitive => "",
            Case::AsciiInsensitive => "(?i-u)",
        };
        json!({"name": format!("vendor-{number}"), "pattern": format!("{flags}{prefix}[A-Za-z0-9]{{20}}")})
    });
    let mut off = vec!["token", "key", "credential"];
    off.extend((!classes).then_some("card"));
    json!({"classes": {"disable": off}, "custom": custom.collect::<Vec<_>>()})
}

/// GB/s and the share of memcpy of each chain.
fn row(batches: &[(Signal, bytes::Bytes)], chains: &[Chain; 4]) -> [(f64, f64); 4] {
    let longest = batches.iter().map(|(_, bytes)| bytes.len()).max();
    let mut copy = vec![0_u8; longest.unwrap_or(0)];
    let mut variants: Vec<Variant<'_>> = vec![Box::new(move || {
        for (_, bytes) in batches {
            copy[..bytes.len()].copy_from_slice(black_box(bytes));
            black_box(&copy);
        }
    })];
    for chain in chains {
        variants.push(Box::new(|| chain::through(chain, batches)));
    }
    let measured = rounds::run(ROUNDS, &mut variants);
    let bytes = Corpus::bytes(batches) as f64;
    [1, 2, 3, 4].map(|at| (bytes / measured.nanos(at), measured.speed(at, 0)))
}
