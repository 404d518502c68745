//! The bare forward: receives a body, sends it on, answers when that is answered. What every daemon
//! must do at least, and so the limit of the transport.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::sink::{self, Answer};

type Clients = (
    Client<HttpConnector, Full<Bytes>>,
    Client<HttpConnector, Full<Bytes>>,
);

/// Forwards to this base URL until it is killed.
pub(crate) async fn run(to: &str) -> anyhow::Result<()> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let mut builder = Client::builder(TokioExecutor::new());
    let http = builder.build(connector.clone());
    let grpc = builder.http2_only(true).build(connector);
    let (to, clients) = (to.to_owned(), (http, grpc));
    sink::serve(move |request| {
        let (to, clients) = (to.clone(), clients.clone());
        async move { forward(&to, &clients, request).await }
    })
    .await
}

async fn forward(to: &str, (http, grpc): &Clients, request: Request<Incoming>) -> Answer {
    let kind = request.headers().get(CONTENT_TYPE).cloned();
    let kind = kind.unwrap_or(HeaderValue::from_static("application/x-protobuf"));
    let is_grpc = kind.as_bytes().starts_with(b"application/grpc");
    match on(to, request, kind, if is_grpc { grpc } else { http }).await {
        Ok(()) if is_grpc => sink::grpc_done(),
        Ok(()) => sink::done(),
        Err(_) => {
            let mut answer = sink::done();
            *answer.status_mut() = http::StatusCode::BAD_GATEWAY;
            answer
        }
    }
}

async fn on(
    to: &str,
    request: Request<Incoming>,
    kind: HeaderValue,
    client: &Client<HttpConnector, Full<Bytes>>,
) -> anyhow::Result<()> {
    let uri: Uri = format!("{to}{}", request.uri().path()).parse()?;
    let body = request.into_body().collect().await?.to_bytes();
    let mut next = Request::post(uri).body(Full::new(body))?;
    next.headers_mut().insert(CONTENT_TYPE, kind);
    next.headers_mut()
        .insert("te", HeaderValue::from_static("trailers"));
    let answer = client.request(next).await?;
    anyhow::ensure!(answer.status().is_success());
    answer.into_body().collect().await?;
    Ok(())
}
