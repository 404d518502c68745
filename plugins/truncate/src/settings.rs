//! What a user may say: the settings as they stand in a config.
//!
//! Types only, so that the schema can be read in one place; what they come to is decided in `choice`.
//! Must never: print a value.

use std::collections::BTreeMap;

use serde::Deserialize;
use tamis_sdk::JsonSchema;

/// Settings of the plugin `truncate`. Nothing at all means: whatever is longer than 4,096 bytes in a
/// trace or log is cut in its middle.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Settings {
    /// What is cut and how; of the rules that mean a value the first decides.
    pub rules: Vec<Rule>,
    /// Globs (`*`, `?`, upper or lower case) of keys whose values are never cut, whatever the rules.
    pub except: Vec<String>,
    /// What stands where something was cut; `{bytes}` and `{lines}` become the counts of what went.
    /// No quotes, backslashes or control characters.
    pub marker: String,
    /// Texts that a scrubber's masks begin with, upper or lower case; a mask is never cut in two.
    pub masks: Vec<String>,
    /// What is said about a value that was cut, in attributes beside it.
    pub attributes: Vec<Attribute>,
    /// Bytes that the long texts of one record may have together; the longest are cut first.
    pub record_bytes: Option<u32>,
    /// How many entries attribute maps may have.
    pub maps: Vec<Maps>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rules: vec![Rule {
                bytes: Some(4_096),
                ..Rule::default()
            }],
            except: ["*_token_count", "*.id", "*_id"].map(str::to_owned).into(),
            marker: "[... {bytes} bytes cut ...]".to_owned(),
            masks: vec!["REDACTED".to_owned()],
            attributes: Vec::new(),
            record_bytes: None,
            maps: Vec::new(),
        }
    }
}

/// What is cut and how: which values, their limit, and the way.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, expecting = "a rule")]
pub struct Rule {
    /// Signals.
    pub signals: Vec<SignalName>,
    /// Places.
    pub places: Vec<PlaceName>,
    /// Globs of keys (upper or lower case); none means any, and what has no key.
    pub keys: Vec<String>,
    /// Attributes that the resource must have, each with a glob for its text.
    pub resource: BTreeMap<String, String>,
    /// Globs of event names: the attribute `event.name`, the event name of a log record, the name of a
    /// span; none means any.
    pub events: Vec<String>,
    /// Whether values nested in maps and arrays are meant too.
    pub depth: Depth,
    /// The most bytes that a value may have.
    pub bytes: Option<u32>,
    /// The most characters that it may have; instead of `bytes`.
    pub characters: Option<u32>,
    /// The most lines that it may have.
    pub lines: Option<u32>,
    /// Which part stays.
    pub strategy: Strategy,
    /// Whether what the text is made of counts.
    pub structure: Structure,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            signals: vec![SignalName::Traces, SignalName::Logs],
            places: PlaceName::CONTENT.to_vec(),
            keys: Vec::new(),
            resource: BTreeMap::new(),
            events: Vec::new(),
            depth: Depth::Any,
            bytes: None,
            characters: None,
            lines: None,
            strategy: Strategy::HeadTail,
            structure: Structure::Keep,
        }
    }
}

/// A signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignalName {
    /// Traces.
    Traces,
    /// Logs.
    Logs,
    /// Metrics. To cut an attribute of a data point may make one series of two.
    Metrics,
}

/// A place that holds text of any length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlaceName {
    /// An attribute of a resource.
    ResourceAttribute,
    /// An attribute of an instrumentation scope.
    ScopeAttribute,
    /// An attribute of a span, a log record or a data point.
    RecordAttribute,
    /// An attribute of a span event.
    EventAttribute,
    /// An attribute of a span link.
    LinkAttribute,
    /// An attribute of an exemplar.
    ExemplarAttribute,
    /// The body of a log record.
    Body,
    /// The message of a span's status.
    StatusMessage,
    /// The name of a span.
    SpanName,
    /// The name of a span event.
    SpanEventName,
    /// The description of a metric.
    MetricDescription,
}

impl PlaceName {
    /// Places that hold content; names identify, and are cut only where a rule says so.
    pub const CONTENT: [Self; 7] = [
        Self::ResourceAttribute,
        Self::ScopeAttribute,
        Self::RecordAttribute,
        Self::EventAttribute,
        Self::LinkAttribute,
        Self::Body,
        Self::StatusMessage,
    ];
}

/// How deep in maps and arrays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// Nested values too.
    Any,
    /// Only attributes and bodies themselves.
    Top,
}

/// Which part of a text stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Its beginning.
    Head,
    /// Its end.
    Tail,
    /// Both, with what was cut named in between.
    HeadTail,
    /// Neither: a note of its size and its SHA-256.
    HashOnly,
}

/// Whether what a text is made of counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Structure {
    /// JSON stays JSON, patches keep their file names, base64 becomes a note.
    Keep,
    /// A text is cut as it stands, as the Collector does.
    Ignore,
}

/// What is said about a value that was cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    /// `KEY.original_bytes`: how many bytes it had.
    OriginalBytes,
    /// `KEY.sha256`: the SHA-256 of those bytes, in hexadecimal.
    Sha256,
}

/// How many entries attribute maps may have.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(expecting = "a limit for maps")]
pub struct Maps {
    /// The most entries; the last ones go, unless `keep` names them.
    pub entries_max: u32,
    /// Keys that stay, exact.
    #[serde(default)]
    pub keep: Vec<String>,
    /// Signals.
    #[serde(default = "Maps::signals")]
    pub signals: Vec<SignalName>,
    /// Places: attributes.
    #[serde(default = "Maps::places")]
    pub places: Vec<PlaceName>,
}

impl Maps {
    fn signals() -> Vec<SignalName> {
        Rule::default().signals
    }

    fn places() -> Vec<PlaceName> {
        vec![PlaceName::RecordAttribute]
    }
}
