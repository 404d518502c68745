//! What a detector is: a row of the table that `detectors()` gives out.
//!
//! Rows are constants, so that a detector is read and reviewed as data. Must never hold code that
//! belongs to one kind of secret: that stands in the rule's own file.

use crate::assignment::Assignment;
use crate::gate::{GateClass, GateLiteral};
use crate::look::{Anchor, Look};
use crate::shape::Shape;

pub use crate::validators::Validator;

/// What sort of thing a detector finds; classes are switched on and off as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
pub enum DetectorClass {
    /// A token whose own spelling tells what it is.
    Token,
    /// Key material: private-key blocks, seeds, storage keys.
    Key,
    /// A secret that its surroundings give away: a name, a header, a URL.
    Credential,
    /// Payment cards and accounts.
    Card,
    /// Personal data; off by default.
    Personal,
    /// Keys that are meant to be public; off by default.
    Publishable,
}

impl DetectorClass {
    /// Every class, in the order in which they are documented.
    pub const ALL: [DetectorClass; 6] = [
        DetectorClass::Token,
        DetectorClass::Key,
        DetectorClass::Credential,
        DetectorClass::Card,
        DetectorClass::Personal,
        DetectorClass::Publishable,
    ];

    /// The name that settings and reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            DetectorClass::Token => "token",
            DetectorClass::Key => "key",
            DetectorClass::Credential => "credential",
            DetectorClass::Card => "card",
            DetectorClass::Personal => "personal",
            DetectorClass::Publishable => "publishable",
        }
    }

    /// The class of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<DetectorClass> {
        DetectorClass::ALL
            .into_iter()
            .find(|class| class.name() == name)
    }

    /// Who names the finding when two detectors claim the same bytes: the lower rank.
    pub(crate) const fn rank(self) -> u8 {
        match self {
            DetectorClass::Key => 0,
            DetectorClass::Token => 1,
            DetectorClass::Card => 2,
            DetectorClass::Publishable => 3,
            DetectorClass::Credential => 4,
            DetectorClass::Personal => 5,
        }
    }
}

/// One kind of secret.
#[derive(Debug)]
pub struct Detector {
    /// Stable name in kebab case, such as `aws-access-key-id`; stands in masks and reports.
    pub id: &'static str,
    /// One line for people.
    pub title: &'static str,
    /// What sort of thing it finds.
    pub class: DetectorClass,
    /// Whether the default set holds it.
    pub on_by_default: bool,
    /// The checksum or structure test of the format, where it has one.
    pub validator: Option<Validator>,
    pub(crate) rule: Rule,
}

/// How a detector finds.
#[derive(Debug)]
pub(crate) enum Rule {
    /// A prefix or marker and a run of bytes.
    Shape(Shape),
    /// A value beside a name, or under a key.
    Assignment(Assignment),
    /// A search of its own from each anchor.
    Search(Search),
}

/// A search that is more than a shape.
pub(crate) struct Search {
    /// Literals where the search starts.
    pub anchors: fn(&mut Vec<GateLiteral>),
    /// A class of bytes where it starts, too: runs of digits, or every `@`.
    pub class: Option<GateClass>,
    /// Looks around one anchor.
    pub confirm: fn(&mut Look<'_>, Anchor),
}

impl std::fmt::Debug for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Search")
            .field("class", &self.class)
            .finish_non_exhaustive()
    }
}

impl Detector {
    /// A token with a shape of its own.
    pub(crate) const fn token(id: &'static str, title: &'static str, shape: Shape) -> Detector {
        Detector {
            id,
            title,
            class: DetectorClass::Token,
            on_by_default: true,
            validator: None,
            rule: Rule::Shape(shape),
        }
    }

    /// Something that takes a search.
    pub(crate) const fn search(id: &'static str, title: &'static str, search: Search) -> Detector {
        Detector {
            id,
            title,
            class: DetectorClass::Credential,
            on_by_default: true,
            validator: None,
            rule: Rule::Search(search),
        }
    }

    /// A value beside a name.
    pub(crate) const fn assignment(
        id: &'static str,
        title: &'static str,
        assignment: Assignment,
    ) -> Detector {
        Detector {
            id,
            title,
            class: DetectorClass::Credential,
            on_by_default: true,
            validator: None,
            rule: Rule::Assignment(assignment),
        }
    }

    /// The same in another class; personal data and publishable keys are off by default.
    pub(crate) const fn class(mut self, class: DetectorClass) -> Detector {
        self.class = class;
        self.on_by_default = !matches!(class, DetectorClass::Personal | DetectorClass::Publishable);
        self
    }

    /// The same with the checksum of its format.
    pub(crate) const fn checked(mut self, validator: Validator) -> Detector {
        self.validator = Some(validator);
        self
    }
}
