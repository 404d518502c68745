//! What became of answers: the attributes of a resource, as long as the table's stamp holds.
//!
//! A pod sends thousands of batches between two changes, so the attributes are made once and asked
//! for ever after by moment and stamp alone.
//!
//! Must never: give attributes that the table did not confirm for this very batch, or grow without
//! bound.

use std::collections::HashMap;
use std::fmt;

use crate::rules::Rules;
use crate::slots::Resource;
use crate::table::{self, Question, Said};

/// Resources that are remembered; with more, all are forgotten and learnt again.
const ENTRIES_MAX: usize = 4_096;

/// An attribute that is to be added.
pub(crate) type Attribute = (String, String);

/// The memory of one instance.
#[derive(Default)]
pub(crate) struct Memory {
    entries: Vec<Entry>,
    /// Which entry is that of a resource.
    numbers: HashMap<Vec<u8>, usize>,
    key: Vec<u8>,
}

struct Entry {
    stamp: u64,
    /// The question with the answer's moment and stamp, as it is asked from then on.
    question: String,
    attributes: Vec<Attribute>,
}

/// Shows how many resources there are, and none of them.
impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory")
            .field("entries", &self.entries.len())
            .finish_non_exhaustive()
    }
}

impl Memory {
    /// What is to be added to a resource.
    pub(crate) fn attributes(
        &mut self,
        rules: &Rules,
        resource: &Resource<'_, '_>,
        peer: Option<&str>,
    ) -> &[Attribute] {
        self.key.clear();
        resource.write_key(&mut self.key);
        if rules.associations.reads_connection() {
            self.key
                .extend_from_slice(peer.unwrap_or_default().as_bytes());
        }
        let question = |since, stamp| {
            let question = Question {
                since,
                stamp,
                pod: rules.associations.conditions(resource, peer),
                namespace: resource.text(rules.namespace_slot),
                node: resource.text(rules.node_slot),
            };
            question.json()
        };
        let known = self.numbers.get(&self.key).copied();
        let entry = known.and_then(|number| self.entries.get_mut(number));
        let said = match &entry {
            Some(entry) => table::ask(&entry.question),
            None => table::ask(&question(0, 0)),
        };
        match (said, entry) {
            (Said::Nothing, _) => return &[],
            (Said::New(answer), entry) => {
                let new = Entry {
                    stamp: answer.stamp,
                    question: question(answer.since, answer.stamp),
                    attributes: rules.extract.attributes(&answer, &rules.chosen(resource)),
                };
                match entry {
                    Some(entry) => *entry = new,
                    None => return self.learn(new),
                }
            }
            (Said::SameAt(since), Some(entry)) => entry.question = question(since, entry.stamp),
            (Said::Same | Said::SameAt(_), _) => {}
        }
        let entry = known.and_then(|number| self.entries.get(number));
        entry.map_or(&[], |entry| entry.attributes.as_slice())
    }

    /// Remembers what there is of the resource of the key.
    fn learn(&mut self, entry: Entry) -> &[Attribute] {
        if self.entries.len() >= ENTRIES_MAX {
            self.entries.clear();
            self.numbers.clear();
        }
        self.numbers.insert(self.key.clone(), self.entries.len());
        self.entries.push(entry);
        let last = self.entries.last();
        last.map_or(&[], |entry| entry.attributes.as_slice())
    }
}
