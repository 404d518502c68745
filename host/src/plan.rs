//! The plan of a chain: one gate over the raw bytes for the interests of all plugins, and for each
//! plugin the judges of its subscriptions.
//!
//! A subscription is *gated* when something that the gate can look for must stand in the bytes of
//! every value it means: a literal, a class, what a pattern requires, or the key it stands under.
//! One that is not gated makes the plugin walk every batch of its signals.

use std::collections::{HashMap, HashSet};

use otlp_wire::{Kind, Level, Place, Signal};
use tamis_contract::{ByteClass, Case, Class, Depth, Interest, Keys, Literal, Subscription, When};
use tamis_scan::{Engine, Gate, GateLimits, Required};

use crate::interest::{InterestError, stands_as_text};
use crate::judge::Judge;
use crate::limits::PluginLimits;
use crate::names::Names;
use crate::records::Beside;
use crate::sieve::Sieve;
use crate::size::Floors;

/// The shortest literal of a key that the gate looks for; shorter ones stand everywhere.
const KEY_LITERAL_BYTES_MIN: usize = 3;

/// What the host does for one plugin before it is called.
#[derive(Debug)]
pub(crate) struct PluginPlan {
    pub(crate) judges: Vec<Judge>,
    /// Levels whose containers are shown themselves, a bit each.
    pub(crate) containers: u16,
    walks: [bool; 3],
    hears: [bool; 3],
    records: [Option<Beside>; 3],
    names: Option<Names>,
}

/// Places that stand in a resource or beside it, and so above every record.
pub(crate) const RESOURCE_PLACES: [Place; 5] = [
    Place::ResourceAttribute,
    Place::EntityType,
    Place::EntitySchemaUrl,
    Place::EntityKey,
    Place::ResourceSchemaUrl,
];
/// The same for a scope.
pub(crate) const SCOPE_PLACES: [Place; 4] = [
    Place::ScopeAttribute,
    Place::ScopeName,
    Place::ScopeVersion,
    Place::ScopeSchemaUrl,
];

/// Places as a mask, a bit each.
pub(crate) fn mask_of(places: &[Place]) -> u32 {
    places
        .iter()
        .fold(0, |mask, &place| mask | 1 << place as u32)
}

impl PluginPlan {
    /// What to show beside every record of this signal, if the plugin asks for whole records.
    pub(crate) fn records(&self, signal: Signal) -> Option<&Beside> {
        self.records[signal as usize].as_ref()
    }

    /// Whether the plugin must be shown values that no scan can find.
    pub(crate) fn walks(&self, signal: Signal) -> bool {
        self.walks[signal as usize]
    }

    /// Places of all subscriptions, a bit each.
    pub(crate) fn places(&self) -> u32 {
        self.judges
            .iter()
            .fold(0, |mask, judge| mask | judge.places)
    }

    /// Whether containers of this level are shown themselves.
    pub(crate) fn asks_for(&self, level: Level) -> bool {
        self.containers & 1 << level as u32 != 0
    }

    /// Whether nothing in any record is asked for.
    pub(crate) fn is_above_records(&self) -> bool {
        self.places() & !(mask_of(&RESOURCE_PLACES) | mask_of(&SCOPE_PLACES)) == 0
    }

    /// Kinds of all subscriptions, a bit each.
    pub(crate) fn kinds(&self) -> u16 {
        self.judges.iter().fold(0, |mask, judge| mask | judge.kinds)
    }

    /// What can be passed by in a walk over this signal.
    pub(crate) fn floors(&self, signal: Signal) -> Floors {
        // A container that is asked for may be empty.
        if self.containers != 0 {
            return Floors::NONE;
        }
        let judges = self.judges.iter().filter(|judge| judge.hears(signal));
        Floors::lowest(judges.map(|judge| judge.size.floors()))
    }

    /// Whether a walk over this signal can pass by what is too short.
    pub(crate) fn passes_by(&self, signal: Signal) -> bool {
        !self.floors(signal).are_none()
    }

    /// The keys under which everything stands that is asked for, where that is all that is asked.
    pub(crate) fn names(&self) -> Option<&Names> {
        self.names.as_ref()
    }

    /// Whether any subscription asks how many entries a container has.
    pub(crate) fn counts_entries(&self) -> bool {
        self.judges.iter().any(|judge| judge.size.counts_entries())
    }

    /// Whether any subscription means this signal.
    pub(crate) fn hears(&self, signal: Signal) -> bool {
        self.hears[signal as usize]
    }
}

/// What the gate looks for, while it is gathered.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    literals: Vec<tamis_scan::Literal>,
    classes: Vec<tamis_scan::Class>,
    /// Classes that something else is looked for by than the numbers of accounts.
    plain: Vec<tamis_scan::Class>,
    /// Subscriptions that no scan can serve, by their paths.
    pub(crate) walked: Vec<String>,
}

impl Needs {
    /// Compiles one plugin's interest and adds what it needs of the gate.
    pub(crate) fn add(
        &mut self,
        interest: &Interest,
        limits: &PluginLimits,
    ) -> Result<PluginPlan, InterestError> {
        let asks = !interest.containers.is_empty();
        let mut plan = PluginPlan {
            judges: Vec::new(),
            containers: interest
                .containers
                .iter()
                .fold(0, |mask, &level| mask | 1 << level as u32),
            walks: [asks; 3],
            hears: [asks; 3],
            records: [Signal::Traces, Signal::Logs, Signal::Metrics]
                .map(|signal| Beside::new(interest, signal)),
            names: names(interest),
        };
        if asks {
            self.walked.push("containers".to_owned());
        }
        for (number, subscription) in interest.subscriptions.iter().enumerate() {
            let path = format!("subscriptions[{number}]");
            let judge = Judge::new(subscription, &path, limits)?;
            self.note_plain(subscription);
            // What walks every batch anyway has no use for the gate.
            let gated = !asks && self.gated(subscription);
            if !gated && !asks {
                self.walked.push(path);
            }
            for signal in Signal::ALL.iter().filter(|&&signal| judge.hears(signal)) {
                plan.hears[*signal as usize] = true;
                plan.walks[*signal as usize] |= !gated;
            }
            plan.judges.push(judge);
        }
        if !interest.records.is_empty() {
            self.walked.push("records".to_owned());
        }
        for &signal in Signal::ALL {
            if plan.records(signal).is_some() {
                if plan.hears[signal as usize] {
                    return Err(InterestError::RecordsAndValues { signal });
                }
                plan.hears[signal as usize] = true;
                plan.walks[signal as usize] = true;
            }
        }
        Ok(plan)
    }

    /// Notes the classes that a subscription means as they are, gated or not.
    fn note_plain(&mut self, subscription: &Subscription) {
        if let When::Holds { classes, .. } = &subscription.when {
            let is_account = |class| matches!(class, Class::AccountDigits | Class::AccountNumber);
            let plain = classes.iter().filter(|&&class| !is_account(class));
            self.plain.extend(plain.map(|&class| gate_class(class)));
        }
    }

    /// What of the gate's hits need not be walked to.
    pub(crate) fn sieve(&self) -> Sieve {
        Sieve {
            digits: !self.plain.contains(&tamis_scan::Class::Digits13),
            ints: !self.plain.contains(&tamis_scan::Class::BigInt),
        }
    }

    /// Compiles the gate, and tells the plans what it looks for.
    pub(crate) fn gate<'p>(
        mut self,
        engine: Option<Engine>,
        plans: impl Iterator<Item = &'p mut PluginPlan>,
    ) -> Result<Gate, InterestError> {
        self.literals
            .sort_unstable_by(|a, b| (&a.bytes, a.case).cmp(&(&b.bytes, b.case)));
        let mut seen = HashSet::new();
        self.literals.retain(|literal| seen.insert(literal.clone()));
        let limits = GateLimits::default();
        let gate = match engine {
            Some(engine) => Gate::with_engine(&self.literals, &self.classes, &limits, engine)?,
            None => Gate::new(&self.literals, &self.classes, &limits)?,
        };
        let literals = gate.literals().iter().enumerate();
        let index: HashMap<_, _> = literals
            .map(|(number, literal)| (literal, number))
            .collect();
        for judge in plans.flat_map(|plan| &mut plan.judges) {
            judge.resolve(&gate, &index);
        }
        Ok(gate)
    }

    /// Adds what must stand in the bytes for a subscription to hit; false when nothing must.
    fn gated(&mut self, subscription: &Subscription) -> bool {
        self.gated_by_value(subscription) || self.gated_by_key(subscription)
    }

    fn gated_by_value(&mut self, subscription: &Subscription) -> bool {
        let When::Holds {
            literals,
            classes,
            patterns,
        } = &subscription.when
        else {
            return false;
        };
        let numbers = subscription.kinds.iter().any(|&kind| !stands_as_text(kind));
        let classes_gate = classes
            .iter()
            .all(|class| matches!(class, Class::LongNumber | Class::AccountNumber) || !numbers);
        if numbers && (!literals.is_empty() || !patterns.is_empty() || !classes_gate) {
            return false;
        }
        // A double's digits are not its bytes; the walk finds them.
        if subscription.kinds.contains(&Kind::Double) {
            return false;
        }
        let mut required = Vec::new();
        for pattern in patterns {
            match tamis_scan::required_literals(&pattern.regex) {
                Ok(Required::None(_)) | Err(_) => return false,
                Ok(found) => required.push(found),
            }
        }
        for found in required {
            self.require(found);
        }
        self.literals.extend(literals.iter().map(gate_literal));
        self.classes
            .extend(classes.iter().map(|&class| gate_class(class)));
        true
    }

    fn gated_by_key(&mut self, subscription: &Subscription) -> bool {
        let Some(keys) = &subscription.keys else {
            return false;
        };
        let Some(required) = key_literals(keys) else {
            return false;
        };
        for found in required {
            self.require(found);
        }
        true
    }

    fn require(&mut self, required: Required) {
        match required {
            Required::Any(literals) => self.literals.extend(literals),
            Required::Class(class) => {
                self.classes.push(class);
                self.plain.push(class);
            }
            Required::None(_) => {}
        }
    }
}

/// The keys of an interest that asks for nothing but what stands under exact ones.
fn names(interest: &Interest) -> Option<Names> {
    let mut names = Names::default();
    for subscription in &interest.subscriptions {
        let keys = subscription.keys.as_ref().filter(|keys| {
            let exact = keys.globs.is_empty() && keys.patterns.is_empty();
            exact && subscription.depth == Depth::Top && subscription.map_larger_than.is_none()
        })?;
        keys.exact.iter().for_each(|key| names.add(key));
    }
    Some(names)
}

/// What may follow the end of a key in the bytes: the tag of another field, whose wire type is none
/// of those that begin no field (4, 6 and 7).
///
/// So `token` in `token_count` or `auth` in `auth.mode` is no end of a key, and no reason to look.
const AFTER_KEY: tamis_scan::ByteClass = {
    let mut tags = tamis_scan::ByteClass::EMPTY;
    let mut tag = 0;
    while tag < 256 {
        if !matches!(tag & 7, 4 | 6 | 7) {
            tags = tags.with(tag as u8);
        }
        tag += 1;
    }
    tags
};

/// What must stand in a key of this set, for each of its entries; `None` when an entry may be anything.
pub(crate) fn key_literals(keys: &Keys) -> Option<Vec<Required>> {
    let mut required = Vec::new();
    for key in &keys.exact {
        if key.len() < KEY_LITERAL_BYTES_MIN {
            return None;
        }
        let literal = tamis_scan::Literal::new(key.as_bytes());
        required.push(Required::Any(vec![literal.followed_if_at_all(AFTER_KEY)]));
    }
    for glob in &keys.globs {
        let longest = glob.split(['*', '?']).max_by_key(|part| part.len())?;
        if longest.len() < KEY_LITERAL_BYTES_MIN || !longest.is_ascii() {
            return None;
        }
        let literal = tamis_scan::Literal::ascii_insensitive(longest.as_bytes());
        let is_last = glob.ends_with(longest);
        required.push(Required::Any(vec![if is_last {
            literal.followed_if_at_all(AFTER_KEY)
        } else {
            literal
        }]));
    }
    for pattern in &keys.patterns {
        match tamis_scan::required_literals(pattern) {
            Ok(Required::None(_)) | Err(_) => return None,
            Ok(found) => required.push(found),
        }
    }
    Some(required)
}

pub(crate) fn gate_literal(literal: &Literal) -> tamis_scan::Literal {
    let bytes = literal.text.as_bytes();
    let found = match literal.case {
        Case::Sensitive => tamis_scan::Literal::new(bytes),
        Case::Insensitive => tamis_scan::Literal::ascii_insensitive(bytes),
    };
    match literal.follow {
        Some(follow) => found.followed_by(gate_bytes(follow.class), follow.min),
        None => found,
    }
}

fn gate_bytes(class: ByteClass) -> tamis_scan::ByteClass {
    let bytes: Vec<u8> = (0..=u8::MAX).filter(|&byte| class.contains(byte)).collect();
    tamis_scan::ByteClass::of(&bytes)
}

pub(crate) fn gate_class(class: Class) -> tamis_scan::Class {
    match class {
        Class::LongDigits | Class::AccountDigits => tamis_scan::Class::Digits13,
        Class::AtSign => tamis_scan::Class::AtSign,
        Class::LongToken => tamis_scan::Class::Token32,
        Class::LongNumber | Class::AccountNumber => tamis_scan::Class::BigInt,
    }
}
