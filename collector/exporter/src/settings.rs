//! Everything that can be set about an exporter, with its defaults. Where the Collector has the
//! setting, it has the Collector's name and default.
//!
//! Must never: show the value of a header in `Debug`.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// One of the `exporters`.
#[derive(Debug, Clone)]
pub struct ExporterSettings {
    /// Its name in the config, `type` or `type/name`.
    pub name: Arc<str>,
    /// What it is.
    pub kind: ExporterKind,
    /// `sending_queue`
    pub queue: QueueSettings,
    /// `retry_on_failure`; of use for `otlp` and `otlp_http`.
    pub retry: RetrySettings,
    /// `on_full`: what happens when there is no room in the queue.
    pub on_full: OnFull,
}

impl ExporterSettings {
    /// An exporter with everything else as it is by default.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, kind: ExporterKind) -> Self {
        Self {
            name: name.into(),
            kind,
            queue: QueueSettings::default(),
            retry: RetrySettings::default(),
            on_full: OnFull::default(),
        }
    }
}

/// What an exporter is.
#[derive(Debug, Clone)]
pub enum ExporterKind {
    /// `otlp` and `otlp_http`
    Otlp(Box<OtlpSettings>),
    /// `file`
    File(FileSettings),
    /// `debug`
    Debug(DebugSettings),
}

/// An OTLP backend.
#[derive(Debug, Clone)]
pub struct OtlpSettings {
    /// gRPC or HTTP.
    pub transport: OtlpTransport,
    /// `endpoint`: for gRPC `host:port` or a URL; for HTTP a base URL to which `/v1/traces` and so
    /// on are appended. May be missing when every signal in use has its own.
    pub endpoint: Option<String>,
    /// `traces_endpoint`, used as it stands (HTTP).
    pub traces_endpoint: Option<String>,
    /// `metrics_endpoint`, used as it stands (HTTP).
    pub metrics_endpoint: Option<String>,
    /// `logs_endpoint`, used as it stands (HTTP).
    pub logs_endpoint: Option<String>,
    /// `headers`
    pub headers: Vec<Header>,
    /// `tls`
    pub tls: ClientTls,
    /// `compression`
    pub compression: Compression,
    /// `timeout` of one attempt.
    pub timeout: Duration,
    /// Bytes of a request, before it is compressed, that the backend takes; larger batches are split.
    pub request_bytes_max: usize,
}

impl OtlpSettings {
    /// A backend with everything else as it is by default.
    #[must_use]
    pub fn to(transport: OtlpTransport, endpoint: impl Into<String>) -> Self {
        let (request_bytes_max, timeout_s) = match transport {
            OtlpTransport::Grpc => (4 << 20, 5),
            OtlpTransport::Http(_) => (20 << 20, 30),
        };
        Self {
            transport,
            endpoint: Some(endpoint.into()),
            traces_endpoint: None,
            metrics_endpoint: None,
            logs_endpoint: None,
            headers: Vec::new(),
            tls: ClientTls::default(),
            compression: Compression::default(),
            timeout: Duration::from_secs(timeout_s),
            request_bytes_max,
        }
    }
}

/// How an OTLP backend is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtlpTransport {
    /// gRPC (`otlp`).
    Grpc,
    /// HTTP (`otlp_http`).
    Http(Encoding),
}

/// `encoding` of `otlp_http`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encoding {
    /// `proto`
    #[default]
    Protobuf,
    /// `json`
    Json,
}

/// One of the `headers`.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value, which may be a credential.
    pub value: String,
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ..", self.name)
    }
}

/// `tls` of an exporter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientTls {
    /// `insecure`: plain text (gRPC; for HTTP the URL's scheme decides).
    pub insecure: bool,
    /// `insecure_skip_verify`: any certificate will do. Said at every start.
    pub insecure_skip_verify: bool,
    /// `ca_file`: trust these instead of the system's roots.
    pub ca_file: Option<PathBuf>,
    /// `cert_file`: what we show to the backend.
    pub cert_file: Option<PathBuf>,
    /// `key_file`: its private key.
    pub key_file: Option<PathBuf>,
    /// `server_name_override`
    pub server_name_override: Option<String>,
    /// `reload_interval`: how often the files are looked at for a change; never by default.
    pub reload_interval: Option<Duration>,
}

/// `compression`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compression {
    /// `gzip`: the one that every backend takes.
    #[default]
    Gzip,
    /// `zstd`
    Zstd,
    /// `none`
    None,
}

/// A file of OTLP/JSON lines.
#[derive(Debug, Clone)]
pub struct FileSettings {
    /// `path`
    pub path: PathBuf,
    /// `append`: keep what stands in it at the start.
    pub append: bool,
    /// `rotation.max_megabytes`, in bytes; none: never rotated.
    pub rotate_bytes: Option<u64>,
    /// `rotation.max_backups`: older files are removed; 0 keeps all.
    pub backups_max: usize,
}

/// The `debug` exporter: a line, or more, on standard error for each batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DebugSettings {
    /// `verbosity`
    pub verbosity: Verbosity,
}

/// `verbosity` of `debug`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verbosity {
    /// `basic`: a line for each batch.
    #[default]
    Basic,
    /// `normal`: a line for each record.
    Normal,
    /// `detailed`: the whole batch, scrubbed as it is, as JSON.
    Detailed,
}

/// `sending_queue`, held in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSettings {
    /// `num_consumers`: batches on their way to the backend at one time.
    pub consumers: usize,
    /// `queue_size` with `sizer: items`: records in the queue.
    pub items_max: u64,
    /// `queue_size` with `sizer: bytes`: bytes in the queue.
    pub bytes_max: u64,
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self {
            consumers: 10,
            items_max: 1_000_000,
            bytes_max: 64 << 20,
        }
    }
}

/// `retry_on_failure`
#[derive(Debug, Clone, PartialEq)]
pub struct RetrySettings {
    /// `enabled`
    pub enabled: bool,
    /// `initial_interval`
    pub initial_interval: Duration,
    /// `randomization_factor`
    pub randomization_factor: f64,
    /// `multiplier`
    pub multiplier: f64,
    /// `max_interval`
    pub max_interval: Duration,
    /// `max_elapsed_time`: after it a batch is given up and counted; zero: never.
    pub max_elapsed_time: Duration,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self {
            enabled: true,
            initial_interval: Duration::from_secs(5),
            randomization_factor: 0.5,
            multiplier: 1.5,
            max_interval: Duration::from_secs(30),
            max_elapsed_time: Duration::from_secs(300),
        }
    }
}

/// What happens when there is no room in an exporter's queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFull {
    /// `refuse`: the sender waits up to this long, then is told to come again.
    Refuse {
        /// `on_full_wait`
        wait: Duration,
    },
    /// `drop`: the batch is not sent to this exporter, and counted.
    Drop,
}

impl Default for OnFull {
    fn default() -> Self {
        Self::Refuse {
            wait: Duration::from_secs(5),
        }
    }
}
