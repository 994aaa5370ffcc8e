//! The scalar types of the API: ids and instants; free-form JSON objects are in a file of their own.
//!
//! Each has one text form, the same in JSON, in a path or query, and in `PostgreSQL`.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types,
};
use poem_openapi::registry::MetaSchema;
use uuid::Uuid;

mod object;
mod scalar;
pub use object::{JsonObject, check_number, check_numbers};
pub use scalar::Word;
pub(crate) use scalar::{documented, string_scalar, words_in_json};

/// An identifier: a UUID in its hyphenated form, in lower case when we write it.
///
/// Ids that the server makes are of version 7 (RFC 9562 §5.7), so they sort by time of creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Uuid)]
pub struct Id(Uuid);

impl Id {
    /// The id before all others, which nothing has.
    pub const NIL: Self = Self(Uuid::nil());

    /// A new UUIDv7 for this moment.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that makes ids"
    )]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// A UUID that is made of what it names (`UUIDv8`, RFC 9562 §5.8).
    pub fn custom(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// A UUIDv7 of this instant, to the microsecond. Of ids made for one instant those with a higher
    /// `order`, up to 16383, sort behind. `None` before 1970.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that makes ids"
    )]
    pub fn at(instant: Timestamp, order: u16) -> Option<Self> {
        let micros = u64::try_from(instant.0.timestamp_micros()).ok()?;
        // The second half of a UUIDv7 is random, but for its first two bits.
        let mut bytes = *Uuid::now_v7().as_bytes();
        let (millis, rest) = (micros / 1000, micros % 1000);
        bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
        // RFC 9562 §6.2, method 3: a finer clock in place of random bits.
        let fraction = u16::try_from(rest * 4096 / 1000).ok()? | 0x7000;
        bytes[6..8].copy_from_slice(&fraction.to_be_bytes());
        bytes[8..10].copy_from_slice(&(order & 0x3fff | 0x8000).to_be_bytes());
        Some(Self(Uuid::from_bytes(bytes)))
    }

    /// The millisecond in which a UUIDv7 was made; `None` for UUIDs of other versions.
    pub fn instant(self) -> Option<Timestamp> {
        let (7, bytes) = (self.version(), self.0.as_bytes()) else {
            return None;
        };
        let mut millis = [0; 8];
        millis[2..].copy_from_slice(&bytes[..6]);
        let instant = DateTime::from_timestamp_millis(i64::from_be_bytes(millis))?;
        (instant.year() <= 9999).then_some(Timestamp(instant))
    }

    /// The version of the UUID, 7 for ids made here.
    pub fn version(self) -> usize {
        self.0.get_version_num()
    }
}

impl Default for Id {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for Id {
    type Err = &'static str;

    /// Accepts the hyphenated form only: braces, `urn:uuid:` and bare digits would be second names
    /// of one resource.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 36 {
            return Err("must be a UUID of the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
        }
        Uuid::try_parse(text)
            .map(Self)
            .map_err(|_| "must be a UUID of the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
    }
}

string_scalar!(
    [] Id,
    "string_uuid",
    MetaSchema::new_with_format("string", "uuid")
);

impl ToSql<sql_types::Uuid, Pg> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Uuid, Pg>::to_sql(&self.0, out)
    }
}

impl FromSql<sql_types::Uuid, Pg> for Id {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Uuid::from_sql(value).map(Self)
    }
}

/// An instant: RFC 3339 in UTC, written with microseconds and a final `Z`.
///
/// Any offset is read; digits past the microsecond are cut off; a leap second is the first second
/// of the next minute. The years 1 to 9999 are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Timestamptz)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// The beginning of 1970.
    pub const EPOCH: Self = Self(DateTime::UNIX_EPOCH);

    /// This moment, to the microsecond, so that what is answered equals what is stored.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the clock"
    )]
    pub fn now() -> Self {
        Self::truncate(Utc::now())
    }

    fn truncate(instant: DateTime<Utc>) -> Self {
        Self(DateTime::from_timestamp_micros(instant.timestamp_micros()).unwrap_or(instant))
    }

    /// Seconds since the epoch, as JWTs count (RFC 7519 §2, `NumericDate`).
    pub fn unix_seconds(self) -> i64 {
        self.0.timestamp()
    }

    /// The instant so many seconds after the epoch; the last that there is when that is too many.
    pub fn from_unix_seconds(seconds: i64) -> Self {
        Self(DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::<Utc>::MAX_UTC))
    }

    /// The instant as chrono knows it.
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// The beginning of its millisecond.
    #[must_use]
    pub fn whole_millisecond(self) -> Self {
        Self(DateTime::from_timestamp_millis(self.0.timestamp_millis()).unwrap_or(self.0))
    }

    /// The instant so much later.
    #[must_use]
    pub fn plus(self, duration: std::time::Duration) -> Self {
        Self(self.0 + duration)
    }

    /// The instant so much earlier.
    #[must_use]
    pub fn minus(self, duration: std::time::Duration) -> Self {
        Self(self.0 - duration)
    }
}

impl From<DateTime<Utc>> for Timestamp {
    /// The instant, without digits past the microsecond.
    fn from(instant: DateTime<Utc>) -> Self {
        Self::truncate(instant)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

impl FromStr for Timestamp {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let instant = DateTime::parse_from_rfc3339(text).map_err(
            |_| "must be an RFC 3339 date-time with an offset, such as 2026-11-23T09:30:00Z",
        )?;
        // A leap second may be the first of the next year.
        let instant = Self::truncate(instant.with_timezone(&Utc));
        if !(1..=9999).contains(&instant.0.year()) {
            return Err("must lie in the years 1 to 9999");
        }
        Ok(instant)
    }
}

string_scalar!(
    [] Timestamp,
    "string_date-time",
    MetaSchema::new_with_format("string", "date-time")
);

impl ToSql<sql_types::Timestamptz, Pg> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Timestamptz, Pg>::to_sql(&self.0, out)
    }
}

impl FromSql<sql_types::Timestamptz, Pg> for Timestamp {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        FromSql::<sql_types::Timestamptz, Pg>::from_sql(value).map(Self)
    }
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_in_utc_with_microseconds() {
        let written = |text: &str| text.parse::<Timestamp>().map(|t| t.to_string());
        assert_eq!(
            written("2026-11-23T09:30:00+02:00").unwrap(),
            "2026-11-23T07:30:00.000000Z"
        );
        assert_eq!(
            written("2026-11-23T09:30:00.1234569Z").unwrap(),
            "2026-11-23T09:30:00.123456Z"
        );
        assert_eq!(
            written("2016-12-31T23:59:60Z").unwrap(),
            "2017-01-01T00:00:00.000000Z"
        );
        for bad in [
            "2026-11-23T09:30:00",
            "2026-11-23",
            "infinity",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59-01:00",
            "9999-12-31T23:59:60Z",
        ] {
            assert!(written(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_id_has_one_form() {
        assert!("01890a5d-ac96-774b-bcce-b302099a8057".parse::<Id>().is_ok());
        for bad in [
            "{01890a5d-ac96-774b-bcce-b302099a8057}",
            "01890a5dac96774bbcceb302099a8057",
            "urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057",
            "",
        ] {
            assert!(bad.parse::<Id>().is_err(), "{bad}");
        }
        assert_eq!(Id::new().version(), 7);
    }
}
