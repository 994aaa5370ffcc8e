//! The shapes of tool usage on the wire.

use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types};
use garde::Validate;
use poem_openapi::{Enum, Object, types::Example};
use serde::{Deserialize, Serialize};

use crate::{
    problem::FieldError,
    raw_json::RawJson,
    records::{
        batch::NewRecord,
        hex::{SpanId, TraceId},
        list::TimeRange,
        numbered,
        stamp::Clock,
        words::Usd,
    },
    values::{Id, Timestamp, words_in_json},
};

/// The most bytes of JSON that `input` and `output` may have each.
pub const MAX_PAYLOAD_BYTES: usize = 256 * 1024;

/// How a call of a tool ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::SmallInt)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ToolStatus {
    /// The tool did what it was asked.
    Success,
    /// The tool failed.
    Error,
    /// The tool did not answer in time.
    Timeout,
    /// The call was called off.
    Cancelled,
}

words_in_json!(ToolStatus);

numbered!(ToolStatus {
    Success = 1,
    Error = 2,
    Timeout = 3,
    Cancelled = 4,
});

/// A call of a tool.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
#[oai(example)]
pub struct ToolUsage {
    /// Its id, a UUIDv7 that says `timestamp` to the millisecond.
    pub id: Id,
    /// The agent that made it.
    pub agent_id: Id,
    /// When it began.
    pub timestamp: Timestamp,
    /// The tool's name.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub tool_name: String,
    /// What kind of tool it is, such as `function`, `mcp` or `retrieval`; free text.
    #[oai(nullable, validator(min_length = 1, max_length = 100))]
    pub tool_type: Option<String>,
    /// The id of the call that the model gave.
    #[oai(nullable, validator(min_length = 1, max_length = 200))]
    pub call_id: Option<String>,
    /// How the call ended.
    pub status: ToolStatus,
    /// What the tool was given, any JSON; null is the same as nothing.
    #[oai(nullable)]
    pub input: Option<RawJson>,
    /// What the tool answered, any JSON; null is the same as nothing.
    #[oai(nullable)]
    pub output: Option<RawJson>,
    /// What kind of error it was, such as `ConnectionError`.
    #[oai(nullable, validator(min_length = 1, max_length = 200))]
    pub error_type: Option<String>,
    /// The error in words.
    #[oai(nullable, validator(max_length = 16384))]
    pub error_message: Option<String>,
    /// How long the call took, in milliseconds.
    #[oai(nullable, validator(minimum(value = "0")))]
    pub duration_ms: Option<i64>,
    /// Tokens that went into the call.
    #[oai(nullable, validator(minimum(value = "0")))]
    pub input_tokens: Option<i64>,
    /// Tokens that came out of it.
    #[oai(nullable, validator(minimum(value = "0")))]
    pub output_tokens: Option<i64>,
    /// What it cost in US dollars: a decimal number in a string, so that no digit is lost.
    #[oai(nullable)]
    pub cost_usd: Option<Usd>,
    /// The version of the agent's prompt that made the call.
    #[oai(nullable, validator(minimum(value = "1")))]
    pub prompt_version: Option<i64>,
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

impl ToolUsage {
    /// About how many bytes it takes in an answer.
    pub fn size(&self) -> usize {
        let texts = [
            &self.tool_type,
            &self.call_id,
            &self.error_type,
            &self.error_message,
            &self.session_id,
        ];
        let json = [&self.input, &self.output];
        600 + self.tool_name.len()
            + texts
                .iter()
                .map(|text| text.as_ref().map_or(0, String::len))
                .sum::<usize>()
            + json
                .iter()
                .map(|json| json.as_ref().map_or(0, |json| json.text().len()))
                .sum::<usize>()
    }
}

impl Example for ToolUsage {
    fn example() -> Self {
        let new = NewToolUsage::example();
        let id = |text: &str| text.parse().unwrap_or_default();
        Self {
            id: id("01a207bd-aa3b-774b-8000-2a0d8f1e4b11"),
            agent_id: id("019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11"),
            timestamp: "2026-11-23T09:30:00.123456Z"
                .parse()
                .unwrap_or_else(|_| Timestamp::now()),
            tool_name: new.tool_name,
            tool_type: new.tool_type,
            call_id: new.call_id,
            status: new.status,
            input: new.input,
            output: new.output,
            error_type: new.error_type,
            error_message: new.error_message,
            duration_ms: new.duration_ms,
            input_tokens: new.input_tokens,
            output_tokens: new.output_tokens,
            cost_usd: new.cost_usd,
            prompt_version: new.prompt_version,
            trace_id: new.trace_id,
            span_id: new.span_id,
            session_id: new.session_id,
        }
    }
}

/// A new call of a tool.
#[derive(Clone, Debug, Object, Deserialize, Validate)]
#[oai(deny_unknown_fields, example)]
#[serde(deny_unknown_fields)]
pub struct NewToolUsage {
    /// Its id, a UUIDv7, for resending it safely: what is there already under the id and the
    /// `timestamp` is not stored again, and the first stays. The server makes one when absent or
    /// null.
    #[oai(nullable)]
    #[garde(skip)]
    #[serde(default)]
    pub id: Option<Id>,
    /// When the call began; must lie in the millisecond of `id`, not before 1970, and at most a day
    /// ahead. Default: the instant of `id`, or else now.
    #[oai(nullable)]
    #[garde(skip)]
    #[serde(default)]
    pub timestamp: Option<Timestamp>,
    /// The tool's name.
    #[oai(validator(min_length = 1, max_length = 200))]
    #[garde(length(chars, min = 1, max = 200))]
    pub tool_name: String,
    /// What kind of tool it is, such as `function`, `mcp` or `retrieval`; free text.
    #[oai(nullable, validator(min_length = 1, max_length = 100))]
    #[garde(length(chars, min = 1, max = 100))]
    #[serde(default)]
    pub tool_type: Option<String>,
    /// The id of the call that the model gave.
    #[oai(nullable, validator(min_length = 1, max_length = 200))]
    #[garde(length(chars, min = 1, max = 200))]
    #[serde(default)]
    pub call_id: Option<String>,
    /// How the call ended.
    #[garde(skip)]
    pub status: ToolStatus,
    /// What the tool was given, any JSON of at most 256 KiB as sent; null is the same as nothing.
    #[oai(nullable)]
    #[garde(custom(payload_size))]
    #[serde(default)]
    pub input: Option<RawJson>,
    /// What the tool answered, any JSON of at most 256 KiB as sent; null is the same as nothing.
    #[oai(nullable)]
    #[garde(custom(payload_size))]
    #[serde(default)]
    pub output: Option<RawJson>,
    /// What kind of error it was, such as `ConnectionError`.
    #[oai(nullable, validator(min_length = 1, max_length = 200))]
    #[garde(length(chars, min = 1, max = 200))]
    #[serde(default)]
    pub error_type: Option<String>,
    /// The error in words.
    #[oai(nullable, validator(max_length = 16384))]
    #[garde(length(chars, max = 16384))]
    #[serde(default)]
    pub error_message: Option<String>,
    /// How long the call took, in milliseconds.
    #[oai(nullable, validator(minimum(value = "0")))]
    #[garde(range(min = 0))]
    #[serde(default)]
    pub duration_ms: Option<i64>,
    /// Tokens that went into the call.
    #[oai(nullable, validator(minimum(value = "0")))]
    #[garde(range(min = 0))]
    #[serde(default)]
    pub input_tokens: Option<i64>,
    /// Tokens that came out of it.
    #[oai(nullable, validator(minimum(value = "0")))]
    #[garde(range(min = 0))]
    #[serde(default)]
    pub output_tokens: Option<i64>,
    /// What it cost in US dollars: a decimal number in a string, so that no digit is lost. Up to 10
    /// digits before the point and 10 behind.
    #[oai(nullable)]
    #[garde(skip)]
    #[serde(default)]
    pub cost_usd: Option<Usd>,
    /// The version of the agent's prompt that made the call.
    #[oai(nullable, validator(minimum(value = "1")))]
    #[garde(range(min = 1))]
    #[serde(default)]
    pub prompt_version: Option<i64>,
    /// The trace that it belongs to (W3C Trace Context).
    #[oai(nullable)]
    #[garde(skip)]
    #[serde(default)]
    pub trace_id: Option<TraceId>,
    /// The span that it belongs to.
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

impl NewRecord for NewToolUsage {
    type Record = ToolUsage;

    fn stamp(self, agent: Id, clock: &Clock, order: u16) -> Result<ToolUsage, FieldError> {
        let (id, timestamp) = clock.stamp(self.id, self.timestamp, order)?;
        Ok(ToolUsage {
            id,
            agent_id: agent,
            timestamp,
            tool_name: self.tool_name,
            tool_type: self.tool_type,
            call_id: self.call_id,
            status: self.status,
            input: self.input,
            output: self.output,
            error_type: self.error_type,
            error_message: self.error_message,
            duration_ms: self.duration_ms,
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            cost_usd: self.cost_usd,
            prompt_version: self.prompt_version,
            trace_id: self.trace_id,
            span_id: self.span_id,
            session_id: self.session_id,
        })
    }
}

impl Example for NewToolUsage {
    fn example() -> Self {
        Self {
            id: None,
            timestamp: None,
            tool_name: "search_orders".into(),
            tool_type: Some("function".into()),
            call_id: Some("call_8fA2".into()),
            status: ToolStatus::Success,
            input: serde_json::from_str(r#"{"customer":17}"#).ok(),
            output: serde_json::from_str(r#"[{"order":4711,"state":"shipped"}]"#).ok(),
            error_type: None,
            error_message: None,
            duration_ms: Some(182),
            input_tokens: Some(54),
            output_tokens: Some(18),
            cost_usd: "0.000432".parse().ok(),
            prompt_version: Some(3),
            trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".parse().ok(),
            span_id: "00f067aa0ba902b7".parse().ok(),
            session_id: Some("conversation-17".into()),
        }
    }
}

/// A page of calls.
#[derive(Clone, Debug, Object, Serialize)]
pub struct ToolUsagePage {
    /// The calls, in the order asked for.
    pub items: Vec<ToolUsage>,
    /// Send this as `cursor` for the next page; null on the last one.
    #[oai(nullable)]
    pub next_cursor: Option<String>,
}

/// A field that a list's calls can come without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum ToolUsageField {
    /// `input`, which is then null.
    Input,
    /// `output`, which is then null.
    Output,
    /// `error_message`, which is then null.
    ErrorMessage,
}

/// Which calls a list has.
#[derive(Clone, Debug, Serialize)]
pub struct ToolUsageFilter {
    /// When they began.
    pub range: TimeRange,
    /// Of this tool.
    pub tool_name: Option<String>,
    /// That ended so.
    pub status: Option<ToolStatus>,
    /// Of this trace.
    pub trace_id: Option<TraceId>,
    /// Of this session.
    pub session_id: Option<String>,
    /// Without these fields; a cursor is good for any.
    #[serde(skip)]
    pub omit: Vec<ToolUsageField>,
}

impl ToolUsageFilter {
    /// Whether the list is more than a stretch of an index: then it may take long.
    pub fn is_search(&self) -> bool {
        let filters = [
            self.tool_name.is_some(),
            self.status.is_some(),
            self.trace_id.is_some(),
            self.session_id.is_some(),
        ];
        filters.into_iter().filter(|filter| *filter).count() > 1
    }
}

fn payload_size(payload: &Option<RawJson>, (): &()) -> garde::Result {
    match payload {
        Some(json) if json.text().len() > MAX_PAYLOAD_BYTES => Err(garde::Error::new(format!(
            "is longer than {MAX_PAYLOAD_BYTES} bytes of JSON"
        ))),
        _ => Ok(()),
    }
}
