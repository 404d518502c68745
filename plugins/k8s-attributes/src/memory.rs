//! What became of answers: the attributes of a resource, as long as the table's stamp holds.
//!
//! A pod sends thousands of batches between two changes, so the attributes are made once and asked
//! for ever after by their stamp alone.
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
    entries: HashMap<String, Entry>,
    key: String,
}

#[derive(Debug)]
struct Entry {
    /// The question with the answer's stamp, as it is asked from then on.
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
            self.key.push_str(peer.unwrap_or_default());
        }
        let question = |stamp| {
            let question = Question {
                pod: rules.associations.conditions(resource, peer),
                namespace: resource.text(rules.namespace_slot),
                node: resource.text(rules.node_slot),
                stamp,
            };
            question.json()
        };
        let said = match self.entries.get(&self.key) {
            Some(entry) => table::ask(&entry.question),
            None => table::ask(&question(0)),
        };
        match said {
            Said::Nothing => return &[],
            Said::Same => {}
            Said::New(answer) => {
                if self.entries.len() >= ENTRIES_MAX {
                    self.entries.clear();
                }
                let entry = Entry {
                    question: question(answer.stamp),
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
