//! Addresses to listen on and URLs to send to, checked before anything opens them.
//!
//! Must never: put an address into a message. It may hold a password.

use http::Uri;

use super::super::finding::Finding;
use super::super::section::Section;

/// The host and port that the door under this key listens on; no host is any address.
pub(super) fn listen(
    section: &Section<'_>,
    key: &str,
    default: &str,
    findings: &mut Vec<Finding>,
) -> String {
    let Some(text) = section.string(key, findings) else {
        return default.to_owned();
    };
    let wrong = if text.contains("://") {
        "a door listens on HOST:PORT, without a scheme; TLS is set under `tls`"
    } else if text.starts_with(['/', '@']) || text.starts_with("unix:") {
        "sockets of the file system are not served"
    } else {
        match split(text) {
            Ok(_) => return text.to_owned(),
            Err(wrong) => wrong,
        }
    };
    let fix = format!("write HOST:PORT, such as {default}");
    findings.push(section.error(key, wrong).with_fix(fix));
    default.to_owned()
}

/// The same for what listens on one address alone: no host is any address.
pub(super) fn listen_once(
    section: &Section<'_>,
    key: &str,
    default: &str,
    findings: &mut Vec<Finding>,
) -> String {
    let endpoint = listen(section, key, default, findings);
    match endpoint.starts_with(':') {
        true => format!("0.0.0.0{endpoint}"),
        false => endpoint,
    }
}

/// The host, without brackets, and port of `HOST:PORT`.
pub(super) fn split(text: &str) -> Result<(&str, u16), &'static str> {
    let (host, port) = text.rsplit_once(':').ok_or("the port is missing")?;
    let host = match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']').ok_or("the `]` is missing")?,
        None if host.contains(':') => {
            return Err("an IPv6 address needs brackets, as in [::1]:4317");
        }
        None => host,
    };
    let named = |c: char| c.is_ascii_alphanumeric() || "-_.:%".contains(c);
    if !host.chars().all(named) {
        return Err("the host has a character that no host has");
    }
    match port.parse() {
        Ok(port) => Ok((host, port)),
        Err(_) => Err("the port is no number from 0 to 65535"),
    }
}

/// Whether only programs on this machine reach this host.
pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse()
            .is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

/// Whether a socket on one of these hosts takes the place of one on the other.
pub(super) fn overlap(one: &str, other: &str) -> bool {
    let covers = |any: &str, host: &str| match any {
        "" | "::" => true,
        "0.0.0.0" => !host.contains(':'),
        "localhost" => is_loopback(host),
        _ => any == host,
    };
    covers(one, other) || covers(other, one)
}

/// Where an exporter sends to.
pub(super) struct Target {
    pub(super) scheme: Option<Scheme>,
    pub(super) host: String,
    pub(super) port: Option<u16>,
    /// The path without a slash at its end.
    pub(super) path: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    Https,
}

/// What a URL, or a `HOST:PORT` without scheme, leads to.
///
/// # Errors
/// What is wrong with it, without showing it.
pub(super) fn target(text: &str) -> Result<Target, &'static str> {
    let scheme = match text.split_once("://") {
        None => None,
        Some(("http", _)) => Some(Scheme::Http),
        Some(("https", _)) => Some(Scheme::Https),
        Some(_) => return Err("the scheme is neither http nor https"),
    };
    if scheme.is_none() {
        let (host, port) = split(text)?;
        if host.is_empty() {
            return Err("the host is missing");
        }
        return Ok(Target {
            scheme,
            host: host.to_owned(),
            port: Some(port),
            path: String::new(),
        });
    }
    let uri: Uri = text.parse().map_err(|_| "is no URL")?;
    let authority = uri.authority().ok_or("the host is missing")?;
    if authority.as_str().contains('@') {
        return Err("a user and password do not belong in a URL");
    }
    let written = authority.as_str().rsplit_once(':');
    if written.is_some_and(|(_, port)| !port.ends_with(']')) && authority.port_u16().is_none() {
        return Err("the port is no number from 0 to 65535");
    }
    if uri.host().is_none_or(str::is_empty) {
        return Err("the host is missing");
    }
    let host = uri.host().unwrap_or_default();
    Ok(Target {
        scheme,
        host: host.trim_matches(['[', ']']).to_owned(),
        port: authority.port_u16(),
        path: uri.path().trim_end_matches('/').to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports() {
        assert_eq!(split("127.0.0.1:4317"), Ok(("127.0.0.1", 4317)));
        assert_eq!(split("[::1]:0"), Ok(("::1", 0)));
        assert_eq!(split(":4317"), Ok(("", 4317)));
        for wrong in [
            "", "x", "x:", "x:y", "x:70000", "::1:4317", "[::1:1", "a b:1", "x/y:1",
        ] {
            assert!(split(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn doors_that_take_each_others_place() {
        assert!(overlap("0.0.0.0", "127.0.0.1"));
        assert!(overlap("localhost", "::1"));
        assert!(!overlap("127.0.0.1", "10.0.0.1"));
        assert!(!overlap("127.0.0.1", "::1"));
    }

    #[test]
    fn urls() {
        let of = |text: &str| {
            target(text).map(|target| (target.scheme, target.host, target.port, target.path))
        };
        let (http, https) = (Some(Scheme::Http), Some(Scheme::Https));
        let text = str::to_owned;
        assert_eq!(
            of("http://a:1/b/"),
            Ok((http, text("a"), Some(1), text("/b")))
        );
        assert_eq!(of("https://a"), Ok((https, text("a"), None, text(""))));
        assert_eq!(
            of("http://[::1]:2"),
            Ok((http, text("::1"), Some(2), text("")))
        );
        assert_eq!(of("a:1"), Ok((None, text("a"), Some(1), text(""))));
        for wrong in [
            "",
            "a",
            "://",
            "http://",
            "http://:1",
            "ftp://a:1",
            "dns:///a:1",
            "unix:///a",
            "http://u:p@a:1",
            "http://a:99999",
            "http://a:b",
            "http://a b",
        ] {
            assert!(target(wrong).is_err(), "{wrong}");
        }
    }
}
