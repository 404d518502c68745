//! A receiver: its doors opened, and closed again.
//!
//! Everything that can be wrong with the settings is found before a connection is taken. Dropped
//! without being closed, it ends all its connections at once.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::accept;
use crate::budget::Budget;
use crate::connection::Closing;
use crate::consumer::Consumer;
use crate::door::{Door, Transport};
use crate::guard::{AuthError, Guard};
use crate::listen::{Endpoint, is_local};
use crate::metrics::Metrics;
use crate::notice::Notices;
use crate::settings::{DoorSettings, ReceiverSettings};
use crate::tls::{Tls, TlsError};

/// Why a receiver can't be opened. Each names the setting by its path in the config.
#[derive(Debug, Error)]
pub enum BindError {
    /// An endpoint that is not `host:port`.
    #[error("{setting}: `{endpoint}` is not host:port")]
    Endpoint {
        /// The setting.
        setting: String,
        /// What stands there.
        endpoint: String,
    },
    /// Another process, or another door, listens there.
    #[error(
        "{setting}: {address} is taken already; stop what listens there or choose another port"
    )]
    Taken {
        /// The setting.
        setting: String,
        /// The address.
        address: String,
    },
    /// The address can't be listened on.
    #[error("{setting}: can't listen on {address}")]
    Listen {
        /// The setting.
        setting: String,
        /// The address.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// TLS can't be set up.
    #[error("{setting}: tls")]
    Tls {
        /// The setting.
        setting: String,
        /// Why.
        source: TlsError,
    },
    /// The credentials can't be used.
    #[error("{setting}: the authenticator {authenticator}")]
    Auth {
        /// The setting.
        setting: String,
        /// The extension's name.
        authenticator: String,
        /// Why.
        source: AuthError,
    },
}

/// All that [`Receiver::bind`] would find without opening a socket: endpoints, certificates,
/// credentials.
#[must_use]
pub fn check(settings: &ReceiverSettings) -> Vec<BindError> {
    let mut faults = Vec::new();
    for (_, door) in doors(settings) {
        faults.extend(endpoint(door).err());
        let tls = door.tls.as_ref().map(Tls::faults).unwrap_or_default();
        faults.extend(tls.into_iter().map(|source| BindError::Tls {
            setting: door.setting.clone(),
            source,
        }));
        faults.extend(guard(door).err());
    }
    faults
}

fn doors(settings: &ReceiverSettings) -> impl Iterator<Item = (Transport, &DoorSettings)> {
    let grpc = settings.grpc.as_ref().map(|door| (Transport::Grpc, door));
    let http = settings.http.as_ref().map(|door| (Transport::Http, door));
    grpc.into_iter().chain(http)
}

/// What of a door is read from its settings and their files.
struct Lock<'a> {
    endpoint: Endpoint<'a>,
    tls: Option<Tls>,
    guard: Option<Guard>,
}

impl<'a> Lock<'a> {
    fn load(transport: Transport, door: &'a DoorSettings) -> Result<Self, BindError> {
        let protocols: &[&[u8]] = match transport {
            Transport::Grpc => &[b"h2"],
            Transport::Http => &[b"h2", b"http/1.1"],
        };
        let tls = door.tls.as_ref().map(|tls| Tls::load(tls, protocols));
        let tls = tls.transpose().map_err(|source| BindError::Tls {
            setting: door.setting.clone(),
            source,
        })?;
        Ok(Self {
            endpoint: endpoint(door)?,
            tls,
            guard: guard(door)?,
        })
    }
}

fn endpoint(door: &DoorSettings) -> Result<Endpoint<'_>, BindError> {
    Endpoint::parse(&door.endpoint).ok_or_else(|| BindError::Endpoint {
        setting: door.setting.clone(),
        endpoint: door.endpoint.clone(),
    })
}

fn guard(door: &DoorSettings) -> Result<Option<Guard>, BindError> {
    let guard = door.authenticator.as_ref().map(|authenticator| {
        Guard::load(authenticator).map_err(|source| BindError::Auth {
            setting: door.setting.clone(),
            authenticator: authenticator.name.to_string(),
            source,
        })
    });
    guard.transpose()
}

/// Where a receiver listens. A door may have several addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Of the door for gRPC.
    pub grpc: Vec<SocketAddr>,
    /// Of the door for HTTP.
    pub http: Vec<SocketAddr>,
}

/// A receiver whose doors are open.
#[derive(Debug)]
pub struct Receiver {
    addresses: Addresses,
    closing: watch::Sender<bool>,
    loops: JoinSet<()>,
    watchers: JoinSet<()>,
}

impl Receiver {
    /// Opens the doors; what comes in goes to the consumer. Needs a Tokio runtime with time and
    /// I/O.
    ///
    /// # Errors
    /// What is wrong with the settings or stands in the way; nothing is open then.
    pub async fn bind<C: Consumer>(
        settings: ReceiverSettings,
        consumer: Arc<C>,
        metrics: &Metrics,
    ) -> Result<Self, BindError> {
        let mut opened = Vec::new();
        for (transport, door) in doors(&settings) {
            let lock = Lock::load(transport, door)?;
            let listeners = listen(door, &lock.endpoint).await?;
            warn_of_strangers(door, &listeners);
            opened.push((transport, door, lock, listeners));
        }
        let mut addresses = Addresses::default();
        for (transport, _, _, listeners) in &opened {
            let bound = listeners.iter().filter_map(|one| one.local_addr().ok());
            match transport {
                Transport::Grpc => addresses.grpc.extend(bound),
                Transport::Http => addresses.http.extend(bound),
            }
        }
        let (closing, _) = watch::channel(false);
        let mut receiver = Self {
            addresses,
            closing,
            loops: JoinSet::new(),
            watchers: JoinSet::new(),
        };
        for (transport, door, lock, listeners) in opened {
            let door = Door {
                consumer: Arc::clone(&consumer),
                receiver: Arc::clone(&settings.name),
                transport,
                budget: Budget::new(
                    door.limits.in_flight_bytes_max,
                    door.limits.admission_timeout,
                ),
                guard: lock.guard,
                tls: lock.tls,
                notices: Notices::new(Arc::clone(&settings.name), door.setting.clone()),
                metrics: metrics.of(&settings.name, word(transport)),
                other: receiver.way_to_the_other(transport),
                settings: door.clone(),
            };
            receiver.open(Arc::new(door), listeners);
        }
        Ok(receiver)
    }

    /// Where it listens; with port 0 in the settings this has the ports that were chosen.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Takes no more connections and requests, lets those in work finish until the deadline, and
    /// cuts what is left then.
    pub async fn close(mut self, deadline: Instant) {
        self.closing.send_replace(true);
        let finished = async { while self.loops.join_next().await.is_some() {} };
        drop(timeout_at(deadline, finished).await);
        self.loops.shutdown().await;
        self.watchers.shutdown().await;
    }

    fn open<C: Consumer>(&mut self, door: Arc<Door<C>>, listeners: Vec<TcpListener>) {
        let slots = Arc::new(Semaphore::new(
            door.limits().connections_max.min(Semaphore::MAX_PERMITS),
        ));
        for listener in listeners {
            let (slots, closing) = (Arc::clone(&slots), Closing(self.closing.subscribe()));
            let accepted = accept::run(Arc::clone(&door), listener, slots, closing);
            self.loops.spawn(accepted);
        }
        if door.tls.is_some() {
            let door = Arc::clone(&door);
            self.watchers.spawn(async move {
                if let Some(tls) = &door.tls {
                    tls.keep_fresh(&door.notices).await;
                }
            });
        }
        if door.guard.is_some() {
            self.watchers.spawn(async move {
                if let Some(guard) = &door.guard {
                    guard.keep_fresh(&door.notices).await;
                }
            });
        }
    }

    /// What to tell those that knock at the wrong door.
    fn way_to_the_other(&self, transport: Transport) -> String {
        let (name, addresses) = match transport {
            Transport::Grpc => ("OTLP/HTTP", &self.addresses.http),
            Transport::Http => ("gRPC", &self.addresses.grpc),
        };
        match addresses.first() {
            Some(address) => format!("{name} is served on port {}", address.port()),
            None => format!("{name} is not switched on in this receiver"),
        }
    }
}

fn word(transport: Transport) -> &'static str {
    match transport {
        Transport::Grpc => "grpc",
        Transport::Http => "http",
    }
}

async fn listen(
    door: &DoorSettings,
    endpoint: &Endpoint<'_>,
) -> Result<Vec<TcpListener>, BindError> {
    endpoint.listen().await.map_err(|(address, source)| {
        let setting = door.setting.clone();
        match source.kind() {
            io::ErrorKind::AddrInUse => BindError::Taken { setting, address },
            _ => BindError::Listen {
                setting,
                address,
                source,
            },
        }
    })
}

/// Says so when a door is open to other machines and anybody may come in or listen.
fn warn_of_strangers(door: &DoorSettings, listeners: &[TcpListener]) {
    let is_open = |listener: &TcpListener| {
        let address = listener.local_addr();
        address.is_ok_and(|address| !is_local(address.ip()))
    };
    let knows_senders = door.authenticator.is_some()
        || door
            .tls
            .as_ref()
            .is_some_and(|tls| tls.client_ca_file.is_some());
    if listeners.iter().any(is_open) && (door.tls.is_none() || !knows_senders) {
        tracing::warn!(
            setting = door.setting,
            "this door is open to other machines without TLS and an authenticator: what agents \
             send can be read on the way, and anybody can send; use 127.0.0.1, or set `tls` and \
             `auth`"
        );
    }
}
