//! The search: anchors by one automaton, rules at each of them, overlaps resolved.
//!
//! One pass of an Aho-Corasick automaton over all anchors of the chosen detectors, so that cost
//! does not grow with their number. Must never find anything that did not start at an anchor, a
//! class or a key that the gate names.

use std::ops::Range;

use crate::anchors::{Anchors, Place};
use crate::detector::{DetectorClass, Rule};
use crate::digits;
use crate::gate::{GateClass, GateKey, GateLiteral, GateNeeds};
use crate::look::{Anchor, Look};
use crate::mask::Mask;
use crate::notes::{Candidate, Notes};
use crate::quote;
use crate::set::DetectorSet;
use crate::table::detectors;
use crate::tails::Tails;
use crate::url;

/// What is known of a value beside its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// The key under which the value stands, if it has one. A key such as `password` makes the
    /// whole value a candidate.
    pub key: Option<&'a [u8]>,
    /// What the bytes around the value are.
    pub boundaries: Boundaries,
    /// The value is a number, rendered here as decimal text.
    pub numeric: bool,
}

/// What stands around a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Boundaries {
    /// Nothing: the text is the value, and its start and end are borders.
    #[default]
    Strict,
    /// Tags and lengths: the text is raw bytes, and a token may start after any byte.
    Loose,
}

/// What the checksum of a token's format says. It never clears a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Check {
    /// The format has none, or it was not asked.
    #[default]
    None,
    /// It is right.
    Valid,
    /// It is wrong, as in a sample, a cut or a lengthened token.
    Invalid,
}

/// What a mask must bring along so that the text around it still parses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Quote {
    /// Nothing.
    #[default]
    None,
    /// The finding is a bare JSON number or word: the mask needs double quotes, each after this
    /// many backslashes (0, 1, 3, 7: JSON in JSON strings).
    JsonString {
        /// Backslashes before each quote.
        backslashes: u8,
    },
}

/// One range to redact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Offset of its first byte.
    pub start: usize,
    /// Offset behind its last byte.
    pub end: usize,
    /// The detector, as an index in `detectors()`.
    pub detector: u16,
    /// What a mask needs around it.
    pub quote: Quote,
    /// What the checksum says.
    pub check: Check,
}

/// What somebody who has scanned a text for all that [`Detect::gate`] names has found in it.
#[derive(Clone, Copy, Debug)]
pub struct Scanned<'a> {
    /// Where literals stand.
    pub literals: &'a [Range<usize>],
    /// Stretches of the text in which the last byte of others may stand: see [`Detect::reach`].
    pub unsearched: &'a [Range<usize>],
    /// The classes of which bytes may stand in the text.
    pub classes: &'a [GateClass],
}

/// Buffers that serve one search after the other. Positions are all that they hold.
#[derive(Debug, Default)]
pub struct Scratch {
    places: Vec<Place>,
    notes: Notes,
}

/// Detectors that look at a value because of its key.
#[derive(Debug)]
struct Keyed {
    /// Each key with its detector, those of a detector in a row.
    keys: Vec<(GateKey, u16)>,
    tails: Tails,
}

impl Keyed {
    fn new(keyed: Vec<(Vec<GateKey>, u16)>) -> Keyed {
        let each = keyed.into_iter().flat_map(|(keys, number)| {
            let keys = keys.into_iter();
            keys.map(move |key| (key, number))
        });
        let keys: Vec<(GateKey, u16)> = each.collect();
        Keyed {
            tails: Tails::new(keys.iter().map(|(key, _)| &*key.suffix)),
            keys,
        }
    }

    /// Shows each detector that looks at the values of this key, in their order.
    fn each(&self, key: &[u8], mut show: impl FnMut(u16)) {
        let mut latest = None;
        self.tails.last(key, |number| {
            let wanted = self.keys.get(number as usize);
            if let Some((wanted, detector)) = wanted
                && latest != Some(*detector)
                && wanted.matches(key)
            {
                latest = Some(*detector);
                show(*detector);
            }
        });
    }
}

/// A chosen set of detectors, compiled.
#[derive(Debug)]
pub struct Detect {
    anchors: Anchors,
    /// Detectors that start at bytes of a class.
    classes: Vec<(GateClass, u16)>,
    /// Detectors that look at a value because of its key.
    keyed: Keyed,
    masks: Vec<Mask>,
    needs: GateNeeds,
}

impl Detect {
    /// Compiles a set. Values that hold `REDACTED-` or `****` count as masked.
    #[must_use]
    pub fn new(enabled: &DetectorSet) -> Detect {
        Detect::with_masks(enabled, &[b"REDACTED-", b"****"])
    }

    /// Compiles a set; values that hold one of these texts count as masked already and are no
    /// candidates by their name. Empty texts are ignored.
    #[must_use]
    pub fn with_masks(enabled: &DetectorSet, masks: &[&[u8]]) -> Detect {
        let (mut patterns, mut classes, mut keyed) = (Vec::new(), Vec::new(), Vec::new());
        for number in enabled.numbers() {
            let Some(detector) = detectors().get(usize::from(number)) else {
                continue;
            };
            let mut literals = Vec::new();
            match &detector.rule {
                Rule::Shape(shape) => shape.literals(&mut literals),
                Rule::Assignment(assignment) => {
                    assignment.literals(&mut literals);
                    keyed.push((assignment.keys().collect(), number));
                }
                Rule::Search(search) => {
                    (search.anchors)(&mut literals);
                    classes.extend(search.class.map(|class| (class, number)));
                }
            }
            patterns.extend(literals.into_iter().map(|literal| (literal, number)));
        }
        let needs = GateNeeds::of(&patterns, &classes, &keyed);
        Detect {
            anchors: Anchors::new(patterns, &needs.literals),
            classes,
            keyed: Keyed::new(keyed),
            masks: Mask::all(masks),
            needs,
        }
    }

    /// What a host must scan for so that no finding is missed.
    #[must_use]
    pub fn gate(&self) -> &GateNeeds {
        &self.needs
    }

    /// Texts that stand for something already masked.
    pub(crate) fn masks(&self) -> impl Iterator<Item = &[u8]> {
        self.masks.iter().map(Mask::text)
    }

    /// Whether a text stands in an anchor.
    pub(crate) fn in_anchor(&self, text: &[u8]) -> bool {
        self.anchors.hold(text)
    }

    /// Appends the findings in one value, sorted and not overlapping.
    pub fn find(&self, text: &[u8], context: &Context<'_>, findings: &mut Vec<Finding>) {
        self.search(text, context, findings);
    }

    /// The same for a text that was scanned: it is not passed over once more, and the cost is that
    /// of what was found.
    pub fn find_scanned(
        &self,
        text: &[u8],
        context: &Context<'_>,
        scanned: &Scanned<'_>,
        scratch: &mut Scratch,
        findings: &mut Vec<Finding>,
    ) {
        let Scratch { places, notes } = scratch;
        let mut look = Look::new(text, *context, &self.masks, notes);
        let (literals, unsearched) = (scanned.literals, scanned.unsearched);
        self.anchors
            .at(text, literals, unsearched, places, |literal, anchor| {
                look_at(&mut look, literal, anchor);
            });
        self.look_at_classes(&mut look, scanned.classes);
        self.look_at_key(&mut look);
        resolve(&mut notes.candidates, text, findings);
    }

    /// Where in a text a range of which is new the last byte of a literal may stand that was not there
    /// before, or had not what must follow it: what [`Scanned::unsearched`] needs after a change.
    #[must_use]
    pub fn reach(&self, text: &[u8], change: &Range<usize>) -> Range<usize> {
        self.anchors.reach(text, change)
    }

    /// Classes of which bytes may stand in a text only since this range of it is new.
    pub fn brought(&self, text: &[u8], change: &Range<usize>) -> impl Iterator<Item = GateClass> {
        // Where an address may begin and end has no bound that is worth a look.
        let anywhere = self.needs.classes.contains(&GateClass::AtSign);
        [
            (anywhere || url::may_come_with(text, change)).then_some(GateClass::Userinfo),
            digits::may_come_with(text, change).then_some(GateClass::Digits13),
        ]
        .into_iter()
        .flatten()
    }

    /// The same, and how many bytes were looked at beside the one pass: what the test that a
    /// search is linear counts.
    #[doc(hidden)]
    pub fn search(&self, text: &[u8], context: &Context<'_>, findings: &mut Vec<Finding>) -> usize {
        let mut notes = Notes::default();
        let mut look = Look::new(text, *context, &self.masks, &mut notes);
        self.anchors
            .all(text, |literal, anchor| look_at(&mut look, literal, anchor));
        self.look_at_classes(&mut look, &self.needs.classes);
        self.look_at_key(&mut look);
        let work = look.work;
        resolve(&mut notes.candidates, text, findings);
        work
    }

    fn look_at_classes(&self, look: &mut Look<'_>, standing: &[GateClass]) {
        let of = |wanted: fn(GateClass) -> bool| {
            let stands = standing.iter().any(|&class| wanted(class));
            let chosen = self
                .classes
                .iter()
                .filter(move |(class, _)| stands && wanted(*class));
            chosen.map(|(_, number)| *number)
        };
        let is_digits = |class| class == GateClass::Digits13;
        if of(is_digits).next().is_some() {
            for (start, end) in digits::runs(look.text) {
                of(is_digits).for_each(|detector| {
                    confirm(
                        look,
                        Anchor {
                            start,
                            end,
                            detector,
                        },
                    )
                });
            }
        }
        let is_at = |class| matches!(class, GateClass::AtSign | GateClass::Userinfo);
        if of(is_at).next().is_some() {
            for start in memchr::memchr_iter(b'@', look.text) {
                of(is_at).for_each(|detector| {
                    confirm(
                        look,
                        Anchor {
                            start,
                            end: start + 1,
                            detector,
                        },
                    );
                });
            }
        }
    }

    fn look_at_key(&self, look: &mut Look<'_>) {
        let Some(key) = look.context.key else { return };
        self.keyed.each(key, |number| {
            let detector = detectors().get(usize::from(number));
            if let Some(Rule::Assignment(assignment)) = detector.map(|detector| &detector.rule) {
                assignment.look_whole(look, number, key);
            }
        });
    }
}

fn look_at(look: &mut Look<'_>, literal: &GateLiteral, anchor: Anchor) {
    look.work += usize::from(literal.follow.map_or(1, |follow| follow.min));
    if literal.stands_at(look.text, anchor.start) {
        confirm(look, anchor);
    }
}

fn confirm(look: &mut Look<'_>, anchor: Anchor) {
    let Some(detector) = detectors().get(usize::from(anchor.detector)) else {
        return;
    };
    match &detector.rule {
        Rule::Shape(shape) => shape.look(look, anchor, detector.validator),
        Rule::Assignment(assignment) => assignment.look(look, anchor),
        Rule::Search(search) => (search.confirm)(look, anchor),
    }
}

/// Personal data gives way: what looks like an address around a password is a URL.
fn drop_covered(candidates: &mut Vec<Candidate>) {
    let is_personal = |found: &Candidate| {
        let detector = detectors().get(usize::from(found.detector));
        detector.is_some_and(|detector| detector.class == DetectorClass::Personal)
    };
    if !candidates.iter().any(is_personal) {
        return;
    }
    let mut others: Vec<_> = candidates
        .iter()
        .filter(|found| !is_personal(found))
        .copied()
        .collect();
    others.sort_unstable_by_key(|found| found.start);
    let mut reach = 0;
    let ends: Vec<_> = others
        .iter()
        .map(|found| {
            reach = found.end.max(reach);
            reach
        })
        .collect();
    candidates.retain(|found| {
        let before = others.partition_point(|other| other.start < found.end);
        !is_personal(found) || before == 0 || ends[before - 1] <= found.start
    });
}

/// Joins what overlaps: the range is all of it, the name is that of the most specific.
fn resolve(candidates: &mut Vec<Candidate>, text: &[u8], findings: &mut Vec<Finding>) {
    if candidates.is_empty() {
        return;
    }
    let first = findings.len();
    drop_covered(candidates);
    candidates.sort_unstable_by_key(|found| (found.start, rank(found.detector), found.end));
    for found in candidates.iter() {
        let last = findings.get_mut(first..).and_then(<[Finding]>::last_mut);
        match last {
            Some(last) if found.start < last.end => {
                last.end = last.end.max(found.end);
                if rank(found.detector) < rank(last.detector) {
                    last.detector = found.detector;
                    last.check = found.check;
                }
            }
            _ => findings.push(Finding {
                start: found.start,
                end: found.end,
                detector: found.detector,
                quote: Quote::None,
                check: found.check,
            }),
        }
    }
    quote::fill(text, findings.get_mut(first..).unwrap_or_default());
}

fn rank(detector: u16) -> (u8, u16) {
    let class = detectors()
        .get(usize::from(detector))
        .map_or(u8::MAX, |row| row.class.rank());
    (class, detector)
}
