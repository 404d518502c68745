//! Runs the daemon: a config in, addresses and the end out.

use std::io::{BufRead as _, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// Longer than anything takes on a busy machine.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// A daemon that is killed when it is dropped.
pub(crate) struct Daemon {
    child: Child,
    lines: Receiver<serde_json::Value>,
    said: Arc<Mutex<String>>,
    addresses: Vec<(String, SocketAddr)>,
}

/// How a daemon ended.
pub(crate) struct End {
    pub(crate) code: Option<i32>,
    /// Everything on standard error.
    pub(crate) said: String,
}

/// What every config of these tests ends with: logs to read, nothing on a fixed port.
pub(crate) const QUIET: &str = "
  telemetry: {logs: {encoding: json}, metrics: {address: \"127.0.0.1:0\"}}
";

/// A config with both doors, the default chain for all signals and these exporters.
pub(crate) fn config(exporters: &str, names: &str) -> String {
    let pipeline = format!("{{receivers: [otlp], processors: [scrub], exporters: [{names}]}}");
    format!(
        "receivers: {{otlp: {{protocols: {{grpc: {{endpoint: \"127.0.0.1:0\"}}, http: {{endpoint: \"127.0.0.1:0\"}}}}}}}}
processors: {{scrub: {{}}}}
exporters:
{exporters}
service:
  pipelines: {{traces: {pipeline}, logs: {pipeline}, metrics: {pipeline}}}{QUIET}"
    )
}

/// A receiver with both doors, as a member of `receivers`; `more` is for each door.
pub(crate) fn doors(name: &str, more: &str) -> String {
    let door = format!("{{endpoint: \"127.0.0.1:0\"{more}}}");
    format!("  {name}: {{protocols: {{grpc: {door}, http: {door}}}}}\n")
}

/// The command with these arguments, with a cache of compiled plugins of its own.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tamis"));
    command
        .args(arguments)
        .env("XDG_CACHE_HOME", cache)
        .env_remove("RUST_LOG")
        .env_remove("NO_COLOR")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

/// Compiles the plugins once, not in every test at the same time.
pub(crate) fn warm() {
    static WARM: OnceLock<()> = OnceLock::new();
    WARM.get_or_init(|| {
        let status = command(&["scrub", "--text", "-"])
            .stderr(Stdio::null())
            .status();
        assert!(status.unwrap().success());
    });
}

impl Daemon {
    /// Starts with this config and waits until it is ready.
    pub(crate) fn start(config: &str) -> Self {
        let file = write(config);
        let daemon = Self::spawn(&["run", "--config", file.path().to_str().unwrap()]);
        daemon.ready()
    }

    pub(crate) fn spawn(arguments: &[&str]) -> Self {
        warm();
        let mut child = command(arguments).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let said = Arc::new(Mutex::new(String::new()));
        let (stderr, all) = (child.stderr.take().unwrap(), Arc::clone(&said));
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = sender.send(parse(&line));
                let mut all = all.lock().unwrap();
                all.push_str(&line);
                all.push('\n');
            }
        });
        Self {
            child,
            lines,
            said,
            addresses: Vec::new(),
        }
    }

    /// Reads its lines until it is ready.
    pub(crate) fn ready(mut self) -> Self {
        loop {
            let line = self.line();
            let text = |key: &str| line.get(key).and_then(serde_json::Value::as_str);
            if let Some(address) = text("address") {
                let what = text("setting").unwrap_or_default().to_owned();
                self.addresses.push((what, address.parse().unwrap()));
            }
            if text("message") == Some("ready") {
                return self;
            }
        }
    }

    /// The next line of its log.
    pub(crate) fn line(&self) -> serde_json::Value {
        match self.lines.recv_timeout(LONG) {
            Ok(line) => line,
            Err(error) => panic!("{error}: {}", self.said.lock().unwrap()),
        }
    }

    /// The address of what this setting stands for.
    pub(crate) fn address(&self, part: &str) -> SocketAddr {
        let mut all = self.addresses.iter();
        let found = all.find(|(setting, _)| setting.contains(part));
        found
            .unwrap_or_else(|| panic!("{part}: {:?}", self.addresses))
            .1
    }

    pub(crate) fn http(&self) -> SocketAddr {
        self.address("protocols.http")
    }

    pub(crate) fn grpc(&self) -> SocketAddr {
        self.address("protocols.grpc")
    }

    pub(crate) fn metrics(&self) -> SocketAddr {
        self.address("metrics")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> End {
        let status = wait(&mut self.child);
        // The thread that reads ends with the pipe.
        while self.lines.recv_timeout(LONG).is_ok() {}
        let said = self.said.lock().unwrap().clone();
        End {
            code: status.code(),
            said,
        }
    }

    /// Ends it as a supervisor does.
    pub(crate) fn stop(self) -> End {
        self.signal(Signal::TERM);
        self.end()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A line of the log; of those for people only what these tests look for.
fn parse(line: &str) -> serde_json::Value {
    if let Ok(line) = serde_json::from_str(line) {
        return line;
    }
    let field = |key: &str| {
        let value = line.split(key).nth(1)?.split_whitespace().next()?;
        Some(value.trim_matches('"').to_owned())
    };
    let message = line.contains(" ready ").then_some("ready");
    serde_json::json!({
        "message": message, "address": field("address="), "setting": field("setting="),
    })
}

/// Waits for a child, but not for ever.
pub(crate) fn wait(child: &mut Child) -> ExitStatus {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        assert!(began.elapsed() < LONG, "it does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A config in a file.
pub(crate) fn write(config: &str) -> tempfile::NamedTempFile {
    let file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
    std::fs::write(file.path(), config).unwrap();
    file
}

/// Runs a command that ends by itself.
pub(crate) fn run(arguments: &[&str]) -> End {
    warm();
    let mut child = command(arguments).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    let code = wait(&mut child).code();
    End { code, said }
}
