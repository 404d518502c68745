//! What the gate found in a batch, as evidence of what stands in a value.
//!
//! The gate reports every occurrence of every literal and every run of a class, so what it does not
//! report does not stand, and nobody has to look for it once more. What it does report is an offset
//! in raw bytes: only what lies in the value counts, and a run is clipped to it.

use std::collections::HashMap;
use std::ops::Range;

use tamis_scan::{Class, Hit, Literal, Required, What, required_literals};

/// What the scan of a batch found, in the order of the bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sightings<'a> {
    /// Literals and runs.
    pub(crate) hits: &'a [Hit],
    /// The runs alone, by class.
    pub(crate) runs: &'a Runs,
}

/// Runs and marks by class.
#[derive(Debug, Default)]
pub(crate) struct Runs([Vec<Range<usize>>; Class::ALL.len()]);

impl Runs {
    pub(crate) fn clear(&mut self) {
        self.0.iter_mut().for_each(Vec::clear);
    }

    /// Appends a hit, if it is a run. Hits come by their start.
    pub(crate) fn add(&mut self, hit: &Hit) {
        if let What::Class(class) = hit.what {
            self.0[class as usize].push(hit.start..hit.end);
        }
    }
}

/// The sightings in the very bytes that are judged; none where those bytes were not scanned whole.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Evidence<'a>(pub(crate) Option<Sightings<'a>>);

impl<'a> Evidence<'a> {
    /// Whether what is marked may stand in this range of the batch.
    pub(crate) fn allows(&self, marks: &Marks, range: &Range<usize>) -> bool {
        let (Some(inside), Some(bits)) = (self.inside(range), &marks.bits) else {
            return true;
        };
        let is_marked = |index: usize| {
            let word = bits.get(index / 64);
            word.is_some_and(|word| word >> (index % 64) & 1 != 0)
        };
        inside.into_iter().any(|hit| match hit.what {
            What::Literal(index) => is_marked(index as usize),
            What::Class(_) => false,
        })
    }

    /// The same evidence for values and keys that lie in this range: of the hits, those alone.
    pub(crate) fn near(self, range: &Range<usize>) -> Self {
        Self(self.0.map(|all| {
            let from = all.hits.partition_point(|hit| hit.start < range.start);
            let rest = all.hits.get(from..).unwrap_or_default();
            let count = rest.partition_point(|hit| hit.start < range.end);
            Sightings {
                hits: rest.get(..count).unwrap_or_default(),
                ..all
            }
        }))
    }

    /// The hits that lie whole in this range of the batch, by their start.
    pub(crate) fn inside(&self, range: &Range<usize>) -> Option<impl Iterator<Item = &'a Hit>> {
        let hits = self.0?.hits;
        let (start, end) = (range.start, range.end);
        let from = hits.partition_point(|hit| hit.start < start);
        let inside = hits.get(from..).unwrap_or_default().iter();
        let inside = inside.take_while(move |hit| hit.start < end);
        Some(inside.filter(move |hit| hit.end <= end))
    }

    /// The runs of a class that the gate looks for, clipped to this range of the batch, as ranges
    /// in it.
    pub(crate) fn runs(
        &self,
        class: Class,
        range: &Range<usize>,
    ) -> Option<impl Iterator<Item = Range<usize>>> {
        // Runs of a class rise in their starts and in their ends.
        let runs = self.0?.runs.0[class as usize].as_slice();
        let (start, end) = (range.start, range.end);
        let from = runs.partition_point(|run| run.end <= start);
        let touching = runs.get(from..).unwrap_or_default().iter();
        let touching = touching.take_while(move |run| run.start < end);
        Some(touching.map(move |run| run.start.max(start) - start..run.end.min(end) - start))
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

/// By index in the gate, the index in a list of literals.
#[derive(Debug, Default)]
pub(crate) struct Places(Option<Vec<u32>>);

impl Places {
    const ELSEWHERE: u32 = u32::MAX;

    /// Finds the literals in the gate. Unless it looks for all of them, nothing is known.
    pub(crate) fn resolve(&mut self, wanted: &[Literal], gate: &HashMap<&Literal, usize>) {
        let mut places = vec![Self::ELSEWHERE; gate.len()];
        for (index, literal) in (0..).zip(wanted) {
            match gate.get(literal).and_then(|&place| places.get_mut(place)) {
                Some(place) => *place = index,
                None => return,
            }
        }
        self.0 = Some(places);
    }

    /// Whether the gate looks for all of the list.
    pub(crate) fn are_known(&self) -> bool {
        self.0.is_some()
    }

    /// The index in the list of what was found.
    pub(crate) fn of(&self, what: What) -> Option<usize> {
        let What::Literal(index) = what else {
            return None;
        };
        let place = *self.0.as_ref()?.get(index as usize)?;
        (place != Self::ELSEWHERE).then_some(place as usize)
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
        let runs = Runs::default();
        let scanned = Evidence(Some(Sightings {
            hits: &hits,
            runs: &runs,
        }));
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

    #[test]
    fn runs_are_clipped_to_the_range() {
        let run = |range: Range<usize>| Hit {
            start: range.start,
            end: range.end,
            what: What::Class(Class::Digits13),
        };
        let mut runs = Runs::default();
        for range in [0..20, 30..50, 60..80] {
            runs.add(&run(range));
        }
        let evidence = Evidence(Some(Sightings {
            hits: &[],
            runs: &runs,
        }));
        let clipped = |class, range| evidence.runs(class, &range).unwrap().collect::<Vec<_>>();
        assert_eq!(clipped(Class::Digits13, 10..40), [0..10, 20..30]);
        assert!(clipped(Class::Digits13, 20..30).is_empty());
        assert!(clipped(Class::AtSign, 0..80).is_empty());
        assert!(Evidence(None).runs(Class::AtSign, &(0..80)).is_none());
    }
}
