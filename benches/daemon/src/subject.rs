//! What stands between the load and the sink: the bare forward, Tamis, other daemons.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, ensure};

use crate::load;
use crate::process::{Process, free_port};
use crate::work::{Transport, Work};

/// The programs that are there.
pub(crate) struct Binaries {
    /// Tamis.
    pub(crate) tamis: PathBuf,
    /// Another build of it, to compare with.
    pub(crate) before: Option<PathBuf>,
    /// The OpenTelemetry Collector with the redaction processor.
    pub(crate) collector: Option<PathBuf>,
    /// Rotel.
    pub(crate) rotel: Option<PathBuf>,
    own: PathBuf,
}

impl Binaries {
    /// Finds them.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let own = std::env::current_exe()?;
        let beside = own.with_file_name("tamis");
        let shipped = own
            .ancestors()
            .nth(2)
            .map(|target| target.join("dist/tamis"));
        let shipped = shipped.filter(|path| path.is_file());
        let named = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let tamis = named("TAMIS").or(shipped).unwrap_or(beside);
        ensure!(
            tamis.is_file(),
            "{} is not there: cargo build --profile dist -p tamis-collector, or set TAMIS",
            tamis.display()
        );
        Ok(Self {
            tamis,
            before: named("TAMIS_BEFORE"),
            collector: named("OTELCOL"),
            rotel: named("ROTEL"),
            own,
        })
    }
}

/// One program with one config.
pub(crate) struct Subject {
    /// What it is called in the table.
    pub(crate) name: String,
    kind: Kind,
}

enum Kind {
    Direct,
    Forward,
    Tamis(PathBuf, &'static str),
    Collector(PathBuf, usize),
    Rotel(PathBuf),
}

/// Everything that this work is sent through.
pub(crate) fn all(binaries: &Binaries, work: &Work) -> Vec<Subject> {
    let subject = |name: &str, kind| Subject {
        name: name.to_owned(),
        kind,
    };
    let mut subjects = vec![
        subject("nothing (load and sink alone)", Kind::Direct),
        subject("bare forward", Kind::Forward),
    ];
    let builds = [
        ("tamis", Some(&binaries.tamis)),
        ("before", binaries.before.as_ref()),
    ];
    for (chain, processors) in [("no plugin", ""), ("default chain", "scrub")] {
        for (build, path) in builds {
            let kind = path.map(|path| Kind::Tamis(path.clone(), processors));
            subjects.extend(kind.map(|kind| subject(&format!("{build}, {chain}"), kind)));
        }
    }
    if let Some(path) = &binaries.collector {
        for patterns in [0, 10, 100] {
            let name = format!("Collector, {patterns} patterns");
            subjects.push(subject(&name, Kind::Collector(path.clone(), patterns)));
        }
    }
    if let Some(path) = binaries.rotel.as_ref().filter(|_| !work.gzip) {
        subjects.push(subject("rotel", Kind::Rotel(path.clone())));
    }
    subjects
}

/// What was measured of one subject with one work in one round.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    /// CPU seconds of the subject for a megabyte of bodies; zero where there is no subject.
    pub(crate) cpu_s_per_mb: f64,
    /// The most memory that it held, in MiB.
    pub(crate) rss_max_mib: f64,
    /// Megabytes in a second, with eight connections.
    pub(crate) mb_per_s: f64,
    /// Median and 99th percentile of a request's time on one connection alone, in microseconds.
    pub(crate) p50_us: f64,
    /// See above.
    pub(crate) p99_us: f64,
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mb_per_cpu_s = 1.0 / self.cpu_s_per_mb;
        let Self {
            rss_max_mib,
            p50_us,
            p99_us,
            ..
        } = self;
        write!(
            f,
            "{mb_per_cpu_s:.0} MB per CPU second, {rss_max_mib:.0} MiB, p50 {p50_us:.0} us, p99 {p99_us:.0} us"
        )
    }
}

/// Measures one.
pub(crate) async fn measure(
    subject: &Subject,
    work: &Work,
    binaries: &Binaries,
    folder: &Path,
) -> anyhow::Result<Measured> {
    let sink_port = free_port()?;
    let own = binaries.own.display().to_string();
    let with_port = |port: u16, rest: &[&str]| {
        let mut words = vec!["env".to_owned(), format!("PORT={port}"), own.clone()];
        words.extend(rest.iter().map(|word| (*word).to_owned()));
        words
    };
    let mut sink = Process::start(
        1,
        &with_port(sink_port, &["sink"]),
        &folder.join("sink.log"),
    )?;
    sink.listens(sink_port).await?;
    let port = free_port()?;
    let to = format!("http://127.0.0.1:{sink_port}");
    let program = match &subject.kind {
        Kind::Direct => None,
        Kind::Forward => Some(with_port(port, &["forward", &to])),
        Kind::Tamis(path, processors) => {
            let file = write(folder, "tamis.yaml", &tamis(processors, work, port, &to))?;
            let path = path.display().to_string();
            Some(vec![path, "run".into(), "--config".into(), file])
        }
        Kind::Collector(path, patterns) => {
            let file = write(
                folder,
                "collector.yaml",
                &collector(*patterns, work, port, &to),
            )?;
            Some(vec![path.display().to_string(), "--config".into(), file])
        }
        Kind::Rotel(path) => Some(rotel(path, work, port, &to)?),
    };
    let log = folder.join("subject.log");
    let mut process = match &program {
        Some(program) => Some(Process::start(0, program, &log)?),
        None => None,
    };
    if let Some(process) = &mut process {
        let started = process.listens(port).await;
        started.with_context(|| fs::read_to_string(&log).unwrap_or_default())?;
    }
    run(
        process.as_ref(),
        work,
        if program.is_some() { port } else { sink_port },
    )
    .await
}

async fn run(process: Option<&Process>, work: &Work, port: u16) -> anyhow::Result<Measured> {
    // Warm caches, pools and the allocator, then count.
    load::run(work, port, 8, Duration::from_millis(500)).await?;
    let cpu_s = |process: Option<&Process>| process.map_or(Ok(0.0), Process::cpu_s);
    let before = cpu_s(process)?;
    let time = Duration::from_secs(2);
    let loaded = load::run(work, port, 8, time).await?;
    // What is queued belongs to the work: wait until the subject rests.
    let mut after = cpu_s(process)?;
    loop {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let now = cpu_s(process)?;
        if now - after < 0.02 {
            break;
        }
        after = now;
    }
    let megabytes = loaded.times.len() as f64 * work.body.len() as f64 / 1e6;
    let alone = load::run(work, port, 1, Duration::from_millis(500)).await?;
    let us = |share| alone.quantile(share).as_secs_f64() * 1e6;
    Ok(Measured {
        cpu_s_per_mb: (after - before) / megabytes,
        rss_max_mib: process.map_or(Ok(0.0), Process::rss_max_mib)?,
        mb_per_s: megabytes / time.as_secs_f64(),
        p50_us: us(0.5),
        p99_us: us(0.99),
    })
}

fn write(folder: &Path, name: &str, text: &str) -> anyhow::Result<String> {
    let path = folder.join(name);
    fs::write(&path, text)?;
    Ok(path.display().to_string())
}

fn door(work: &Work, port: u16) -> String {
    let transport = match work.transport {
        Transport::Http => "http",
        Transport::Grpc => "grpc",
    };
    format!(
        "receivers: {{otlp: {{protocols: {{{transport}: {{endpoint: \"127.0.0.1:{port}\"}}}}}}}}\n"
    )
}

fn exit(work: &Work, to: &str) -> String {
    let (name, more) = match work.transport {
        Transport::Http => ("otlp_http", ""),
        Transport::Grpc => ("otlp", ", tls: {insecure: true}"),
    };
    let compression = if work.gzip { "gzip" } else { "none" };
    format!("exporters: {{{name}: {{endpoint: \"{to}\", compression: {compression}{more}}}}}\n")
}

fn pipeline(work: &Work, processors: &str) -> String {
    let exporter = match work.transport {
        Transport::Http => "otlp_http",
        Transport::Grpc => "otlp",
    };
    format!(
        "  pipelines: {{{}: {{receivers: [otlp], processors: [{processors}], exporters: [{exporter}]}}}}\n",
        work.signal
    )
}

fn tamis(processors: &str, work: &Work, port: u16, to: &str) -> String {
    let mut text = door(work, port) + &exit(work, to);
    if !processors.is_empty() {
        text += &format!("processors: {{{processors}: {{}}}}\n");
    }
    text += "service:\n  telemetry: {logs: {level: error}, metrics: {level: none}}\n";
    let pipeline = pipeline(work, processors);
    text + &match processors {
        "" => pipeline.replace("processors: []", "unscrubbed: true"),
        _ => pipeline,
    }
}

fn collector(patterns: usize, work: &Work, port: u16, to: &str) -> String {
    let compression = if work.gzip { "gzip" } else { "none" };
    // The reference Collector is built with the exporter for HTTP alone.
    let mut text = door(work, port)
        + &format!("exporters: {{otlphttp: {{endpoint: \"{to}\", compression: {compression}}}}}\n");
    let mut used = "";
    if patterns > 0 {
        used = "redaction";
        text += "processors:\n  redaction:\n    allow_all_keys: true\n    blocked_values:\n";
        for pattern in patterns_of_tokens(patterns) {
            text += &format!("      - \"{pattern}\"\n");
        }
    }
    text += "service:\n  telemetry: {logs: {level: error}, metrics: {level: none}}\n";
    text + &pipeline(work, used)
        .replace("exporters: [otlp_http]", "exporters: [otlphttp]")
        .replace("exporters: [otlp]", "exporters: [otlphttp]")
}

/// Patterns as people write them: a vendor's prefix and a run of token characters.
fn patterns_of_tokens(count: usize) -> Vec<String> {
    let known = [
        "AKIA[0-9A-Z]{16}",
        "ghp_[0-9A-Za-z]{36}",
        "sk-[0-9A-Za-z-]{20,}",
        "xox[bap]-[0-9A-Za-z-]{10,}",
        "glpat-[0-9A-Za-z_-]{20}",
        "AIza[0-9A-Za-z_-]{35}",
        "npm_[0-9A-Za-z]{36}",
        "4[0-9]{12}(?:[0-9]{3})?",
        "hf_[0-9A-Za-z]{30,}",
        "postgres://[^:]+:[^@]+@",
    ];
    let more = (0..).map(|number| format!("vendor{number}_[0-9A-Za-z]{{24}}"));
    known
        .into_iter()
        .map(str::to_owned)
        .chain(more)
        .take(count)
        .collect()
}

fn rotel(path: &Path, work: &Work, port: u16, to: &str) -> anyhow::Result<Vec<String>> {
    let (http, grpc, protocol) = match work.transport {
        Transport::Http => (port, free_port()?, "http"),
        Transport::Grpc => (free_port()?, port, "grpc"),
    };
    let words = format!(
        "start --otlp-grpc-endpoint 127.0.0.1:{grpc} --otlp-http-endpoint 127.0.0.1:{http} \
         --exporter otlp --otlp-exporter-protocol {protocol} --otlp-exporter-endpoint {to} \
         --otlp-exporter-compression none --disable-batching"
    );
    let words = words.split_whitespace().map(str::to_owned);
    Ok([path.display().to_string()]
        .into_iter()
        .chain(words)
        .collect())
}
