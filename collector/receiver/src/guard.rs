//! Who may come in: bearer tokens and users with passwords.
//!
//! What senders show is compared by digests in constant time. Must never: show a credential, or
//! tell a sender which part of one was wrong.

mod passwords;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::HeaderName;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};
use thiserror::Error;

use self::passwords::{Passwords, Stored};
use crate::notice::{Mistake, Notices};
use crate::settings::{Authenticator, Credentials};
use crate::watched;

/// How often a file of credentials is looked at for a change.
const RELOAD_INTERVAL: Duration = Duration::from_secs(1);

/// Why credentials can't be used.
#[derive(Debug, Error)]
pub enum AuthError {
    /// The file can't be read.
    #[error("{} can't be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no token and no user, so nobody could come in.
    #[error("there are no credentials, nobody could come in")]
    Empty,
    /// The header's name is not one.
    #[error("the name of the header is not a valid one")]
    Header,
    /// A line without a colon.
    #[error("line {line} is not user:password")]
    Line {
        /// The line, from 1.
        line: usize,
    },
    /// A password in a form that is not supported.
    #[error("line {line}: this form of password is not supported, use bcrypt (htpasswd -B)")]
    Password {
        /// The line, from 1.
        line: usize,
    },
}

/// Whether somebody may come in.
pub(crate) enum Entry {
    /// Yes, as this principal.
    Granted(Arc<str>),
    /// No.
    Denied,
}

type Hash = [u8; 32];

/// The credentials of a door, ready to be asked.
pub(crate) struct Guard {
    name: Arc<str>,
    credentials: Credentials,
    header: HeaderName,
    known: ArcSwap<Known>,
    loaded: Option<Hash>,
}

enum Known {
    Tokens(Vec<Hash>),
    Passwords(Passwords),
}

impl Guard {
    pub(crate) fn load(authenticator: &Authenticator) -> Result<Self, AuthError> {
        let header = match &authenticator.credentials {
            Credentials::Bearer { header, .. } => header.as_str(),
            Credentials::Basic { .. } => "authorization",
        };
        let header = HeaderName::from_bytes(header.as_bytes()).map_err(|_| AuthError::Header)?;
        let file = file(&authenticator.credentials);
        let loaded = watched::digest(file.as_slice());
        Ok(Self {
            name: Arc::clone(&authenticator.name),
            known: ArcSwap::from_pointee(known(&authenticator.credentials)?),
            credentials: authenticator.credentials.clone(),
            header,
            loaded,
        })
    }

    /// Reads the file again whenever it changes, for ever.
    pub(crate) async fn keep_fresh(&self, notices: &Notices) {
        let Some(file) = file(&self.credentials) else {
            return std::future::pending().await;
        };
        watched::watch(vec![file], RELOAD_INTERVAL, self.loaded, || {
            match known(&self.credentials) {
                Ok(known) => self.known.store(Arc::new(known)),
                Err(error) => {
                    let text = format!("the changed credentials are left alone: {error}");
                    notices.say(Mistake::Reload, &text);
                }
            }
        })
        .await;
    }

    /// What `WWW-Authenticate` says.
    pub(crate) fn challenge(&self) -> &'static str {
        match self.credentials {
            Credentials::Bearer { .. } => "Bearer",
            Credentials::Basic { .. } => "Basic realm=\"tamis\"",
        }
    }

    /// Judges what a request shows.
    pub(crate) async fn judge(&self, headers: &HeaderMap) -> Entry {
        let mut shown = headers.get_all(&self.header).iter();
        let (Some(shown), None) = (shown.next(), shown.next()) else {
            return Entry::Denied;
        };
        let Ok(shown) = shown.to_str() else {
            return Entry::Denied;
        };
        let known = self.known.load_full();
        match (&*known, &self.credentials) {
            (Known::Tokens(tokens), Credentials::Bearer { scheme, .. }) => {
                let hash = behind_scheme(shown, scheme).map(hash);
                match hash.is_some_and(|hash| is_one_of(&hash, tokens)) {
                    true => Entry::Granted(Arc::clone(&self.name)),
                    false => Entry::Denied,
                }
            }
            (Known::Passwords(passwords), _) => basic(shown, passwords).await,
            _ => Entry::Denied,
        }
    }
}

async fn basic(shown: &str, passwords: &Passwords) -> Entry {
    let decoded = behind_scheme(shown, "Basic").and_then(|text| STANDARD.decode(text).ok());
    let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let Some((user, password)) = decoded.as_deref().and_then(|text| text.split_once(':')) else {
        return Entry::Denied;
    };
    match passwords.matches(user, password).await {
        Some(user) => Entry::Granted(user),
        None => Entry::Denied,
    }
}

/// What stands behind the scheme and its space.
fn behind_scheme<'a>(shown: &'a str, scheme: &str) -> Option<&'a str> {
    if scheme.is_empty() {
        return Some(shown);
    }
    let (found, rest) = shown.split_once(' ')?;
    found.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

fn hash(text: impl AsRef<[u8]>) -> Hash {
    Sha256::digest(text.as_ref()).into()
}

/// Looks at all of them, so that the time says nothing.
fn is_one_of(hash: &Hash, known: &[Hash]) -> bool {
    let found = known.iter().fold(Choice::from(0), |found, known| {
        found | known.as_slice().ct_eq(hash)
    });
    found.into()
}

fn file(credentials: &Credentials) -> Option<PathBuf> {
    match credentials {
        Credentials::Bearer { file, .. } | Credentials::Basic { file, .. } => file.clone(),
    }
}

fn known(credentials: &Credentials) -> Result<Known, AuthError> {
    let text = match file(credentials) {
        None => String::new(),
        Some(path) => {
            let read = std::fs::read_to_string(&path);
            read.map_err(|source| AuthError::File { path, source })?
        }
    };
    match credentials {
        Credentials::Bearer { tokens, .. } => {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            let all = tokens.iter().map(String::as_str).chain(lines);
            let tokens: Vec<_> = all.map(hash).collect();
            match tokens.is_empty() {
                true => Err(AuthError::Empty),
                false => Ok(Known::Tokens(tokens)),
            }
        }
        Credentials::Basic { inline, .. } => {
            let mut users = HashMap::new();
            for text in [text.as_str(), inline.as_deref().unwrap_or_default()] {
                users.extend(users_of(text)?);
            }
            match users.is_empty() {
                true => Err(AuthError::Empty),
                false => Ok(Known::Passwords(Passwords::new(users))),
            }
        }
    }
}

/// The users in lines as `htpasswd` writes them.
fn users_of(text: &str) -> Result<HashMap<Arc<str>, Stored>, AuthError> {
    let lines = text.lines().map(str::trim).enumerate();
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|(index, text)| {
            let line = index + 1;
            let (user, password) = text.split_once(':').ok_or(AuthError::Line { line })?;
            let stored = Stored::parse(password).ok_or(AuthError::Password { line })?;
            Ok((Arc::from(user), stored))
        })
        .collect()
}
