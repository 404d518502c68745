//! What the signals share: resources, scopes, entries and their values.
//!
//! As opentelemetry-proto lists them; see [`super`] for what must hold.

use super::{Table, either, entries, many, message, messages, number, one, table, text};
use crate::name::{Kind, Place};
use crate::schema::{
    Message as M,
    Role::{self, Alternative, Leaf, Part},
    Type::{self, Bool, Double, Int32, Uint32},
};

pub(super) const RESOURCE: Table = table(
    "Resource",
    &[
        entries(1, "attributes", Place::ResourceAttribute),
        number(2, "droppedAttributesCount", Uint32),
        messages(3, "entityRefs", M::EntityRef, Part),
    ],
);

pub(super) const INSTRUMENTATION_SCOPE: Table = table(
    "InstrumentationScope",
    &[
        text(1, "name", Place::ScopeName),
        text(2, "version", Place::ScopeVersion),
        entries(3, "attributes", Place::ScopeAttribute),
        number(4, "droppedAttributesCount", Uint32),
    ],
);

pub(super) const ENTITY_REF: Table = table(
    "EntityRef",
    &[
        text(1, "schemaUrl", Place::EntitySchemaUrl),
        text(2, "type", Place::EntityType),
        many(3, "idKeys", Type::String, Leaf(Place::EntityKey)),
        many(4, "descriptionKeys", Type::String, Leaf(Place::EntityKey)),
    ],
);

pub(super) const KEY_VALUE: Table = table(
    "KeyValue",
    &[
        one(1, "key", Type::String, Role::Key),
        message(2, "value", M::AnyValue, Role::Value),
        number(3, "keyStrindex", Int32),
    ],
);

pub(super) const ANY_VALUE: Table = table(
    "AnyValue",
    &[
        either(1, "stringValue", Type::String, Alternative(Kind::String)),
        either(2, "boolValue", Bool, Alternative(Kind::Bool)),
        either(3, "intValue", Type::Int64, Alternative(Kind::Int)),
        either(4, "doubleValue", Double, Alternative(Kind::Double)),
        either(
            5,
            "arrayValue",
            Type::Message(M::ArrayValue),
            Alternative(Kind::Array),
        ),
        either(
            6,
            "kvlistValue",
            Type::Message(M::KeyValueList),
            Alternative(Kind::Kvlist),
        ),
        either(7, "bytesValue", Type::Bytes, Alternative(Kind::Bytes)),
        either(8, "stringValueStrindex", Int32, Alternative(Kind::Int)),
    ],
);

pub(super) const ARRAY_VALUE: Table = table(
    "ArrayValue",
    &[messages(1, "values", M::AnyValue, Role::Element)],
);

// Entries within a value take the place of the value; the place here stands for none.
pub(super) const KEY_VALUE_LIST: Table =
    table("KeyValueList", &[entries(1, "values", Place::Unknown)]);
