//! Passwords as `htpasswd` stores them: bcrypt, SHA-1 in base64, or plain.
//!
//! bcrypt is slow on purpose, so a pair that was right is remembered by its digest for as long as
//! the file stays the same, and wrong ones are tried one after the other on a thread of their own:
//! a sender that guesses must not take the processors from those that know.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

use super::{Hash, hash};

/// bcrypt with a higher cost is refused: one try would take longer than a second.
const COST_MAX: u32 = 14;

/// Pairs that are remembered.
const PROVEN_MAX: usize = 1_024;

/// A password that is known.
#[derive(Clone)]
pub(super) enum Stored {
    Bcrypt(String),
    Sha1([u8; 20]),
    Plain(Hash),
}

impl Stored {
    /// From what stands behind the user's name.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(digest) = text.strip_prefix("{SHA}") {
            let digest = STANDARD.decode(digest).ok()?;
            return Some(Self::Sha1(digest.try_into().ok()?));
        }
        if ["$2a$", "$2b$", "$2x$", "$2y$"]
            .iter()
            .any(|known| text.starts_with(known))
        {
            let parts: bcrypt::HashParts = text.parse().ok()?;
            return (parts.get_cost() <= COST_MAX).then(|| Self::Bcrypt(text.to_owned()));
        }
        // What looks like another kind of hash was not meant as a password.
        (!text.is_empty() && !text.starts_with('$') && !text.starts_with('{'))
            .then(|| Self::Plain(hash(text)))
    }

    fn matches(&self, password: &str) -> bool {
        match self {
            Self::Bcrypt(stored) => bcrypt::verify(password, stored).unwrap_or(false),
            Self::Sha1(stored) => stored.ct_eq(Sha1::digest(password).as_slice()).into(),
            Self::Plain(stored) => stored.ct_eq(&hash(password)).into(),
        }
    }
}

/// Users and their passwords.
pub(super) struct Passwords {
    users: HashMap<Arc<str>, Stored>,
    /// Stands in for a user who does not exist, so that the time says nothing.
    decoy: Option<Stored>,
    proven: RwLock<HashSet<Hash>>,
    turn: Semaphore,
}

impl Passwords {
    pub(super) fn new(users: HashMap<Arc<str>, Stored>) -> Self {
        let mut slow = users
            .values()
            .filter(|stored| matches!(stored, Stored::Bcrypt(_)));
        Self {
            decoy: slow.next().or(users.values().next()).cloned(),
            users,
            proven: RwLock::default(),
            turn: Semaphore::new(1),
        }
    }

    /// The user, if the password is right.
    pub(super) async fn matches(&self, user: &str, password: &str) -> Option<Arc<str>> {
        let known = self.users.get_key_value(user);
        let stored = known.map(|(_, stored)| stored).or(self.decoy.as_ref())?;
        let right = match stored {
            Stored::Bcrypt(_) => self.slowly(stored, user, password).await,
            quick => quick.matches(password),
        };
        known.filter(|_| right).map(|(user, _)| Arc::clone(user))
    }

    async fn slowly(&self, stored: &Stored, user: &str, password: &str) -> bool {
        let pair = hash(format!("{user}:{password}"));
        let proven = || self.proven.read().unwrap_or_else(PoisonError::into_inner);
        if proven().contains(&pair) {
            return true;
        }
        let Ok(_turn) = self.turn.acquire().await else {
            return false;
        };
        let (stored, password) = (stored.clone(), password.to_owned());
        let matches = tokio::task::spawn_blocking(move || stored.matches(&password)).await;
        let right = matches.unwrap_or(false) && self.users.contains_key(user);
        let mut proven = self.proven.write().unwrap_or_else(PoisonError::into_inner);
        if right && proven.len() < PROVEN_MAX {
            proven.insert(pair);
        }
        right
    }
}
