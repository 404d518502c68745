//! A small HTTP server for what the daemon says of itself: metrics and health.
//!
//! It answers GET with short texts and reads no bodies. A client that is slow or silent is cut off,
//! and there are never more than a few at one time.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::config::Address;

/// Connections at one time; more wait to be taken.
const CONNECTIONS_MAX: usize = 32;
/// Time for the headers of a request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// Time that a connection may last, answers included.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(60);
/// Time to wait when a connection cannot be taken, for one that ends to make room.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// An answer to a GET.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) kind: &'static str,
    pub(crate) text: String,
}

/// Answers a GET of a path; none: 404.
pub(crate) trait Site: Send + Sync + 'static {
    fn page(&self, path: &str) -> Option<Page>;
}

/// Why a socket cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("{setting}: cannot listen on {endpoint}")]
pub(crate) struct ListenError {
    setting: String,
    endpoint: String,
    source: io::Error,
}

/// A site that is served until this is dropped.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves a site.
pub(crate) async fn serve(address: &Address, site: Arc<dyn Site>) -> Result<Served, ListenError> {
    let failed = |source| ListenError {
        setting: address.setting.clone(),
        endpoint: address.endpoint.clone(),
        source,
    };
    let listener = TcpListener::bind(&address.endpoint).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let task = tokio::spawn(accept(listener, site));
    Ok(Served { address, task })
}

async fn accept(listener: TcpListener, site: Arc<dyn Site>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let site = Arc::clone(&site);
        tokio::spawn(async move {
            // A client that goes away in the middle is its own affair.
            let _ = tokio::time::timeout(CONNECTION_TIMEOUT, talk(stream, site)).await;
            drop(place);
        });
    }
}

async fn talk(stream: TcpStream, site: Arc<dyn Site>) -> hyper::Result<()> {
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = answer(&request, site.as_ref());
        async move { Ok::<_, std::convert::Infallible>(answer) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service)
        .await
}

fn answer(request: &Request<Incoming>, site: &dyn Site) -> Response<Full<Bytes>> {
    let plain = |status, text: &str| Page {
        status,
        kind: "text/plain; charset=utf-8",
        text: text.to_owned(),
    };
    let read = request.method() == Method::GET || request.method() == Method::HEAD;
    let page = match read {
        true => site
            .page(request.uri().path())
            .unwrap_or_else(|| plain(StatusCode::NOT_FOUND, "not here\n")),
        false => plain(StatusCode::METHOD_NOT_ALLOWED, "only GET\n"),
    };
    let mut response = Response::new(Full::new(Bytes::from(page.text)));
    *response.status_mut() = page.status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(page.kind));
    if !read {
        headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}
