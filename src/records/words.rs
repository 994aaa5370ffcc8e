//! Texts of records that follow a grammar: names and units of metrics, costs.

use std::{fmt, str::FromStr};

use bigdecimal::BigDecimal;
use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types,
};
use poem_openapi::{
    registry::MetaSchema,
    types::{Example, ToJSON},
};

use crate::values::string_scalar;

/// The schema of texts of a format that fit a pattern.
fn schema(format: &'static str, pattern: &str) -> MetaSchema {
    MetaSchema {
        pattern: Some(pattern.into()),
        ..MetaSchema::new_with_format("string", format)
    }
}

/// Gives a type around a text its place in the database.
macro_rules! text_column {
    ($type:ident) => {
        impl $type {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromSql<sql_types::Text, Pg> for $type {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                Ok(Self(String::from_utf8(value.as_bytes().to_vec())?))
            }
        }
    };
}

/// The name of a metric, by OpenTelemetry's rules for instruments: a letter, then letters, digits,
/// `_`, `.`, `-` and `/`, at most 255 in all.
#[derive(Clone, Debug, PartialEq, Eq, FromSqlRow)]
pub struct MetricName(String);

impl FromStr for MetricName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-/".contains(&byte);
        let begins = text.starts_with(|first: char| first.is_ascii_alphabetic());
        if begins && text.len() <= 255 && text.bytes().all(inner) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be a letter and up to 254 letters, digits, `_`, `.`, `-` and `/`")
        }
    }
}

string_scalar!([] MetricName, "string_metric-name", MetaSchema {
    example: MetricName::example().to_json(),
    ..schema("metric-name", "^[A-Za-z][-A-Za-z0-9_./]{0,254}$")
});
text_column!(MetricName);

impl Example for MetricName {
    fn example() -> Self {
        Self("queue.length".into())
    }
}

/// The unit of a metric as OpenTelemetry writes it, in UCUM: up to 63 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, FromSqlRow)]
pub struct Unit(String);

impl FromStr for Unit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if (1..=63).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be 1 to 63 visible ASCII characters, such as `ms`, `By` or `{request}`")
        }
    }
}

string_scalar!([] Unit, "string_ucum", schema("ucum", "^[!-~]{1,63}$"));
text_column!(Unit);

/// A cost in US dollars: a decimal number, exact to the last of ten places.
#[derive(Clone, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Numeric)]
pub struct Usd(BigDecimal);

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_plain_string())
    }
}

impl FromStr for Usd {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const REFUSED: &str = "must be a decimal number of up to 10 digits before the point and 10 behind, such as 0.0125";
        let (whole, places) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| {
            (1..=10).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(whole) || !digits(places) {
            return Err(REFUSED);
        }
        let number: BigDecimal = text.parse().map_err(|_| REFUSED)?;
        Ok(Self(number.normalized()))
    }
}

string_scalar!([] Usd, "string_decimal", schema("decimal", r"^[0-9]{1,10}(\.[0-9]{1,10})?$"));

impl ToSql<sql_types::Numeric, Pg> for Usd {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Numeric, Pg>::to_sql(&self.0, out)
    }
}

impl FromSql<sql_types::Numeric, Pg> for Usd {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(BigDecimal::from_sql(value)?.normalized()))
    }
}

/// A sum of costs in US dollars, with as many digits as it needs.
#[derive(Clone, Debug, PartialEq, Eq, FromSqlRow)]
pub struct TotalUsd(BigDecimal);

impl fmt::Display for TotalUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_plain_string())
    }
}

impl FromStr for TotalUsd {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = BigDecimal::from_str(text).map_err(|_| "must be a decimal number")?;
        Ok(Self(number.normalized()))
    }
}

string_scalar!([] TotalUsd, "string_decimal-total", schema("decimal", r"^[0-9]+(\.[0-9]{1,10})?$"));

impl FromSql<sql_types::Numeric, Pg> for TotalUsd {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(BigDecimal::from_sql(value)?.normalized()))
    }
}

impl Example for TotalUsd {
    fn example() -> Self {
        Self(BigDecimal::new(864.into(), 4))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_units_follow_their_rules() {
        let long = "a".repeat(255);
        for good in ["a", "http.server.request/duration_s-1", long.as_str()] {
            assert!(good.parse::<MetricName>().is_ok(), "{good}");
        }
        let longer = "a".repeat(256);
        for bad in ["", "1a", ".a", "a b", "é", "a\0", longer.as_str()] {
            assert!(bad.parse::<MetricName>().is_err(), "{bad}");
        }
        assert!("{request}/s".parse::<Unit>().is_ok());
        assert!("".parse::<Unit>().is_err() && "µs".parse::<Unit>().is_err());
    }

    #[test]
    fn a_cost_keeps_its_digits_and_has_one_form() {
        for (text, form) in [
            ("0", "0"),
            ("0.0000000001", "0.0000000001"),
            ("9999999999.9999999999", "9999999999.9999999999"),
            ("007.50", "7.5"),
            ("1000", "1000"),
        ] {
            assert_eq!(
                text.parse::<Usd>().map(|usd| usd.to_string()).as_deref(),
                Ok(form)
            );
        }
        for bad in [
            "",
            "-1",
            "+1",
            "1e3",
            ".5",
            "1.",
            "1.00000000001",
            "10000000000",
            "NaN",
        ] {
            assert!(bad.parse::<Usd>().is_err(), "{bad}");
        }
    }
}
