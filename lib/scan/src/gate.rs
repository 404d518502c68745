//! The gate: literals and classes in, one scan over raw bytes out.
//!
//! **What a scan guarantees.** For every engine and every haystack, unless the scan overflows:
//! - each occurrence of each literal (with its `follow` holding on the raw bytes) is reported
//!   once, whatever overlaps it, and nothing else is reported for a literal;
//! - each maximal run, mark or integer of each class asked for is reported once, whole.
//!
//! So every value that contains a literal, or a run long enough, is touched by a hit, wherever
//! the borders of values are. The gate judges nothing else: a hit may straddle a border, sit in a
//! tag or a length, or be half of something longer. The caller seeks and judges the value.
//!
//! Must never: allocate for a clean haystack, panic, or show a byte of the haystack.

use crate::automaton::{Automaton, Use};
use crate::class::{Class, ClassSet};
use crate::cost::{self, Choice};
use crate::explain::{ChosenBy, Explain};
use crate::filter::Filter;
use crate::hits::{Hits, ScanOutcome};
use crate::simd::Machine;
use crate::{Engine, Literal};

/// How much a gate takes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateLimits {
    /// Literals of the whole chain.
    pub literals: usize,
    /// Their bytes, summed.
    pub literal_bytes: usize,
    /// Bytes of one literal.
    pub each_literal_bytes: usize,
}

impl GateLimits {
    /// 8,192 literals.
    pub const LITERALS: usize = 8 << 10;
    /// 256 KiB.
    pub const LITERAL_BYTES: usize = 256 << 10;
    /// 4 KiB.
    pub const EACH_LITERAL_BYTES: usize = 4 << 10;
}

impl Default for GateLimits {
    fn default() -> Self {
        GateLimits {
            literals: Self::LITERALS,
            literal_bytes: Self::LITERAL_BYTES,
            each_literal_bytes: Self::EACH_LITERAL_BYTES,
        }
    }
}

/// Why no gate could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GateError {
    /// There are more literals than the limit.
    #[error("{count} literals are more than the limit of {limit}")]
    TooManyLiterals {
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// The literals have more bytes than the limit.
    #[error("literals of {bytes} bytes in all are more than the limit of {limit} bytes")]
    TooManyBytes {
        /// How many there are.
        bytes: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A literal has more bytes than the limit.
    #[error("literal {index} has {bytes} bytes, more than the limit of {limit}")]
    LiteralTooLong {
        /// Its index in the list.
        index: usize,
        /// How many it has.
        bytes: usize,
        /// How many it may have.
        limit: usize,
    },
    /// A literal without bytes stands everywhere.
    #[error("literal {index} is empty")]
    EmptyLiteral {
        /// Its index in the list.
        index: usize,
    },
    /// The engine asked for does not run here.
    #[error("the scan engine {engine} is not available on this machine")]
    EngineUnavailable {
        /// The engine asked for.
        engine: Engine,
    },
    /// The automaton could not be built.
    #[error("the automaton for the literals could not be built")]
    Automaton(#[source] aho_corasick::BuildError),
}

/// The compiled scan for the interests of a whole chain. Cheap to share (`&Gate` is all a scan
/// needs), costly to make.
#[derive(Debug)]
pub struct Gate {
    literals: Vec<Literal>,
    choice: Choice,
    chosen_by: ChosenBy,
    filter: Filter,
    /// Looks for the literals if the filter does not.
    automaton: Option<Automaton>,
}

impl Gate {
    /// A gate with the engine that the cost model finds cheapest on this machine.
    ///
    /// # Errors
    /// When a limit is exceeded or a literal is empty.
    pub fn new(
        literals: &[Literal],
        classes: &[Class],
        limits: &GateLimits,
    ) -> Result<Gate, GateError> {
        check(literals, limits)?;
        let engines = || {
            Engine::ALL
                .into_iter()
                .filter(|engine| engine.is_available())
        };
        let engine = Engine::AhoCorasick;
        let choice = cost::cheapest(engines(), literals, ClassSet::new(classes))
            .ok_or(GateError::EngineUnavailable { engine })?;
        Gate::build(literals, classes, choice, ChosenBy::Cost)
    }

    /// A gate with the engine named.
    ///
    /// # Errors
    /// When a limit is exceeded, a literal is empty, or this machine lacks the engine.
    pub fn with_engine(
        literals: &[Literal],
        classes: &[Class],
        limits: &GateLimits,
        engine: Engine,
    ) -> Result<Gate, GateError> {
        check(literals, limits)?;
        let choice = cost::choice(engine, None, literals, ClassSet::new(classes));
        Gate::build(literals, classes, choice, ChosenBy::Caller)
    }

    fn build(
        literals: &[Literal],
        classes: &[Class],
        choice: Choice,
        chosen_by: ChosenBy,
    ) -> Result<Gate, GateError> {
        let engine = choice.engine;
        let machine = Machine::detect(engine).ok_or(GateError::EngineUnavailable { engine })?;
        let classes = ClassSet::new(classes);
        let automaton = (engine == Engine::AhoCorasick && !literals.is_empty())
            .then(|| Automaton::new(literals, Use::Engine))
            .transpose()?;
        Ok(Gate {
            filter: Filter::new(literals, choice.plan.as_ref(), machine, classes)?,
            literals: literals.to_vec(),
            automaton,
            choice,
            chosen_by,
        })
    }

    /// The engine in use.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.choice.engine
    }

    /// What the gate does and why. Takes milliseconds: it works out what the other engines would
    /// have done.
    #[must_use]
    pub fn explain(&self) -> Explain {
        Explain::new(
            &self.choice,
            self.chosen_by,
            &self.literals,
            self.filter.classes(),
        )
    }

    /// The literals, in the order that [`crate::What::Literal`] counts them.
    #[must_use]
    pub fn literals(&self) -> &[Literal] {
        &self.literals
    }

    /// Whether the gate looks for this class.
    #[must_use]
    pub fn looks_for(&self, class: Class) -> bool {
        self.filter.classes().has(class)
    }

    /// Whether nothing stands in the haystack; stops soon after the first hit.
    #[must_use]
    pub fn is_clean(&self, haystack: &[u8]) -> bool {
        self.scan(haystack, &mut Hits::with_limit(0)) == ScanOutcome::Clean
    }

    /// Fills `hits` with every place that needs a look, in order of their start.
    ///
    /// Allocates only to make room for hits.
    pub fn scan(&self, haystack: &[u8], hits: &mut Hits) -> ScanOutcome {
        hits.clear();
        if let Some(automaton) = &self.automaton {
            automaton.scan(&self.literals, haystack, hits);
        }
        self.filter.scan(&self.literals, haystack, hits);
        hits.finish()
    }
}

fn check(literals: &[Literal], limits: &GateLimits) -> Result<(), GateError> {
    if literals.len() > limits.literals {
        return Err(GateError::TooManyLiterals {
            count: literals.len(),
            limit: limits.literals,
        });
    }
    let bytes = literals.iter().map(|literal| literal.bytes.len()).sum();
    if bytes > limits.literal_bytes {
        return Err(GateError::TooManyBytes {
            bytes,
            limit: limits.literal_bytes,
        });
    }
    for (index, literal) in literals.iter().enumerate() {
        let (bytes, limit) = (literal.bytes.len(), limits.each_literal_bytes);
        if bytes == 0 {
            return Err(GateError::EmptyLiteral { index });
        }
        if bytes > limit {
            return Err(GateError::LiteralTooLong {
                index,
                bytes,
                limit,
            });
        }
    }
    Ok(())
}
