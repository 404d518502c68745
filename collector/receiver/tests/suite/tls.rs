//! TLS: who is let in, what is said to those who are not, and certificates that change.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use otlp_wire::Signal;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tamis_receiver::{ReceiverSettings, ServerTls, check};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::harness::{Client, Lines, Running, door, sample, soon, start_with};
use crate::raw::{JSON, ended, exchange, exchange_over, post};

/// A certificate authority of ours.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        Self { issuer, pem }
    }

    /// A certificate for localhost and its key, as PEM.
    fn issue(&self) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }
}

/// The files of a door.
struct Files(TempDir);

impl Files {
    fn new(authority: &Authority) -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        files.write(&authority.issue());
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes both files beside and renames them into place.
    fn write(&self, (certificate, key): &(String, String)) {
        for (name, text) in [("cert.pem", certificate), ("key.pem", key)] {
            std::fs::write(self.path("new"), text).unwrap();
            std::fs::rename(self.path("new"), self.path(name)).unwrap();
        }
    }

    fn settings(&self) -> ServerTls {
        ServerTls {
            cert_file: self.path("cert.pem"),
            key_file: self.path("key.pem"),
            client_ca_file: None,
            reload_interval: Duration::from_millis(10),
        }
    }
}

fn client(
    authority: &Authority,
    identity: Option<&(String, String)>,
    protocols: &[&[u8]],
) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(authority.pem.as_bytes()).unwrap();
    roots.add(root).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
            builder
                .with_client_auth_cert(vec![certificate], key)
                .unwrap()
        }
    };
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

async fn connect(
    connector: &TlsConnector,
    address: std::net::SocketAddr,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    soon(connector.connect(name, stream)).await
}

async fn secured(files: &Files, client_ca: Option<&Path>) -> Running {
    start_with(|door| {
        let mut tls = files.settings();
        tls.client_ca_file = client_ca.map(Path::to_owned);
        door.tls = Some(tls);
    })
    .await
}

#[tokio::test]
async fn both_doors_speak_tls() {
    let authority = Authority::new();
    let running = secured(&Files::new(&authority), None).await;
    let stream = connect(&client(&authority, None, &[b"h2"]), running.grpc)
        .await
        .unwrap();
    let grpc = Client::over(stream).await;
    grpc.accepted(Signal::Traces, &sample(Signal::Traces)).await;
    for protocols in [&[&b"http/1.1"[..]][..], &[]] {
        let connector = client(&authority, None, protocols);
        let stream = connect(&connector, running.http).await.unwrap();
        let answer = exchange_over(stream, &post("/v1/logs", &[JSON], b"{}")).await;
        assert_eq!(answer.status, 200);
    }
}

#[tokio::test]
async fn mistakes_are_named() {
    let (lines, _guard) = Lines::collect();
    let authority = Authority::new();
    let running = secured(&Files::new(&authority), None).await;
    for address in [running.http, running.grpc] {
        let answer = exchange(address, &post("/v1/logs", &[JSON], b"{}")).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains("use https://"), "{answer:?}");
    }
    assert_eq!(
        lines
            .text()
            .matches("plain text came to a door with TLS")
            .count(),
        2
    );
    // HTTP/1 at the gRPC door: by its protocols, and without any.
    assert!(
        connect(&client(&authority, None, &[b"http/1.1"]), running.grpc)
            .await
            .is_err()
    );
    lines.wait_for("HTTP came to a door for gRPC").await;
    let stream = connect(&client(&authority, None, &[]), running.grpc)
        .await
        .unwrap();
    let answer = exchange_over(stream, &post("/v1/logs", &[JSON], b"{}")).await;
    assert_eq!(answer.status, 400);
    // What only begins like TLS, and a sender that does not trust the certificate.
    let mut stream = TcpStream::connect(running.http).await.unwrap();
    stream
        .write_all(&[0x16, 3, 1, 0, 4, 9, 9, 9, 9])
        .await
        .unwrap();
    ended(stream).await;
    lines.wait_for("a TLS handshake failed").await;
    let stranger = client(&Authority::new(), None, &[b"h2"]);
    assert!(connect(&stranger, running.grpc).await.is_err());
    lines
        .wait_for("does not accept this door's certificate")
        .await;
}

#[tokio::test]
async fn a_handshake_that_does_not_end() {
    let files = Files::new(&Authority::new());
    let running = start_with(|door| {
        door.tls = Some(files.settings());
        door.limits.handshake_timeout = Duration::from_millis(50);
    })
    .await;
    let mut stream = TcpStream::connect(running.grpc).await.unwrap();
    stream.write_all(&[0x16, 3, 1]).await.unwrap();
    ended(stream).await;
}

#[tokio::test]
async fn senders_have_to_show_a_certificate() {
    let (lines, _guard) = Lines::collect();
    let authority = Authority::new();
    let files = Files::new(&authority);
    let ca = files.path("ca.pem");
    std::fs::write(&ca, &authority.pem).unwrap();
    let running = secured(&files, Some(&ca)).await;
    let known = client(&authority, Some(&authority.issue()), &[b"h2"]);
    let grpc = Client::over(connect(&known, running.grpc).await.unwrap()).await;
    grpc.accepted(Signal::Logs, &sample(Signal::Logs)).await;
    let foreign = Authority::new().issue();
    for (identity, words) in [
        (None, "shows no certificate"),
        (Some(&foreign), "certificate is not accepted"),
    ] {
        let running = secured(&files, Some(&ca)).await;
        // In TLS 1.3 the sender learns of it only when it reads.
        let connector = client(&authority, identity, &[b"http/1.1"]);
        if let Ok(mut stream) = connect(&connector, running.http).await {
            drop(stream.write_all(&post("/v1/logs", &[JSON], b"{}")).await);
            assert!(ended(stream).await.is_empty());
        }
        lines.wait_for(words).await;
        assert_eq!(running.recorder.count(), 0);
    }
}

/// The certificate that a door shows now.
async fn shown(authority: &Authority, running: &Running) -> CertificateDer<'static> {
    let stream = connect(&client(authority, None, &[b"h2"]), running.grpc)
        .await
        .unwrap();
    let (_, session) = stream.get_ref();
    session.peer_certificates().unwrap()[0].clone().into_owned()
}

#[tokio::test]
async fn certificates_that_change() {
    let (lines, _guard) = Lines::collect();
    let authority = Authority::new();
    let files = Files::new(&authority);
    let running = secured(&files, None).await;
    let old = Client::over(
        connect(&client(&authority, None, &[b"h2"]), running.grpc)
            .await
            .unwrap(),
    )
    .await;
    old.accepted(Signal::Logs, &sample(Signal::Logs)).await;
    for _ in 0..3 {
        let before = shown(&authority, &running).await;
        files.write(&authority.issue());
        let changed = async {
            while shown(&authority, &running).await == before {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        soon(changed).await;
    }
    let last = shown(&authority, &running).await;
    std::fs::write(files.path("cert.pem"), "no certificate").unwrap();
    lines.wait_for("the changed TLS files are left alone").await;
    assert_eq!(shown(&authority, &running).await, last);
    old.accepted(Signal::Logs, &sample(Signal::Logs)).await;
}

type Change<'a> = &'a dyn Fn(&Files, &mut ServerTls);

#[test]
fn files_that_cannot_be_used_are_named() {
    let authority = Authority::new();
    let said = |change: Change<'_>| {
        let files = Files::new(&authority);
        let mut door = door("receivers.otlp.protocols.grpc");
        let mut tls = files.settings();
        change(&files, &mut tls);
        door.tls = Some(tls);
        let settings = ReceiverSettings {
            name: "otlp".into(),
            grpc: Some(door),
            http: None,
        };
        let faults = check(&settings);
        let said = faults.iter().map(|error| {
            let source = std::error::Error::source(error).unwrap();
            format!("{error}: {source}")
        });
        let said: Vec<_> = said.collect();
        (!said.is_empty()).then(|| said.join("\n"))
    };
    assert_eq!(said(&|_, _| {}), None);
    let rows: [(Change<'_>, &str); 6] = [
        (
            &|files, tls| tls.cert_file = files.path("none"),
            "cert_file: ",
        ),
        (
            &|files, tls| tls.key_file = files.path("none"),
            "key_file: ",
        ),
        (
            &|files, tls| tls.client_ca_file = Some(files.path("none")),
            "client_ca_file: ",
        ),
        (&|_, tls| tls.key_file = tls.cert_file.clone(), "key_file: "),
        (
            &|_, tls| tls.cert_file = tls.key_file.clone(),
            "holds no certificate",
        ),
        (
            &|files, _| std::fs::write(files.path("key.pem"), authority.issue().1).unwrap(),
            "can't be used together",
        ),
    ];
    for (change, words) in rows {
        let text = said(change).unwrap();
        assert!(
            text.starts_with("receivers.otlp.protocols.grpc: tls: "),
            "{text}"
        );
        assert!(text.contains(words), "{text}");
    }
}
