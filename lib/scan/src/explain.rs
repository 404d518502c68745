//! What a gate does and why, in figures that people can read.
//!
//! Must never: name anything but indices and figures, so that it can be shown where the literals
//! themselves are secret.

use std::fmt;

use crate::class::ClassSet;
use crate::cost::{self, Choice};
use crate::frequency;
use crate::{Class, Engine, Literal};

/// What a gate does and why, for `validate --explain`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Explain {
    /// The engine that looks for the literals.
    pub engine: Engine,
    /// Whether the engine was asked for by name or chosen as the cheapest.
    pub chosen_by: ChosenBy,
    /// How many literals there are.
    pub literals: usize,
    /// The classes that are looked for.
    pub classes: Vec<Class>,
    /// Buckets of the filter; 0 for the automaton.
    pub buckets: usize,
    /// Places per MiB of ordinary text that the filter is expected to confirm in vain.
    pub candidates_per_mib: f64,
    /// Expected cost of a clean scan, in nanoseconds per KiB.
    pub ns_per_kib: f64,
    /// What the other engines worth a thought (the widest vectors, the automaton) were expected to
    /// cost, in nanoseconds per KiB.
    pub rejected: Vec<(Engine, f64)>,
    /// The literals that ordinary text is expected to hold most often (index and expected
    /// occurrences per MiB), the worst first, at most ten.
    pub commonest: Vec<(u32, f64)>,
}

/// Who chose an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChosenBy {
    /// The cost model.
    Cost,
    /// The caller, by name.
    Caller,
}

impl Explain {
    pub(crate) fn new(
        choice: &Choice,
        chosen_by: ChosenBy,
        literals: &[Literal],
        classes: ClassSet,
    ) -> Explain {
        let mut others = Engine::ALL.to_vec();
        others.retain(|engine| engine.is_available());
        let widest = cost::widest(&others);
        others.retain(|&engine| engine == Engine::AhoCorasick || Some(engine) == widest);
        others.retain(|&engine| engine != choice.engine);
        let price = |engine| cost::choice(engine, widest, literals, classes).ns_per_kib;
        let mut commonest: Vec<(u32, f64)> = (0u32..)
            .zip(literals)
            .map(|(id, literal)| (id, frequency::whole_rate(literal) * MIB))
            .collect();
        commonest.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        commonest.truncate(10);
        Explain {
            engine: choice.engine,
            chosen_by,
            literals: literals.len(),
            classes: Class::ALL
                .into_iter()
                .filter(|&class| classes.has(class))
                .collect(),
            buckets: choice.plan.as_ref().map_or(0, |plan| 8 * plan.groups.len()),
            candidates_per_mib: choice.plan.as_ref().map_or(0.0, |plan| plan.rate * MIB),
            ns_per_kib: choice.ns_per_kib,
            rejected: others
                .into_iter()
                .map(|engine| (engine, price(engine)))
                .collect(),
            commonest,
        }
    }
}

const MIB: f64 = 1_048_576.0;

impl fmt::Display for Explain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.chosen_by {
            ChosenBy::Cost => "the cheapest here",
            ChosenBy::Caller => "asked for by name",
        };
        write!(f, "{} literals", self.literals)?;
        for class in &self.classes {
            write!(f, ", {class:?}")?;
        }
        write!(
            f,
            ": {} ({why}), about {:.0} ns per KiB",
            self.engine, self.ns_per_kib
        )?;
        if self.buckets > 0 {
            let (buckets, candidates) = (self.buckets, self.candidates_per_mib);
            write!(
                f,
                ", {buckets} buckets, {candidates:.0} candidates per MiB expected"
            )?;
        }
        for (engine, ns) in &self.rejected {
            write!(f, "; {engine} would take {ns:.0}")?;
        }
        Ok(())
    }
}
