//! Values that edits bring in. Must never: show what they hold.

use std::fmt;

use tamis_contract::Kind;

/// A value that an edit brings in.
#[derive(Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum NewValue<'a> {
    /// Text.
    String(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A bool.
    Bool(bool),
    /// An int.
    Int(i64),
    /// A double.
    Double(f64),
}

impl NewValue<'_> {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::String(_) => Kind::String,
            Self::Bytes(_) => Kind::Bytes,
            Self::Bool(_) => Kind::Bool,
            Self::Int(_) => Kind::Int,
            Self::Double(_) => Kind::Double,
        }
    }
}

/// Says what kind of value it is, never which.
impl fmt::Debug for NewValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewValue({})", self.kind().as_str())
    }
}

/// Lets plain values stand where a [`NewValue`] is asked for.
macro_rules! new_value_from {
    ($($variant:ident($type:ty)),*) => {$(
        impl<'a> From<$type> for NewValue<'a> {
            fn from(value: $type) -> Self {
                Self::$variant(value)
            }
        }
    )*};
}
new_value_from!(
    String(&'a str),
    Bytes(&'a [u8]),
    Bool(bool),
    Int(i64),
    Double(f64)
);

impl<'a> From<&'a String> for NewValue<'a> {
    fn from(text: &'a String) -> Self {
        Self::String(text)
    }
}
