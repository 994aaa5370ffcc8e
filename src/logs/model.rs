//! The shapes of logs on the wire.

use std::collections::BTreeSet;

use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types};
use garde::Validate;
use poem_openapi::{Enum, Object, types::Example};
use serde::{Deserialize, Serialize};

use crate::{
    problem::FieldError,
    raw_json::RawObject,
    records::{
        batch::NewRecord,
        hex::{SpanId, TraceId},
        list::{AttributeFilter, TimeRange},
        numbered,
        stamp::Clock,
    },
    values::{Id, Timestamp, words_in_json},
};

/// The most bytes of JSON that `attributes` may have.
pub const MAX_ATTRIBUTES_BYTES: usize = 256 * 1024;

/// How grave a log is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Enum, Serialize, AsExpression, FromSqlRow,
)]
#[diesel(sql_type = sql_types::SmallInt)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Every step, for following a fault.
    Trace,
    /// For developers.
    Debug,
    /// What happens when all is well.
    Info,
    /// Something may need a look.
    Warn,
    /// Something failed.
    Error,
    /// The agent could not go on.
    Fatal,
}

words_in_json!(Level);

numbered!(Level {
    Trace = 1,
    Debug = 2,
    Info = 3,
    Warn = 4,
    Error = 5,
    Fatal = 6,
});

/// A log of an agent.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
#[oai(example)]
pub struct Log {
    /// Its id, a UUIDv7 that says `timestamp` to the millisecond.
    pub id: Id,
    /// The agent that it is of.
    pub agent_id: Id,
    /// When it happened.
    pub timestamp: Timestamp,
    /// How grave it is.
    pub level: Level,
    /// What happened, in words.
    #[oai(validator(max_length = 65536))]
    pub message: String,
    /// Whatever else belongs to it.
    pub attributes: RawObject,
    /// The trace that it belongs to (W3C Trace Context).
    #[oai(nullable)]
    pub trace_id: Option<TraceId>,
    /// The span that it belongs to.
    #[oai(nullable)]
    pub span_id: Option<SpanId>,
    /// The session or conversation that it belongs to.
    #[oai(nullable, validator(min_length = 1, max_length = 200))]
    pub session_id: Option<String>,
}

impl Log {
    /// About how many bytes it takes in an answer.
    pub fn size(&self) -> usize {
        350 + self.message.len()
            + self.attributes.text().len()
            + self.session_id.as_ref().map_or(0, String::len)
    }
}

impl Example for Log {
    fn example() -> Self {
        let NewLog {
            level,
            message,
            attributes,
            trace_id,
            span_id,
            session_id,
            ..
        } = NewLog::example();
        let id = |text: &str| text.parse().unwrap_or_default();
        Self {
            id: id("01a207bd-aa3b-774b-8000-2a0d8f1e4b11"),
            agent_id: id("019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11"),
            timestamp: "2026-11-23T09:30:00.123456Z"
                .parse()
                .unwrap_or_else(|_| Timestamp::now()),
            level,
            message,
            attributes,
            trace_id,
            span_id,
            session_id,
        }
    }
}

/// A new log.
#[derive(Clone, Debug, Object, Deserialize, Validate)]
#[oai(deny_unknown_fields, example)]
#[serde(deny_unknown_fields)]
pub struct NewLog {
    /// Its id, a UUIDv7, for resending it safely: what is there already under the id and the
    /// `timestamp` is not stored again, and the first stays. The server makes one when absent or
    /// null.
    #[oai(nullable)]
    #[garde(skip)]
    #[serde(default)]
    pub id: Option<Id>,
    /// When it happened; must lie in the millisecond of `id`, not before 1970, and at most a day
    /// ahead. Default: the instant of `id`, or else now.
    #[oai(nullable)]
    #[garde(skip)]
    #[serde(default)]
    pub timestamp: Option<Timestamp>,
    /// How grave it is.
    #[garde(skip)]
    pub level: Level,
    /// What happened, in words.
    #[oai(validator(max_length = 65536))]
    #[garde(length(chars, max = 65536))]
    pub message: String,
    /// Whatever else belongs to it; at most 256 KiB of JSON as sent.
    #[oai(default)]
    #[garde(custom(attributes_size))]
    #[serde(default)]
    pub attributes: RawObject,
    /// The trace that it belongs to (W3C Trace Context): 32 hexadecimal digits.
    #[oai(nullable)]
    #[garde(skip)]
    #[serde(default)]
    pub trace_id: Option<TraceId>,
    /// The span that it belongs to: 16 hexadecimal digits.
    #[oai(nullable)]
    #[garde(skip)]
    #[serde(default)]
    pub span_id: Option<SpanId>,
    /// The session or conversation that it belongs to.
    #[oai(nullable, validator(min_length = 1, max_length = 200))]
    #[garde(length(chars, min = 1, max = 200))]
    #[serde(default)]
    pub session_id: Option<String>,
}

impl NewRecord for NewLog {
    type Record = Log;

    fn stamp(self, agent: Id, clock: &Clock, order: u16) -> Result<Log, FieldError> {
        let (id, timestamp) = clock.stamp(self.id, self.timestamp, order)?;
        Ok(Log {
            id,
            agent_id: agent,
            timestamp,
            level: self.level,
            message: self.message,
            attributes: self.attributes,
            trace_id: self.trace_id,
            span_id: self.span_id,
            session_id: self.session_id,
        })
    }
}

impl Example for NewLog {
    fn example() -> Self {
        Self {
            id: None,
            timestamp: None,
            level: Level::Warn,
            message: "The mail server did not answer; trying again.".into(),
            attributes: serde_json::from_str(r#"{"attempt":2,"host":"mail.example.org"}"#)
                .unwrap_or_default(),
            trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".parse().ok(),
            span_id: "00f067aa0ba902b7".parse().ok(),
            session_id: Some("conversation-17".into()),
        }
    }
}

/// A page of logs.
#[derive(Clone, Debug, Object, Serialize)]
pub struct LogPage {
    /// The logs, in the order asked for.
    pub items: Vec<Log>,
    /// Send this as `cursor` for the next page; null on the last one.
    #[oai(nullable)]
    pub next_cursor: Option<String>,
}

/// A field that a list's logs can come without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum LogField {
    /// `message`, which is then an empty text.
    Message,
    /// `attributes`, which is then an empty object.
    Attributes,
}

/// Which logs a list has.
#[derive(Clone, Debug, Serialize)]
pub struct LogFilter {
    /// When they happened.
    pub range: TimeRange,
    /// Of one of these levels; `None` for all.
    pub levels: Option<BTreeSet<Level>>,
    /// Of this trace.
    pub trace_id: Option<TraceId>,
    /// Of this session.
    pub session_id: Option<String>,
    /// With this text in their message.
    pub q: Option<String>,
    /// With these attributes.
    pub attributes: Vec<AttributeFilter>,
    /// Without these fields; a cursor is good for any.
    #[serde(skip)]
    pub omit: Vec<LogField>,
}

impl LogFilter {
    /// Whether the list is more than stretches of an index: then it may take long.
    pub fn is_search(&self) -> bool {
        let filters = [
            self.levels.is_some(),
            self.trace_id.is_some(),
            self.session_id.is_some(),
        ];
        let filters = filters.into_iter().filter(|filter| *filter).count();
        filters > 1 || self.q.is_some() || !self.attributes.is_empty()
    }
}

/// The levels that a list is asked for: those listed, or all when none is, as far as they are grave
/// enough. `None` when that is all.
pub fn levels(listed: &[Level], minimum: Option<Level>) -> Option<BTreeSet<Level>> {
    if listed.is_empty() && minimum.is_none_or(|minimum| minimum == Level::Trace) {
        return None;
    }
    let asked = if listed.is_empty() {
        Level::ALL
    } else {
        listed
    };
    let levels = asked.iter().copied();
    Some(
        levels
            .filter(|level| minimum.is_none_or(|minimum| *level >= minimum))
            .collect(),
    )
}

fn attributes_size(attributes: &RawObject, (): &()) -> garde::Result {
    if attributes.text().len() <= MAX_ATTRIBUTES_BYTES {
        Ok(())
    } else {
        Err(garde::Error::new(format!(
            "is longer than {MAX_ATTRIBUTES_BYTES} bytes of JSON"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_those_listed_and_grave_enough() {
        let of = |listed: &[Level], minimum| {
            levels(listed, minimum).map(|levels| levels.into_iter().collect::<Vec<_>>())
        };
        assert_eq!(of(&[], None), None);
        assert_eq!(of(&[], Some(Level::Trace)), None);
        assert_eq!(
            of(&[], Some(Level::Error)),
            Some(vec![Level::Error, Level::Fatal])
        );
        assert_eq!(
            of(&[Level::Warn, Level::Warn], None),
            Some(vec![Level::Warn])
        );
        assert_eq!(of(&[Level::Info], Some(Level::Warn)), Some(vec![]));
    }
}
