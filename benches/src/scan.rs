//! The scan alone: so many literals over real bytes, beside memcpy and the `aho-corasick` crate.

use std::fmt::Write as _;
use std::hint::black_box;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use bytes::Bytes;
use tamis_host::{Chain, Limits};
use tamis_scan::{Class, Engine, Gate, GateLimits, Hits, Literal};

use crate::corpus::Corpus;
use crate::goals::Goals;
use crate::rounds::{self, Variant};
use crate::vectorscan::Vectorscan;

#[path = "../../lib/scan/tests/suite/literals.rs"]
mod literals;

const ROUNDS: usize = 15;
const COUNTS: [usize; 6] = [8, 10, 32, 64, 200, 1000];
/// Bytes of the haystack that fits the caches, and of the one that does not.
const HOT_BYTES: usize = 1_200_000;
const COLD_BYTES: usize = 96 << 20;
/// The classes that the default detectors ask for.
const CLASSES: [Class; 2] = [Class::Digits13, Class::BigInt];

pub(crate) fn table(corpus: &[Corpus], goals: &mut Goals) -> anyhow::Result<String> {
    let mut text = String::from(
        "## The scan\n\nSynthetic vendor prefixes of which none occurs, over bytes of the clean captures: GB/s (x memcpy).\n`aho-corasick` as a user of the crate would take it (leftmost-first), and its DFA alone. \"Cold\" is\na haystack of 96 MiB beside a cold memcpy. Classes are those of the default chain: digit runs and\nbig integers. ",
    );
    text.push_str(match Vectorscan::new(&literals::vendor_literals(1)) {
        Some(_) => "`vectorscan` as Debian builds it, in block mode.\n\n",
        None => "`vectorscan` (Debian: `libvectorscan5`) was not there.\n\n",
    });
    text.push_str("| literals | avx512 | avx2 | simd128 | aho-corasick | its DFA | vectorscan | avx512, classes | avx2, classes | avx512 cold |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    let haystack = haystack(corpus, HOT_BYTES);
    let cold = haystack.repeat(COLD_BYTES / haystack.len().max(1));
    let (mut ten, mut ten_with_classes) = (0.0, 0.0);
    for count in COUNTS {
        let literals = absent(&haystack, count);
        let row = row(&haystack, &cold, &literals)?;
        write!(text, "| {count} |")?;
        for cell in &row {
            match cell {
                Some((speed, ratio)) => write!(text, " {speed:.1} ({ratio:.3}) |")?,
                None => text.push_str(" |"),
            }
        }
        text.push('\n');
        let ratio = |at: usize| row.get(at).copied().flatten().map(|(_, ratio)| ratio);
        let Some(wide) = ratio(0) else { continue };
        match count {
            10 => (ten, ten_with_classes) = (wide, ratio(6).unwrap_or(0.0)),
            200 => {
                goals.at_least("scan, 200 literals, AVX-512, x memcpy", wide, 0.25);
                goals.at_least(
                    "the same with the default classes",
                    ratio(6).unwrap_or(0.0),
                    0.20,
                );
                goals.at_least(
                    "scan, 200 literals, AVX2, x memcpy",
                    ratio(1).unwrap_or(0.0),
                    0.10,
                );
                let classes = ratio(7).unwrap_or(0.0);
                goals.at_least("the same with the default classes, AVX2", classes, 0.08);
            }
            1000 => {
                goals.at_most(
                    "time of 1,000 literals, x that of 10, AVX-512",
                    ten / wide,
                    2.0,
                );
                goals.at_most(
                    "the same with the default classes",
                    ten_with_classes / ratio(6).unwrap_or(0.0),
                    2.0,
                );
            }
            _ => {}
        }
    }
    Ok(text)
}

/// GB/s and the share of memcpy, by column; none where the machine lacks the engine.
type Row = Vec<Option<(f64, f64)>>;

fn row(haystack: &[u8], cold: &[u8], literals: &[Literal]) -> anyhow::Result<Row> {
    let gate = |engine: Engine, classes: &[Class]| {
        let limits = GateLimits::default();
        let gate = engine.is_available();
        gate.then(|| Gate::with_engine(literals, classes, &limits, engine))
            .transpose()
    };
    let ours = [
        gate(Engine::Avx512, &[])?,
        gate(Engine::Avx2, &[])?,
        gate(Engine::Simd128, &[])?,
        gate(Engine::Avx512, &CLASSES)?,
        gate(Engine::Avx2, &CLASSES)?,
    ];
    let bytes = || literals.iter().map(|literal| &literal.bytes);
    let auto = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(bytes())?;
    let dfa = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .kind(Some(AhoCorasickKind::DFA))
        .prefilter(false)
        .build(bytes())?;
    let mut vectorscan = Vectorscan::new(literals);
    let has_vectorscan = vectorscan.is_some();
    let mut variants = vec![memcpy(haystack)];
    variants.extend(ours.iter().map(|gate| ours_over(gate.as_ref(), haystack)));
    variants.push(Box::new(|| {
        black_box(auto.find(black_box(haystack)));
    }));
    variants.push(Box::new(|| {
        black_box(dfa.find(black_box(haystack)));
    }));
    if let Some(vectorscan) = &mut vectorscan {
        variants.push(Box::new(|| {
            black_box(vectorscan.count(black_box(haystack)));
        }));
    }
    let hot = rounds::run(ROUNDS, &mut variants);
    let mut variants = vec![memcpy(cold), ours_over(ours[0].as_ref(), cold)];
    let far = rounds::run(3, &mut variants);
    let cell = |at: usize| {
        let speed = haystack.len() as f64 / hot.nanos(at);
        Some((speed, hot.speed(at, 0)))
    };
    let own = |at: usize| ours[at].as_ref().and(cell(at + 1));
    let far = ours[0]
        .as_ref()
        .map(|_| (cold.len() as f64 / far.nanos(1), far.speed(1, 0)));
    Ok(vec![
        own(0),
        own(1),
        own(2),
        cell(6),
        cell(7),
        has_vectorscan.then(|| cell(8)).flatten(),
        own(3),
        own(4),
        far,
    ])
}

fn memcpy(haystack: &[u8]) -> Variant<'_> {
    let mut copy = vec![0_u8; haystack.len()];
    Box::new(move || {
        copy.copy_from_slice(black_box(haystack));
        black_box(&copy);
    })
}

fn ours_over<'a>(gate: Option<&'a Gate>, haystack: &'a [u8]) -> Variant<'a> {
    let mut hits = Hits::default();
    Box::new(move || {
        if let Some(gate) = gate {
            black_box(gate.scan(black_box(haystack), &mut hits));
        }
    })
}

/// Literals that do occur would measure the hits instead of the scan.
pub(crate) fn absent(haystack: &[u8], count: usize) -> Vec<Literal> {
    let all = literals::vendor_literals(count + 60);
    let gate = Gate::new(&all, &[], &GateLimits::default());
    let mut hits = Hits::default();
    let mut occurs = vec![false; all.len()];
    if let Ok(gate) = gate {
        gate.scan(haystack, &mut hits);
        for hit in &hits {
            if let tamis_scan::What::Literal(index) = hit.what {
                occurs[index as usize] = true;
            }
        }
    }
    let absent = all.into_iter().zip(occurs).filter(|(_, occurs)| !occurs);
    absent.map(|(literal, _)| literal).take(count).collect()
}

fn haystack(corpus: &[Corpus], size: usize) -> Vec<u8> {
    let batches: Vec<&Bytes> = corpus
        .iter()
        .flat_map(|corpus| corpus.clean.iter().map(|(_, bytes)| bytes))
        .collect();
    let bytes = batches
        .iter()
        .cycle()
        .flat_map(|bytes| bytes.iter().copied());
    bytes
        .take(if batches.is_empty() { 0 } else { size })
        .collect()
}

/// What the worst input costs: the scan as the chain calls it, which ends at the limit on hits, and
/// the chain itself.
pub(crate) fn floods(chain: &Chain, goals: &mut Goals) -> anyhow::Result<String> {
    let gate = chain.gate();
    let starts = gate
        .literals()
        .iter()
        .filter(|literal| literal.bytes.len() > 4);
    let cut: Vec<u8> = starts
        .flat_map(|literal| literal.bytes[..literal.bytes.len() - 1].to_vec())
        .collect();
    let floods: [(&str, Vec<u8>); 6] = [
        ("`sk-`", b"sk-".to_vec()),
        ("`token=abcd `, a hit each", b"token=abcd ".to_vec()),
        ("digits", b"7".to_vec()),
        ("`@`", b"@".to_vec()),
        ("every literal but its last byte", cut),
        ("four digits, a dash", b"1234-".to_vec()),
    ];
    let mut text = String::from(
        "## Hostile bytes\n\nOne log record with a body of 1.2 MB of nothing else: the scan with the default chain's limit on\nhits, and the whole chain.\n\n| bytes | hits | scan, GB/s | chain, GB/s |\n| --- | --- | --- | --- |\n",
    );
    let (mut least_scan, mut least_chain) = (f64::INFINITY, f64::INFINITY);
    for (name, flood) in floods {
        let body = String::from_utf8_lossy(&flood.repeat(HOT_BYTES / flood.len())).into_owned();
        let mut hits = Hits::with_limit(Limits::default().gate_hits_max);
        gate.scan(body.as_bytes(), &mut hits);
        let count = hits.as_slice().len();
        let mut variants: [Variant<'_>; 2] = [
            Box::new(|| {
                black_box(gate.scan(black_box(body.as_bytes()), &mut hits));
            }),
            Box::new(|| drop(black_box(chain.process_text(&body)))),
        ];
        let measured = rounds::run(3, &mut variants);
        let speed = |at: usize| body.len() as f64 / measured.nanos(at);
        least_scan = least_scan.min(speed(0));
        least_chain = least_chain.min(speed(1));
        writeln!(
            text,
            "| {name} | {count} | {:.2} | {:.2} |",
            speed(0),
            speed(1)
        )?;
    }
    goals.at_least("scan of hostile bytes, the worst, GB/s", least_scan, 0.3);
    goals.at_least(
        "chain over hostile bytes, the worst, GB/s",
        least_chain,
        0.1,
    );
    Ok(text)
}
