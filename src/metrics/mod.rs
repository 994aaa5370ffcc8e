//! Metrics: data points that agents measured.

pub mod api;
pub mod model;
pub mod store;
