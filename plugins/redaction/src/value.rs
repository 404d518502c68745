//! Values as the Collector writes them as text: numbers, base64, JSON.
//!
//! Arrays and maps are written from the rows of the view that follow theirs, so that nothing is
//! decoded twice. The depth of nesting is limited by the host, which shows nothing deeper.
//!
//! Must never: fail. What cannot be written (a NaN inside a map) makes the whole text empty, as there.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tamis_sdk::{Kind, Place, ValueView, View, double_text};

/// The text of a value.
pub(crate) fn text(view: &View<'_>, value: &ValueView<'_>) -> String {
    match value.kind {
        Kind::String | Kind::Key => String::from_utf8_lossy(value.bytes).into_owned(),
        Kind::Bytes => STANDARD.encode(value.bytes),
        Kind::Bool => value.bool().unwrap_or_default().to_string(),
        Kind::Int => value.int().unwrap_or_default().to_string(),
        Kind::Double => double_text(value.double().unwrap_or_default()),
        Kind::Empty => String::new(),
        Kind::Array | Kind::Kvlist => {
            let mut json = Json {
                view,
                out: String::new(),
                whole: true,
            };
            json.value(value);
            if json.whole { json.out } else { String::new() }
        }
    }
}

/// A JSON text while it is written.
struct Json<'v, 'a> {
    view: &'v View<'a>,
    out: String,
    /// Whether everything could be written so far.
    whole: bool,
}

impl<'a> Json<'_, 'a> {
    fn value(&mut self, value: &ValueView<'a>) {
        match value.kind {
            Kind::Array => {
                self.out.push('[');
                for (number, element) in children(self.view, value).enumerate() {
                    if number > 0 {
                        self.out.push(',');
                    }
                    self.value(&element);
                }
                self.out.push(']');
            }
            Kind::Kvlist => self.map(value),
            Kind::String | Kind::Key => self.string(value.bytes),
            Kind::Bytes => self.string(STANDARD.encode(value.bytes).as_bytes()),
            Kind::Empty => self.out.push_str("null"),
            Kind::Double => {
                self.whole &= value.double().is_some_and(f64::is_finite);
                self.out.push_str(&text(self.view, value));
            }
            Kind::Bool | Kind::Int => self.out.push_str(&text(self.view, value)),
        }
    }

    /// Members in the order of their keys; of several under one key the last counts.
    fn map(&mut self, value: &ValueView<'a>) {
        let members: BTreeMap<&[u8], ValueView<'a>> = children(self.view, value)
            .map(|member| (member.key.unwrap_or_default(), member))
            .collect();
        self.out.push('{');
        for (number, (key, member)) in members.iter().enumerate() {
            if number > 0 {
                self.out.push(',');
            }
            self.string(key);
            self.out.push(':');
            self.value(member);
        }
        self.out.push('}');
    }

    fn string(&mut self, bytes: &[u8]) {
        self.out.push('"');
        for chunk in bytes.utf8_chunks() {
            for char in chunk.valid().chars() {
                self.char(char);
            }
            for _ in chunk.invalid() {
                self.out.push_str(r"\ufffd");
            }
        }
        self.out.push('"');
    }

    fn char(&mut self, char: char) {
        match char {
            '"' => self.out.push_str("\\\""),
            '\\' => self.out.push_str(r"\\"),
            '\n' => self.out.push_str(r"\n"),
            '\r' => self.out.push_str(r"\r"),
            '\t' => self.out.push_str(r"\t"),
            '\x08' => self.out.push_str(r"\b"),
            '\x0c' => self.out.push_str(r"\f"),
            '\0'..='\x1f' | '\u{2028}' | '\u{2029}' => {
                // Writing to a string does not fail.
                let _ = write!(self.out, r"\u{:04x}", u32::from(char));
            }
            char => self.out.push(char),
        }
    }
}

/// The values directly inside an array or list. Keys, and fields that nobody knows, are none.
fn children<'v, 'a>(
    view: &'v View<'a>,
    parent: &ValueView<'a>,
) -> impl Iterator<Item = ValueView<'a>> + use<'v, 'a> {
    let (row, depth, place) = (parent.row, parent.depth, parent.place);
    (row + 1..view.value_count())
        .map_while(|row| view.value(row))
        .filter(|value| value.place != Place::Unknown)
        .take_while(move |value| value.place == place && value.depth > depth)
        .filter(move |value| value.depth == depth + 1 && value.kind != Kind::Key)
}
