//! Free-form JSON that passes through as text: checked, and neither taken apart nor built anew.

use std::fmt;

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types,
};
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON},
};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

use crate::values::{check_number, documented};

/// How the keys begin that `serde_json` gives a meaning of its own: it would put something else in the place of
/// an object with one.
const RESERVED: &str = "$serde_json::private::";
/// The one under which it hands out numbers of any precision.
const NUMBER: &str = "$serde_json::private::Number";

/// Any JSON value, as text.
///
/// Numbers keep every digit. A number beyond the range of a double is refused, because most readers
/// could not take it; so are half surrogate pairs, more than 127 levels, and keys that the JSON library gives a
/// meaning of its own.
#[derive(Clone, Debug, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Jsonb)]
pub struct RawJson(Box<RawValue>);

/// A JSON object, as text; otherwise like [`RawJson`].
#[derive(Clone, Debug, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Jsonb)]
pub struct RawObject(RawJson);

impl RawJson {
    /// The JSON text.
    pub fn text(&self) -> &str {
        self.0.get()
    }

    /// The objects whose one member at the end of this path of keys is the value.
    #[must_use]
    pub fn within(&self, path: &[String]) -> Self {
        let mut text = self.text().to_owned();
        for key in path.iter().rev() {
            text = format!("{{{}:{text}}}", Value::from(key.as_str()));
        }
        // It is JSON around JSON.
        Self(RawValue::from_string(text).unwrap_or_else(|_| self.0.clone()))
    }

    fn parse(raw: Box<RawValue>) -> Result<Self, String> {
        let Checked = serde_json::from_str(raw.get()).map_err(|error| error.to_string())?;
        Ok(Self(raw))
    }
}

impl RawObject {
    /// The JSON text.
    pub fn text(&self) -> &str {
        self.0.text()
    }

    fn parse(json: RawJson) -> Result<Self, &'static str> {
        if json.text().starts_with('{') {
            Ok(Self(json))
        } else {
            Err("must be an object")
        }
    }
}

impl Default for RawObject {
    fn default() -> Self {
        Self(RawJson(
            RawValue::from_string("{}".into()).unwrap_or_default(),
        ))
    }
}

impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl PartialEq for RawObject {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

/// JSON that `PostgreSQL` takes. The deserializer itself counts the levels and looks at surrogates.
struct Checked;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Checked)
    }
}

impl<'de> Visitor<'de> for Checked {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        while let Some(key) = members.next_key::<String>()? {
            if key == NUMBER {
                members.next_value::<Number>()?;
            } else if key.starts_with(RESERVED) {
                return Err(de::Error::custom(IS_RESERVED));
            } else {
                members.next_value::<Self>()?;
            }
        }
        Ok(self)
    }
}

const IS_RESERVED: &str = "a key begins with `$serde_json::private::`";

/// A number as `serde_json` hands it out. It makes a text for it, which tells it from a member of an object: that
/// is borrowed.
struct Number;

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Number)
    }
}

impl Visitor<'_> for Number {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Self, E> {
        check_number(&text).map_err(E::custom)?;
        Ok(self)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Self, E> {
        Err(E::custom(IS_RESERVED))
    }
}

impl Serialize for RawJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RawJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::parse(raw).map_err(de::Error::custom)
    }
}

impl Serialize for RawObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RawObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = RawJson::deserialize(deserializer)?;
        Self::parse(json).map_err(de::Error::custom)
    }
}

/// Gives a type that holds JSON text its place in the spec and in the database.
macro_rules! json_text {
    ($type:ty, $name:literal, $schema:expr, $parse:expr) => {
        documented!([] $type, $name, $schema);

        impl ParseFromJSON for $type {
            fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
                let raw = to_raw_value(&value).map_err(ParseError::custom)?;
                let json = RawJson::parse(raw).map_err(ParseError::custom)?;
                $parse(json).map_err(ParseError::custom)
            }
        }

        impl ToJSON for $type {
            fn to_json(&self) -> Option<Value> {
                serde_json::from_str(self.text()).ok()
            }
        }

        impl ToSql<sql_types::Jsonb, Pg> for $type {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                use std::io::Write;
                // The binary form of jsonb is a version byte, then the text.
                out.write_all(&[1])?;
                out.write_all(self.text().as_bytes())?;
                Ok(serialize::IsNull::No)
            }
        }

        impl FromSql<sql_types::Jsonb, Pg> for $type {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                let text = value.as_bytes().get(1..).unwrap_or_default();
                let text = String::from_utf8(text.to_vec())?;
                Ok($parse(RawJson(RawValue::from_string(text)?))?)
            }
        }
    };
}

json_text!(RawJson, "any", MetaSchema::ANY, Ok::<_, &'static str>);
json_text!(
    RawObject,
    "object",
    MetaSchema {
        additional_properties: Some(Box::new(MetaSchemaRef::Inline(Box::new(MetaSchema::ANY)))),
        ..MetaSchema::new("object")
    },
    RawObject::parse
);

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Item {
        value: RawJson,
    }

    fn parse(json: &str) -> Result<String, String> {
        let body = format!("[{{\"value\": {json} }}]");
        let mut deserializer = serde_json::Deserializer::from_slice(body.as_bytes());
        serde_path_to_error::deserialize::<_, Vec<Item>>(&mut deserializer)
            .map(|items| items[0].value.text().to_owned())
            .map_err(|error| format!("{}: {}", error.path(), error.inner()))
    }

    #[test]
    fn the_text_is_kept_as_it_was() {
        for text in [
            r#"{ "b":1, "a" : [1.50, -0, 123456789012345678901234567890.5e-3] }"#,
            r#""\ud835\udd4f""#,
            "17",
            "-9223372036854775809",
            r#"{"a":17,"b":-17,"c":18446744073709551616}"#,
            "null",
            "[]",
        ] {
            assert_eq!(parse(text).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_postgresql_or_readers_cannot_take_is_refused_in_its_place() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse(&deep(127)).is_ok());
        for bad in [
            r#"{"a":[1e400]}"#,
            r#"{"a":1e-4001}"#,
            r#"0e99999999999"#,
            r#""\ud835""#,
            r#"{"\udd4f":1}"#,
            r#"{"$serde_json::private::RawValue":"[]"}"#,
            r#"[{"\u0024serde_json::private::RawValue":"[]"}]"#,
            r#"{"$serde_json::private::Number":"1"}"#,
            r#"{"a":1,"$serde_json::private::Number":"\u0031"}"#,
            r#"{"$serde_json::private::Number":1}"#,
            &deep(129),
            &format!("0.{}", "1".repeat(4_000)),
        ] {
            let error = parse(bad).unwrap_err();
            assert!(error.starts_with("[0].value: "), "{bad}: {error}");
        }
    }

    #[test]
    fn an_object_is_an_object() {
        assert!(serde_json::from_str::<RawObject>(r#" {"a":1} "#).is_ok());
        assert!(serde_json::from_str::<RawObject>("[1]").is_err());
        assert_eq!(RawObject::default().text(), "{}");
    }
}
