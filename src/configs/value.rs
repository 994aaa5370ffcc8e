//! The value of a config: any JSON.

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types,
};
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use crate::values::check_numbers;

/// The most bytes of compact JSON that a value may have.
pub const MAX_VALUE_BYTES: usize = 256 * 1024;

/// Any JSON value, `null` included.
///
/// Numbers keep every digit and objects the order of their members. A number beyond the range of a
/// double is refused, because most readers could not take it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Json)]
#[serde(transparent)]
pub struct ConfigValue(Value);

impl ConfigValue {
    /// The value as serde knows it.
    pub fn as_json(&self) -> &Value {
        &self.0
    }

    /// Its compact JSON text.
    pub fn encoded(&self) -> Vec<u8> {
        // A value cannot fail to be written.
        serde_json::to_vec(&self.0).unwrap_or_default()
    }

    /// Reads what [`encoded`](Self::encoded) wrote.
    pub fn decode(text: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(text).map(Self)
    }
}

/// A value may be a secret: printing it for debugging shows nothing.
impl std::fmt::Debug for ConfigValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ConfigValue(…)")
    }
}

impl From<Value> for ConfigValue {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

impl<'de> Deserialize<'de> for ConfigValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        check_numbers(&value).map_err(de::Error::custom)?;
        Ok(Self(value))
    }
}

impl Type for ConfigValue {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> std::borrow::Cow<'static, str> {
        "any".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::ANY))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for ConfigValue {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Ok(Self(value.unwrap_or_default()))
    }
}

impl ToJSON for ConfigValue {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.clone())
    }
}

impl ToSql<sql_types::Json, Pg> for ConfigValue {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Json, Pg>::to_sql(&self.0, out)
    }
}

impl FromSql<sql_types::Json, Pg> for ConfigValue {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        FromSql::<sql_types::Json, Pg>::from_sql(value).map(Self)
    }
}
