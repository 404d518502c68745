//! TLS of a door: its certificate, who must show one, and both again when the files change.
//!
//! A new connection uses what was last loaded whole; a file that can't be used changes nothing.
//! Must never: fall back to plain text, or show anything of a key.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use thiserror::Error;

use crate::notice::{Mistake, Notices};
use crate::settings::ServerTls;
use crate::watched;

/// Why TLS can't be set up. The config names the file by `cert_file`, `key_file` or
/// `client_ca_file`.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file can't be read or holds no PEM of the kind that is wanted.
    #[error("{setting}: {} can't be used", path.display())]
    File {
        /// Which of the settings.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: rustls::pki_types::pem::Error,
    },
    /// A file of certificates has none.
    #[error("{setting}: {} holds no certificate", path.display())]
    NoCertificate {
        /// Which of the settings.
        setting: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// A certificate and its key do not fit, or one of them is not supported.
    #[error("cert_file and key_file can't be used together: {0}")]
    Pair(rustls::Error),
    /// The certificates that senders have to be signed by can't be used.
    #[error("client_ca_file can't be used: {0}")]
    ClientCa(String),
}

/// The TLS of a door as it is now.
pub(crate) struct Tls {
    settings: ServerTls,
    protocols: &'static [&'static [u8]],
    config: ArcSwap<ServerConfig>,
    loaded: Option<[u8; 32]>,
}

impl Tls {
    /// Loads it; `protocols` are offered in this order (ALPN).
    pub(crate) fn load(
        settings: &ServerTls,
        protocols: &'static [&'static [u8]],
    ) -> Result<Self, TlsError> {
        // Before the files are read: a change in between is then seen as one.
        let loaded = watched::digest(&files(settings));
        Ok(Self {
            config: ArcSwap::new(config(settings, protocols)?),
            settings: settings.clone(),
            protocols,
            loaded,
        })
    }

    /// All that is wrong with the files, and with the certificate and its key together.
    pub(crate) fn faults(settings: &ServerTls) -> Vec<TlsError> {
        let cert = certificates("cert_file", &settings.cert_file).err();
        let single = [cert, key(settings).err(), verifier(settings).err()];
        let faults: Vec<_> = single.into_iter().flatten().collect();
        if faults.is_empty() {
            return config(settings, &[]).err().into_iter().collect();
        }
        faults
    }

    /// What the next connection uses.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        self.config.load_full()
    }

    /// Loads it again whenever the files change, for ever.
    pub(crate) async fn keep_fresh(&self, notices: &Notices) {
        let (files, interval) = (files(&self.settings), self.settings.reload_interval);
        watched::watch(files, interval, self.loaded, || {
            match config(&self.settings, self.protocols) {
                Ok(config) => {
                    self.config.store(config);
                    tracing::info!("the TLS files have changed and are in use");
                }
                Err(error) => {
                    let text = format!("the changed TLS files are left alone: {error}");
                    notices.say(Mistake::Reload, &text);
                }
            }
        })
        .await;
    }
}

fn files(settings: &ServerTls) -> Vec<PathBuf> {
    let mut files = vec![settings.cert_file.clone(), settings.key_file.clone()];
    files.extend(settings.client_ca_file.clone());
    files
}

fn config(settings: &ServerTls, protocols: &[&[u8]]) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = certificates("cert_file", &settings.cert_file)?;
    let key = key(settings)?;
    let builder = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Pair)?;
    let builder = match verifier(settings)? {
        None => builder.with_no_client_auth(),
        Some(verifier) => builder.with_client_cert_verifier(verifier),
    };
    let mut config = builder
        .with_single_cert(chain, key)
        .map_err(TlsError::Pair)?;
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    Ok(Arc::new(config))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn key(settings: &ServerTls) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_file(&settings.key_file).map_err(|source| TlsError::File {
        setting: "key_file",
        path: settings.key_file.clone(),
        source,
    })
}

/// Who says whether a sender's certificate is good, if senders have to show one.
fn verifier(settings: &ServerTls) -> Result<Option<Arc<dyn ClientCertVerifier>>, TlsError> {
    let Some(file) = &settings.client_ca_file else {
        return Ok(None);
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates("client_ca_file", file)? {
        let added = roots.add(certificate);
        added.map_err(|error| TlsError::ClientCa(error.to_string()))?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider()).build();
    let verifier = verifier.map_err(|error| TlsError::ClientCa(error.to_string()))?;
    Ok(Some(verifier))
}

fn certificates(
    setting: &'static str,
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let certificates: Vec<_> = read.map_err(|source| TlsError::File {
        setting,
        path: path.to_owned(),
        source,
    })?;
    if certificates.is_empty() {
        let path = path.to_owned();
        return Err(TlsError::NoCertificate { setting, path });
    }
    Ok(certificates)
}
