//! `headers` of an exporter.
//!
//! Must never: put the value of a header into a message.

use tamis_exporter::Header;

use super::super::finding::Finding;
use super::super::node::Value;
use super::super::section::Section;

/// Headers that the exporter sets itself.
const OWN: [&str; 6] = [
    "content-type",
    "content-encoding",
    "content-length",
    "transfer-encoding",
    "te",
    "host",
];

/// The headers under `headers`: a map, or a list of `{name, value}` as newer Collectors have it.
pub(super) fn read(exporter: &Section<'_>, findings: &mut Vec<Finding>) -> Vec<Header> {
    let mut read = Vec::new();
    match exporter.get("headers").map(|member| &member.node.value) {
        None => return read,
        Some(Value::List(items)) => {
            for (index, item) in items.iter().enumerate() {
                let path = format!("{}[{index}]", exporter.path_of("headers"));
                let Some(section) = Section::new(item, path, findings) else {
                    continue;
                };
                section.keys(&["name", "value"], &[], findings);
                let Some(name) = section.string("name", findings) else {
                    findings.push(section.error("name", "a header needs a name"));
                    continue;
                };
                let value = section.string("value", findings).unwrap_or_default();
                header(&section, "value", name, value, findings, &mut read);
            }
        }
        Some(_) => {
            let Some(section) = exporter.section("headers", findings) else {
                return read;
            };
            for member in section.members {
                let name = member.key.as_str();
                if let Some(value) = section.string(name, findings) {
                    header(&section, name, name, value, findings, &mut read);
                }
            }
        }
    }
    read
}

fn header(
    section: &Section<'_>,
    key: &str,
    name: &str,
    value: &str,
    findings: &mut Vec<Finding>,
    read: &mut Vec<Header>,
) {
    let lower = name.to_ascii_lowercase();
    let wrong = if !is_name(name) {
        "the name has a character that no header can hold"
    } else if OWN.contains(&lower.as_str()) || lower.starts_with("grpc-") {
        "the exporter sets this header itself"
    } else if !is_value(value) {
        "the value has a character that no header can hold, such as the end of a line"
    } else if read.iter().any(|header: &Header| header.name == lower) {
        "the header stands here for the second time"
    } else {
        read.push(Header {
            name: lower,
            value: value.to_owned(),
        });
        return;
    };
    findings.push(section.error(key, wrong));
}

/// Whether this can be a header's name.
pub(super) fn is_name(name: &str) -> bool {
    http::HeaderName::from_bytes(name.as_bytes()).is_ok()
}

/// Whether this can be a header's value.
pub(super) fn is_value(value: &str) -> bool {
    http::HeaderValue::from_str(value).is_ok()
}
