//! The authenticators among the extensions: who may come in at a door, and as whom an exporter goes
//! out.
//!
//! Must never: put a credential into a message, or let a door stand open whose authenticator is
//! faulty: every way out without one leaves an error behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tamis_exporter::Header;
use tamis_receiver::{Authenticator, Credentials};

use super::super::finding::Finding;
use super::super::section::Section;
use super::headers;

pub(crate) const BEARER_KEYS: &[&str] = &["header", "scheme", "token", "tokens", "filename"];
pub(crate) const BASIC_KEYS: &[&str] = &["htpasswd", "client_auth"];
pub(crate) const HTPASSWD_KEYS: &[&str] = &["inline", "file"];
pub(crate) const CLIENT_AUTH_KEYS: &[&str] =
    &["username", "password", "username_file", "password_file"];

/// An authenticator. For a door it holds all it may be shown, for an exporter what it shows.
pub(super) enum Auth {
    /// `bearertokenauth`
    Bearer {
        header: String,
        scheme: String,
        tokens: Vec<String>,
        file: Option<PathBuf>,
    },
    /// `basicauth`
    Basic {
        inline: Option<String>,
        file: Option<PathBuf>,
        client: Option<(Source, Source)>,
    },
}

/// A text, or the file that holds it.
pub(super) enum Source {
    Text(String),
    File(PathBuf),
}

/// Reads `bearertokenauth`.
pub(super) fn bearer(
    section: &Section<'_>,
    folder: &Path,
    findings: &mut Vec<Finding>,
) -> Option<Auth> {
    section.keys(BEARER_KEYS, &[], findings);
    let before = findings.len();
    let mut tokens: Vec<String> = section
        .string("token", findings)
        .map(str::to_owned)
        .into_iter()
        .collect();
    let more = section.texts("tokens", findings);
    tokens.extend(more.into_iter().map(|(token, _)| token.to_owned()));
    let file = section.file("filename", folder, findings);
    let header = section
        .string("header", findings)
        .unwrap_or("Authorization");
    let scheme = section.string("scheme", findings).unwrap_or("Bearer");
    if findings.len() > before {
        return None;
    }
    if tokens.is_empty() && file.is_none() {
        let message = "there is no token: name `token`, `tokens` or `filename`";
        findings.push(section.error("", message));
        return None;
    }
    let key = if section.has("token") {
        "token"
    } else {
        "tokens"
    };
    let plain = |token: &String| !token.trim().is_empty() && headers::is_value(token);
    if !tokens.iter().all(plain) {
        let message = "a token is empty or has a character that no header can hold";
        findings.push(section.error(key, message));
        return None;
    }
    if !headers::is_name(header) || !headers::is_value(scheme) {
        let key = if headers::is_name(header) {
            "scheme"
        } else {
            "header"
        };
        findings.push(section.error(key, "has a character that no header can hold"));
        return None;
    }
    Some(Auth::Bearer {
        header: header.to_owned(),
        scheme: scheme.to_owned(),
        tokens,
        file,
    })
}

/// Reads `basicauth`.
pub(super) fn basic(
    section: &Section<'_>,
    folder: &Path,
    findings: &mut Vec<Finding>,
) -> Option<Auth> {
    section.keys(BASIC_KEYS, &[], findings);
    let before = findings.len();
    let (mut inline, mut file, mut client) = (None, None, None);
    if let Some(htpasswd) = section.section("htpasswd", findings) {
        htpasswd.keys(HTPASSWD_KEYS, &[], findings);
        inline = htpasswd.string("inline", findings).map(str::to_owned);
        file = htpasswd.file("file", folder, findings);
        let lines = inline.iter().flat_map(|inline| inline.lines());
        let user = |line: &str| {
            line.split_once(':')
                .is_some_and(|(user, _)| !user.is_empty())
        };
        if !lines
            .clone()
            .all(|line| line.trim().is_empty() || user(line))
        {
            let message = "each line is `user:password`, the password plain or hashed";
            findings.push(htpasswd.error("inline", message));
        } else if !lines.clone().any(user) && file.is_none() {
            let message = "there is no user: name `inline` or `file`";
            findings.push(htpasswd.error("", message));
        }
    }
    if let Some(auth) = section.section("client_auth", findings) {
        auth.keys(CLIENT_AUTH_KEYS, &[], findings);
        let user = source(&auth, "username", folder, findings);
        let password = source(&auth, "password", folder, findings);
        client = user.zip(password);
    }
    if !section.has("htpasswd") && !section.has("client_auth") {
        let message = "`htpasswd` for a receiver or `client_auth` for an exporter is missing";
        findings.push(section.error("", message));
    }
    match findings.len() > before {
        true => None,
        false => Some(Auth::Basic {
            inline,
            file,
            client,
        }),
    }
}

/// What stands under this key, or in the file under `KEY_file`.
fn source(
    auth: &Section<'_>,
    key: &str,
    folder: &Path,
    findings: &mut Vec<Finding>,
) -> Option<Source> {
    let file = format!("{key}_file");
    if auth.has(&file) {
        return auth.file(&file, folder, findings).map(Source::File);
    }
    if !auth.has(key) {
        findings.push(auth.error(key, format!("is missing; there is `{file}` too")));
        return None;
    }
    let text = auth.string(key, findings)?;
    Some(Source::Text(text.to_owned()))
}

impl Auth {
    /// What a door has its senders show.
    ///
    /// # Errors
    /// What is missing for that.
    pub(super) fn server(&self, name: &str) -> Result<Arc<Authenticator>, &'static str> {
        let credentials = match self {
            Self::Bearer {
                header,
                scheme,
                tokens,
                file,
            } => Credentials::Bearer {
                header: header.clone(),
                scheme: scheme.clone(),
                tokens: tokens.clone(),
                file: file.clone(),
            },
            Self::Basic {
                inline: None,
                file: None,
                ..
            } => return Err("has no `htpasswd`, which a receiver needs"),
            Self::Basic { inline, file, .. } => Credentials::Basic {
                inline: inline.clone(),
                file: file.clone(),
            },
        };
        Ok(Arc::new(Authenticator {
            name: name.into(),
            credentials,
        }))
    }

    /// What an exporter shows. Files are read once, here.
    ///
    /// # Errors
    /// What is missing for that, without any of it.
    pub(super) fn client(&self) -> Result<Header, String> {
        let (name, value) = match self {
            Self::Bearer {
                header,
                scheme,
                tokens,
                file,
            } => {
                let token = match (tokens.as_slice(), file) {
                    ([token], None) => token.clone(),
                    ([], Some(file)) => first_line(file)?,
                    _ => return Err("has several tokens, and an exporter shows one".to_owned()),
                };
                (
                    header.as_str(),
                    format!("{scheme} {token}").trim_start().to_owned(),
                )
            }
            Self::Basic { client: None, .. } => {
                return Err("has no `client_auth`, which an exporter needs".to_owned());
            }
            Self::Basic {
                client: Some((user, password)),
                ..
            } => {
                let pair = format!("{}:{}", user.read()?, password.read()?);
                ("Authorization", format!("Basic {}", STANDARD.encode(pair)))
            }
        };
        if !headers::is_value(&value) {
            return Err("has a character that no header can hold".to_owned());
        }
        Ok(Header {
            name: name.to_owned(),
            value,
        })
    }
}

impl Source {
    fn read(&self) -> Result<String, String> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::File(file) => first_line(file),
        }
    }
}

fn first_line(file: &Path) -> Result<String, String> {
    let text = fs::read_to_string(file)
        .map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    match text.lines().next().map(str::trim) {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err(format!("{} begins with no text", file.display())),
    }
}
