//! The shapes of metrics on the wire.

use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types};
use garde::Validate;
use poem_openapi::{Enum, Object, types::Example};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use crate::{
    problem::FieldError,
    raw_json::RawObject,
    records::{
        batch::NewRecord,
        list::{AttributeFilter, TimeRange},
        numbered,
        stamp::Clock,
        words::{MetricName, Unit},
    },
    values::{Id, Timestamp, words_in_json},
};

/// The most attributes of a metric.
pub const MAX_ATTRIBUTES: usize = 32;
/// The most bytes of JSON that `attributes` may have.
pub const MAX_ATTRIBUTES_BYTES: usize = 16 * 1024;

/// What a metric's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::SmallInt)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum MetricKind {
    /// The state at an instant, such as the length of a queue.
    Gauge,
    /// What was counted since the data point before, such as the requests meanwhile.
    Counter,
}

words_in_json!(MetricKind);

numbered!(MetricKind {
    Gauge = 1,
    Counter = 2,
});

/// A data point of a metric.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
#[oai(example)]
pub struct Metric {
    /// Its id, a UUIDv7 that says `timestamp` to the millisecond.
    pub id: Id,
    /// The agent that it is of.
    pub agent_id: Id,
    /// When it was measured.
    pub timestamp: Timestamp,
    /// The metric's name.
    pub name: MetricName,
    /// What the value is.
    pub kind: MetricKind,
    /// The value.
    pub value: f64,
    /// The unit of the value.
    #[oai(nullable)]
    pub unit: Option<Unit>,
    /// What tells this series from others of the name.
    pub attributes: RawObject,
}

impl Metric {
    /// About how many bytes it takes in an answer.
    pub fn size(&self) -> usize {
        300 + self.name.as_str().len() + self.attributes.text().len()
    }
}

impl Example for Metric {
    fn example() -> Self {
        let new = NewMetric::example();
        let id = |text: &str| text.parse().unwrap_or_default();
        Self {
            id: id("01a207bd-aa3b-774b-8000-2a0d8f1e4b11"),
            agent_id: id("019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11"),
            timestamp: "2026-11-23T09:30:00.123456Z"
                .parse()
                .unwrap_or_else(|_| Timestamp::now()),
            name: new.name,
            kind: new.kind,
            value: new.value,
            unit: new.unit,
            attributes: new.attributes,
        }
    }
}

/// A new data point.
#[derive(Clone, Debug, Object, Deserialize, Validate)]
#[oai(deny_unknown_fields, example)]
#[serde(deny_unknown_fields)]
pub struct NewMetric {
    /// Its id, a UUIDv7, for resending it safely: what is there already under the id and the
    /// `timestamp` is not stored again, and the first stays. The server makes one when absent or
    /// null.
    #[oai(nullable)]
    #[garde(skip)]
    #[serde(default)]
    pub id: Option<Id>,
    /// When it was measured; must lie in the millisecond of `id`, not before 1970, and at most a day
    /// ahead. Default: the instant of `id`, or else now.
    #[oai(nullable)]
    #[garde(skip)]
    #[serde(default)]
    pub timestamp: Option<Timestamp>,
    /// The metric's name, by OpenTelemetry's rules: a letter, then letters, digits, `_`, `.`, `-` and
    /// `/`, at most 255 in all.
    #[garde(skip)]
    pub name: MetricName,
    /// What the value is.
    #[garde(skip)]
    pub kind: MetricKind,
    /// The value, a finite double.
    #[garde(skip)]
    #[serde(deserialize_with = "finite")]
    pub value: f64,
    /// The unit of the value, in UCUM as OpenTelemetry writes it, such as `ms`, `By` or `{request}`;
    /// at most 63 visible ASCII characters.
    #[oai(nullable)]
    #[garde(skip)]
    #[serde(default)]
    pub unit: Option<Unit>,
    /// What tells this series from others of the name: at most 32 members, each a string, a number or
    /// a boolean, in at most 16 KiB of JSON as sent.
    #[oai(default)]
    #[garde(custom(attributes_are_flat))]
    #[serde(default)]
    pub attributes: RawObject,
}

impl NewRecord for NewMetric {
    type Record = Metric;

    fn stamp(self, agent: Id, clock: &Clock, order: u16) -> Result<Metric, FieldError> {
        let (id, timestamp) = clock.stamp(self.id, self.timestamp, order)?;
        Ok(Metric {
            id,
            agent_id: agent,
            timestamp,
            name: self.name,
            kind: self.kind,
            value: self.value,
            unit: self.unit,
            attributes: self.attributes,
        })
    }
}

impl Example for NewMetric {
    fn example() -> Self {
        Self {
            id: None,
            timestamp: None,
            name: MetricName::example(),
            kind: MetricKind::Gauge,
            value: 17.5,
            unit: "{request}".parse().ok(),
            attributes: serde_json::from_str(r#"{"queue":"mail","urgent":true}"#)
                .unwrap_or_default(),
        }
    }
}

/// A page of data points.
#[derive(Clone, Debug, Object, Serialize)]
pub struct MetricPage {
    /// The data points, in the order asked for.
    pub items: Vec<Metric>,
    /// Send this as `cursor` for the next page; null on the last one.
    #[oai(nullable)]
    pub next_cursor: Option<String>,
}

/// Which data points a list has.
#[derive(Clone, Debug, Serialize)]
pub struct MetricFilter {
    /// When they were measured.
    pub range: TimeRange,
    /// Of this metric.
    pub name: Option<MetricName>,
    /// With these attributes.
    pub attributes: Vec<AttributeFilter>,
}

/// Numbers beyond the range of a double are valid JSON, so they are refused as values, not as text.
fn finite<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    let value = number.as_f64().filter(|value| value.is_finite());
    value.ok_or_else(|| de::Error::custom("is beyond the range of a double"))
}

fn attributes_are_flat(attributes: &RawObject, (): &()) -> garde::Result {
    if attributes.text().len() > MAX_ATTRIBUTES_BYTES {
        return Err(garde::Error::new(format!(
            "is longer than {MAX_ATTRIBUTES_BYTES} bytes of JSON"
        )));
    }
    let members: serde_json::Map<String, Value> =
        serde_json::from_str(attributes.text()).map_err(garde::Error::new)?;
    if members.len() > MAX_ATTRIBUTES {
        return Err(garde::Error::new("has more than 32 members"));
    }
    let flat = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
    match members.iter().find(|(_, value)| !flat(value)) {
        Some((key, _)) => Err(garde::Error::new(format!(
            "`{key}` is no string, number or boolean"
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_valid() {
        assert!(NewMetric::example().validate().is_ok());
    }
}
