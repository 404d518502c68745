//! TLS to a backend, from files that may change while we run.
//!
//! Must never: keep a new set of files that is not whole, or trust more than the settings say.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tracing::{info, warn};

use super::client::{self, Client};
use crate::error::StartError;
use crate::settings::{ClientTls, OtlpSettings};

/// The content of the files that the settings name.
#[derive(PartialEq, Eq)]
pub(super) struct Material {
    in_use: bool,
    ca: Option<Vec<u8>>,
    cert: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
}

/// What a client needs for TLS.
pub(super) struct Config {
    pub(super) client: ClientConfig,
    /// The name that the server's certificate has to be for, if not that of the endpoint.
    pub(super) name: Option<ServerName<'static>>,
}

impl Material {
    /// Reads the files; none if no endpoint uses TLS.
    pub(super) fn read(
        name: &Arc<str>,
        settings: &ClientTls,
        in_use: bool,
    ) -> Result<Self, StartError> {
        let mut faults = Vec::new();
        let material = Self::of(name, settings, in_use, &mut faults);
        faults.into_iter().next().map_or(Ok(material), Err)
    }

    /// The files that can be read, and a fault for each other.
    fn of(
        name: &Arc<str>,
        settings: &ClientTls,
        in_use: bool,
        faults: &mut Vec<StartError>,
    ) -> Self {
        let mut read = |path: &Option<PathBuf>, setting: &str| {
            let path = path.as_ref().filter(|_| in_use)?;
            let content = fs::read(path).map_err(|source| StartError::File {
                setting: format!("exporters.{name}.tls.{setting}"),
                path: path.clone(),
                source,
            });
            content.map_err(|fault| faults.push(fault)).ok()
        };
        Self {
            in_use,
            ca: read(&settings.ca_file, "ca_file"),
            cert: read(&settings.cert_file, "cert_file"),
            key: read(&settings.key_file, "key_file"),
        }
    }

    /// All that is wrong with the files and with what they make up.
    pub(super) fn faults(name: &Arc<str>, settings: &ClientTls, in_use: bool) -> Vec<StartError> {
        let mut faults = Vec::new();
        let material = Self::of(name, settings, in_use, &mut faults);
        let maker = Maker {
            material: &material,
            settings,
            name,
        };
        let is_read =
            |path: &Option<_>, content: &Option<_>| !in_use || path.is_some() == content.is_some();
        if is_read(&settings.ca_file, &material.ca) && !settings.insecure_skip_verify {
            faults.extend(maker.roots().err());
        }
        if is_read(&settings.cert_file, &material.cert)
            && is_read(&settings.key_file, &material.key)
        {
            faults.extend(maker.identity().err());
        }
        faults.extend(maker.server().err());
        if faults.is_empty() {
            faults.extend(maker.client().err());
        }
        faults
    }

    /// What the files make up, checked as far as that goes without a server.
    pub(super) fn config(
        &self,
        name: &Arc<str>,
        settings: &ClientTls,
    ) -> Result<Config, StartError> {
        let maker = Maker {
            material: self,
            settings,
            name,
        };
        Ok(Config {
            client: maker.client()?,
            name: maker.server()?,
        })
    }
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

struct Maker<'a> {
    material: &'a Material,
    settings: &'a ClientTls,
    name: &'a Arc<str>,
}

impl Maker<'_> {
    fn client(&self) -> Result<ClientConfig, StartError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|_| self.wrong("min_version", "no version of TLS is left"))?;
        let builder = if self.settings.insecure_skip_verify {
            let anyone = Arc::new(Anyone(provider));
            builder.dangerous().with_custom_certificate_verifier(anyone)
        } else {
            builder.with_root_certificates(self.roots()?)
        };
        let Some((chain, key)) = self.identity()? else {
            return Ok(builder.with_no_client_auth());
        };
        builder.with_client_auth_cert(chain, key).map_err(|_| {
            let problem = "a private key that does not fit the certificate in cert_file";
            self.content("key_file", &self.settings.key_file, problem)
        })
    }

    /// What the backend is shown: a certificate with its chain, and its key.
    fn identity(&self) -> Result<Option<Identity>, StartError> {
        let (cert, key) = match (&self.material.cert, &self.material.key) {
            (None, None) => return Ok(None),
            (Some(cert), Some(key)) => (cert, key),
            (Some(_), None) => return Err(self.wrong("key_file", "missing beside cert_file")),
            (None, Some(_)) => return Err(self.wrong("cert_file", "missing beside key_file")),
        };
        let chain = self.certificates("cert_file", &self.settings.cert_file, cert)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| {
            let problem = "no unencrypted private key in PEM";
            self.content("key_file", &self.settings.key_file, problem)
        })?;
        Ok(Some((chain, key)))
    }

    fn server(&self) -> Result<Option<ServerName<'static>>, StartError> {
        let server = self.settings.server_name_override.as_ref().map(|server| {
            ServerName::try_from(server.clone())
                .map_err(|_| self.wrong("server_name_override", "expected the name of a host"))
        });
        server.transpose()
    }

    fn roots(&self) -> Result<RootCertStore, StartError> {
        let mut roots = RootCertStore::empty();
        if !self.material.in_use {
            return Ok(roots);
        }
        let Some(ca) = &self.material.ca else {
            let found = rustls_native_certs::load_native_certs();
            if roots.add_parsable_certificates(found.certs).0 == 0 {
                let problem = "the system has no trusted certificates: name a file with some";
                return Err(self.wrong("ca_file", problem));
            }
            return Ok(roots);
        };
        for certificate in self.certificates("ca_file", &self.settings.ca_file, ca)? {
            roots.add(certificate).map_err(|_| {
                let problem = "a certificate that cannot be read";
                self.content("ca_file", &self.settings.ca_file, problem)
            })?;
        }
        Ok(roots)
    }

    fn certificates(
        &self,
        setting: &str,
        path: &Option<PathBuf>,
        pem: &[u8],
    ) -> Result<Vec<CertificateDer<'static>>, StartError> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        match certificates {
            Ok(certificates) if !certificates.is_empty() => Ok(certificates),
            _ => Err(self.content(setting, path, "no certificate in PEM")),
        }
    }

    fn wrong(&self, setting: &str, problem: &str) -> StartError {
        StartError::Setting {
            setting: format!("exporters.{}.tls.{setting}", self.name),
            problem: problem.into(),
        }
    }

    fn content(&self, setting: &str, path: &Option<PathBuf>, problem: &'static str) -> StartError {
        StartError::Content {
            setting: format!("exporters.{}.tls.{setting}", self.name),
            path: path.as_deref().unwrap_or(Path::new("")).into(),
            problem,
        }
    }
}

/// Looks at the files now and then, and puts a new client in place when they change. What is on
/// its way ends on the old one.
pub(super) struct Reload(JoinHandle<()>);

impl Reload {
    /// Starts to look, if the settings say so.
    pub(super) fn start(
        name: &Arc<str>,
        settings: &OtlpSettings,
        material: Material,
        client: &Arc<ArcSwap<Client>>,
    ) -> Option<Self> {
        let every = settings.tls.reload_interval?;
        let watch = watch(
            Arc::clone(name),
            settings.clone(),
            every.max(Duration::from_millis(10)),
            material,
            Arc::clone(client),
        );
        Some(Self(tokio::spawn(watch)))
    }
}

impl Drop for Reload {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn watch(
    name: Arc<str>,
    settings: OtlpSettings,
    every: Duration,
    mut material: Material,
    client: Arc<ArcSwap<Client>>,
) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_broken = false;
    loop {
        ticks.tick().await;
        let read = Material::read(&name, &settings.tls, true);
        let config = match read {
            Ok(found) if found == material => continue,
            Ok(found) => found
                .config(&name, &settings.tls)
                .map(|config| (found, config)),
            Err(error) => Err(error),
        };
        match config {
            Ok((found, config)) => {
                client.store(Arc::new(client::build(&settings, config)));
                material = found;
                is_broken = false;
                info!(exporter = %name, "the files of tls have changed and are in use");
            }
            Err(error) if !is_broken => {
                is_broken = true;
                warn!(
                    exporter = %name, %error,
                    "the files of tls have changed and are of no use; those before stay in use",
                );
            }
            Err(_) => {}
        }
    }
}

/// Takes any certificate, but only a handshake that was signed with its key.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, cert, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, cert, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
