//! Where a mask stands so that nothing can be found from an anchor.
//!
//! Text that was scrubbed before holds masks where secrets stood, each behind a name or in a URL as the
//! secret was. A host that knows these forms need not show them to anybody. They are regular expressions,
//! since hosts have those, and narrower than the grammar that the rules go by (`slot`, `url`,
//! `headers`): what they match has the mask where the value begins, or no value at all, wherever the
//! text is cut. Nothing between anchor and mask is long enough to be a value itself.
//!
//! Must never match where a detector would find something from that anchor, whatever follows; a mask
//! for which that cannot be said has no forms.

use std::fmt::Write as _;

use crate::Detect;
use crate::bytes::{ALNUM, ByteClass};
use crate::gate::Lead;
use crate::headers::BASIC;
use crate::look::MASK_MAX;
use crate::table::detectors;
use crate::validators::is_basic_pair;

/// A place of which [`Detect::masked`] says when a mask settles it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Masked {
    /// What stands at once behind a literal of this lead.
    Behind(Lead),
    /// What begins at the colon before the slashes of a URL with user information.
    Userinfo,
    /// A value that its key makes a candidate.
    Whole,
    /// What ends with a literal of this lead that lies in the name of a detector in a mask:
    /// `REDACTED-token:`.
    UpTo(Lead),
}

/// The opening quote of a value, in up to three JSON strings.
const QUOTE: &str = r#"(?:(?:\\|\\{3}|\\{7})?["'`])?"#;
/// The quote that closes a name, and an operator of one byte: three bytes at the most between quotes.
const OPERATOR: &str = r#"(?:\\{0,14}["'])?[ \t]?[:=,][ \t]?"#;
/// Schemes of an Authorization header that one word follows.
const SCHEME: &str = "(?i:bearer|basic|token|bot|apikey) ";
/// What ends user information, and all but that: without `@`, and without a colon either. Sets without
/// their brackets.
const BORDER: &str = r##"\x00-\x20\x7f/?#"'`<>\\"##;
const INFO: &str = r##"^\x00-\x20\x7f/?#"'`<>\\@"##;
const USER: &str = r##"^\x00-\x20\x7f/?#"'`<>\\@:"##;

impl Detect {
    /// A regular expression (syntax of the crate `regex`) for bytes from which on, or up to which, nothing
    /// is found there: a mask stands where a secret would, or the anchor in a mask. None when no mask is
    /// known that is fit for it.
    #[must_use]
    pub fn masked(&self, place: Masked) -> Option<String> {
        let masks: Vec<String> = self.masks().filter_map(expression).collect();
        if masks.is_empty() {
            return None;
        }
        let mask = format!("(?:{})", masks.join("|"));
        let value = match place {
            Masked::Behind(Lead::Token | Lead::Cookies) => return None,
            Masked::Behind(Lead::Name) => format!("(?:[ \\t]{{0,16}}|{OPERATOR}){QUOTE}{mask}"),
            Masked::Behind(Lead::Header) => {
                format!("(?:[ \\t]{{0,16}}|{OPERATOR}){QUOTE}{SCHEME}{mask}")
            }
            Masked::Behind(Lead::Scheme) => format!("[{USER}]{{0,64}}:{mask}"),
            // A mask without a user before it settles one `@`: before another a password may stand.
            Masked::Userinfo => format!(
                ":[/\\\\]{{2,16}}(?:[{USER}]{{0,64}}:{mask}|{mask}[{USER}]{{0,64}}@[{INFO}]{{0,64}}(?:[{BORDER}]|\\z))"
            ),
            Masked::Whole => format!("[ \\t\\r\\n\"\\[]{{0,4}}(?:[A-Za-z-]{{1,32}} )?{mask}"),
            Masked::UpTo(Lead::Token | Lead::Scheme) => return None,
            Masked::UpTo(lead) => return self.named(lead),
        };
        Some(format!("(?-u){value}"))
    }

    fn named(&self, lead: Lead) -> Option<String> {
        // Of the forms of a name, one is enough.
        let names = self.gate().literals.iter();
        let names = names.filter(|literal| literal.lead == lead);
        let names: Vec<&[u8]> = names
            .filter_map(|name| name.bytes.strip_suffix(b"="))
            .collect();
        let all = || detectors().iter().map(|detector| detector.id);
        let is_name = |id: &&str| names.iter().any(|name| id.as_bytes().ends_with(name));
        let ids: Vec<&str> = all().filter(is_name).collect();
        if ids.is_empty() {
            return None;
        }
        let longest = all().map(str::len).max().unwrap_or(0);
        // Rules look back no further than that for a mask that they stand in, and one that is a part
        // of an anchor may lie in the middle of it.
        let is_seen = |mask: &&[u8]| mask.len() + longest <= MASK_MAX && !self.in_anchor(mask);
        let masks = self.masks().filter(is_seen);
        let masks = masks.filter(|mask| expression(mask).is_some());
        let masks: Vec<String> = masks.map(escaped).collect();
        if masks.is_empty() {
            return None;
        }
        let (masks, ids) = (masks.join("|"), ids.join("|"));
        Some(format!("(?-u)(?:{masks})(?:{ids})[=:>\"'\\\\ ]"))
    }
}

/// A mask as an expression; none where it could be cut, or be an operator or a credential itself.
fn expression(mask: &[u8]) -> Option<String> {
    const LETTERS: ByteClass = ALNUM.with(b"*-._~");
    const FIRST: ByteClass = ALNUM.with(b"*");
    const MASK_BYTES: std::ops::RangeInclusive<usize> = 4..=64;
    let credential = &mask[..BASIC.run(mask, 0, mask.len())];
    let is_fit = MASK_BYTES.contains(&mask.len())
        && mask.first().is_some_and(|&byte| FIRST.contains(byte))
        && mask.iter().all(|&byte| LETTERS.contains(byte))
        && !is_basic_pair(credential);
    if !is_fit {
        return None;
    }
    let mut text = escaped(mask);
    // Dots at the end of a bare value are no part of it.
    if mask.ends_with(b".") {
        text.push_str("[0-9A-Za-z]");
    }
    Some(text)
}

fn escaped(mask: &[u8]) -> String {
    let mut text = String::new();
    for &byte in mask {
        match byte {
            byte if byte.is_ascii_alphanumeric() => text.push(byte.into()),
            byte => {
                let _ = write!(text, "\\x{byte:02x}");
            }
        }
    }
    text
}
