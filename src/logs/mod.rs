//! Logs: what agents said, and when.

pub mod api;
pub mod model;
pub mod position;
pub mod store;
pub mod stream_api;
pub mod tail;
