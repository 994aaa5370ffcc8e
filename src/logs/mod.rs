//! Logs: what agents said, and when.

pub mod api;
pub mod model;
pub mod store;
