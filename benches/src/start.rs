//! Start to first batch, cold and from the cache; a guest call; the size of the binary.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use tamis_host::{
    Cache, Chain, ChainBuilder, Code, Component, Context, Engine, EngineOptions, PluginLimits,
    PluginSpec,
};

use crate::corpus::Corpus;
use crate::goals::Goals;
use crate::rounds::{median, process_millis};

const STARTS: usize = 7;
const CALLS: usize = 2_000;

pub(crate) fn table(corpus: &[Corpus], goals: &mut Goals) -> anyhow::Result<String> {
    let Some((signal, bytes)) = corpus.first().and_then(|corpus| corpus.dirty.first()) else {
        anyhow::bail!("no batches");
    };
    let mut text = String::from("## Start, call, size\n\n| what | figure |\n| --- | --- |\n");
    let folder = tempfile::tempdir()?;
    let (mut cold, mut cached, mut worked) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STARTS {
        for (cache, times) in [
            (Cache::none(), &mut cold),
            (Cache::at(folder.path().join("tamis")), &mut cached),
        ] {
            let (began, before) = (Instant::now(), process_millis());
            let chain = start(&cache)?;
            drop(black_box(chain.process(
                *signal,
                bytes.clone(),
                &Context::default(),
            )));
            times.push(began.elapsed().as_secs_f64() * 1e3);
            worked.push(process_millis() - before);
        }
    }
    // The first start with the cache compiled.
    cached.remove(0);
    let worked = least(&worked);
    goals.at_most(
        "start to first batch from the cache, ms of processor time",
        worked,
        50.0,
    );
    writeln!(
        text,
        "| the same from the cache, processor time | {worked:.1} ms |"
    )?;
    writeln!(
        text,
        "| start to first batch, compiling | {:.0} ms |",
        least(&cold)
    )?;
    writeln!(
        text,
        "| start to first batch, from the cache | {:.1} ms |",
        least(&cached)
    )?;
    for (name, filler) in [
        ("one short value", 0),
        ("a value of 4 KiB", 4 << 10),
        ("a value of 64 KiB", 64 << 10),
        ("a value of 1 MiB", 1 << 20),
    ] {
        let micros = call(filler)?;
        writeln!(
            text,
            "| one guest call that masks a secret in {name} | {micros:.2} us |"
        )?;
    }
    match size() {
        Some(size) => {
            let megabytes = size as f64 / 1e6;
            goals.at_most("binary, MB", megabytes, 30.0);
            writeln!(
                text,
                "| binary `tamis`, profile `dist`, plugins inside | {megabytes:.1} MB |"
            )?;
        }
        None => writeln!(
            text,
            "| binary `tamis` | not built: `cargo build --profile dist -p tamis-collector` |"
        )?,
    }
    Ok(text)
}

/// Other work on the machine only ever adds to a time on the wall.
fn least(times: &[f64]) -> f64 {
    times.iter().copied().fold(f64::INFINITY, f64::min)
}

fn start(cache: &Cache) -> anyhow::Result<Chain> {
    let engine = Engine::new(&EngineOptions::default())?;
    let component = Component::load(
        &engine,
        cache,
        &tamis_plugins::SCRUB,
        None,
        &[],
        &PluginLimits::default(),
    )?;
    Ok(ChainBuilder::new()
        .plugin(PluginSpec::new("scrub", Code::Wasm(component)))
        .build()?)
}

/// Median microseconds of a call to `scrub` with one value that holds a secret behind so much text.
fn call(filler: usize) -> anyhow::Result<f64> {
    let chain = start(&Cache::user())?;
    let text = format!(
        "{}key {}",
        "nothing to see here. ".repeat(filler / 21),
        concat!("AKIA", "IOSFODNN7EXAMPLE")
    );
    let mut times = Vec::new();
    for _ in 0..CALLS / (1 + filler / 2048) + 10 {
        let before = chain.counters()[0].nanos;
        let outcome = chain
            .process_text(&text)
            .map_err(|refusal| anyhow::anyhow!(refusal))?;
        drop(black_box(outcome));
        times.push((chain.counters()[0].nanos - before) as f64 / 1e3);
    }
    Ok(median(times))
}

/// Bytes of the binary as it is shipped.
fn size() -> Option<u64> {
    let own = std::env::current_exe().ok()?;
    let target = own.parent()?.parent()?;
    let meta = std::fs::metadata(target.join("dist/tamis")).ok()?;
    Some(meta.len())
}
