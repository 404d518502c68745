//! What became of answers: the attributes of a resource, as long as the table's stamp holds.
//!
//! A pod sends thousands of batches between two changes, so the attributes are made once and asked
//! for ever after by moment and stamp alone.
//!
//! Must never: give attributes that the table did not confirm for this very batch, or grow without
//! bound.

use std::collections::HashMap;

use crate::rules::Rules;
use crate::slots::Resource;
use crate::table::{self, Question, Said};

/// Resources that are remembered; with more, all are forgotten and learnt again.
const ENTRIES_MAX: usize = 4_096;

/// An attribute that is to be added.
pub(crate) type Attribute = (String, String);

/// The memory of one instance.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    entries: HashMap<Vec<u8>, Entry>,
    key: Vec<u8>,
}

#[derive(Debug)]
struct Entry {
    stamp: u64,
    /// The question with the answer's moment and stamp, as it is asked from then on.
    question: String,
    attributes: Vec<Attribute>,
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
        let said = match self.entries.get(&self.key) {
            Some(entry) => table::ask(&entry.question),
            None => table::ask(&question(0, 0)),
        };
        match said {
            Said::Nothing => return &[],
            Said::Same => {}
            Said::SameAt(since) => {
                if let Some(entry) = self.entries.get_mut(&self.key) {
                    entry.question = question(since, entry.stamp);
                }
            }
            Said::New(answer) => {
                if self.entries.len() >= ENTRIES_MAX {
                    self.entries.clear();
                }
                let entry = Entry {
                    stamp: answer.stamp,
                    question: question(answer.since, answer.stamp),
                    attributes: rules.extract.attributes(&answer, &rules.chosen(resource)),
                };
                self.entries.insert(self.key.clone(), entry);
            }
        }
        self.entries
            .get(&self.key)
            .map_or(&[], |entry| entry.attributes.as_slice())
    }
}
