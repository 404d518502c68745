//! Judges one value against the subscriptions of one plugin.
//!
//! The gate only says where to look; what counts is decided here, on the value alone: place, kind,
//! keys, length, literals with what must follow them, classes, patterns. Every subscription of the
//! place is judged, since one literal may hide another from the gate.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};
use otlp_wire::{Kind, Signal, Value};
use regex::bytes::Regex;
use tamis_contract::{Case, Class, Companion, Depth, Follow, Literal, Subscription, When};
use tamis_detect::may_hold_account;
use tamis_scan::Gate;

use crate::evidence::{Evidence, Marks, Places};
use crate::found::{Finds, Found, Unless};
use crate::interest::{InterestError, compile_pattern, stands_as_text};
use crate::keys::KeySet;
use crate::limits::PluginLimits;
use crate::plan::{gate_class, gate_literal, key_literals};
use crate::size::Size;

/// The batch that a value stands in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Batch<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) evidence: Evidence<'a>,
}

/// A compiled subscription.
#[derive(Debug)]
pub(crate) struct Judge {
    signals: u8,
    pub(crate) places: u32,
    pub(crate) kinds: u16,
    keys: Option<KeySet>,
    key_marks: Marks,
    except: Option<KeySet>,
    depth: Depth,
    condition: Condition,
    unless: Vec<Unless>,
    pub(crate) size: Size,
    pub(crate) show: Vec<Companion>,
}

#[derive(Debug)]
enum Condition {
    Always,
    LongerThan(usize),
    Holds {
        literals: Vec<LiteralSet>,
        classes: Vec<WantedClass>,
        patterns: Vec<Searcher>,
    },
}

#[derive(Debug)]
struct LiteralSet {
    automaton: AhoCorasick,
    literals: Vec<tamis_scan::Literal>,
    /// What must follow each, and what settles it.
    demands: Vec<(Option<Follow>, u32)>,
    places: Places,
}

#[derive(Debug)]
struct WantedClass {
    class: Class,
    /// Whether the gate looks for it, too.
    is_gated: bool,
}

#[derive(Debug)]
struct Searcher {
    regex: Regex,
    secret: Option<usize>,
    marks: Marks,
}

impl Judge {
    pub(crate) fn new(
        subscription: &Subscription,
        path: &str,
        limits: &PluginLimits,
    ) -> Result<Self, InterestError> {
        let keys = |keys: &Option<_>, name: &str| {
            let compile = |keys| KeySet::new(keys, &format!("{path}.{name}"), limits);
            keys.as_ref().map(compile).transpose()
        };
        Ok(Self {
            signals: mask(
                subscription.signals.iter().map(|&signal| signal as u32),
                u8::MAX.into(),
            ) as u8,
            places: mask(
                subscription.places.iter().map(|&place| place as u32),
                u32::MAX,
            ),
            kinds: mask(
                subscription.kinds.iter().map(|&kind| kind as u32),
                1 << Kind::String as u32 | 1 << Kind::Bytes as u32,
            ) as u16,
            keys: keys(&subscription.keys, "keys")?,
            key_marks: Marks::of_all(subscription.keys.as_ref().and_then(key_literals)),
            except: keys(&subscription.except, "except")?,
            depth: subscription.depth,
            condition: Condition::new(&subscription.when, path, limits)?,
            unless: (subscription.unless.iter().enumerate())
                .map(|(number, unless)| {
                    Unless::new(unless, &format!("{path}.unless[{number}]"), limits)
                })
                .collect::<Result<_, _>>()?,
            size: Size::new(subscription),
            show: subscription.show.clone(),
        })
    }

    pub(crate) fn hears(&self, signal: Signal) -> bool {
        self.signals & 1 << signal as u32 != 0
    }

    /// Finds in the gate what this subscription looks for.
    pub(crate) fn resolve(&mut self, gate: &Gate, index: &HashMap<&tamis_scan::Literal, usize>) {
        self.key_marks.resolve(index);
        if let Condition::Holds {
            literals,
            classes,
            patterns,
        } = &mut self.condition
        {
            for set in literals {
                set.places.resolve(&set.literals, index);
            }
            for wanted in classes {
                wanted.is_gated = gate.looks_for(gate_class(wanted.class));
            }
            for searcher in patterns {
                searcher.marks.resolve(index);
            }
        }
    }

    /// Appends this subscription's hits in a value of the batch, whose text is `bytes`.
    pub(crate) fn judge(
        &self,
        number: u32,
        value: &Value,
        bytes: &[u8],
        batch: &Batch<'_>,
        found: &mut Finds,
        hits_max: usize,
    ) {
        if !self.fits(value, batch) {
            return;
        }
        found.begin(hits_max);
        // What the gate found in the batch says nothing of the digits of a number.
        let evidence = if stands_as_text(value.kind) {
            batch.evidence
        } else {
            Evidence(None)
        };
        let mut text = [0; 32];
        let bytes = number_text(value.kind, bytes, &mut text).unwrap_or(bytes);
        let whole = Found {
            subscription: number,
            start: 0,
            end: bytes.len() as u32,
            secret: None,
        };
        match &self.condition {
            Condition::Always => {
                found.add(whole, 0, self.unless.first(), bytes);
            }
            Condition::LongerThan(min) => {
                if bytes.len() > *min {
                    found.add(whole, 0, self.unless.first(), bytes);
                }
            }
            Condition::Holds {
                literals,
                classes,
                patterns,
            } => {
                let mut add =
                    |hit, from, entry| found.add(hit, from, self.unless.get(entry), bytes);
                for set in literals {
                    set.search(number, value, bytes, evidence, &mut add);
                }
                if classes
                    .iter()
                    .any(|wanted| wanted.stands(value, bytes, evidence))
                {
                    add(whole, 0, 0);
                }
                for searcher in patterns {
                    if evidence.allows(&searcher.marks, &value.payload) {
                        searcher.search(number, bytes, &mut add);
                    }
                }
            }
        }
    }

    fn fits(&self, value: &Value, batch: &Batch<'_>) -> bool {
        if self.places & 1 << value.place as u32 == 0 || self.kinds & 1 << value.kind as u32 == 0 {
            return false;
        }
        if self.depth == Depth::Top && value.depth > 0 {
            return false;
        }
        let (mut wanted, mut unwanted) = (self.keys.is_none(), false);
        if !wanted || self.except.is_some() {
            for range in value.keys(batch.bytes) {
                let key = batch.bytes.get(range.clone()).unwrap_or_default();
                let allowed = batch.evidence.allows(&self.key_marks, &range);
                wanted = wanted || allowed && self.keys.as_ref().is_some_and(|set| set.holds(key));
                unwanted = unwanted || self.except.as_ref().is_some_and(|set| set.holds(key));
            }
        }
        wanted && !unwanted
    }
}

impl Condition {
    fn new(when: &When, path: &str, limits: &PluginLimits) -> Result<Self, InterestError> {
        Ok(match when {
            When::Always => Self::Always,
            When::LongerThan(min) => Self::LongerThan(*min as usize),
            When::Holds {
                literals,
                classes,
                patterns,
            } => Self::Holds {
                literals: [Case::Sensitive, Case::Insensitive]
                    .into_iter()
                    .filter_map(|case| LiteralSet::new(literals, case, path).transpose())
                    .collect::<Result<_, _>>()?,
                classes: classes
                    .iter()
                    .map(|&class| WantedClass {
                        class,
                        is_gated: false,
                    })
                    .collect(),
                patterns: patterns
                    .iter()
                    .enumerate()
                    .map(|(number, pattern)| {
                        let path = format!("{path}.patterns[{number}]");
                        let regex = compile_pattern(pattern, &path, limits)?;
                        let secret = regex
                            .capture_names()
                            .position(|name| name == Some("secret"));
                        let marks = Marks::of_pattern(&pattern.regex);
                        Ok(Searcher {
                            regex,
                            secret,
                            marks,
                        })
                    })
                    .collect::<Result<_, InterestError>>()?,
            },
        })
    }
}

impl LiteralSet {
    fn new(literals: &[Literal], case: Case, path: &str) -> Result<Option<Self>, InterestError> {
        let chosen: Vec<_> = literals
            .iter()
            .filter(|literal| literal.case == case)
            .collect();
        if chosen.is_empty() {
            return Ok(None);
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(case == Case::Insensitive)
            .build(chosen.iter().map(|literal| &literal.text))
            .map_err(|source| InterestError::Literals {
                path: path.to_owned(),
                source,
            })?;
        Ok(Some(Self {
            automaton,
            literals: chosen.iter().map(|literal| gate_literal(literal)).collect(),
            demands: chosen
                .iter()
                .map(|literal| (literal.follow, literal.unless))
                .collect(),
            places: Places::default(),
        }))
    }

    /// Adds where literals stand, by what the gate found or else by a search, each with where it ends,
    /// until none matters any more.
    fn search(
        &self,
        number: u32,
        value: &Value,
        bytes: &[u8],
        evidence: Evidence<'_>,
        add: &mut impl FnMut(Found, usize, usize) -> bool,
    ) {
        let mut push = |literal: usize, start: usize, end: usize| {
            let (follow, entry) = self.demands.get(literal).copied().unwrap_or_default();
            let rest = bytes.get(end..).unwrap_or_default();
            let hit = Found {
                subscription: number,
                start: start as u32,
                end: end as u32,
                secret: None,
            };
            follow.is_some_and(|follow| !follows(follow, rest)) || add(hit, end, entry as usize)
        };
        let inside = evidence.inside(&value.payload);
        let Some(inside) = inside.filter(|_| self.places.are_known()) else {
            let mut hits = self.automaton.find_overlapping_iter(bytes);
            while let Some(hit) = hits.next()
                && push(hit.pattern().as_usize(), hit.start(), hit.end())
            {}
            return;
        };
        let from = value.payload.start;
        for hit in inside {
            if let Some(literal) = self.places.of(hit.what)
                && !push(literal, hit.start - from, hit.end - from)
            {
                return;
            }
        }
    }
}

impl WantedClass {
    fn stands(&self, value: &Value, bytes: &[u8], evidence: Evidence<'_>) -> bool {
        let holds = |bytes| holds_class(self.class, value.kind, bytes);
        match evidence.runs(gate_class(self.class), &value.payload) {
            Some(mut runs) if self.is_gated => match self.class {
                // What stands before the digits counts, too.
                Class::AccountDigits => runs.any(|run| may_hold_account(bytes, run)),
                _ => runs.any(|run| holds(bytes.get(run).unwrap_or_default())),
            },
            _ => holds(bytes),
        }
    }
}

impl Searcher {
    fn search(&self, number: u32, bytes: &[u8], add: &mut impl FnMut(Found, usize, usize) -> bool) {
        let mut push = |hit: regex::bytes::Match<'_>, secret: Option<regex::bytes::Match<'_>>| {
            let found = Found {
                subscription: number,
                start: hit.start() as u32,
                end: hit.end() as u32,
                secret: secret.map(|secret| (secret.start() as u32, secret.end() as u32)),
            };
            add(found, hit.start(), 0)
        };
        match self.secret {
            None => {
                for hit in self.regex.find_iter(bytes) {
                    if !push(hit, None) {
                        return;
                    }
                }
            }
            Some(group) => {
                for captures in self.regex.captures_iter(bytes) {
                    let Some(hit) = captures.get(0) else { continue };
                    if !push(hit, captures.get(group)) {
                        return;
                    }
                }
            }
        }
    }
}

fn mask(codes: impl Iterator<Item = u32>, none_named: u32) -> u32 {
    match codes.fold(0, |mask, code| mask | 1 << code) {
        0 => none_named,
        mask => mask,
    }
}

fn follows(follow: Follow, rest: &[u8]) -> bool {
    let min = usize::from(follow.min);
    rest.len() >= min && rest[..min].iter().all(|&byte| follow.class.contains(byte))
}

fn holds_class(class: Class, kind: Kind, bytes: &[u8]) -> bool {
    match class {
        Class::LongNumber => {
            matches!(kind, Kind::Int | Kind::Double)
                && bytes.iter().filter(|byte| byte.is_ascii_digit()).count() >= 13
        }
        Class::LongDigits => longest_digits(bytes) >= 13,
        Class::AccountDigits => may_hold_account(bytes, 0..bytes.len()),
        Class::AccountNumber => {
            matches!(kind, Kind::Int | Kind::Double) && may_hold_account(bytes, 0..bytes.len())
        }
        Class::AtSign => bytes
            .windows(3)
            .any(|window| window[1] == b'@' && is_word(window[0]) && is_word(window[2])),
        Class::LongToken => bytes
            .split(|&byte| !(byte.is_ascii_alphanumeric() || b"+/_=-".contains(&byte)))
            .any(|run| run.len() >= 32),
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.-+%".contains(&byte) || !byte.is_ascii()
}

/// Digits of the longest run in which at most one space or dash stands between two of them.
fn longest_digits(bytes: &[u8]) -> usize {
    let (mut longest, mut run, mut apart) = (0, 0, 0);
    for &byte in bytes {
        match byte {
            b'0'..=b'9' => {
                run += 1;
                apart = 0;
                longest = longest.max(run);
            }
            b' ' | b'-' if run > 0 && apart == 0 => apart = 1,
            _ => (run, apart) = (0, 0),
        }
    }
    longest
}

/// A number or bool as the text that conditions are judged on.
fn number_text<'t>(kind: Kind, bytes: &[u8], text: &'t mut [u8; 32]) -> Option<&'t [u8]> {
    use std::io::Write as _;
    let word: [u8; 8] = bytes.try_into().ok()?;
    let mut rest = &mut text[..];
    match kind {
        Kind::Int => write!(rest, "{}", i64::from_le_bytes(word)).ok()?,
        Kind::Bool => write!(rest, "{}", word != [0; 8]).ok()?,
        // A double may have hundreds of digits; more than fit here are no number that a rule means.
        Kind::Double => drop(write!(rest, "{}", f64::from_le_bytes(word))),
        _ => return None,
    }
    let unused = rest.len();
    Some(&text[..32 - unused])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_may_stand_apart_by_one() {
        assert_eq!(longest_digits(b"4111 1111-1111 1111"), 16);
        assert_eq!(longest_digits(b"4111  1111 1111"), 8);
        assert!(holds_class(
            Class::AtSign,
            Kind::String,
            b"mail ada@example.com"
        ));
        assert!(!holds_class(
            Class::AtSign,
            Kind::String,
            b"@scope/pkg a @ b"
        ));
    }

    #[test]
    fn numbers_are_judged_as_text() {
        let mut text = [0; 32];
        let card = 4_111_111_111_111_111_i64.to_le_bytes();
        assert_eq!(
            number_text(Kind::Int, &card, &mut text),
            Some(&b"4111111111111111"[..])
        );
        assert_eq!(
            number_text(Kind::Bool, &1_u64.to_le_bytes(), &mut text),
            Some(&b"true"[..])
        );
        assert_eq!(number_text(Kind::String, b"12345678", &mut text), None);
    }
}
