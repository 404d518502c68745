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
use crate::filter::Filter;
use crate::hits::{Hits, ScanOutcome};
use crate::simd::Machine;
use crate::window::{Plan, Precision};
use crate::{Engine, Literal};

/// How much a gate takes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateLimits {
    /// Literals of the whole chain.
    pub literals: usize,
    /// Their bytes, summed.
    pub literal_bytes: usize,
}

impl GateLimits {
    /// 8,192 literals.
    pub const LITERALS: usize = 8 << 10;
    /// 256 KiB.
    pub const LITERAL_BYTES: usize = 256 << 10;
}

impl Default for GateLimits {
    fn default() -> Self {
        GateLimits {
            literals: Self::LITERALS,
            literal_bytes: Self::LITERAL_BYTES,
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
    engine: Engine,
    filter: Filter,
    /// Looks for the literals if the filter does not.
    automaton: Option<Automaton>,
}

impl Gate {
    /// A gate with the engine that the cost model finds best on this machine.
    ///
    /// # Errors
    /// When a limit is exceeded or a literal is empty.
    pub fn new(
        literals: &[Literal],
        classes: &[Class],
        limits: &GateLimits,
    ) -> Result<Gate, GateError> {
        Gate::with_engine(literals, classes, limits, Engine::AhoCorasick)
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
        let unavailable = GateError::EngineUnavailable { engine };
        let machine = Machine::detect(engine).ok_or(unavailable)?;
        let literals = literals.to_vec();
        let classes = ClassSet::new(classes);
        let (filter, automaton) = if engine == Engine::AhoCorasick {
            let automaton = Automaton::new(&literals, Use::Engine)?;
            (Filter::for_classes(machine, classes), Some(automaton))
        } else {
            let plan = Plan::new(&literals, 2, precision(engine));
            (Filter::new(&literals, plan, machine, classes)?, None)
        };
        Ok(Gate {
            literals,
            engine,
            filter,
            automaton,
        })
    }

    /// The engine in use.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The literals, in the order that [`crate::What::Literal`] counts them.
    #[must_use]
    pub fn literals(&self) -> &[Literal] {
        &self.literals
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

fn precision(engine: Engine) -> Precision {
    match engine {
        Engine::Scalar | Engine::Avx512 => Precision::SevenBits,
        Engine::Simd128 | Engine::Avx2 | Engine::AhoCorasick => Precision::Halves,
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
    match literals.iter().position(|literal| literal.bytes.is_empty()) {
        Some(index) => Err(GateError::EmptyLiteral { index }),
        None => Ok(()),
    }
}
