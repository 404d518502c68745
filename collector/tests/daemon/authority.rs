//! Certificates made for a test, both sides of TLS with them, and a wire that can be looked at.

use std::fs;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// A certificate authority, with its files in a folder.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let made = Self {
            issuer,
            folder: tempfile::tempdir().unwrap(),
        };
        let (certificate, key) = made.issue();
        made.write("ca.pem", &made.issuer.pem());
        made.write("cert.pem", &certificate.pem());
        made.write("key.pem", &key.serialize_pem());
        made
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// The path of `ca.pem`, `cert.pem` or `key.pem`.
    pub(crate) fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// A certificate for this machine.
    fn issue(&self) -> (rcgen::Certificate, KeyPair) {
        let names = ["localhost", "127.0.0.1"].map(str::to_owned);
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(names).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }

    fn identity(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let (certificate, key) = self.issue();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        (vec![certificate.der().clone()], key)
    }

    /// A backend's side.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        let (chain, key) = self.identity();
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }

    /// A sender's side: it trusts this authority and shows a certificate of that one.
    pub(crate) fn connector(&self, shows: Option<&Self>, protocol: &str) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match shows {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let (chain, key) = authority.identity();
                builder.with_client_auth_cert(chain, key).unwrap()
            }
        };
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        TlsConnector::from(Arc::new(config))
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// What lies between an exporter and its backend: it keeps every byte that the exporter sends.
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    sent: Arc<Mutex<Vec<u8>>>,
}

impl Wire {
    pub(crate) async fn to(backend: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let wire = Self {
            address: listener.local_addr().unwrap(),
            sent: Arc::default(),
        };
        let sent = Arc::clone(&wire.sent);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(carry(stream, backend, Arc::clone(&sent)));
            }
        });
        wire
    }

    pub(crate) fn sent(&self) -> Vec<u8> {
        self.sent.lock().unwrap().clone()
    }
}

async fn carry(stream: TcpStream, backend: SocketAddr, sent: Arc<Mutex<Vec<u8>>>) {
    let backend = TcpStream::connect(backend).await.unwrap();
    let (mut from, mut back) = stream.into_split();
    let (mut answers, mut on) = backend.into_split();
    tokio::spawn(async move { tokio::io::copy(&mut answers, &mut back).await });
    let mut part = vec![0; 1 << 14];
    while let Ok(count @ 1..) = from.read(&mut part).await {
        sent.lock().unwrap().extend_from_slice(&part[..count]);
        if on.write_all(&part[..count]).await.is_err() {
            return;
        }
    }
}
