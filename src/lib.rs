//! `agentdata`: one place for the data of AI agents.
//!
//! A request flows one way: `server` (connection) → `middleware` (id, log, errors) → a resource's
//! `api` (authorise, call, map) → its `store` (all SQL) → `PostgreSQL`. A folder holds a resource.

pub mod agents;
pub mod app;
pub mod audit;
pub mod auth;
pub mod body;
pub mod cli;
pub mod configs;
pub mod datasets;
pub mod db;
pub mod docs;
pub mod embeddings;
pub mod etag;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod health;
pub mod idempotency;
pub mod json;
pub mod logs;
pub mod master_key;
pub mod metrics;
pub mod middleware;
pub mod openapi;
pub mod page;
pub mod problem;
pub mod prompt_labels;
pub mod prompts;
pub mod raw_json;
pub mod records;
pub mod secret;
pub mod server;
pub mod settings;
pub mod stream;
pub mod telemetry;
pub mod tool_usage;
pub mod upload;
pub mod values;

// Linked statically, so that nobody has to install libpq; the pgvector crate asks for it.
use pq_sys as _;
