//! Why there was no answer, from the errors of the libraries below.
//!
//! Must never: keep their words; they may hold what a server sent.

use std::error::Error;
use std::io;

use hyper_util::client::legacy;
use rustls::CertificateError;

use crate::why::{TlsFault, Why};

pub(super) fn of(error: &legacy::Error) -> Why {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(here) = cause {
        if let Some(fault) = here.downcast_ref::<rustls::Error>() {
            return Why::Tls(tls(fault));
        }
        if let Some(fault) = here.downcast_ref::<hyper::Error>()
            && fault.is_parse()
        {
            return Why::NotHttp;
        }
        cause = within(here);
    }
    if error.is_connect() {
        Why::Connect
    } else {
        Why::Disconnected
    }
}

/// The next error below. That in an `io::Error` is not its source, but stands in its place.
fn within<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

fn tls(fault: &rustls::Error) -> TlsFault {
    match fault {
        rustls::Error::InvalidMessage(_) => TlsFault::PlainText,
        rustls::Error::AlertReceived(_) => TlsFault::Alert,
        rustls::Error::InvalidCertificate(fault) => match fault {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => TlsFault::Untrusted,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                TlsFault::Name
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => TlsFault::Expired,
            _ => TlsFault::Other,
        },
        _ => TlsFault::Other,
    }
}
