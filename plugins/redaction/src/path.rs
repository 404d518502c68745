//! Where in a body a value stands, as the Collector writes it: `a.b.[0]`.
//!
//! Must never: grow with anything but the depth.

use tamis_sdk::{Kind, ValueView};

/// The way from the body to the value that the pass is at.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    container: Option<u32>,
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    name: String,
    /// Elements of the array that were seen so far.
    elements: usize,
}

impl Trail {
    /// Goes to the next value; `key` is its key as it may be shown.
    pub(crate) fn step(&mut self, value: &ValueView<'_>, key: impl FnOnce() -> String) {
        let depth = value.depth as usize;
        self.steps.truncate(depth.max(1));
        if depth == 0 || self.steps.is_empty() {
            self.container = value.container;
            self.steps.clear();
            self.steps.push(Step {
                name: "body".to_owned(),
                elements: 0,
            });
            if depth == 0 {
                return;
            }
        }
        let name = match (value.entry, self.steps.last_mut()) {
            (None, Some(array)) if value.kind != Kind::Key => {
                array.elements += 1;
                format!("[{}]", array.elements - 1)
            }
            _ => key(),
        };
        self.steps.push(Step { name, elements: 0 });
    }

    /// Row of the attributes of the body's record.
    pub(crate) fn container(&self) -> Option<u32> {
        self.container
    }

    /// The path.
    pub(crate) fn path(&self) -> String {
        let from = usize::from(self.steps.len() > 1);
        let names = self.steps.iter().skip(from).map(|step| step.name.as_str());
        names.collect::<Vec<_>>().join(".")
    }
}
