//! The key of a config.

use std::{fmt, str::FromStr};

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types,
};
use poem_openapi::registry::MetaSchema;

use crate::values::string_scalar;

/// What a key looks like, as the specification says it.
const PATTERN: &str = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$";

/// The key of a config: 1 to 128 letters, digits, `.`, `_` and `-` of ASCII, the first a letter or a
/// digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Text)]
pub struct ConfigKey(String);

impl ConfigKey {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConfigKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ConfigKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
        let begins_well = text
            .as_bytes()
            .first()
            .is_some_and(u8::is_ascii_alphanumeric);
        if begins_well && text.len() <= 128 && text.as_bytes().iter().all(inside) {
            Ok(Self(text.to_owned()))
        } else {
            Err(
                "must be 1 to 128 letters, digits, `.`, `_` or `-` of ASCII and begin with a letter or \
                 a digit",
            )
        }
    }
}

string_scalar!(
    [] ConfigKey,
    "string_config_key",
    MetaSchema {
        pattern: Some(PATTERN.into()),
        ..MetaSchema::new("string")
    }
);

impl ToSql<sql_types::Text, Pg> for ConfigKey {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Text, Pg>::to_sql(&self.0, out)
    }
}

impl FromSql<sql_types::Text, Pg> for ConfigKey {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        FromSql::<sql_types::Text, Pg>::from_sql(value).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_word_of_ascii() {
        let longest = "k".repeat(128);
        for good in ["a", "0", "A.b_c-d", "watch", longest.as_str()] {
            assert_eq!(good.parse::<ConfigKey>().unwrap().as_str(), good);
        }
        let too_long = "k".repeat(129);
        for bad in [
            "",
            ".a",
            "-a",
            "_a",
            "a/b",
            "a b",
            "a\n",
            "é",
            "aé",
            "a\0",
            too_long.as_str(),
        ] {
            assert!(bad.parse::<ConfigKey>().is_err(), "{bad:?}");
        }
    }
}
