//! What is worth knowing of the process itself, under the names that every Prometheus client has.
//!
//! Read from `/proc` when asked; where that is not there, nothing is shown.

use std::fmt;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// Ticks of a second in `/proc`, whatever the kernel's own clock: `USER_HZ`.
const TICKS: f64 = 100.0;

/// The process.
#[derive(Debug)]
pub(crate) struct Process {
    started_unix_s: f64,
}

impl Process {
    /// Begins now.
    pub(crate) fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            started_unix_s: now.map_or(0.0, |now| now.as_secs_f64()),
        }
    }
}

/// Seconds on processors.
fn cpu_s() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name in brackets may hold anything: fields are counted behind it, from the third on.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(14 - 3);
    let mut ticks = || times.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS)
}

/// A number of `/proc/self/status`, such as `VmRSS:     1234 kB`.
fn status(of: &str) -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let mut lines = status.lines();
    let value = lines.find_map(|line| line.strip_prefix(of)?.strip_prefix(':'))?;
    value.split_whitespace().next()?.parse().ok()
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let mut gauge = |name: &str, help: &str, value: f64| {
            let metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            ConstGauge::new(value).encode(metric)
        };
        gauge(
            "process_start_time_seconds",
            "When the process began, in seconds since 1970",
            self.started_unix_s,
        )?;
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            let count = files.count() as f64;
            gauge("process_open_fds", "Open file descriptors", count)?;
        }
        if let Some(kib) = status("VmRSS") {
            let name = "process_resident_memory_bytes";
            gauge(name, "Resident memory", kib * 1024.0)?;
        }
        if let Some(threads) = status("Threads") {
            gauge("process_threads", "Threads", threads)?;
        }
        let Some(cpu_s) = cpu_s() else {
            return Ok(());
        };
        let name = "process_cpu_seconds";
        let help = "Time on processors, of the user and of the system";
        let metric = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        ConstCounter::new(cpu_s).encode(metric)
    }
}
