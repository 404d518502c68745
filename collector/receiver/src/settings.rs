//! Everything that can be set about a receiver, with its defaults.
//!
//! Must never: show a credential in `Debug`.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A receiver of OTLP.
#[derive(Debug, Clone)]
pub struct ReceiverSettings {
    /// Its name in the config, such as `otlp` or `otlp/agents`.
    pub name: Arc<str>,
    /// The door for gRPC, by default on 127.0.0.1:4317.
    pub grpc: Option<DoorSettings>,
    /// The door for HTTP, by default on 127.0.0.1:4318.
    pub http: Option<DoorSettings>,
}

/// One listening socket.
#[derive(Debug, Clone)]
pub struct DoorSettings {
    /// Host and port; a port of 0 is chosen by the system.
    pub endpoint: String,
    /// The setting's path in the config, named in errors.
    pub setting: String,
    /// TLS; without it the door speaks plain text.
    pub tls: Option<ServerTls>,
    /// Who may come in; without it everybody.
    pub authenticator: Option<Arc<Authenticator>>,
    /// Limits.
    pub limits: DoorLimits,
    /// What to do with text that is not UTF-8.
    pub invalid_utf8: InvalidUtf8,
}

impl DoorSettings {
    /// A door on this endpoint with everything else as it is by default.
    #[must_use]
    pub fn on(endpoint: impl Into<String>, setting: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            setting: setting.into(),
            tls: None,
            authenticator: None,
            limits: DoorLimits::default(),
            invalid_utf8: InvalidUtf8::default(),
        }
    }
}

/// TLS of a door (`tls`).
#[derive(Debug, Clone)]
pub struct ServerTls {
    /// `cert_file`: the certificate chain, PEM.
    pub cert_file: PathBuf,
    /// `key_file`: its private key, PEM.
    pub key_file: PathBuf,
    /// `client_ca_file`: with it, senders must show a certificate of one of these.
    pub client_ca_file: Option<PathBuf>,
    /// `reload_interval`: how often the files are looked at for a change.
    pub reload_interval: Duration,
}

/// Who may come in.
#[derive(Debug)]
pub struct Authenticator {
    /// The extension's name, such as `bearertokenauth` or `basicauth/agents`.
    pub name: Arc<str>,
    /// What they have to show.
    pub credentials: Credentials,
}

/// What senders have to show.
#[derive(Clone)]
pub enum Credentials {
    /// `bearertokenauth`: one of these tokens behind the scheme in `header`.
    Bearer {
        /// `header`, `Authorization` by default.
        header: String,
        /// `scheme`, `Bearer` by default; may be empty.
        scheme: String,
        /// `token` or `tokens`.
        tokens: Vec<String>,
        /// `filename`: a file with one token a line, reread on change.
        file: Option<PathBuf>,
    },
    /// `basicauth`: one of these users.
    Basic {
        /// `htpasswd.inline`: lines of `user:password`, the password plain or hashed.
        inline: Option<String>,
        /// `htpasswd.file`, reread on change.
        file: Option<PathBuf>,
    },
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bearer { .. } => "Bearer(..)",
            Self::Basic { .. } => "Basic(..)",
        })
    }
}

/// What happens to a batch with text that is not UTF-8.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InvalidUtf8 {
    /// It is refused at the door.
    #[default]
    Refuse,
    /// It goes on; backends may refuse it whole.
    Pass,
}

/// Limits of a door. The same names stand in the config under `limits`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoorLimits {
    /// Bytes of a body as it comes (`max_request_body_size`, `max_recv_msg_size_mib`).
    pub body_bytes_max: usize,
    /// Bytes of a body when it is decompressed.
    pub decoded_bytes_max: usize,
    /// Bytes of all bodies in work at one time; more wait for `admission_timeout`, then get 503.
    pub in_flight_bytes_max: usize,
    /// Connections at one time; more wait to be taken.
    pub connections_max: usize,
    /// Requests at one time on one HTTP/2 connection.
    pub streams_max: u32,
    /// Bytes of the headers of a request.
    pub header_bytes_max: usize,
    /// Time for a TLS handshake.
    pub handshake_timeout: Duration,
    /// Time for the headers of a request.
    pub header_timeout: Duration,
    /// Time for a whole body.
    pub body_timeout: Duration,
    /// Time that a connection may stay without a request.
    pub idle_timeout: Duration,
    /// Time that a body waits for room among the `in_flight_bytes_max`.
    pub admission_timeout: Duration,
    /// Time for a request in work.
    pub request_timeout: Duration,
    /// Time for a sender to take in its reply.
    pub reply_timeout: Duration,
}

impl Default for DoorLimits {
    fn default() -> Self {
        Self {
            body_bytes_max: 20 << 20,
            decoded_bytes_max: 20 << 20,
            in_flight_bytes_max: 64 << 20,
            connections_max: 1_024,
            streams_max: 128,
            header_bytes_max: 16 << 10,
            handshake_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(60),
            admission_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(30),
            reply_timeout: Duration::from_secs(30),
        }
    }
}
