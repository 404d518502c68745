//! Writes what happened into a case file as what is expected, and leaves the rest of it alone.
//!
//! Must never: touch a case that passed, or a comment.

use std::fs;

use toml_edit::{Array, Item, Table, Value};

use crate::case::{CaseError, CaseFile, Ending};
use crate::run::Observed;

impl CaseFile {
    /// Takes what happened over as what is expected of the case at this position.
    pub fn bless(&mut self, position: usize, observed: &Observed) {
        let cases = self
            .document
            .get_mut("case")
            .and_then(Item::as_array_of_tables_mut);
        let (Some(table), Some(case)) = (
            cases.and_then(|cases| cases.get_mut(position)),
            self.cases.get(position),
        ) else {
            return;
        };
        let ending = observed.ending.filter(|ending| {
            matches!(ending, Ending::Dropped | Ending::Refused) || case.outcome.is_some()
        });
        let free = case.outcome.is_some() && case.output.is_none();
        let output = observed.output.as_ref().filter(|_| !free);
        let output = output.map(|output| match case.text {
            Some(_) => Value::from(output.as_str()),
            None => literal(output),
        });
        put(table, "output", output);
        put(
            table,
            "outcome",
            ending.map(|ending| Value::from(ending.to_string())),
        );
        if case.report.is_some() {
            put(table, "report", Some(list(&observed.report)));
        }
        put(table, "faults", some_list(&observed.faults));
        put(table, "config_errors", some_list(&observed.config_errors));
    }

    /// Writes the file back.
    ///
    /// # Errors
    /// [`CaseError::Write`].
    pub fn save(&self) -> Result<(), CaseError> {
        fs::write(&self.path, self.document.to_string()).map_err(|source| CaseError::Write {
            path: self.path.clone(),
            source,
        })
    }
}

fn put(table: &mut Table, key: &str, value: Option<Value>) {
    match value {
        Some(value) => {
            table.insert(key, Item::Value(value));
        }
        None => {
            table.remove(key);
        }
    }
}

/// A literal block: the notation has no `'''` in it.
fn literal(text: &str) -> Value {
    let block = format!("'''\n{}\n'''", text.trim_end());
    block.parse().unwrap_or_else(|_| Value::from(text))
}

fn some_list(lines: &[String]) -> Option<Value> {
    (!lines.is_empty()).then(|| list(lines))
}

fn list(lines: &[String]) -> Value {
    Value::Array(lines.iter().map(String::as_str).collect::<Array>())
}
