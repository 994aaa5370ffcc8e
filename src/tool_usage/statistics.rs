//! The shapes of statistics of tool usage on the wire.

use poem_openapi::{Enum, Object, types::Example};
use serde::Serialize;

use super::model::ToolStatus;
use crate::{
    records::{
        bucket::{Bucket, Buckets, TimeZone},
        words::TotalUsd,
    },
    values::Timestamp,
};

/// What calls are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ToolGrouping {
    /// The tool's name.
    ToolName,
    /// The version of the agent's prompt that made the call.
    PromptVersion,
    /// How the call ended.
    Status,
}

impl ToolGrouping {
    /// Its column.
    pub fn column(self) -> &'static str {
        match self {
            Self::ToolName => "tool_name",
            Self::PromptVersion => "prompt_version",
            Self::Status => "status",
        }
    }
}

/// What is asked of an agent's calls of tools.
#[derive(Clone, Debug)]
pub struct StatisticsQuery {
    /// When they began.
    pub buckets: Buckets,
    /// What they are told apart by, beside the bucket.
    pub group_by: Vec<ToolGrouping>,
    /// Of this tool.
    pub tool_name: Option<String>,
    /// That ended so.
    pub status: Option<ToolStatus>,
    /// Of this session.
    pub session_id: Option<String>,
}

/// Statistics of an agent's calls of tools.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct ToolStatisticsSet {
    /// All calls began at this instant or later.
    pub from: Timestamp,
    /// And before this one.
    pub to: Timestamp,
    /// How wide the buckets are; null when there are none.
    #[oai(nullable)]
    pub bucket: Option<Bucket>,
    /// The time zone in which days, weeks and months begin.
    pub timezone: TimeZone,
    /// What calls are told apart by, beside the bucket.
    pub group_by: Vec<ToolGrouping>,
    /// The groups that have calls, ordered by bucket and by `group_by`.
    pub items: Vec<ToolStatistics>,
}

/// What is told of a group of calls. Of `bucket`, `tool_name`, `prompt_version` and `status` those are
/// null by which calls are not told apart.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct ToolStatistics {
    /// Where the bucket begins.
    #[oai(nullable)]
    pub bucket: Option<Timestamp>,
    /// The tool's name.
    #[oai(nullable)]
    pub tool_name: Option<String>,
    /// The version of the agent's prompt; null also for calls that name none.
    #[oai(nullable)]
    pub prompt_version: Option<i64>,
    /// How the calls ended.
    #[oai(nullable)]
    pub status: Option<ToolStatus>,
    /// How many calls there are.
    pub calls: i64,
    /// How many of them ended with `error` or `timeout`.
    pub errors: i64,
    /// `errors` as a part of `calls`, from 0 to 1.
    pub error_rate: f64,
    /// The median of the durations in milliseconds; null when no call tells its duration.
    #[oai(nullable)]
    pub duration_ms_p50: Option<f64>,
    /// The duration below which 95 of 100 lie, between two if need be.
    #[oai(nullable)]
    pub duration_ms_p95: Option<f64>,
    /// The duration below which 99 of 100 lie, between two if need be.
    #[oai(nullable)]
    pub duration_ms_p99: Option<f64>,
    /// The sum of the tokens that went into the calls.
    pub input_tokens: i64,
    /// The sum of the tokens that came out of them.
    pub output_tokens: i64,
    /// The sum of the costs in US dollars, exact.
    pub cost_usd: TotalUsd,
    /// The kinds of errors that came most often, up to 5, the most frequent first.
    pub top_errors: Vec<ToolErrorCount>,
}

/// How often a kind of error came.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct ToolErrorCount {
    /// The kind of error.
    pub error_type: String,
    /// How many calls it came with.
    pub calls: i64,
}

impl Example for ToolStatisticsSet {
    fn example() -> Self {
        let instant = |text: &str| text.parse().unwrap_or_else(|_| Timestamp::now());
        Self {
            from: instant("2026-11-22T09:30:00Z"),
            to: instant("2026-11-23T09:30:00Z"),
            bucket: None,
            timezone: TimeZone::default(),
            group_by: vec![ToolGrouping::ToolName],
            items: vec![ToolStatistics {
                bucket: None,
                tool_name: Some("search_orders".into()),
                prompt_version: None,
                status: None,
                calls: 200,
                errors: 3,
                error_rate: 0.015,
                duration_ms_p50: Some(182.0),
                duration_ms_p95: Some(410.5),
                duration_ms_p99: Some(1208.0),
                input_tokens: 10_800,
                output_tokens: 3_600,
                cost_usd: TotalUsd::example(),
                top_errors: vec![ToolErrorCount {
                    error_type: "ConnectionError".into(),
                    calls: 2,
                }],
            }],
        }
    }
}
