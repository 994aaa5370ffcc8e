//! Tool usage: the calls that agents made to tools, what they cost and how they ended.

pub mod api;
pub mod model;
pub mod statistics;
pub mod statistics_api;
pub mod store;
