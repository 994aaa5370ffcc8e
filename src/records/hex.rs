//! Ids of traces and spans, as W3C Trace Context and OpenTelemetry write them.

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

/// `N` bytes, in hexadecimal digits: lower case when we write them, either case when we read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Binary)]
pub struct Hex<const N: usize>([u8; N]);

/// The id of a trace.
pub type TraceId = Hex<16>;
/// The id of a span.
pub type SpanId = Hex<8>;

impl<const N: usize> Hex<N> {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl<const N: usize> fmt::Display for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<const N: usize> FromStr for Hex<N> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("must be {} hexadecimal digits", 2 * N);
        let digits = text.as_bytes();
        if digits.len() != 2 * N {
            return Err(refused());
        }
        let digit = |byte: u8| {
            char::from(byte)
                .to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
        };
        let mut bytes = [0; N];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let (high, low) = digit(pair[0]).zip(digit(pair[1])).ok_or_else(refused)?;
            *byte = high << 4 | low;
        }
        Ok(Self(bytes))
    }
}

string_scalar!(
    [const N: usize] Hex<N>,
    format!("string_hex{N}"),
    MetaSchema {
        pattern: Some(format!("^[0-9A-Fa-f]{{{}}}$", 2 * N)),
        ..MetaSchema::new_with_format("string", "hex")
    }
);

impl<const N: usize> ToSql<sql_types::Binary, Pg> for Hex<N> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Binary, Pg>::to_sql(&self.0[..], out)
    }
}

impl<const N: usize> FromSql<sql_types::Binary, Pg> for Hex<N> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(value.as_bytes().try_into()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_either_case_are_read_and_lower_case_is_written() {
        let id: SpanId = "00F067aa0BA902B7".parse().unwrap();
        assert_eq!(id.to_string(), "00f067aa0ba902b7");
        for bad in [
            "",
            "00f067aa0ba902b",
            "00f067aa0ba902b7a",
            "00f067aa0ba902bg",
            "+0f067aa0ba902b7",
            "éé67aa0ba902b7",
        ] {
            assert!(bad.parse::<SpanId>().is_err(), "{bad}");
        }
    }
}
