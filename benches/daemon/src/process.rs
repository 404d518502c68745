//! A child process on one core: its CPU time and its memory.
//!
//! Must never: leave a child behind.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::net::TcpStream;

/// A process that ends with its owner.
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts a program on this core. What it says goes to a file.
    pub(crate) fn start(
        core: usize,
        program: &[String],
        log: &std::path::Path,
    ) -> anyhow::Result<Self> {
        let log = fs::File::create(log)?;
        let child = Command::new("taskset")
            .args(["-c", &core.to_string()])
            .args(program)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("taskset could not be started")?;
        Ok(Self { child })
    }

    /// Waits until it listens on this port of 127.0.0.1.
    pub(crate) async fn listens(&mut self, port: u16) -> anyhow::Result<()> {
        for _ in 0..600 {
            if let Some(status) = self.child.try_wait()? {
                bail!("it ended at the start: {status}");
            }
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("nothing listens on port {port} after 30 s")
    }

    /// CPU time that it has used, in seconds, user and system.
    pub(crate) fn cpu_s(&self) -> anyhow::Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name, the second field, may hold anything: what counts stands behind its bracket.
        let (_, fields) = stat.rsplit_once(')').context("no such process")?;
        let mut times = fields.split_whitespace().skip(11);
        let mut ticks = || times.next().and_then(|field| field.parse::<f64>().ok());
        let (user, system) = (ticks(), ticks());
        // The kernel reports in hundredths of a second on every architecture that we know of.
        Ok((user.context("no user time")? + system.context("no system time")?) / 100.0)
    }

    /// The most memory that it ever held, in MiB.
    pub(crate) fn rss_max_mib(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib: f64 = line
            .and_then(|line| line.split_whitespace().next())
            .and_then(|kib| kib.parse().ok())
            .context("no VmHWM")?;
        Ok(kib / 1_024.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port())
}
