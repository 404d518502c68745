//! The decision about one record: what the Collector decides in each of its modes, and by session.
//!
//! Everything that a decision rests on is handed in as numbers, so that spans and log records are
//! decided alike. A record that carries sampling information in `hash_seed` mode is decided as in
//! `proportional` mode: the Collector drops all of these, and with them whatever another sampler left.
//!
//! Must never: lower a threshold that a record arrived with, since what was dropped stays dropped.

use crate::said::Said;
use crate::threshold::{Randomness, Threshold};

/// Buckets of the hash for each percent.
const BUCKETS_PER_PERCENT: f32 = 163.84;

/// How a percentage is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// By hash.
    Hash,
    /// A share of what arrives.
    Proportional,
    /// Up to a threshold.
    Equalizing,
}

/// A percentage and how it is applied.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sampler {
    method: Method,
    /// What passes when nothing was said before.
    threshold: Threshold,
    ratio: f64,
    precision: u32,
    fail_closed: bool,
}

/// Where a record's randomness comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source {
    /// Its trace id, as it stands.
    TraceId(Randomness),
    /// A hash of its trace id or of an attribute, which is written.
    Hash(Randomness),
    /// A hash that does not know what was dropped before: of its session, say.
    Session(Randomness),
    /// Nothing, where the greatest is written all the same.
    Unhashed,
    /// Nothing.
    Nothing,
}

/// What overrules the percentage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Priority {
    /// Nothing does.
    Defer,
    /// A threshold in its place.
    Threshold(Threshold),
}

/// What became of a record.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Verdict {
    /// It goes; whether for a fault.
    Drop { fault: bool },
    /// It stays. Without sampling information that could be read, it stays as it is.
    Keep(Option<Write>),
}

/// What is written into a record that stays.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Write {
    /// New randomness; none: what was there.
    pub(crate) randomness: Option<Randomness>,
    /// A new threshold; none: what was there.
    pub(crate) threshold: Option<Threshold>,
}

impl Sampler {
    /// A percentage of 0 or more, read as the Collector does: in 32 bits.
    pub(crate) fn new(method: Method, percentage: f64, precision: u32, fail_closed: bool) -> Self {
        let percentage = (percentage as f32).min(100.0);
        let ratio = f64::from(percentage) / 100.0;
        let threshold = match method {
            Method::Hash => match (percentage * BUCKETS_PER_PERCENT) as u32 {
                0 => Threshold::NEVER,
                accepted => Threshold::of_buckets(accepted),
            },
            _ => Threshold::of(ratio, precision).unwrap_or(Threshold::NEVER),
        };
        Self {
            method,
            threshold,
            ratio,
            precision,
            fail_closed,
        }
    }

    pub(crate) fn method(&self) -> Method {
        self.method
    }

    fn never(&self) -> bool {
        self.threshold == Threshold::NEVER
    }

    /// Decides about a record.
    pub(crate) fn decide(&self, mut said: Said<'_>, source: Source, priority: Priority) -> Verdict {
        let explicit = said.randomness();
        let (randomness, new) = match source {
            // The Collector reads nothing here, and knows no fault but malformed information.
            _ if self.never() => (Some(Randomness::GREATEST), None),
            _ if explicit.is_some() => (explicit, None),
            Source::Hash(hashed) => (Some(hashed), Some(hashed)),
            Source::Unhashed => (None, Some(Randomness::GREATEST)),
            Source::Session(session) => {
                let above = session.above(said.threshold().unwrap_or(Threshold::ALWAYS));
                (Some(above), Some(above))
            }
            Source::TraceId(id) => (Some(id), None),
            Source::Nothing => (None, None),
        };
        let mut fault = said.malformed || randomness.is_none();
        let randomness = randomness.unwrap_or(Randomness::GREATEST);
        let inconsistent = said
            .threshold()
            .is_some_and(|passed| !passed.passes(randomness));
        if !fault && inconsistent {
            said.clear_threshold();
            fault = true;
        }
        let chosen = match fault {
            true if self.fail_closed => Threshold::NEVER,
            true => Threshold::ALWAYS,
            false => self.threshold_after(said.threshold()),
        };
        let (chosen, overruled) = match priority {
            Priority::Defer => (chosen, false),
            Priority::Threshold(threshold) => (threshold, true),
        };
        if !chosen.passes(randomness) {
            return Verdict::Drop {
                fault: fault && !overruled,
            };
        }
        if said.malformed && !self.never() {
            return Verdict::Keep(None);
        }
        let raises = said.threshold().is_none_or(|passed| chosen >= passed);
        Verdict::Keep(Some(Write {
            randomness: new,
            threshold: raises.then_some(chosen),
        }))
    }

    /// The threshold for a record that passed one before.
    fn threshold_after(&self, passed: Option<Threshold>) -> Threshold {
        let Some(passed) = passed else {
            return self.threshold;
        };
        match self.method {
            _ if self.never() => Threshold::NEVER,
            Method::Equalizing => self.threshold.max(passed),
            Method::Hash | Method::Proportional => {
                let product = passed.probability() * self.ratio;
                Threshold::of(product, self.precision).unwrap_or(Threshold::NEVER)
            }
        }
    }
}
