//! One pass over a view: reads what each record says, decides, and drops it or writes its probability.
//!
//! The host shows records in order, before each the values of its resource, behind those its own; so
//! one cursor goes through records and values together.
//!
//! Must never: edit a record twice, or touch one whose sampling information could not be read.

use tamis_sdk::{EditError, Edits, Kind, RecordKind, RecordView, ValueView, View};

use crate::beside::{RANDOMNESS, RANDOMNESS_SLOT, STATE_SLOT, Slots, THRESHOLD, THRESHOLD_SLOT};
use crate::hash;
use crate::rules::{Keeps, Rules, Why};
use crate::said::{Field, Said};
use crate::sampler::{Method, Priority, Sampler, Source, Verdict, Write};
use crate::state::State;
use crate::threshold::{Randomness, Threshold};
use crate::value;

/// The way through one view.
pub(crate) struct Pass<'r, 'a> {
    rules: &'r Rules,
    view: View<'a>,
    /// The next value, and its row.
    next: Option<ValueView<'a>>,
    row: u32,
    /// The next container.
    container: u32,
    slots: Slots<'a>,
    resource_slots: Slots<'a>,
    /// The resource that `resource_slots` are of, and its environment.
    resource: Option<u32>,
    environment: Option<usize>,
    /// Values of resources that were read ahead.
    ahead: Vec<(u32, ValueView<'a>)>,
    /// The trace state that was read last, and what it says.
    came: &'a [u8],
    state: State<'a>,
    hashed: Option<([u8; 16], Randomness)>,
    session: Option<(&'a [u8], Randomness)>,
    text: String,
}

impl<'r, 'a> Pass<'r, 'a> {
    pub(crate) fn new(rules: &'r Rules, view: &View<'a>) -> Self {
        Self {
            rules,
            view: *view,
            next: view.value(0),
            row: 0,
            container: 0,
            slots: rules.beside.slots(),
            resource_slots: rules.beside.resource_slots(),
            resource: None,
            environment: None,
            ahead: Vec::new(),
            came: &[],
            state: State::default(),
            hashed: None,
            session: None,
            text: String::new(),
        }
    }

    pub(crate) fn run(mut self, edits: &mut Edits<'_>) -> Result<(), EditError> {
        let view = self.view;
        for record in view.records() {
            self.gather(&record);
            match record.kind {
                RecordKind::Span => self.span(&record, edits)?,
                RecordKind::Log => self.log(&record, edits)?,
                RecordKind::Point => {}
            }
        }
        Ok(())
    }

    /// Fills the slots with what stands beside a record.
    fn gather(&mut self, record: &RecordView) {
        self.slots.clear();
        while let Some(value) = self.next {
            match value.record {
                None => {
                    let container = value.container.and_then(|row| self.view.container(row));
                    if let Some(resource) = container.and_then(|container| container.resource) {
                        self.ahead.push((resource, value));
                    }
                }
                Some(row) if row == record.row => {
                    if let Some(slot) = self.rules.beside.slot(&value) {
                        self.slots.fill(slot, value);
                    }
                }
                Some(row) if row > record.row => break,
                Some(_) => {}
            }
            self.row += 1;
            self.next = self.view.value(self.row);
        }
        if self.resource != Some(record.resource) {
            self.enter(record.resource);
        }
    }

    /// Settles what all records of a resource have in common.
    fn enter(&mut self, resource: u32) {
        self.resource = Some(resource);
        self.resource_slots.clear();
        for (of, value) in &self.ahead {
            if let Some(slot) = self.rules.beside.slot(value).filter(|_| *of == resource) {
                self.resource_slots.fill(slot, *value);
            }
        }
        self.ahead.retain(|(of, _)| *of > resource);
        let mut environments = self.rules.environments.iter();
        self.environment =
            environments.position(|(matches, _)| matches.holds(&self.resource_slots));
    }

    fn sampler(&self) -> &'r Sampler {
        let environment = self
            .environment
            .and_then(|at| self.rules.environments.get(at));
        environment.map_or(&self.rules.sampler, |(_, sampler)| sampler)
    }

    fn span(&mut self, record: &RecordView, edits: &mut Edits<'_>) -> Result<(), EditError> {
        let came = self
            .slots
            .get(STATE_SLOT)
            .map_or(&[][..], |state| state.bytes);
        // All spans of a trace mostly carry the same one.
        if came != self.came {
            self.came = came;
            self.state = State::parse(came);
        }
        let said = self.state.said;
        let priority = self.span_priority();
        let source = self.source(record, &said, |pass| match record.trace_id {
            [0, ..] if record.trace_id == [0; 16] => Source::Unhashed,
            id => Source::Hash(pass.hash(id)),
        });
        let (verdict, why) = self.decide(record, said, source, priority);
        let Some(write) = kept(verdict, record, self.rules, why, edits)? else {
            return Ok(());
        };
        let (randomness, threshold) = fields(&said, write);
        self.state.write(randomness, threshold, &mut self.text);
        if self.text.as_bytes() == came {
            return Ok(());
        }
        let detector = self.rules.detector(why, Keeps::Record);
        edits
            .detected(detector)
            .set_trace_state(record.row, &self.text)
    }

    fn log(&mut self, record: &RecordView, edits: &mut Edits<'_>) -> Result<(), EditError> {
        let mut said = Said::default();
        let text = |slot| self.slots.text(slot).filter(|text| !text.is_empty());
        if let Some(text) = text(THRESHOLD_SLOT) {
            said.read_threshold(text);
        }
        if let Some(text) = text(RANDOMNESS_SLOT) {
            said.read_randomness(text);
        }
        let priority = self.log_priority();
        let source = self.source(record, &said, |pass| {
            pass.log_hash(record).map_or(Source::Nothing, Source::Hash)
        });
        let (verdict, why) = self.decide(record, said, source, priority);
        let container = self.own_container(record);
        let Some(write) = kept(verdict, record, self.rules, why, edits)? else {
            return Ok(());
        };
        let Some(container) = container else {
            return Ok(());
        };
        if let Some(randomness) = write.randomness {
            self.text.clear();
            randomness.write(&mut self.text);
            edits.set(container, RANDOMNESS, self.text.as_str())?;
        }
        if let Some(threshold) = write.threshold {
            self.text.clear();
            threshold.write(&mut self.text);
            let detector = self.rules.detector(why, Keeps::Record);
            let mut edits = edits.detected(detector);
            edits.set(container, THRESHOLD, self.text.as_str())?;
        }
        Ok(())
    }

    /// Decides about a record, and says why so.
    fn decide(
        &self,
        record: &RecordView,
        said: Said<'_>,
        source: Source,
        priority: Priority,
    ) -> (Verdict, Why) {
        let mut rules = self.rules.keep.iter();
        let rule = rules.position(|rule| rule.holds(record, &self.slots));
        let (priority, why) = match (rule, priority) {
            (Some(rule), _) => (Priority::Threshold(Threshold::ALWAYS), Why::Rule(rule)),
            (None, Priority::Threshold(_)) => (priority, Why::Priority),
            (None, Priority::Defer) => (priority, Why::Percentage(self.environment)),
        };
        let verdict = self.sampler().decide(said, source, priority);
        match verdict {
            Verdict::Drop { fault: true } => (verdict, Why::Fault),
            _ => (verdict, why),
        }
    }

    /// Where a record's randomness comes from; `hash` is asked in `hash_seed` mode.
    fn source(
        &mut self,
        record: &RecordView,
        said: &Said<'_>,
        hash: impl Fn(&mut Self) -> Source,
    ) -> Source {
        if let Some(session) = self.session() {
            return Source::Session(session);
        }
        let sampled = said.threshold().is_some() || said.randomness().is_some();
        let hashes = self.sampler().method() == Method::Hash;
        if hashes && !sampled {
            return hash(self);
        }
        if record.trace_id != [0; 16] {
            return Source::TraceId(Randomness::of_trace_id(record.trace_id));
        }
        match hashes.then(|| hash(self)) {
            Some(Source::Hash(hashed)) => Source::Session(hashed),
            _ => Source::Nothing,
        }
    }

    /// Randomness of the session that a record belongs to.
    fn session(&mut self) -> Option<Randomness> {
        let mut keys = self.rules.session.iter();
        let value = keys.find_map(|&(own, of_resource)| {
            let own = self.slots.get(own);
            let value = own.or_else(|| self.resource_slots.get(of_resource))?;
            (!value.bytes.is_empty()).then_some(value)
        })?;
        if value.kind != Kind::String {
            return Some(hash::session(self.rules.seed, &value::bytes(value)));
        }
        match self.session {
            Some((text, randomness)) if text == value.bytes => Some(randomness),
            _ => {
                let randomness = hash::session(self.rules.seed, value.bytes);
                self.session = Some((value.bytes, randomness));
                Some(randomness)
            }
        }
    }

    /// The hash of a trace id; spans of one trace often stand together.
    fn hash(&mut self, id: [u8; 16]) -> Randomness {
        match self.hashed {
            Some((known, randomness)) if known == id => randomness,
            _ => {
                let randomness = self.rules.hash.randomness(&id);
                self.hashed = Some((id, randomness));
                randomness
            }
        }
    }

    fn log_hash(&mut self, record: &RecordView) -> Option<Randomness> {
        if self.rules.log_source.trace_id && record.trace_id != [0; 16] {
            return Some(self.hash(record.trace_id));
        }
        let value = self.slots.get(self.rules.log_source.attribute?)?;
        let bytes = value::bytes(value);
        (!bytes.is_empty()).then(|| self.rules.hash.randomness(&bytes))
    }

    /// A span's attribute `sampling.priority`: 0 drops it, more keeps it.
    fn span_priority(&self) -> Priority {
        let value = self.slots.get(self.rules.span_priority);
        match value.and_then(value::number) {
            Some(0.0) => Priority::Threshold(Threshold::NEVER),
            Some(priority) if priority > 0.0 => Priority::Threshold(Threshold::ALWAYS),
            _ => Priority::Defer,
        }
    }

    /// A log record's own percentage: a number, not 0, that is a probability.
    fn log_priority(&self) -> Priority {
        let value = self
            .rules
            .log_priority
            .and_then(|slot| self.slots.get(slot));
        let number = value
            .filter(|value| value.kind != Kind::String)
            .and_then(value::number);
        let own =
            number.and_then(|percentage| Threshold::of(percentage / 100.0, self.rules.precision));
        own.map_or(Priority::Defer, Priority::Threshold)
    }

    /// The container of a record's own attributes. Containers stand in the order of the records.
    fn own_container(&mut self, record: &RecordView) -> Option<u32> {
        while let Some(container) = self.view.container(self.container) {
            match container.record {
                Some(of) if of == record.row => return Some(container.row),
                Some(of) if of > record.row => return None,
                _ => self.container += 1,
            }
        }
        None
    }
}

/// What to write into a record that is kept; one that is not is dropped here.
fn kept(
    verdict: Verdict,
    record: &RecordView,
    rules: &Rules,
    why: Why,
    edits: &mut Edits<'_>,
) -> Result<Option<Write>, EditError> {
    match verdict {
        Verdict::Keep(write) => Ok(write),
        Verdict::Drop { .. } => {
            let detector = rules.detector(why, Keeps::Nothing);
            edits.detected(detector).drop_record(record.row)?;
            Ok(None)
        }
    }
}

/// The fields of a trace state as they are written.
fn fields<'s>(said: &Said<'s>, write: Write) -> (Field<'s>, Field<'s>) {
    let randomness = write.randomness.map(Field::Randomness);
    let threshold = write.threshold.map(Field::Threshold);
    (
        randomness.unwrap_or_else(|| said.randomness_field()),
        threshold.unwrap_or_else(|| said.threshold_field()),
    )
}
