//! What types have in common whose schemas are written by hand, and those whose values are texts of one
//! form.

use std::{fmt, marker::PhantomData};

use poem_openapi::{registry::Registry, types::ParseFromParameter};
use serde::de;

/// Gives a type its place in the spec. The generics of its `impl` stand in brackets, then come its name in
/// messages and its schema.
macro_rules! documented {
    ([$($generics:tt)*] $type:ty, $name:expr, $schema:expr) => {
        impl<$($generics)*> poem_openapi::types::Type for $type {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn schema_ref() -> poem_openapi::registry::MetaSchemaRef {
                poem_openapi::registry::MetaSchemaRef::Inline(Box::new($schema))
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }
    };
}

/// Gives a type with `FromStr` and `Display` its place in JSON, in parameters and in the spec. The
/// generics of its `impl`s stand in brackets, then come its name in messages and its schema.
macro_rules! string_scalar {
    ([$($generics:tt)*] $type:ty, $name:expr, $schema:expr) => {
        impl<$($generics)*> serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de, $($generics)*> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(deserializer)?
                    .parse()
                    .map_err(serde::de::Error::custom)
            }
        }

        $crate::values::documented!([$($generics)*] $type, $name, $schema);

        impl<$($generics)*> poem_openapi::types::ParseFromJSON for $type {
            fn parse_from_json(
                value: Option<serde_json::Value>,
            ) -> poem_openapi::types::ParseResult<Self> {
                use poem_openapi::types::ParseError;
                match value.unwrap_or_default() {
                    serde_json::Value::String(text) => text.parse().map_err(ParseError::custom),
                    other => Err(ParseError::expected_type(other)),
                }
            }
        }

        impl<$($generics)*> poem_openapi::types::ParseFromParameter for $type {
            fn parse_from_parameter(value: &str) -> poem_openapi::types::ParseResult<Self> {
                value
                    .parse()
                    .map_err(poem_openapi::types::ParseError::custom)
            }
        }

        impl<$($generics)*> poem_openapi::types::ToJSON for $type {
            fn to_json(&self) -> Option<serde_json::Value> {
                Some(serde_json::Value::String(self.to_string()))
            }
        }
    };
}

/// Reads enumerations from JSON: a text that is one of their words. serde's derive takes `{"active": null}` for
/// `"active"` too, and calls what is no text bad JSON.
macro_rules! words_in_json {
    ($($type:ty),+ $(,)?) => {
        $(
            impl<'de> serde::Deserialize<'de> for $type {
                fn deserialize<D: serde::Deserializer<'de>>(
                    deserializer: D,
                ) -> Result<Self, D::Error> {
                    deserializer.deserialize_str($crate::values::Word(std::marker::PhantomData))
                }
            }
        )+
    };
}

/// What reads a word of an enumeration.
pub struct Word<T>(pub PhantomData<T>);

impl<T: ParseFromParameter> de::Visitor<'_> for Word<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The specification knows the words.
        let mut registry = Registry::new();
        T::register(&mut registry);
        let words = registry
            .schemas
            .values()
            .flat_map(|schema| &schema.enum_items);
        let words: Vec<_> = words.map(ToString::to_string).collect();
        write!(f, "one of {}", words.join(", "))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        T::parse_from_parameter(text)
            .map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}

pub(crate) use documented;
pub(crate) use string_scalar;
pub(crate) use words_in_json;
