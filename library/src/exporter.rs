//! The door for services that export their own telemetry: an HTTP client for `opentelemetry-otlp`
//! that scrubs what it sends.
//!
//! It stands between the exporter and the client that the service has, so that one changed line is
//! all. The chain runs on a thread of its own: exporters are asked by threads of any kind, with and
//! without a runtime, and none of them may be blocked.
//!
//! Must never: send a request that the chain did not pass.

mod body;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_channel::oneshot;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use otlp_wire::WireError;
use tamis_host::{Outcome, Refusal, Signal};

use crate::{BuildError, Tamis, check};
use body::Coding;

/// Why a request was not sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The chain could not be built, so nothing is ever sent.
    #[error("nothing is sent: the chain could not be built")]
    Closed(#[source] Arc<BuildError>),
    /// The path names no signal.
    #[error(
        "not sent: the path does not end with /v1/traces, /v1/metrics or /v1/logs; \
         say the signal with `Scrubbing::of`"
    )]
    Signal,
    /// The body is not protobuf.
    #[error("not sent: only protobuf can be scrubbed; export with Protocol::HttpBinary")]
    ContentType,
    /// The body is compressed in a way that is not known.
    #[error("not sent: the body is compressed, and not with gzip or zstd")]
    Encoding,
    /// The body cannot be decompressed, or compressed again.
    #[error("not sent: the body cannot be decompressed or compressed")]
    Compression(#[source] std::io::Error),
    /// The body is larger than [`Scrubbing::decoded_bytes_max`].
    #[error("not sent: the body has more than {max} bytes")]
    TooLarge {
        /// The limit.
        max: usize,
    },
    /// The body is not what the signal says.
    #[error("not sent: the body is not a request of {signal}")]
    Malformed {
        /// The signal.
        signal: Signal,
        /// Why.
        source: WireError,
    },
    /// The chain refused it.
    #[error("not sent: the chain refused it")]
    Refused(#[source] Refusal),
    /// There is no thread for the chain, or it ended early.
    #[error("not sent: there was no thread for the chain to run on")]
    Thread,
}

/// An HTTP client that runs a chain over every export request and hands what is left to another
/// client.
///
/// ```no_run
/// # use opentelemetry_http::HttpClient;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[derive(Debug)] struct Client;
/// # #[async_trait::async_trait]
/// # impl HttpClient for Client {
/// #     async fn send_bytes(&self, _: opentelemetry_http::Request<bytes::Bytes>)
/// #         -> Result<opentelemetry_http::Response<bytes::Bytes>, opentelemetry_http::HttpError> {
/// #         Err("none".into())
/// #     }
/// # }
/// # let client = Client;
/// // SpanExporter::builder().with_http().with_http_client(client) becomes
/// // SpanExporter::builder().with_http().with_http_client(Scrubbing::new(client)?)
/// let client = tamis::Scrubbing::new(client)?;
/// # Ok(())
/// # }
/// ```
///
/// A request that no plugin asked to change is handed on as it is; one that was changed is
/// compressed again as it was. When plugins dropped all of it, nothing is sent and the exporter hears
/// of success. Whatever fails, the request is not sent and the exporter gets an [`ExportError`].
///
/// Cheap to clone; the chain is shared.
#[derive(Clone)]
pub struct Scrubbing<C> {
    chain: Result<Arc<Tamis>, Arc<BuildError>>,
    client: C,
    signal: Option<Signal>,
    decoded_bytes_max: usize,
}

/// Bytes of a decompressed body, when nothing else is said.
const DECODED_BYTES_MAX: usize = 64 << 20;

impl<C> Scrubbing<C> {
    /// A client with the default chain: the plugin `scrub` with its default settings.
    ///
    /// # Errors
    /// [`BuildError`]. [`Scrubbing::or_nothing`] is for services that go on without telemetry.
    pub fn new(client: C) -> Result<Self, BuildError> {
        Ok(Self::with(Arc::new(Tamis::new()?), client))
    }

    /// A client with a chain of one's own, which several clients may share.
    #[must_use]
    pub fn with(chain: Arc<Tamis>, client: C) -> Self {
        Self::made(Ok(chain), client)
    }

    /// A client for a chain that may have failed to build: then it never sends anything, and every
    /// export fails with [`ExportError::Closed`].
    #[must_use]
    pub fn or_nothing(chain: Result<Tamis, BuildError>, client: C) -> Self {
        Self::made(chain.map(Arc::new).map_err(Arc::new), client)
    }

    fn made(chain: Result<Arc<Tamis>, Arc<BuildError>>, client: C) -> Self {
        Self {
            chain,
            client,
            signal: None,
            decoded_bytes_max: DECODED_BYTES_MAX,
        }
    }

    /// Takes every request for one of this signal, whatever its path says: for endpoints that do
    /// not end with `/v1/traces` and the like.
    #[must_use]
    pub fn of(mut self, signal: Signal) -> Self {
        self.signal = Some(signal);
        self
    }

    /// The most bytes that a decompressed body may have; 64 MiB by default.
    #[must_use]
    pub fn decoded_bytes_max(mut self, bytes: usize) -> Self {
        self.decoded_bytes_max = bytes;
        self
    }

    /// Runs the chain over a request, on a thread of its own.
    async fn scrubbed(
        &self,
        request: Request<Bytes>,
    ) -> Result<Option<Request<Bytes>>, ExportError> {
        let tamis = self.chain.clone().map_err(ExportError::Closed)?;
        let work = Work {
            signal: match self.signal {
                Some(signal) => signal,
                None => by_path(request.uri().path()).ok_or(ExportError::Signal)?,
            },
            coding: coding(request.headers())?,
            decoded_bytes_max: self.decoded_bytes_max,
        };
        let (answer, answered) = oneshot::channel();
        std::thread::Builder::new()
            .name("tamis-scrub".to_owned())
            .spawn(move || {
                // Nobody may wait any more: then there is nobody to tell.
                let _ = answer.send(work.run(&tamis, request));
            })
            .map_err(|_| ExportError::Thread)?;
        answered.await.map_err(|_| ExportError::Thread)?
    }
}

/// Shows neither the chain nor the client: clients may hold credentials.
impl<C> fmt::Debug for Scrubbing<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrubbing")
            .field("closed", &self.chain.is_err())
            .field("signal", &self.signal)
            .finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl<C: HttpClient> HttpClient for Scrubbing<C> {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        match self.scrubbed(request).await? {
            Some(request) => self.client.send_bytes(request).await,
            None => Ok(Response::new(Bytes::new())),
        }
    }
}

/// What is known of a request before its body is looked at.
struct Work {
    signal: Signal,
    coding: Coding,
    decoded_bytes_max: usize,
}

impl Work {
    /// The request as it may be sent; none when plugins dropped all of it.
    fn run(
        self,
        tamis: &Tamis,
        request: Request<Bytes>,
    ) -> Result<Option<Request<Bytes>>, ExportError> {
        let Self { signal, coding, .. } = self;
        let decoded = coding.decode(request.body(), self.decoded_bytes_max)?;
        check(signal, &decoded).map_err(|source| ExportError::Malformed { signal, source })?;
        match tamis.process(signal, decoded) {
            Outcome::Unchanged { .. } => Ok(Some(request)),
            Outcome::Edited { bytes, .. } => {
                let (mut head, _) = request.into_parts();
                let body = coding.encode(bytes)?;
                if head.headers.contains_key(CONTENT_LENGTH) {
                    let length = HeaderValue::from(body.len());
                    head.headers.insert(CONTENT_LENGTH, length);
                }
                Ok(Some(Request::from_parts(head, body)))
            }
            Outcome::Dropped { .. } => Ok(None),
            Outcome::Refused(refusal) => Err(ExportError::Refused(refusal)),
        }
    }
}

fn by_path(path: &str) -> Option<Signal> {
    let signal = path.trim_end_matches('/').rsplit_once("/v1/")?.1;
    Signal::parse(signal)
}

/// How the body is compressed, if it is protobuf.
fn coding(headers: &HeaderMap) -> Result<Coding, ExportError> {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    if !essence.is_some_and(|kind| kind.eq_ignore_ascii_case("application/x-protobuf")) {
        return Err(ExportError::ContentType);
    }
    let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
    match (encodings.next(), encodings.next()) {
        (None, _) => Ok(Coding::Plain),
        (Some(encoding), None) => Coding::parse(encoding).ok_or(ExportError::Encoding),
        (Some(_), Some(_)) => Err(ExportError::Encoding),
    }
}
