//! Listening on an endpoint of the config.
//!
//! `localhost` means both families, as senders may try either first; an empty host means all
//! addresses, as in the Collector.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::TcpListener;

/// How often a free port is looked for that both families have.
const TRIES: usize = 16;

/// Host and port of an endpoint.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Endpoint<'a> {
    pub(crate) host: &'a str,
    pub(crate) port: u16,
}

impl<'a> Endpoint<'a> {
    /// `host:port`, `[v6]:port` or `:port`.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let is_plain = !host.contains(['/', '[', ']', ':', '@', ' ']);
        let host = bare.or(is_plain.then_some(host))?;
        let port = port.parse().ok()?;
        Some(Self { host, port })
    }

    /// Listens on it; the error says at which address.
    pub(crate) async fn listen(&self) -> Result<Vec<TcpListener>, (String, io::Error)> {
        if self.host.eq_ignore_ascii_case("localhost") {
            return self.listen_locally().await;
        }
        if self.host.is_empty() {
            let all = SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), self.port);
            return match bind(all).await {
                Err((_, error)) if is_no_family(&error) => {
                    let all = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), self.port);
                    Ok(vec![bind(all).await?])
                }
                bound => Ok(vec![bound?]),
            };
        }
        let resolved = tokio::net::lookup_host((self.host, self.port)).await;
        let resolved = resolved.map_err(|error| (self.host.to_owned(), error))?;
        let mut listeners = Vec::new();
        for address in resolved {
            listeners.push(bind(address).await?);
        }
        Ok(listeners)
    }

    async fn listen_locally(&self) -> Result<Vec<TcpListener>, (String, io::Error)> {
        let mut tries = 0;
        loop {
            let first = bind(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), self.port)).await?;
            let port = first
                .local_addr()
                .map_or(self.port, |address| address.port());
            tries += 1;
            match bind(SocketAddr::new(Ipv6Addr::LOCALHOST.into(), port)).await {
                Ok(second) => return Ok(vec![first, second]),
                Err((_, error)) if is_no_family(&error) => return Ok(vec![first]),
                Err(failed) if self.port != 0 || tries == TRIES => return Err(failed),
                Err(_) => {}
            }
        }
    }
}

/// Whether an address can be reached from this machine only.
pub(crate) fn is_local(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

async fn bind(address: SocketAddr) -> Result<TcpListener, (String, io::Error)> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| (address.to_string(), error))
}

/// A machine without IPv6.
fn is_no_family(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported
    ) || error.raw_os_error() == Some(EAFNOSUPPORT)
}

const EAFNOSUPPORT: i32 = if cfg!(target_os = "linux") { 97 } else { 47 };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints() {
        let parsed = |text| Endpoint::parse(text).map(|Endpoint { host, port }| (host, port));
        assert_eq!(parsed("127.0.0.1:4317"), Some(("127.0.0.1", 4317)));
        assert_eq!(parsed("[::1]:0"), Some(("::1", 0)));
        assert_eq!(parsed(":4318"), Some(("", 4318)));
        for wrong in [
            "",
            "localhost",
            "a:b",
            "a:70000",
            "http://a:1",
            "::1:4317x",
            "a b:1",
        ] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }
}
