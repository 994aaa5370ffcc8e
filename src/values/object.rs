//! Free-form JSON objects.

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types,
};
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

/// A JSON object of the caller's own shape.
///
/// Numbers keep every digit. A number beyond the range of a double is refused, because most readers
/// of the object could not take it.
#[derive(Clone, Debug, Default, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Json)]
#[diesel(sql_type = sql_types::Jsonb)]
pub struct JsonObject(Map<String, Value>);

impl JsonObject {
    /// The length of its compact JSON text in bytes.
    pub fn encoded_len(&self) -> usize {
        serde_json::to_string(&self.0).map_or(usize::MAX, |text| text.len())
    }

    /// Its members.
    pub fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Applies a JSON Merge Patch (RFC 7396 §2): `null` removes a member, objects merge, anything
    /// else replaces.
    pub fn merge(&mut self, patch: JsonObject) {
        merge_object(&mut self.0, patch.0);
    }
}

fn merge_object(target: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (key, value) in patch {
        match value {
            Value::Null => {
                target.shift_remove(&key);
            }
            Value::Object(patch) => {
                let member = target.entry(key).or_insert(Value::Null);
                if !member.is_object() {
                    *member = Value::Object(Map::new());
                }
                if let Value::Object(member) = member {
                    merge_object(member, patch);
                }
            }
            other => {
                target.insert(key, other);
            }
        }
    }
}

/// Most digits of a number, and most places by which its exponent may move the point. `PostgreSQL`
/// keeps some four times that behind the point.
const MAX_DIGITS: usize = 4_000;

/// Refuses a number that `PostgreSQL` or most readers of JSON could not take.
///
/// # Errors
/// When it is beyond the range of a double, or has more than 4,000 digits.
pub fn check_number(text: &str) -> Result<(), &'static str> {
    if !text.parse::<f64>().is_ok_and(f64::is_finite) {
        return Err("a number is beyond the range of a double");
    }
    let exponent = text
        .split_once(['e', 'E'])
        .map_or("0", |(_, digits)| digits);
    let exponent = exponent.parse::<i32>().map_or(usize::MAX, |exponent| {
        exponent.unsigned_abs().try_into().unwrap_or(usize::MAX)
    });
    if text.len() > MAX_DIGITS || exponent > MAX_DIGITS {
        return Err("a number has more than 4000 digits");
    }
    Ok(())
}

/// [`check_number`] of every number in a value.
pub fn check_numbers(value: &Value) -> Result<(), &'static str> {
    match value {
        Value::Number(number) => check_number(number.as_str()),
        Value::Array(items) => items.iter().try_for_each(check_numbers),
        Value::Object(members) => members.values().try_for_each(check_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

impl Serialize for JsonObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for JsonObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Map::deserialize(deserializer)?;
        let mut values = members.values();
        values
            .try_for_each(check_numbers)
            .map_err(de::Error::custom)?;
        Ok(Self(members))
    }
}

impl Type for JsonObject {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> std::borrow::Cow<'static, str> {
        "object".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            additional_properties: Some(Box::new(MetaSchemaRef::Inline(Box::new(MetaSchema::ANY)))),
            ..MetaSchema::new("object")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for JsonObject {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value.unwrap_or_default() {
            Value::Object(members) => Ok(Self(members)),
            other => Err(ParseError::expected_type(other)),
        }
    }
}

impl ToJSON for JsonObject {
    fn to_json(&self) -> Option<Value> {
        Some(Value::Object(self.0.clone()))
    }
}

impl ToSql<sql_types::Jsonb, Pg> for JsonObject {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        use std::io::Write;
        // The binary form of jsonb is a version byte, then the text.
        out.write_all(&[1])?;
        serde_json::to_writer(out, &self.0)?;
        Ok(serialize::IsNull::No)
    }
}

impl ToSql<sql_types::Json, Pg> for JsonObject {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        serde_json::to_writer(out, &self.0)?;
        Ok(serialize::IsNull::No)
    }
}

impl FromSql<sql_types::Json, Pg> for JsonObject {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_slice(value.as_bytes())?))
    }
}

impl FromSql<sql_types::Jsonb, Pg> for JsonObject {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match <Value as FromSql<sql_types::Jsonb, Pg>>::from_sql(value)? {
            Value::Object(members) => Ok(Self(members)),
            _ => Err("the column holds JSON that is not an object".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 7396, appendix A, that have objects on both sides.
    #[test]
    fn merge_follows_rfc_7396() {
        for (target, patch, result) in [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"a":null}"#, r#"{}"#),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
            (
                r#"{"a":{"b":"c"}}"#,
                r#"{"a":{"b":"d","c":null}}"#,
                r#"{"a":{"b":"d"}}"#,
            ),
            (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
            (
                r#"{}"#,
                r#"{"a":{"bb":{"ccc":null}}}"#,
                r#"{"a":{"bb":{}}}"#,
            ),
        ] {
            let mut object: JsonObject = serde_json::from_str(target).unwrap();
            object.merge(serde_json::from_str(patch).unwrap());
            assert_eq!(
                object,
                serde_json::from_str(result).unwrap(),
                "{target} + {patch}"
            );
        }
    }

    #[test]
    fn numbers_keep_their_digits() {
        let text = r#"{"n":123456789012345678901234567890.5}"#;
        let object: JsonObject = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&object).unwrap(), text);
        for number in ["1e400", "1e-4001", &format!("0.{}1", "0".repeat(4_000))] {
            let text = format!(r#"{{"n":[{number}]}}"#);
            assert!(
                serde_json::from_str::<JsonObject>(&text).is_err(),
                "{number}"
            );
        }
    }
}
