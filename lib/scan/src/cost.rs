//! The cost model: which engine a gate gets, and with how many buckets. All figures stand here.
//!
//! A vector engine costs so much per byte for its buckets, and so much per candidate; more buckets
//! cost more per byte and leave fewer candidates. The automaton costs a fixed amount, which
//! depends on whether its search for few literals (Teddy) can be used. The figures were measured
//! with `examples/throughput.rs` on one machine (Zen 5); only their ratios matter, and a wrong
//! choice is slow, not wrong.
//!
//! Must never: decide what is found.

use crate::class::ClassSet;
use crate::frequency;
use crate::window::{Plan, Precision};
use crate::{Case, Engine, Literal};

/// What a candidate costs to confirm, in nanoseconds: a rare one comes as a surprise to the
/// processor, one among many does not.
const CANDIDATE_NS: (f64, f64) = (4.0, 2.0);
/// So many candidates per KiB are rare.
const RARE: f64 = 8.0;
/// More literals than this are not planned with one group: that never pays.
const ONE_GROUP_MAX: usize = 512;
/// Groups that the kernel is compiled for.
const GROUPS_MAX: usize = 4;
/// Literals that fit Teddy.
const TEDDY_MAX: usize = 64;

/// Nanoseconds per KiB.
struct Figures {
    engine: Engine,
    /// Loads, masks, and looking whether there are candidates.
    base: f64,
    /// Each group of eight buckets.
    group: f64,
    /// The kinds of bytes, if any class is asked for.
    kinds: f64,
    /// Each class.
    class: f64,
}

const FILTERS: [Figures; 4] = [
    Figures {
        engine: Engine::Avx512,
        base: 4.0,
        group: 10.5,
        kinds: 6.0,
        class: 5.0,
    },
    Figures {
        engine: Engine::Avx2,
        base: 17.0,
        group: 40.0,
        kinds: 20.0,
        class: 6.0,
    },
    Figures {
        engine: Engine::Simd128,
        base: 40.0,
        group: 85.0,
        kinds: 60.0,
        class: 12.0,
    },
    Figures {
        engine: Engine::Scalar,
        base: 380.0,
        group: 1280.0,
        kinds: 1500.0,
        class: 30.0,
    },
];

/// Teddy: so much per KiB with 32-byte vectors, and so much more for each literal.
const TEDDY: (f64, f64) = (50.0, 1.9);
/// An automaton whose tables fit the cache, and one whose tables do not.
const AUTOMATON: (f64, f64) = (2000.0, 4500.0);
/// Literals for which the automaton's tables fit.
const AUTOMATON_SMALL: usize = 128;

/// What an engine would do, and at what price.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) engine: Engine,
    /// What the filter looks for; `None` for the automaton and where there is no literal.
    pub(crate) plan: Option<Plan>,
    pub(crate) ns_per_kib: f64,
}

/// The cheapest of the engines.
pub(crate) fn cheapest(
    engines: impl Iterator<Item = Engine>,
    literals: &[Literal],
    classes: ClassSet,
) -> Option<Choice> {
    // The machine's widest vectors are the only filter worth a plan; narrower ones cost more for
    // the same work.
    let mut engines: Vec<Engine> = engines.collect();
    let widest = FILTERS
        .iter()
        .map(|f| f.engine)
        .find(|engine| engines.contains(engine));
    engines.retain(|&engine| engine == Engine::AhoCorasick || Some(engine) == widest);
    engines
        .into_iter()
        .map(|engine| choice(engine, widest, literals, classes))
        .min_by(|a, b| a.ns_per_kib.total_cmp(&b.ns_per_kib))
}

/// The widest vectors among the engines.
pub(crate) fn widest(engines: &[Engine]) -> Option<Engine> {
    let mut filters = FILTERS.iter().map(|figures| figures.engine);
    filters.find(|engine| engines.contains(engine))
}

/// What this engine would do; `widest` are the machine's best vectors.
pub(crate) fn choice(
    engine: Engine,
    widest: Option<Engine>,
    literals: &[Literal],
    classes: ClassSet,
) -> Choice {
    let vectors = if engine == Engine::AhoCorasick {
        widest.unwrap_or(Engine::Scalar)
    } else {
        engine
    };
    let figures = FILTERS.iter().find(|figures| figures.engine == vectors);
    let figures = figures.unwrap_or(&FILTERS[3]);
    let classes_ns = match classes.count() {
        0 => 0.0,
        count => figures.kinds + figures.class * count as f64,
    };
    if literals.is_empty() {
        return Choice {
            engine,
            plan: None,
            ns_per_kib: classes_ns,
        };
    }
    if engine == Engine::AhoCorasick {
        return Choice {
            engine,
            plan: None,
            ns_per_kib: classes_ns + automaton_ns(literals, vectors),
        };
    }
    let (plan, plan_ns) = best_plan(literals, figures);
    Choice {
        engine,
        plan: Some(plan),
        ns_per_kib: classes_ns + plan_ns,
    }
}

/// Adds groups as long as they save more candidates than they cost.
fn best_plan(literals: &[Literal], figures: &Figures) -> (Plan, f64) {
    let planned = |groups: usize| {
        let plan = Plan::new(literals, groups, precision(figures.engine));
        let per_kib = figures.base + figures.group * groups as f64;
        let ns = per_kib + candidates_ns(plan.rate * 1024.0);
        (plan, ns)
    };
    let fewest = if literals.len() > ONE_GROUP_MAX { 2 } else { 1 };
    let mut best = planned(fewest);
    for groups in fewest + 1..=GROUPS_MAX {
        if best.1 <= figures.base + figures.group * groups as f64 {
            break;
        }
        let next = planned(groups);
        if next.1 >= best.1 {
            break;
        }
        best = next;
    }
    best
}

fn candidates_ns(per_kib: f64) -> f64 {
    per_kib.min(RARE) * CANDIDATE_NS.0 + (per_kib - RARE).max(0.0) * CANDIDATE_NS.1
}

fn precision(engine: Engine) -> Precision {
    match engine {
        Engine::Scalar | Engine::Avx512 => Precision::SevenBits,
        Engine::Simd128 | Engine::Avx2 | Engine::AhoCorasick => Precision::Halves,
    }
}

fn automaton_ns(literals: &[Literal], vectors: Engine) -> f64 {
    let lanes = match vectors {
        Engine::Avx512 | Engine::Avx2 => Some(1.0),
        Engine::Simd128 => Some(2.0),
        Engine::Scalar | Engine::AhoCorasick => None,
    };
    let fits = literals.len() <= TEDDY_MAX
        && literals
            .iter()
            .all(|l| l.case == Case::Sensitive && l.bytes.len() >= 3);
    match lanes {
        Some(lanes) if fits => {
            let rate: f64 = literals.iter().map(frequency::literal_rate).sum();
            let confirm = rate * 1024.0 * 10.0 * CANDIDATE_NS.0;
            lanes * (TEDDY.0 + TEDDY.1 * literals.len() as f64) + confirm
        }
        _ if literals.len() <= AUTOMATON_SMALL => AUTOMATON.0,
        _ => AUTOMATON.1,
    }
}
