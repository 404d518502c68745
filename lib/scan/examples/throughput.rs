//! Prints how fast each engine scans, as a share of copying the same bytes in the same run:
//!
//! `cargo run --release -p tamis-scan --example throughput [-- FOLDER]`
//!
//! The haystack is 1.2 MB of recorded OTLP traces from `FOLDER` (`../shared/captures` if none is
//! named). All variants take turns, round by round; lower quartiles are printed.
//!
//! Must never: be taken for a benchmark that gates a change; `benches/` has those.

#[path = "../tests/suite/literals.rs"]
mod literals;

use std::fs;
use std::hint::black_box;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use tamis_scan::{Class, Engine, Gate, GateLimits, Hits, Literal};

const ROUNDS: usize = 41;
const HAYSTACK_BYTES: usize = 1_200_000;

/// Scans or copies, and says how many hits there were.
type Run = Box<dyn FnMut(&[u8]) -> usize>;

struct Variant {
    name: String,
    hits: usize,
    seconds: Vec<f64>,
    run: Run,
}

fn main() -> io::Result<()> {
    let folder = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "../shared/captures".into());
    let mut out = io::stdout().lock();
    let haystack = haystack(Path::new(&folder))?;
    if haystack.is_empty() {
        return writeln!(out, "no traces under {folder}: nothing to measure");
    }
    for (name, classes) in [("no classes", &[][..]), ("all classes", &Class::ALL[..])] {
        writeln!(out, "\n{name}, {} bytes; GB/s (x memcpy)", haystack.len())?;
        for count in [0, 8, 64, 200, 1000] {
            if count > 0 || !classes.is_empty() {
                table(&mut out, &haystack, count, classes)?;
            }
        }
    }
    hostile(&mut out)
}

/// What the worst input costs, with 200 literals and all classes.
fn hostile(out: &mut impl Write) -> io::Result<()> {
    let literals = literals::vendor_literals(200);
    let prefixes: Vec<u8> = literals
        .iter()
        .flat_map(|literal| literal.bytes[..literal.bytes.len() - 1].to_vec())
        .collect();
    let floods: [(&str, Vec<u8>); 6] = [
        ("sk-", b"sk-".to_vec()),
        ("sk-ant", b"sk-ant".to_vec()),
        ("digits", b"7".to_vec()),
        ("@", b"@".to_vec()),
        ("a@", b"a@".to_vec()),
        ("cut literals", prefixes),
    ];
    writeln!(out, "\nhostile, 200 literals, all classes; GB/s")?;
    for (name, flood) in floods {
        let haystack = flood.repeat(HAYSTACK_BYTES / flood.len());
        write!(out, "{name:>12}")?;
        for engine in Engine::ALL
            .into_iter()
            .filter(|engine| engine.is_available())
        {
            let gate = Gate::with_engine(&literals, &Class::ALL, &GateLimits::default(), engine);
            let gate = gate.map_err(io::Error::other)?;
            let mut hits = Hits::with_limit(HAYSTACK_BYTES);
            let mut measured = variant(engine.name(), move |bytes| {
                gate.scan(black_box(bytes), &mut hits);
                hits.as_slice().len()
            });
            for _ in 0..15 {
                measured.round(&haystack);
            }
            let speed = haystack.len() as f64 / measured.quartile() / 1e9;
            write!(
                out,
                " | {} {speed:.2} ({} hits)",
                measured.name, measured.hits
            )?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn table(out: &mut impl Write, haystack: &[u8], count: usize, classes: &[Class]) -> io::Result<()> {
    // Literals that do occur would measure the hits instead of the scan.
    let all = literals::vendor_literals(count + 40);
    let absent = |literal: &Literal| {
        let fits = |w: &[u8]| w.eq_ignore_ascii_case(&literal.bytes);
        !haystack.windows(literal.bytes.len()).any(fits)
    };
    let literals: Vec<Literal> = all.into_iter().filter(absent).take(count).collect();
    let mut copy = vec![0u8; haystack.len()];
    let mut variants = vec![variant("memcpy", move |bytes| {
        copy.copy_from_slice(bytes);
        black_box(&copy);
        0
    })];
    for engine in Engine::ALL
        .into_iter()
        .filter(|engine| engine.is_available())
    {
        let gate = Gate::with_engine(&literals, classes, &GateLimits::default(), engine);
        let gate = gate.map_err(io::Error::other)?;
        let mut hits = Hits::default();
        variants.push(variant(engine.name(), move |bytes| {
            gate.scan(black_box(bytes), &mut hits);
            hits.as_slice().len()
        }));
    }
    for _ in 0..ROUNDS {
        for variant in &mut variants {
            variant.round(haystack);
        }
    }
    let copied = variants[0].quartile();
    write!(out, "{:5} literals", literals.len())?;
    for variant in &mut variants {
        let seconds = variant.quartile();
        let speed = haystack.len() as f64 / seconds / 1e9;
        write!(
            out,
            " | {} {speed:.2} ({:.3})",
            variant.name,
            copied / seconds
        )?;
        if variant.hits > 0 {
            write!(out, " {} hits", variant.hits)?;
        }
    }
    writeln!(out)
}

fn variant(name: &str, run: impl FnMut(&[u8]) -> usize + 'static) -> Variant {
    Variant {
        name: name.to_owned(),
        hits: 0,
        seconds: Vec::new(),
        run: Box::new(run),
    }
}

impl Variant {
    fn round(&mut self, haystack: &[u8]) {
        let start = Instant::now();
        self.hits = (self.run)(haystack);
        self.seconds.push(start.elapsed().as_secs_f64());
    }

    /// The time that a quarter of the rounds kept: other processes only ever add to it.
    fn quartile(&mut self) -> f64 {
        self.seconds.sort_by(f64::total_cmp);
        self.seconds[self.seconds.len() / 4]
    }
}

fn haystack(folder: &Path) -> io::Result<Vec<u8>> {
    let mut files = Vec::new();
    traces(folder, &mut files)?;
    files.sort();
    let mut bytes = Vec::new();
    for file in files.iter().cycle().take(files.len() * 8) {
        bytes.extend(fs::read(file)?);
        if bytes.len() > HAYSTACK_BYTES {
            bytes.truncate(HAYSTACK_BYTES);
            break;
        }
    }
    Ok(bytes)
}

fn traces(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.to_string_lossy().into_owned();
        if path.is_dir() {
            traces(&path, files)?;
        } else if name.contains("codex") && !name.contains("json") && name.ends_with("traces.bin") {
            files.push(path);
        }
    }
    Ok(())
}
