//! What the gate found in a batch, as evidence of what cannot stand in a value.
//!
//! The gate reports every occurrence of every literal, so where it reports none, none stands, and
//! what a literal set, a pattern or a key would cost there is saved. Evidence only ever says no: a
//! yes is judged on the value alone.

use std::collections::HashMap;
use std::ops::Range;

use tamis_scan::{Hit, Literal, Required, What, required_literals};

/// The hits of the scan of the very bytes that are judged, sorted by their start; none where those
/// bytes were not scanned whole.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Evidence<'a>(pub(crate) Option<&'a [Hit]>);

impl Evidence<'_> {
    /// Whether what is marked may stand in this range of the batch.
    pub(crate) fn allows(&self, marks: &Marks, range: &Range<usize>) -> bool {
        let (Some(hits), Some(bits)) = (self.0, &marks.bits) else {
            return true;
        };
        let from = hits.partition_point(|hit| hit.start < range.start);
        let inside = hits
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(|hit| hit.start < range.end);
        inside
            .filter(|hit| hit.end <= range.end)
            .any(|hit| match hit.what {
                What::Literal(index) => bits
                    .get(index as usize / 64)
                    .is_some_and(|word| word >> (index % 64) & 1 != 0),
                What::Class(_) => false,
            })
    }
}

/// Literals of the gate of which one must stand in a text for something to be true of it.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    wanted: Option<Vec<Literal>>,
    bits: Option<Vec<u64>>,
}

impl Marks {
    /// One of these must stand.
    pub(crate) fn of(literals: Vec<Literal>) -> Self {
        Self {
            wanted: Some(literals),
            bits: None,
        }
    }

    /// What a pattern requires, if that is literals.
    pub(crate) fn of_pattern(regex: &str) -> Self {
        match required_literals(regex) {
            Ok(Required::Any(literals)) => Self::of(literals),
            Ok(Required::Class(_) | Required::None(_)) | Err(_) => Self::default(),
        }
    }

    /// What each of several alternatives requires.
    pub(crate) fn of_all(required: Option<Vec<Required>>) -> Self {
        let literals = required.and_then(|all| {
            let lists = all.into_iter().map(|one| match one {
                Required::Any(literals) => Some(literals),
                Required::Class(_) | Required::None(_) => None,
            });
            lists.collect::<Option<Vec<_>>>()
        });
        Self {
            wanted: literals.map(|lists| lists.concat()),
            bits: None,
        }
    }

    /// Finds the literals in the gate. Unless it looks for all of them, there is no evidence.
    pub(crate) fn resolve(&mut self, gate: &HashMap<&Literal, usize>) {
        let indexes = self.wanted.take().and_then(|wanted| {
            wanted
                .iter()
                .map(|literal| gate.get(literal).copied())
                .collect::<Option<Vec<_>>>()
        });
        self.bits = indexes.map(|indexes| {
            let mut bits = vec![0; gate.len().div_ceil(64)];
            for index in indexes {
                bits[index / 64] |= 1 << (index % 64);
            }
            bits
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_says_no_only_where_the_gate_looked() {
        let [a, b] = [Literal::new("aaa"), Literal::new("bbb")];
        let gate = HashMap::from([(&a, 0), (&b, 1)]);
        let hits = [Hit {
            start: 5,
            end: 8,
            what: What::Literal(1),
        }];
        let scanned = Evidence(Some(&hits));
        let resolved = |literals: Vec<Literal>| {
            let mut marks = Marks::of(literals);
            marks.resolve(&gate);
            marks
        };
        assert!(scanned.allows(&resolved(vec![b.clone()]), &(0..10)));
        assert!(
            !scanned.allows(&resolved(vec![b.clone()]), &(6..10)),
            "it straddles"
        );
        assert!(!scanned.allows(&resolved(vec![a.clone()]), &(0..10)));
        assert!(
            scanned.allows(&resolved(vec![Literal::new("ccc")]), &(0..10)),
            "not looked for"
        );
        assert!(scanned.allows(&Marks::default(), &(0..10)));
        assert!(Evidence(None).allows(&resolved(vec![a.clone()]), &(0..10)));
    }
}
