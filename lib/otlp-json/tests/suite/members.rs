//! Every member of the schema, one by one: it must reach `prost` and come back.

use otlp_json::Style;
use otlp_wire::Signal;
use otlp_wire::schema::{Field, Label, Message, Type};

use crate::batch::{read, write};

/// An object of this message with every member, nested so many levels deep.
pub(crate) fn full(message: Message, levels: usize) -> String {
    let fields = message.fields().iter();
    let leaves = fields.filter(|field| levels > 0 || !matches!(field.kind, Type::Message(_)));
    let members: Vec<_> = leaves.map(|field| member(field, levels)).collect();
    format!("{{{}}}", members.join(","))
}

fn member(field: &Field, levels: usize) -> String {
    let value = match field.kind {
        Type::String => "\"a\\n\\u00e9\"".to_owned(),
        Type::Bytes => "\"YQ==\"".to_owned(),
        Type::Id(size) => format!("\"{}\"", "ab".repeat(usize::from(size))),
        Type::Bool => "true".to_owned(),
        Type::Double => "-1.5e3".to_owned(),
        Type::Fixed64 | Type::Uint64 | Type::Int64 | Type::Sfixed64 => "\"12\"".to_owned(),
        Type::Message(message) => full(message, levels.saturating_sub(1)),
        _ => "7".to_owned(),
    };
    match field.label {
        Label::Repeated => format!("\"{}\":[{value}]", field.name),
        _ => format!("\"{}\":{value}", field.name),
    }
}

/// The text around an object of this message, by the shortest way from a batch.
pub(crate) fn way_to(target: Message) -> Option<(Signal, String, String)> {
    for &signal in Signal::ALL {
        let mut ways = vec![(Message::batch(signal), String::new(), String::new())];
        let mut next = 0;
        while let Some((message, before, after)) = ways.get(next).cloned() {
            if message == target {
                return Some((signal, before, after));
            }
            for field in message.fields() {
                let Type::Message(inner) = field.kind else {
                    continue;
                };
                if ways.iter().any(|(known, ..)| *known == inner) {
                    continue;
                }
                let (open, close) = if field.label == Label::Repeated {
                    ("[", "]}")
                } else {
                    ("", "}")
                };
                let before = format!("{before}{{\"{}\":{open}", field.name);
                ways.push((inner, before, format!("{close}{after}")));
            }
            next += 1;
        }
    }
    None
}

#[test]
fn every_member_reaches_prost_and_comes_back() {
    for &message in Message::ALL {
        let (signal, before, after) = way_to(message).expect("every message can be reached");
        let empty = format!("{before}{{}}{after}");
        let (empty, _) = read(signal, empty.as_bytes()).expect("the text is valid");
        for field in message.fields() {
            let text = format!("{before}{{{}}}{after}", member(field, 0));
            let (batch, unknown) = read(signal, text.as_bytes()).expect(&text);
            assert_eq!(unknown, 0);
            assert_ne!(batch, empty, "{text}");
            let again = write(signal, &batch.encode(), Style::Compact);
            assert!(again.contains(&format!("\"{}\":", field.name)), "{again}");
            assert_eq!(read(signal, again.as_bytes()).expect("own text").0, batch);
        }
    }
}
