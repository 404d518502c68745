//! Start to first batch, cold and from the cache; a guest call; the size of the binary.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use tamis_host::{
    Cache, Chain, ChainBuilder, Code, Component, Context, Engine, EngineOptions, PluginLimits,
    PluginSpec,
};

use crate::corpus::Corpus;
use crate::rounds::median;

const STARTS: usize = 7;
const CALLS: usize = 2_000;

pub(crate) fn table(corpus: &[Corpus]) -> anyhow::Result<String> {
    let Some((signal, bytes)) = corpus.first().and_then(|corpus| corpus.dirty.first()) else {
        anyhow::bail!("no batches");
    };
    let mut text = String::from("## Start, call, size\n\n| what | figure |\n| --- | --- |\n");
    let folder = tempfile::tempdir()?;
    let (mut cold, mut cached) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        for (cache, times) in [
            (Cache::none(), &mut cold),
            (Cache::at(folder.path().join("tamis")), &mut cached),
        ] {
            let began = Instant::now();
            let chain = start(&cache)?;
            drop(black_box(chain.process(
                *signal,
                bytes.clone(),
                &Context::default(),
            )));
            times.push(began.elapsed().as_secs_f64() * 1e3);
        }
    }
    // The first start with the cache compiled.
    cached.remove(0);
    writeln!(
        text,
        "| start to first batch, compiling | {:.0} ms |",
        median(cold)
    )?;
    writeln!(
        text,
        "| start to first batch, from the cache | {:.1} ms |",
        median(cached)
    )?;
    writeln!(
        text,
        "| one guest call with one short value, whole | {:.2} us |",
        call()?
    )?;
    match size() {
        Some(size) => writeln!(
            text,
            "| binary `tamis`, release, stripped, plugins inside | {:.1} MB |",
            size as f64 / 1e6
        )?,
        None => writeln!(
            text,
            "| binary `tamis` | not built: `cargo build --release -p tamis-collector` |"
        )?,
    }
    Ok(text)
}

fn start(cache: &Cache) -> anyhow::Result<Chain> {
    let engine = Engine::new(&EngineOptions::default())?;
    let component = Component::load(
        &engine,
        cache,
        tamis_plugins::SCRUB,
        None,
        &[],
        &PluginLimits::default(),
    )?;
    Ok(ChainBuilder::new()
        .plugin(PluginSpec::new("scrub", Code::Wasm(component)))
        .build()?)
}

/// Median microseconds of a call to `scrub` with one short value that holds a secret.
fn call() -> anyhow::Result<f64> {
    let chain = start(&Cache::user())?;
    let mut times = Vec::new();
    for _ in 0..CALLS {
        let before = chain.counters()[0].nanos;
        let outcome = chain
            .process_text("key AKIAIOSFODNN7EXAMPLE")
            .map_err(|refusal| anyhow::anyhow!(refusal))?;
        drop(black_box(outcome));
        times.push((chain.counters()[0].nanos - before) as f64 / 1e3);
    }
    Ok(median(times))
}

fn size() -> Option<u64> {
    let target = std::env::current_exe().ok()?;
    let binary = target.parent()?.join("tamis");
    let stripped = tempfile::NamedTempFile::new().ok()?;
    std::fs::copy(&binary, stripped.path()).ok()?;
    let done = std::process::Command::new("strip")
        .arg(stripped.path())
        .status();
    let path: &Path = if done.is_ok_and(|status| status.success()) {
        stripped.path()
    } else {
        &binary
    };
    std::fs::metadata(path).ok().map(|meta| meta.len())
}
