//! What is said about a value that was cut, in attributes beside it.
//!
//! Must never: say anything of an element of an array, which has no key of its own, or overwrite what
//! is there.

use std::collections::HashSet;

use tamis_sdk::{Edits, Fault, ValueView};

use crate::note::sha256;
use crate::settings::Attribute;

const ORIGINAL_BYTES: &str = ".original_bytes";
/// How the key of a digest ends.
pub(crate) const SHA256: &str = ".sha256";

/// Whether a key is one of those that say what was cut.
pub(crate) fn is_said(key: &[u8]) -> bool {
    key.ends_with(ORIGINAL_BYTES.as_bytes()) || key.ends_with(SHA256.as_bytes())
}

/// What one view has been told so far.
#[derive(Debug)]
pub(crate) struct Said<'a> {
    attributes: &'a [Attribute],
    done: HashSet<(u32, String)>,
}

impl<'a> Said<'a> {
    pub(crate) fn new(attributes: &'a [Attribute]) -> Self {
        Self {
            attributes,
            done: HashSet::new(),
        }
    }

    /// Says what a value was before it was cut.
    pub(crate) fn of(&mut self, value: &ValueView<'_>, edits: &mut Edits<'_>) -> Result<(), Fault> {
        let (Some(container), Some(name)) = (value.container, name(value)) else {
            return Ok(());
        };
        if self.attributes.is_empty() || !self.done.insert((container, name.to_owned())) {
            return Ok(());
        }
        for attribute in self.attributes {
            match attribute {
                Attribute::OriginalBytes => {
                    let key = format!("{name}{ORIGINAL_BYTES}");
                    edits.insert_if_absent(container, &key, value.bytes.len() as i64)?;
                }
                Attribute::Sha256 => {
                    let key = format!("{name}{SHA256}");
                    edits.insert_if_absent(container, &key, &sha256(value.bytes)?)?;
                }
            }
        }
        Ok(())
    }
}

/// What a value is called: its key, or the name of its place.
fn name<'v>(value: &ValueView<'v>) -> Option<&'v str> {
    match (value.key, value.entry) {
        (Some(key), Some(_)) => std::str::from_utf8(key).ok().filter(|key| !key.is_empty()),
        (None, None) if value.depth == 0 => Some(value.place.as_str()),
        _ => None,
    }
}
