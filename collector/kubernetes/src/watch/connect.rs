//! Connections to an API server, made anew whenever credentials must be read again.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;

use kube::config::{AuthInfo, KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use crate::settings::{SettingsError, Source};

/// Why a cluster cannot be followed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// A setting does not hold here.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// This process does not run in a pod, or has no service account.
    #[error("auth_type serviceAccount: this process has no service account: {0}")]
    ServiceAccount(#[source] kube::config::InClusterError),
    /// The kubeconfig cannot be used.
    #[error("auth_type kubeConfig: the kubeconfig cannot be used: {0}")]
    KubeConfig(#[source] Box<kube::config::KubeconfigError>),
    /// No connection can be made of the credentials.
    #[error("the API server cannot be connected to: {0}")]
    Client(#[source] Box<kube::Error>),
}

type Connecting = Pin<Box<dyn Future<Output = Result<Client, WatchError>> + Send>>;

/// How connections are made.
pub struct Connect(Box<dyn Fn() -> Connecting + Send + Sync>);

impl Connect {
    /// Connections by a function of the caller's own.
    pub fn with<F>(make: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Client, WatchError>> + Send + 'static,
    {
        Self(Box::new(move || Box::pin(make())))
    }

    pub(super) fn to(source: Source) -> Self {
        Self::with(move || connect(source.clone()))
    }

    pub(super) async fn client(&self) -> Result<Client, WatchError> {
        self.0().await
    }
}

impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connect")
    }
}

async fn connect(source: Source) -> Result<Client, WatchError> {
    let config = match source {
        Source::KubeConfig { path, context } => from_kubeconfig(path, context).await?,
        Source::Anonymous => {
            let mut config = in_cluster()?;
            config.auth_info = AuthInfo::default();
            config
        }
        _ => in_cluster()?,
    };
    Client::try_from(config).map_err(|error| WatchError::Client(Box::new(error)))
}

fn in_cluster() -> Result<Config, WatchError> {
    Config::incluster().map_err(WatchError::ServiceAccount)
}

async fn from_kubeconfig(
    path: Option<PathBuf>,
    context: Option<String>,
) -> Result<Config, WatchError> {
    let options = KubeConfigOptions {
        context,
        ..KubeConfigOptions::default()
    };
    let config = match path {
        None => Config::from_kubeconfig(&options).await,
        Some(path) => match Kubeconfig::read_from(path) {
            Ok(read) => Config::from_custom_kubeconfig(read, &options).await,
            Err(error) => Err(error),
        },
    };
    config.map_err(|error| WatchError::KubeConfig(Box::new(error)))
}
