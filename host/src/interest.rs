//! Reads a plugin's interest and holds it against the limits before any data flows.

use otlp_wire::{Kind, Level};
use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;
use tamis_contract::{Interest, Keys, Literal, Operation, Pattern, When};

use crate::limits::PluginLimits;

/// Why an interest cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InterestError {
    /// Not the JSON that the contract asks for.
    #[error("the interest is not what the contract asks for, at line {line}, column {column}")]
    Json {
        /// Line in the JSON.
        line: usize,
        /// Column in the JSON.
        column: usize,
    },
    /// More of something than a limit allows.
    #[error("the interest asks for {actual}, more than {limit} of {max}")]
    Limit {
        /// The limit's name.
        limit: &'static str,
        /// The limit.
        max: usize,
        /// What was asked for.
        actual: usize,
    },
    /// A literal of no bytes, which stands everywhere.
    #[error("{path}: a literal must not be empty")]
    EmptyLiteral {
        /// Where.
        path: String,
    },
    /// A literal that names an entry of `unless` that is not there.
    #[error("{path}: the subscription has no such entry")]
    NoEntry {
        /// Where.
        path: String,
    },
    /// Literals that cannot be searched for.
    #[error("{path}: the literals cannot be compiled")]
    Literals {
        /// Where.
        path: String,
        /// Why.
        source: aho_corasick::BuildError,
    },
    /// A pattern that cannot be compiled. A pattern may quote what it is to find, so the error does
    /// not show it.
    #[error("{path}: the pattern cannot be compiled: {reason}")]
    Pattern {
        /// Where.
        path: String,
        /// Why, without the pattern.
        reason: String,
    },
    /// A sample that a pattern must match and does not, or must not match and does.
    #[error("{path}: the pattern {} it", if *.must { "must match this sample and does not match" } else { "must not match this sample and matches" })]
    Sample {
        /// Where.
        path: String,
        /// Whether it must match.
        must: bool,
    },
    /// A level whose containers cannot be asked for.
    #[error("containers: only those of level resource or scope can be asked for, not {level}")]
    Containers {
        /// The level.
        level: Level,
    },
    /// Records and values of one signal: what stands beside a record is context, not a hit.
    #[error(
        "the interest asks for records of {signal} and for values of it, where it may be only one of both"
    )]
    RecordsAndValues {
        /// The signal.
        signal: otlp_wire::Signal,
    },
    /// A detector name that is not lower-case letters, digits and dashes.
    #[error(
        "detectors[{number}]: a detector's name is 1 to 64 lower-case letters, digits, dashes and dots"
    )]
    DetectorName {
        /// Its number.
        number: usize,
    },
    /// The gate cannot be made.
    #[error("the gate for these interests cannot be made")]
    Gate(#[from] tamis_scan::GateError),
}

/// Reads an interest and checks its size.
pub(crate) fn read(json: &str, limits: &PluginLimits) -> Result<Interest, InterestError> {
    within("interest_bytes_max", limits.interest_bytes_max, json.len())?;
    let interest: Interest = serde_json::from_str(json).map_err(|error| InterestError::Json {
        line: error.line(),
        column: error.column(),
    })?;
    within(
        "subscriptions_max",
        limits.subscriptions_max,
        interest.subscriptions.len(),
    )?;
    within(
        "detectors_max",
        limits.detectors_max,
        interest.detectors.len(),
    )?;
    if let Some(number) = interest
        .detectors
        .iter()
        .position(|name| !is_detector_name(name))
    {
        return Err(InterestError::DetectorName { number });
    }
    let shared = |level: &&Level| matches!(level, Level::Resource | Level::Scope);
    if let Some(&level) = interest.containers.iter().find(|level| !shared(level)) {
        return Err(InterestError::Containers { level });
    }
    let beside = interest.records.iter().map(|list| list.show.len()).sum();
    within("subscriptions_max", limits.subscriptions_max, beside)?;
    let (mut literals, mut patterns) = (0, 0);
    for (number, subscription) in interest.subscriptions.iter().enumerate() {
        for keys in subscription.keys.iter().chain(&subscription.except) {
            let Keys {
                globs,
                patterns: regexes,
                ..
            } = keys;
            patterns += globs.len() + regexes.len();
        }
        let settling = subscription.unless.iter();
        patterns += settling
            .map(|unless| unless.from.len() + unless.to.len())
            .sum::<usize>();
        if let When::Holds {
            literals: set,
            patterns: regexes,
            ..
        } = &subscription.when
        {
            literals += set.len();
            patterns += regexes.len();
            for (at, literal) in set.iter().enumerate() {
                let path = || format!("subscriptions[{number}].literals[{at}]");
                check(literal, subscription.unless.len(), path, limits)?;
            }
        }
    }
    within("literals_max", limits.literals_max, literals)?;
    within("patterns_max", limits.patterns_max, patterns)?;
    Ok(interest)
}

/// Checks one literal, which may name one of so many entries of `unless`.
fn check(
    literal: &Literal,
    entries: usize,
    path: impl Fn() -> String,
    limits: &PluginLimits,
) -> Result<(), InterestError> {
    if literal.text.is_empty() {
        return Err(InterestError::EmptyLiteral { path: path() });
    }
    let entry = literal.unless as usize;
    if entry > 0 && entry >= entries {
        let path = format!("{}.unless", path());
        return Err(InterestError::NoEntry { path });
    }
    let (max, actual) = (limits.literal_bytes_max, literal.text.len());
    within("literal_bytes_max", max, actual)
}

/// Compiles a pattern and tries its samples.
pub(crate) fn compile_pattern(
    pattern: &Pattern,
    path: &str,
    limits: &PluginLimits,
) -> Result<Regex, InterestError> {
    let path = pattern
        .path
        .as_deref()
        .filter(|path| is_path(path))
        .unwrap_or(path);
    let beside = path.strip_suffix(".pattern").unwrap_or(path);
    let regex = RegexBuilder::new(&pattern.regex)
        .size_limit(limits.pattern_compiled_bytes_max)
        .dfa_size_limit(limits.pattern_compiled_bytes_max)
        .build()
        .map_err(|error| InterestError::Pattern {
            path: path.to_owned(),
            reason: reason(&pattern.regex, &error),
        })?;
    for (list, samples, must) in [
        ("matches", &pattern.matches, true),
        ("rejects", &pattern.rejects, false),
    ] {
        for (number, sample) in samples.iter().enumerate() {
            if regex.is_match(sample.as_bytes()) != must {
                return Err(InterestError::Sample {
                    path: format!("{beside}.{list}[{number}]"),
                    must,
                });
            }
        }
    }
    Ok(regex)
}

/// Why a pattern cannot be compiled, without the pattern.
pub(crate) fn reason(pattern: &str, error: &regex::Error) -> String {
    if let regex::Error::CompiledTooBig(max) = error {
        return format!("it takes more than pattern_compiled_bytes_max of {max} bytes");
    }
    match parse(pattern) {
        Err(reason) => reason,
        Ok(_) => "it is not a regular expression".to_owned(),
    }
}

/// Reads a pattern, or says why that cannot be done, without the pattern.
pub(crate) fn parse(pattern: &str) -> Result<Hir, String> {
    let mut parser = ParserBuilder::new().utf8(false).build();
    parser.parse(pattern).map_err(|error| match error {
        regex_syntax::Error::Parse(fault) => at(fault.kind(), fault.span()),
        regex_syntax::Error::Translate(fault) => at(fault.kind(), fault.span()),
        _ => "it is not a regular expression".to_owned(),
    })
}

fn at(kind: &dyn std::fmt::Display, span: &regex_syntax::ast::Span) -> String {
    format!("{kind}, at column {}", span.start.column)
}

/// Operations that a plugin may use: those that it named, or those that need no naming.
pub(crate) fn operations(interest: &Interest) -> Vec<Operation> {
    let unnamed = [
        Operation::ReplaceRange,
        Operation::ReplaceValue,
        Operation::Report,
    ];
    match interest.operations.as_slice() {
        [] => unnamed.to_vec(),
        named => named.to_vec(),
    }
}

/// Whether a kind's bytes stand on the wire as the text that conditions are judged on.
pub(crate) fn stands_as_text(kind: Kind) -> bool {
    matches!(kind, Kind::String | Kind::Bytes | Kind::Key)
}

fn within(limit: &'static str, max: usize, actual: usize) -> Result<(), InterestError> {
    if actual > max {
        return Err(InterestError::Limit { limit, max, actual });
    }
    Ok(())
}

/// Whether a guest's word for a place in its settings is one: keys, indexes, dots.
fn is_path(path: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._[]".contains(&byte);
    (1..=256).contains(&path.len()) && path.bytes().all(fits)
}

fn is_detector_name(name: &str) -> bool {
    let fits =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._".contains(&byte);
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greedy_interest_is_refused_by_name() {
        let limits = PluginLimits {
            literals_max: 1,
            ..PluginLimits::default()
        };
        let json = r#"{"subscriptions": [{"when": {"holds": {"literals": [{"text": "a"}, {"text": "b"}]}}}]}"#;
        let error = read(json, &limits).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the interest asks for 2, more than literals_max of 1"
        );
    }

    #[test]
    fn a_huge_pattern_is_refused() {
        let pattern = Pattern {
            regex: r"(\w{100}){100}".into(),
            ..Pattern::default()
        };
        let error = compile_pattern(&pattern, "p", &PluginLimits::default()).unwrap_err();
        assert!(matches!(error, InterestError::Pattern { .. }));
    }

    #[test]
    fn an_error_does_not_show_the_pattern() {
        let pattern = Pattern {
            regex: "hunter2(".into(),
            ..Pattern::default()
        };
        let error = compile_pattern(&pattern, "p", &PluginLimits::default()).unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(
            !said.contains("hunter2") && said.contains("unclosed group, at column 8"),
            "{said}"
        );
    }

    #[test]
    fn samples_are_tried() {
        let pattern = Pattern {
            regex: "a+".into(),
            path: Some("custom[0].pattern".into()),
            matches: vec!["b".into()],
            rejects: vec![],
        };
        let error = compile_pattern(&pattern, "custom[0]", &PluginLimits::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "custom[0].matches[0]: the pattern must match this sample and does not match it"
        );
    }

    #[test]
    fn a_detector_name_is_no_place_for_content() {
        let error = read(
            r#"{"detectors": ["ok-1", "Not ok"]}"#,
            &PluginLimits::default(),
        )
        .unwrap_err();
        assert!(matches!(error, InterestError::DetectorName { number: 1 }));
    }
}
