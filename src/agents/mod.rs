//! Agents: what each one is.

pub mod api;
pub mod model;
pub mod patch;
pub mod store;
