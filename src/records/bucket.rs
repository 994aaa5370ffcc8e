//! Buckets of time, into which records are gathered.

use std::{fmt, str::FromStr, time::Duration};

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::AstPass,
    sql_types::{Text, Timestamptz},
};
use poem_openapi::{Enum, registry::MetaSchema};
use serde::Serialize;

use super::list::TimeRange;
use crate::{
    problem::ApiError,
    values::{Timestamp, string_scalar},
};

/// The most points of an answer, over all series.
pub const MAX_POINTS: i64 = 10_000;
/// About how many buckets there are when the caller does not say how wide they are.
const PREFERRED: i64 = 200;
/// How far back an answer reaches when the caller does not say: a day, or so many buckets.
const DEFAULT_SECONDS: u64 = 24 * 60 * 60;
const DEFAULT_BUCKETS: u64 = 1_440;

/// How wide the buckets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
pub enum Bucket {
    /// A second.
    #[oai(rename = "1s")]
    #[serde(rename = "1s")]
    Second,
    /// Ten seconds.
    #[oai(rename = "10s")]
    #[serde(rename = "10s")]
    TenSeconds,
    /// A minute.
    #[oai(rename = "1m")]
    #[serde(rename = "1m")]
    Minute,
    /// Five minutes.
    #[oai(rename = "5m")]
    #[serde(rename = "5m")]
    FiveMinutes,
    /// A quarter of an hour.
    #[oai(rename = "15m")]
    #[serde(rename = "15m")]
    QuarterHour,
    /// An hour.
    #[oai(rename = "1h")]
    #[serde(rename = "1h")]
    Hour,
    /// Six hours.
    #[oai(rename = "6h")]
    #[serde(rename = "6h")]
    SixHours,
    /// A day of the time zone.
    #[oai(rename = "1d")]
    #[serde(rename = "1d")]
    Day,
    /// A week of the time zone, from Monday on (ISO 8601).
    #[oai(rename = "1w")]
    #[serde(rename = "1w")]
    Week,
    /// A month of the time zone.
    #[oai(rename = "1mo")]
    #[serde(rename = "1mo")]
    Month,
}

/// What `PostgreSQL` calls a width.
enum Width {
    /// So many seconds, counted from the epoch.
    Seconds(i64),
    /// A unit of the calendar, and how many seconds it has at least.
    Calendar(&'static str, i64),
}

impl Bucket {
    /// From the narrowest to the widest.
    pub const ALL: [Self; 10] = [
        Self::Second,
        Self::TenSeconds,
        Self::Minute,
        Self::FiveMinutes,
        Self::QuarterHour,
        Self::Hour,
        Self::SixHours,
        Self::Day,
        Self::Week,
        Self::Month,
    ];

    fn width(self) -> Width {
        const HOUR: i64 = 3600;
        match self {
            Self::Second => Width::Seconds(1),
            Self::TenSeconds => Width::Seconds(10),
            Self::Minute => Width::Seconds(60),
            Self::FiveMinutes => Width::Seconds(300),
            Self::QuarterHour => Width::Seconds(900),
            Self::Hour => Width::Seconds(HOUR),
            Self::SixHours => Width::Seconds(6 * HOUR),
            // Summer time takes an hour away.
            Self::Day => Width::Calendar("day", 23 * HOUR),
            Self::Week => Width::Calendar("week", (7 * 24 - 1) * HOUR),
            Self::Month => Width::Calendar("month", (28 * 24 - 1) * HOUR),
        }
    }
}

/// A time zone of the IANA database, such as `Europe/Berlin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeZone(chrono_tz::Tz);

impl Default for TimeZone {
    fn default() -> Self {
        Self(chrono_tz::UTC)
    }
}

impl TimeZone {
    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The zone as chrono knows it.
    pub fn zone(self) -> chrono_tz::Tz {
        self.0
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for TimeZone {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let zone = text.parse();
        zone.map(Self)
            .map_err(|_| "must be the name of a time zone, such as UTC or Europe/Berlin")
    }
}

string_scalar!(
    [] TimeZone,
    "string_time-zone",
    MetaSchema::new_with_format("string", "time-zone")
);

/// A stretch of time in buckets.
#[derive(Clone, Copy, Debug)]
pub struct Buckets {
    /// At this instant or later.
    pub from: Timestamp,
    /// Before this instant.
    pub to: Timestamp,
    /// How wide they are; `None` when all is one bucket.
    pub width: Option<Bucket>,
    /// Where days, weeks and months begin.
    pub zone: TimeZone,
}

impl Buckets {
    /// A stretch as the caller says, in buckets so wide.
    ///
    /// # Errors
    /// 422 when it does not end after it begins, or has more than [`MAX_POINTS`] buckets.
    pub fn new(
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        width: Option<Bucket>,
        zone: TimeZone,
    ) -> Result<Self, ApiError> {
        let to = to.unwrap_or_else(Timestamp::now);
        let range = match width.map(Bucket::width) {
            Some(Width::Seconds(width)) => DEFAULT_BUCKETS.saturating_mul(width.unsigned_abs()),
            _ => DEFAULT_SECONDS,
        };
        let range = Duration::from_secs(range.min(DEFAULT_SECONDS));
        let from = from.unwrap_or_else(|| to.minus(range));
        if to <= from {
            return Err(ApiError::invalid_parameter("to", "must lie behind `from`"));
        }
        let buckets = Self {
            from,
            to,
            width,
            zone,
        };
        buckets.check()
    }

    fn check(self) -> Result<Self, ApiError> {
        if self.most() > MAX_POINTS {
            return Err(ApiError::invalid_parameter(
                "bucket",
                format!("makes more than {MAX_POINTS} buckets in this stretch of time"),
            ));
        }
        Ok(self)
    }

    /// In buckets so wide that there are not too many to look at, unless they have a width.
    ///
    /// # Errors
    /// 422 when they are more than [`MAX_POINTS`] even so.
    pub fn or_fitting(mut self) -> Result<Self, ApiError> {
        if self.width.is_none() {
            let of = |width| Self {
                width: Some(width),
                ..self
            };
            let fits = |width: &Bucket| of(*width).most() <= PREFERRED;
            let width = Bucket::ALL.into_iter().find(fits);
            self.width = Some(width.unwrap_or(Bucket::Month));
        }
        self.check()
    }

    /// How many buckets there are at most.
    pub fn most(&self) -> i64 {
        let seconds = (self.to.utc() - self.from.utc()).num_seconds();
        match self.width.map(Bucket::width) {
            None => 1,
            Some(Width::Seconds(width) | Width::Calendar(_, width)) => seconds / width + 2,
        }
    }

    /// The stretch of time.
    pub fn range(&self) -> TimeRange {
        TimeRange {
            from: Some(self.from),
            to: Some(self.to),
        }
    }

    /// In SQL, where the bucket of an instant begins.
    pub fn start_of<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>, instant: &str) -> QueryResult<()> {
        match self.width.map(Bucket::width) {
            None => out.push_bind_param::<Timestamptz, _>(&self.from),
            Some(Width::Seconds(seconds)) => {
                out.push_sql(&format!(
                    "date_bin('{seconds} seconds', {instant}, timestamptz '1970-01-01T00:00:00Z')"
                ));
                Ok(())
            }
            Some(Width::Calendar(unit, _)) => {
                out.push_sql(&format!("date_trunc('{unit}', {instant}, "));
                out.push_bind_param::<Text, str>(self.zone.name())?;
                out.push_sql(")");
                Ok(())
            }
        }
    }

    /// In SQL, where the buckets begin: a query of one column.
    pub fn starts<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match self.width.map(Bucket::width) {
            None => {
                out.push_sql("SELECT ");
                out.push_bind_param::<Timestamptz, _>(&self.from)
            }
            Some(Width::Seconds(seconds)) => {
                out.push_sql(&format!(
                    "SELECT * FROM generate_series(date_bin('{seconds} seconds', "
                ));
                out.push_bind_param::<Timestamptz, _>(&self.from)?;
                out.push_sql(", timestamptz '1970-01-01T00:00:00Z'), ");
                out.push_bind_param::<Timestamptz, _>(&self.to)?;
                out.push_sql(&format!(
                    " - interval '1 microsecond', interval '{seconds} seconds')"
                ));
                Ok(())
            }
            Some(Width::Calendar(unit, _)) => {
                out.push_sql("SELECT local AT TIME ZONE ");
                out.push_bind_param::<Text, str>(self.zone.name())?;
                out.push_sql(&format!(" FROM generate_series(date_trunc('{unit}', "));
                out.push_bind_param::<Timestamptz, _>(&self.from)?;
                out.push_sql(" AT TIME ZONE ");
                out.push_bind_param::<Text, str>(self.zone.name())?;
                out.push_sql("), (");
                out.push_bind_param::<Timestamptz, _>(&self.to)?;
                out.push_sql(" - interval '1 microsecond') AT TIME ZONE ");
                out.push_bind_param::<Text, str>(self.zone.name())?;
                out.push_sql(&format!(", interval '1 {unit}') AS local"));
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(from: &str, to: &str, width: Option<Bucket>) -> Result<Buckets, ApiError> {
        let instant = |text: &str| Some(text.parse().unwrap());
        Buckets::new(instant(from), instant(to), width, TimeZone::default())
    }

    #[test]
    fn a_fitting_width_is_the_narrowest_that_is_not_too_narrow() {
        for (from, to, width) in [
            (
                "2026-11-23T09:00:00Z",
                "2026-11-23T09:01:00Z",
                Bucket::Second,
            ),
            (
                "2026-11-23T09:00:00Z",
                "2026-11-23T10:00:00Z",
                Bucket::Minute,
            ),
            (
                "2026-11-22T09:00:00Z",
                "2026-11-23T09:00:00Z",
                Bucket::QuarterHour,
            ),
            (
                "2026-10-24T09:00:00Z",
                "2026-11-23T09:00:00Z",
                Bucket::SixHours,
            ),
            (
                "1970-01-01T00:00:00Z",
                "2026-11-23T09:00:00Z",
                Bucket::Month,
            ),
        ] {
            let fitting = buckets(from, to, None).unwrap().or_fitting().unwrap();
            assert_eq!(fitting.width, Some(width), "{from}");
        }
    }

    #[test]
    fn there_are_not_too_many_buckets() {
        let day = |width| buckets("2026-11-22T09:00:00Z", "2026-11-23T09:00:00Z", Some(width));
        assert!(day(Bucket::Second).is_err());
        assert!(day(Bucket::TenSeconds).is_ok());
        let ever = buckets("0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z", None);
        assert!(ever.unwrap().or_fitting().is_err());
    }

    #[test]
    fn a_time_zone_has_a_name() {
        assert!("Europe/Berlin".parse::<TimeZone>().is_ok());
        for bad in ["", "Berlin", "+02:00", "EST5EDT4", "europe/berlin"] {
            assert!(bad.parse::<TimeZone>().is_err(), "{bad}");
        }
    }
}
