//! TLS to a backend: who is trusted, who is not, and that nothing goes out in plain text instead.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::RootCertStore;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use tamis_exporter::{ExporterSettings, OtlpSettings, OtlpTransport, check};
use tempfile::TempDir;

use crate::bench::{Bench, Done, HTTP, logs, otlp};
use crate::server::{Reply, Server, Speaks, ok};

/// A certificate authority, with a folder for files.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A certificate and its key for this name.
    fn issue(&self, params: CertificateParams) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate, key)
    }

    /// A server's side; with `clients`, it wants a certificate of theirs.
    fn server(&self, params: CertificateParams, clients: Option<&Self>) -> Speaks {
        let (certificate, key) = self.issue(params);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.issuer.der().clone()).unwrap();
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let chain = vec![certificate.der().clone()];
        let mut config = builder.with_single_cert(chain, key).unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Speaks::Tls(Arc::new(config))
    }
}

fn named(name: &str) -> CertificateParams {
    CertificateParams::new(vec![name.to_owned()]).unwrap()
}

/// Settings for a server on this port, as `localhost`, that trust this authority.
fn settings(server: &Server, transport: OtlpTransport, trusted: &Authority) -> OtlpSettings {
    let endpoint = format!("https://localhost:{}", server.address.port());
    let mut settings = OtlpSettings::to(transport, endpoint);
    settings.tls.ca_file = Some(trusted.file("ca.pem"));
    settings
}

fn quick(settings: OtlpSettings) -> ExporterSettings {
    let mut settings = otlp(settings);
    settings.retry.max_elapsed_time = Duration::from_millis(30);
    settings
}

async fn send(settings: OtlpSettings) -> Done {
    let bench = Bench::start(quick(settings));
    bench.put(logs(1, 1)).await.unwrap();
    bench.stop().await
}

#[tokio::test]
async fn both_transports_over_tls() {
    let authority = Authority::new();
    for transport in [HTTP, OtlpTransport::Grpc] {
        let speaks = authority.server(named("localhost"), None);
        let server = Server::start(speaks, move |_, _| match transport {
            OtlpTransport::Grpc => Reply::Grpc(0, ""),
            OtlpTransport::Http(_) => ok(),
        });
        let server = server.await;
        assert_eq!(
            send(settings(&server, transport, &authority)).await.sent(),
            1
        );
        assert!(server.seen()[0].is_http2);
    }
}

#[tokio::test]
async fn a_server_that_is_not_trusted_gets_nothing() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let mut expired = named("localhost");
    expired.not_after = date_time_ymd(2020, 1, 1);
    for (signer, params) in [
        (&stranger, named("localhost")),
        (&authority, named("example.org")),
        (&authority, expired),
    ] {
        let server = Server::start(signer.server(params.clone(), None), |_, _| ok()).await;
        let mut asked = settings(&server, HTTP, &authority);
        let done = send(asked.clone()).await;
        assert_eq!(
            (done.sent(), done.failed("tls"), server.seen().len()),
            (0, 1, 0)
        );
        asked.tls.insecure_skip_verify = true;
        assert_eq!(
            send(asked).await.sent(),
            1,
            "not looked at when the settings say so"
        );
    }
}

#[tokio::test]
async fn the_name_can_be_another_one() {
    let authority = Authority::new();
    let speaks = authority.server(named("backend.internal"), None);
    let server = Server::start(speaks, |_, _| ok()).await;
    let mut asked = settings(&server, HTTP, &authority);
    asked.tls.server_name_override = Some("backend.internal".into());
    assert_eq!(send(asked).await.sent(), 1);
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_gets_ours() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let speaks = authority.server(named("localhost"), Some(&clients));
    let server = Server::start(speaks, |_, _| ok()).await;
    let mut asked = settings(&server, HTTP, &authority);
    assert_eq!(send(asked.clone()).await.sent(), 0);
    let (certificate, key) = clients.issue(named("tamis"));
    fs::write(clients.file("cert.pem"), certificate.pem()).unwrap();
    fs::write(clients.file("key.pem"), key.serialize_pem()).unwrap();
    asked.tls.cert_file = Some(clients.file("cert.pem"));
    asked.tls.key_file = Some(clients.file("key.pem"));
    assert_eq!(send(asked).await.sent(), 1);
}

/// TLS to a plain port, and plain text to a TLS port: neither is a success, and there is no second
/// try in the other way.
#[tokio::test]
async fn plain_text_and_tls_are_not_mixed() {
    let authority = Authority::new();
    let plain = Server::start(Speaks::Http1, |_, _| ok()).await;
    let done = send(settings(&plain, HTTP, &authority)).await;
    assert_eq!(
        (done.sent(), done.failed("tls"), plain.seen().len()),
        (0, 1, 0)
    );

    let tls = Server::start(authority.server(named("localhost"), None), |_, _| ok()).await;
    for transport in [HTTP, OtlpTransport::Grpc] {
        let done = send(OtlpSettings::to(transport, tls.url())).await;
        assert_eq!((done.sent(), tls.seen().len()), (0, 0));
        assert_eq!(done.count("failed_items_total", ""), 1);
    }
}

/// The file names another authority than the server's until it is written again.
#[tokio::test]
async fn files_are_read_again() {
    let (authority, other) = (Authority::new(), Authority::new());
    let speaks = authority.server(named("localhost"), None);
    let server = Server::start(speaks, |_, _| ok()).await;
    let mut asked = settings(&server, HTTP, &other);
    asked.tls.reload_interval = Some(Duration::from_millis(10));
    let mut asked = otlp(asked);
    asked.retry.max_elapsed_time = Duration::from_secs(60);
    let bench = Bench::start(asked);
    bench.put(logs(1, 1)).await.unwrap();
    fs::write(other.file("ca.pem"), "half a cert").unwrap();
    fs::write(other.file("ca.pem"), authority.issuer.pem()).unwrap();
    assert_eq!(bench.stop().await.sent(), 1);
}

#[test]
fn files_of_no_use_are_found_before_the_start() {
    let authority = Authority::new();
    let (certificate, key) = authority.issue(named("tamis"));
    let (_, other_key) = authority.issue(named("tamis"));
    fs::write(authority.file("cert.pem"), certificate.pem()).unwrap();
    fs::write(authority.file("key.pem"), key.serialize_pem()).unwrap();
    fs::write(authority.file("other.pem"), other_key.serialize_pem()).unwrap();
    fs::write(authority.file("empty.pem"), "").unwrap();
    let of = |ca: &str, cert: Option<&str>, key: Option<&str>| {
        let mut settings = OtlpSettings::to(HTTP, "https://127.0.0.1:1");
        settings.tls.ca_file = Some(authority.file(ca));
        settings.tls.cert_file = cert.map(|name| authority.file(name));
        settings.tls.key_file = key.map(|name| authority.file(name));
        let faults = check(&otlp(settings));
        faults.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let (cert, key) = (Some("cert.pem"), Some("key.pem"));
    assert!(of("ca.pem", cert, key).is_empty());
    for (found, setting) in [
        (of("none.pem", None, None), "ca_file: cannot use"),
        (of("empty.pem", None, None), "ca_file:"),
        (of("key.pem", None, None), "ca_file:"),
        (of("ca.pem", cert, None), "key_file: missing"),
        (of("ca.pem", None, key), "cert_file: missing"),
        (of("ca.pem", cert, Some("other.pem")), "key_file:"),
        (of("ca.pem", cert, Some("cert.pem")), "key_file:"),
        (of("ca.pem", Some("empty.pem"), key), "cert_file:"),
    ] {
        let begin = format!("exporters.otlp.tls.{setting}");
        assert!(
            found.len() == 1 && found[0].starts_with(&begin),
            "{found:?}"
        );
    }
    let all = of("none.pem", Some("none.pem"), Some("none.pem"));
    let named = |name| all.iter().any(|fault| fault.contains(name));
    assert!(
        all.len() == 3 && named("ca_file") && named("cert_file") && named("key_file"),
        "{all:?}"
    );
    let mut settings = OtlpSettings::to(HTTP, "https://127.0.0.1:1");
    settings.tls.insecure_skip_verify = true;
    settings.tls.server_name_override = Some("no name".into());
    let error = check(&otlp(settings)).remove(0).to_string();
    assert!(error.contains("server_name_override"), "{error}");
}
