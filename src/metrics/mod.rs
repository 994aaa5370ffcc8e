//! Metrics: data points that agents measured.

pub mod api;
pub mod chart;
pub mod model;
pub mod series;
pub mod series_api;
pub mod store;
