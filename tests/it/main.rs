//! The integration tests: one binary, a database of its own for every test, every answer checked
//! against the specification.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod agents;
mod agents_concurrency;
mod agents_delete;
mod agents_input;
mod agents_list;
mod agents_pages;
mod authz;
mod batch;
mod bounds;
mod coalesce;
mod configs;
mod configs_concurrency;
mod configs_history;
mod configs_schema;
mod configs_secrets;
mod configs_watch;
mod database;
mod embedded;
mod exports;
mod group_commit;
mod http;
mod idempotency;
mod layers;
mod log_search_index;
mod logs;
mod logs_list;
mod logs_plans;
mod logs_tail;
mod metrics;
mod metrics_series;
mod migrations;
mod openapi;
mod partitions;
mod plans;
mod process;
mod prompts;
mod prompts_concurrency;
mod prompts_diff;
mod prompts_input;
mod prompts_labels;
mod prompts_render;
mod readme;
mod records_plans;
mod schema;
mod support;
mod tenants;
mod tls;
mod tool_statistics;
mod tool_usage;
